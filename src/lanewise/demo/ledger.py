"""What lanewise itself says has happened: leases and the event log of the demo's repository, read and never written."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Self

from lanewise import wire
from lanewise.core.pattern import parse
from lanewise.core.rows import Overlap
from lanewise.errors import StoreUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from lanewise.demo.stage import Stage
    from lanewise.service.app import App
    from lanewise.store.base import Logged, T, Turn

#: More than the demo ever logs.
_ALL = 100_000


class Ledger:
    """Reads the store, for several threads."""

    def __init__(self, stage: Stage) -> None:
        """The store of the stage's repository; it is opened at the first question, since `up` makes it."""
        self._stage = stage
        self._app: App | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the store."""
        with self._lock:
            if self._app is not None:
                self._app.store.close()

    def mark(self) -> int:
        """This moment in the log."""
        return self._take(lambda turn: turn.last_event())

    def token(self, lane: str, path: str) -> int | None:
        """The token of the lease under which a lane holds a path."""
        near = self._take(lambda turn: turn.leases_near((parse(path),)))
        return next((lease.token for lease in near if lease.lane == lane), None)

    def held(self, lane: str) -> tuple[str, ...]:
        """What a lane holds."""
        return tuple(lease.path for lease in self._take(lambda turn: turn.leases_of(lane)))

    def refusals(self, since: int = 0) -> tuple[tuple[Logged, str], ...]:
        """Each refusal after a moment, with the rule that it follows from."""
        events = self._take(lambda turn: turn.events(since, _ALL))
        return tuple((event, rule) for event in events if (rule := _rule(event)))

    def overlaps(self) -> tuple[str, ...]:
        """The paths that have become different in several lanes."""
        return tuple(row.path for row in self._take(lambda turn: turn.all(Overlap)))

    def _take(self, turn: Callable[[Turn], T]) -> T:
        with self._lock:
            if self._app is None:
                self._app = wire.open_app(wire.require_repository(self._stage.root))
            for _ in range(5):
                with contextlib.suppress(StoreUnreadable):  # its gate was busy for a moment
                    return self._app.store.take(turn)
            return self._app.store.take(turn)


def _rule(event: Logged) -> str:
    if event.kind == "lease.refused":
        return "lease"
    return str(event.data.get("rule", "")) if event.kind == "edit.denied" else ""
