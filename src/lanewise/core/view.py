"""A turn's two ends: the View that was read at one moment, and the Decision made of it.

A turn is one store transaction. It supplies rows and a `Moment`; pure functions of this package turn them and a
claim into
a `Decision`; the store saves its events, and the rows inside them, in the same transaction. An event carries the rows
that it puts and drops, so that the log replayed from the start gives the tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.core.halt import Halt
    from lanewise.core.lane import Rules
    from lanewise.core.lease import Lease
    from lanewise.core.rows import Row
    from lanewise.core.session import Session

Answer = TypeVar("Answer", covariant=True)

#: A token is epoch · 2³² + counter, below 2⁵³ so that JSON readers keep it exact.
EPOCH = 1 << 32


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of the host's clocks; leases run on (boot, mono), people are shown wall."""

    #: The kernel's boot id: monotonic readings of two boots cannot be compared.
    boot: str
    #: Seconds of the monotonic clock.
    mono: float
    #: Seconds since 1970, UTC; shown, never decided upon.
    wall: float


@dataclass(frozen=True, slots=True)
class View:
    """What one turn read: only the rows that the claim can touch."""

    now: Moment
    #: The last token granted in this repository.
    token: int
    rules: Rules
    #: Every stored lease that could overlap the claim, live or not.
    leases: tuple[Lease, ...] = ()
    session: Session | None = None
    halts: tuple[Halt, ...] = ()
    #: Ids of sessions that have ended, or whose process the host proved dead.
    dead: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, with the rows it put and dropped."""

    kind: str
    lane: str = ""
    session: str = ""
    path: str = ""
    text: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    puts: tuple[Row, ...] = ()
    #: (table, key) of each dropped row.
    drops: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision(Generic[Answer]):
    """An answer and what must be saved before anybody hears it."""

    answer: Answer
    events: tuple[Event, ...] = ()


def next_token(last: int, count: int = 1) -> range:
    """The `count` tokens that follow `last`."""
    return range(last + 1, last + 1 + count)
