"""A lease: a claim on a path, held by a session for its lane, that ends by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lanewise.core.pattern import Pattern, parse

if TYPE_CHECKING:
    from lanewise.core.view import Moment

Mode = Literal["exclusive", "shared"]
#: How it came about: an edit or a shell command took it by itself, or somebody asked for it by name.
Origin = Literal["edit", "shell", "lock"]


@dataclass(frozen=True, slots=True)
class Lease:
    """One granted claim; its fencing token is its identity."""

    #: Rises with every grant in the repository, for ever.
    token: int
    #: The path, directory or glob as it is shown.
    path: str
    #: Folded literal path, or a glob's folded literal directory: what the store's index is sorted by.
    anchor: str
    glob: bool
    mode: Mode
    lane: str
    #: Session id; empty when a person took it for the lane.
    session: str
    why: str
    origin: Origin
    #: Wall seconds of the grant.
    since: float
    #: The boot id and the monotonic second at which it ends, and that moment's wall clock for display.
    boot: str
    expires: float
    expires_wall: float
    #: Whether the holder has changed something under it: such a lease goes when the path is clean again.
    touched: bool = False

    @property
    def pattern(self) -> Pattern:
        """What it covers."""
        if self.glob:
            return parse(self.path)
        return Pattern(self.path, self.anchor, self.anchor, glob=False)

    def live(self, now: Moment) -> bool:
        """Whether the clock has not ended it. One of another boot is live until the store carries it over."""
        return self.boot != now.boot or now.mono < self.expires

    def blocks(self, now: Moment, delay: float, *, dead: bool) -> bool:
        """Whether another lane must keep away: to its end, and `delay` seconds more unless the holder is dead."""
        if self.live(now):
            return True
        return not dead and now.mono < self.expires + delay

    def seconds_left(self, now: Moment) -> float:
        """Seconds until it ends, never negative."""
        return max(0.0, self.expires - now.mono) if self.boot == now.boot else 0.0

    def stale(self, now: Moment, ttl: float) -> bool:
        """Whether less than half of its TTL is left, so that renewing is worth a write."""
        return self.boot != now.boot or self.expires - now.mono < ttl / 2
