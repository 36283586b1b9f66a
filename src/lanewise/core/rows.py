"""The tables: which value is kept where, and how it turns into plain data and back.

Every row is a frozen dataclass. Its table has one text key, made of the row by `key`, so that stores need no
knowledge of
what they keep; an event names a row it dropped by (table, key).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, Union

from lanewise.core.halt import Halt
from lanewise.core.lease import Lease
from lanewise.core.paths import storable
from lanewise.core.session import Notice, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Replied:
    """The first answer to one tool call, given again when the call is repeated."""

    session: str
    call: str
    answer: str
    at: float
    #: Folded literal paths (a glob's literal folder) that the call may write.
    anchors: tuple[str, ...] = ()
    #: Whether the tool call may still be running.
    open: bool = True

    @property
    def running(self) -> bool:
        """Whether it was allowed and has not ended, as far as anybody knows."""
        return self.open and not self.answer


@dataclass(frozen=True, slots=True)
class HighWater:
    """The highest token ever granted at an anchor; outlives the lease."""

    anchor: str
    token: int


@dataclass(frozen=True, slots=True)
class Revision:
    """One compiled `lanewise.toml`: what hooks and turns read."""

    number: int
    body: str
    at: float


@dataclass(frozen=True, slots=True)
class Place:
    """A lane as it was made: its worktree and branch on this host."""

    lane: str
    worktree: str
    branch: str
    #: `making` until its worktree is complete, then `ready`.
    state: str
    #: Names of set-up commands that have been done, as hashes.
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """A path that several lanes have changed differently; stays until they agree again, so that it is told once."""

    path: str
    lanes: tuple[str, ...]
    since: float


Row = Union[Lease, Session, Notice, Halt, Replied, HighWater, Revision, Place, Overlap]  # noqa: UP007 - evaluated at run time
R = TypeVar("R", Lease, Session, Notice, Halt, Replied, HighWater, Revision, Place, Overlap)


@dataclass(frozen=True, slots=True)
class Table:
    """Where one kind of row is kept."""

    name: str
    type: type[Any]
    key: Callable[[Any], str]


TABLES: tuple[Table, ...] = (
    Table("leases", Lease, lambda row: str(row.token)),
    Table("sessions", Session, lambda row: row.id),
    Table("notices", Notice, lambda row: str(row.id)),
    Table("halts", Halt, lambda row: row.scope),
    Table("replies", Replied, lambda row: reply_key(row.session, row.call)),
    Table("high_water", HighWater, lambda row: row.anchor),
    Table("revisions", Revision, lambda row: str(row.number)),
    Table("places", Place, lambda row: row.lane),
    Table("overlaps", Overlap, lambda row: "\n".join((row.path, *row.lanes))),
)
BY_TYPE: Mapping[type[Any], Table] = {table.type: table for table in TABLES}
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}


def reply_key(session: str, call: str) -> str:
    """The key of one tool call's reply."""
    return f"{session}\n{call}"


def ref(row: Row) -> tuple[str, str]:
    """(table, key) of a row."""
    table = BY_TYPE[type(row)]
    return table.name, table.key(row)


def dump(row: Row) -> dict[str, object]:
    """A row as JSON-ready data, in text that every store takes."""
    values = {name: getattr(row, name) for name in names(type(row))}
    return {name: storable(value) if isinstance(value, str) else value for name, value in values.items()}


def names(kind: type[Any]) -> tuple[str, ...]:
    """The columns of a row's type, in order."""
    return tuple(kind.__dataclass_fields__)


def load(table: str, data: Mapping[str, Any]) -> Row:
    """The row that `dump` wrote; lists become tuples again."""
    kind = BY_NAME[table].type
    values = {name: data[name] for name in names(kind)}
    row: Row = kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    return row


def changes(puts: tuple[Row, ...], drops: tuple[tuple[str, str], ...]) -> str:
    """An event's rows as JSON text for the log."""
    return json.dumps({"put": [[BY_TYPE[type(row)].name, dump(row)] for row in puts], "drop": drops}, sort_keys=True)
