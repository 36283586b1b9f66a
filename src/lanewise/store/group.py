"""Many threads, one commit: whoever comes first takes everybody's turns in one transaction."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from lanewise.store.sqlite import Failed, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from lanewise.store.base import T, Turn


class _Ticket:
    """One waiting turn and, in time, its result."""

    __slots__ = ("done", "result", "turn")

    def __init__(self, turn: Callable[[Turn], Any]) -> None:
        self.turn = turn
        self.done = False
        self.result: Any = None


class GroupStore:
    """A SQLite store for the daemon's threads. Alone, a turn is taken in the caller's own thread without a hop."""

    def __init__(self, store: SqliteStore) -> None:
        """Take turns of `store`."""
        self._store = store
        self._waiting: list[_Ticket] = []
        self._joining = threading.Lock()
        self._leading = threading.Lock()

    def take(self, turn: Callable[[Turn], T]) -> T:
        """Run one function inside a transaction that it may share with its neighbours."""
        ticket = _Ticket(turn)
        with self._joining:
            self._waiting.append(ticket)
        with self._leading:
            if not ticket.done:
                self._lead()
        if isinstance(ticket.result, Failed):
            raise ticket.result.error
        return ticket.result  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the store, after whoever is at work."""
        with self._leading:
            self._store.close()

    def _lead(self) -> None:
        with self._joining:
            batch, self._waiting = self._waiting, []
        try:
            results = self._store.take_all([ticket.turn for ticket in batch])
        except Exception as error:  # noqa: BLE001 - the border of a batch: everybody in it is told
            results = [Failed(error)] * len(batch)
        for ticket, result in zip(batch, results, strict=True):
            ticket.result = result
            ticket.done = True
