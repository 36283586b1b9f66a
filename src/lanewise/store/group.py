"""Many threads, one commit: one of those who wait takes everybody's turns in one transaction, then hands over."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from lanewise.store.sqlite import Failed, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from lanewise.store.base import T, Turn


class _Ticket:
    """One waiting turn and, in time, its result."""

    __slots__ = ("called", "done", "result", "turn")

    def __init__(self, turn: Callable[[Turn], Any]) -> None:
        self.turn = turn
        self.done = False
        self.result: Any = None
        #: Released when the result is there, or when it is this ticket's turn to lead.
        self.called = threading.Lock()
        self.called.acquire()


class GroupStore:
    """A SQLite store for the daemon's threads. Alone, a turn is taken in the caller's own thread without a hop.

    One thread leads at a time. Each waits on a lock of its own: on a common one, all would be woken for nothing.
    """

    def __init__(self, store: SqliteStore) -> None:
        """Take turns of `store`."""
        self._store = store
        self._waiting: list[_Ticket] = []
        self._led = False
        self._joining = threading.Lock()

    def take(self, turn: Callable[[Turn], T]) -> T:
        """Run one function inside a transaction that it may share with its neighbours."""
        ticket = _Ticket(turn)
        with self._joining:
            self._waiting.append(ticket)
            leads = not self._led
            self._led = True
        if not leads:
            ticket.called.acquire()
        if not ticket.done:
            self._lead()
        if isinstance(ticket.result, Failed):
            raise ticket.result.error
        return ticket.result  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the store; nobody may be at work."""
        self._store.close()

    def _lead(self) -> None:
        """Take every waiting turn, this thread's own among them; then whoever came meanwhile leads next."""
        with self._joining:
            batch, self._waiting = self._waiting, []
        try:
            results = self._store.take_all([ticket.turn for ticket in batch])
        except Exception as error:  # noqa: BLE001 - the border of a batch: everybody in it is told
            results = [Failed(error)] * len(batch)
        with self._joining:
            following = self._waiting[0] if self._waiting else None
            self._led = following is not None
        if following is not None:
            following.called.release()
        for ticket, result in zip(batch, results, strict=True):
            ticket.result = result
            ticket.done = True
            ticket.called.release()
