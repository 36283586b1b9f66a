"""The gate: one `flock` per repository, around every open, transaction, checkpoint and close of its database.

Bare SQLite `busy_timeout` starves (one process of 64 got a single operation in 3 s), and the standard library
cannot stop the
checkpoint of a closing connection; under the gate there is never a second connection at work.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lanewise.errors import StoreUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Gate:
    """One process's handle on the gate."""

    def __init__(self, path: str, patience: float) -> None:
        """Open the gate's file; `patience` is how many seconds `hold` waits in the main thread."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._patience = patience

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be alone; raises StoreUnreadable when the gate is not had in time."""
        try:
            # Inside, since the timer may ring when the lock has just been had.
            self._lock()
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if threading.current_thread() is threading.main_thread():
                self._lock_in_time()
            else:
                # A daemon's thread: its clients have deadlines of their own.
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def _lock_in_time(self) -> None:
        """Wait in the kernel's queue, woken by a timer: polling would lose to a busy daemon every time."""
        before = signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, self._patience)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise StoreUnreadable("The store is busy: its gate was not had in time.", "lanewise status")
