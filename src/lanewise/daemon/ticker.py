"""The daemon's clock: once a second it tidies what has expired, and sees whether it should still be here."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

import lanewise
from lanewise.errors import Trouble
from lanewise.service import leases, same_file

if TYPE_CHECKING:
    from lanewise.service.app import App

_LOG = logging.getLogger("lanewise.daemon")
_EVERY = 1.0
#: Ticks between two looks at the worktrees while hook calls come in, and while none do.
_LOOK_BUSY = 3
_LOOK_IDLE = 60


class Ticker(threading.Thread):
    """Works beside the socket door."""

    def __init__(self, app: App, socket_path: str, inode: int, stop: threading.Event) -> None:
        """Look after `app`; set `stop` when the daemon has no reason to live."""
        super().__init__(name="ticker", daemon=True)
        self._app = app
        self._socket_path = socket_path
        self._inode = inode
        self._stop_event = stop
        self._called = True
        self._since_look = 0

    def note_call(self) -> None:
        """A hook call came in: the worktrees may have changed."""
        self._called = True

    def run(self) -> None:
        """Tick until stopped."""
        while not self._stop_event.wait(_EVERY):
            if self._obsolete():
                self._stop_event.set()
                return
            try:
                self._tick()
            except Trouble as error:
                _LOG.warning("%s", error.message)
            except Exception:  # noqa: BLE001 - a thread's border: the next tick may do better
                _LOG.exception("a tick failed")

    def _tick(self) -> None:
        leases.sweep(self._app)
        self._since_look += 1
        if self._since_look >= (_LOOK_BUSY if self._called else _LOOK_IDLE):
            self._since_look = 0
            self._called = False
            same_file.look(self._app)

    def _obsolete(self) -> bool:
        """Whether the repository, the installation or the socket is no longer what this daemon started with."""
        try:
            replaced = os.stat(self._socket_path).st_ino != self._inode
        except FileNotFoundError:
            replaced = True
        gone = not os.path.isdir(self._app.state) or not os.path.exists(lanewise.__file__)
        if replaced or gone:
            _LOG.info("leaving: %s", "the socket is another's" if replaced else "nothing to serve")
        return replaced or gone
