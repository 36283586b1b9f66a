"""The store's protocol: a turn reads rows as of one moment, and saves a decision's rows and events together.

`take` runs one function inside one transaction. Whatever the function returns is heard only after COMMIT; if it
raises, nothing
of it is saved. Turns of one repository never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lanewise.core.lease import Lease
    from lanewise.core.pattern import Pattern
    from lanewise.core.rows import R
    from lanewise.core.session import Notice, Session
    from lanewise.core.view import Decision, Moment

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as it stands in the log."""

    seq: int
    #: Wall seconds.
    at: float
    kind: str
    lane: str
    session: str
    path: str
    text: str
    data: Mapping[str, object]
    #: JSON text of the rows it put and dropped, as `core.rows.changes` writes it.
    changes: str


class Turn(Protocol):
    """One transaction: reads, then at most a few saves."""

    @property
    def now(self) -> Moment:
        """The turn's only moment."""

    def last_token(self) -> int:
        """The highest token ever granted here."""

    def find(self, kind: type[R], key: str) -> R | None:
        """The row with that key."""

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """Every row of a kind, in the order of their keys."""

    def leases_near(self, patterns: Iterable[Pattern]) -> tuple[Lease, ...]:
        """Every stored lease that could overlap one of the patterns; costs by the claim, not by the repository."""

    def leases_of(self, lane: str) -> tuple[Lease, ...]:
        """Every stored lease of a lane."""

    def sessions_of(self, lane: str) -> tuple[Session, ...]:
        """Every session of a lane that has not ended."""

    def notices_after(self, lane: str, number: int) -> tuple[Notice, ...]:
        """News for a lane that is newer than the numbered one."""

    def last_notice(self) -> int:
        """The number of the newest notice."""

    def rules_body(self) -> tuple[int, str]:
        """Number and body of the newest settings revision; (0, "") when there is none."""

    def events(self, after: int, limit: int) -> tuple[Logged, ...]:
        """The log from just after a sequence number."""

    def last_event(self) -> int:
        """The log's newest sequence number."""

    def save(self, decision: Decision[T]) -> T:
        """Write a decision's rows and events; its answer."""


class Store(Protocol):
    """Takes turns, one at a time."""

    def take(self, turn: Callable[[Turn], T]) -> T:
        """Run one function inside one transaction."""

    def close(self) -> None:
        """Let go of the database."""
