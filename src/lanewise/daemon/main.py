"""One daemon per repository: the lock that makes it the only one, the socket door, and its end."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any, TextIO

import lanewise
from lanewise.daemon.ticker import Ticker
from lanewise.errors import Trouble
from lanewise.git.locate import repository_of
from lanewise.hook import answer_frame
from lanewise.host import files, sockets
from lanewise.service import overview
from lanewise.store.group import GroupStore
from lanewise.store.sqlite import SqliteStore
from lanewise.wire import open_app

if TYPE_CHECKING:
    import socket

    from lanewise.service.app import App

_LOG = logging.getLogger("lanewise.daemon")
#: Seconds that a connected client may take to send its question.
_PATIENCE = 2.0
#: Seconds to wait when no connection can be taken: all file descriptors are in use, say.
_REST = 0.2
_LONGEST_LOG = 1 << 20
#: Standard output and error: a last traceback comes there.
_PAST_LOGGING = (1, 2)
#: The hook client goes direct when it hears this.
_UNDECIDED = 255


def main(state: str) -> int:
    """Serve until told to stop, or until the repository or this installation is gone."""
    with open(os.path.join(state, "daemon.lock"), "a+", encoding="ascii") as lock:
        if not _alone(lock):
            return 0
        _log_to(os.path.join(state, "daemon.log"))
        lock.truncate(0)
        print(os.getpid(), lanewise.VERSION, file=lock, flush=True)
        repository = repository_of(os.path.dirname(state))
        if repository is None:
            return 1
        app = open_app(repository)
        if isinstance(app.store, SqliteStore):
            app = replace(app, store=GroupStore(app.store))
        Server(app, sockets.door_of(state)).serve()
    return 0


class _Log(RotatingFileHandler):
    """The daemon's log: it begins anew at 1 MiB and keeps one old file. What was written past logging follows it."""

    def doRollover(self) -> None:  # noqa: N802 - the name that logging calls
        """Begin a new file."""
        old = os.stat(self.baseFilename)
        past = [number for number in _PAST_LOGGING if os.path.samestat(os.fstat(number), old)]
        super().doRollover()
        with open(self.baseFilename, "ab") as new:
            for number in past:
                os.dup2(new.fileno(), number)


def _log_to(path: str) -> None:
    handler = _Log(path, maxBytes=_LONGEST_LOG, backupCount=1, encoding="utf-8", errors="backslashreplace")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=[handler])


def _alone(lock: TextIO) -> bool:
    """Whether this is the only daemon. Who merely looks holds the lock for an instant: tried for half a second."""
    end = time.monotonic() + 0.5
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        else:
            return True


class Server:
    """The socket door."""

    def __init__(self, app: App, path: str) -> None:
        """Serve `app` at `path`."""
        self._app = app
        self._path = path
        self._stop = threading.Event()
        self._since = time.time()

    def serve(self) -> None:
        """Answer until stopped."""
        door = sockets.listen(self._path)
        # Closing a listening socket does not wake accept(); a pipe of our own does.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        inode = os.stat(self._path).st_ino
        ticker = Ticker(self._app, self._path, inode, self._stop)
        ticker.start()
        _LOG.info("serving %s", self._app.repository.root)
        door.settimeout(0.5)
        with door, ThreadPoolExecutor(16, thread_name_prefix="door") as pool:
            while not self._stop.is_set():
                try:
                    connection, _ = door.accept()
                except TimeoutError:
                    continue
                except OSError as error:
                    _LOG.warning("a client could not be let in (%s)", error.strerror)
                    self._stop.wait(_REST)
                    continue
                ticker.note_call()
                pool.submit(self._talk, connection)
        ticker.join()
        self._leave(inode)

    def _leave(self, inode: int) -> None:
        try:
            self._app.store.close()
        except (Trouble, OSError):
            _LOG.exception("the store could not be closed")
        # What has taken the socket's place since is somebody's: only our own goes.
        if os.path.lexists(self._path) and os.lstat(self._path).st_ino == inode:
            files.remove(self._path)
        _LOG.info("stopped")

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                if sockets.is_own_peer(connection):
                    frame = sockets.read_frame(connection, _PATIENCE)
                    connection.settimeout(_PATIENCE)
                    if frame is not None:
                        self._answer(connection, json.loads(frame))
            except (OSError, ValueError):
                _LOG.info("a client left in the middle of a call")

    def _tell(self, connection: socket.socket, what: str) -> None:
        """A question that is no hook call: who is there, or the overview."""
        me = {"pid": os.getpid(), "version": lanewise.VERSION, "since": self._since}
        try:
            body = {**overview.look(self._app), "daemon": me} if what == "overview" else me
        except Trouble:
            # Whoever asks sees it directly, and says why.
            return
        sockets.write_reply(connection, 0, json.dumps(body).encode())

    def _answer(self, connection: socket.socket, frame: dict[str, Any]) -> None:
        if "client" not in frame:
            self._tell(connection, str(frame.get("ask", "")))
            return
        try:
            reply = answer_frame(self._app, frame)
        except Exception:  # noqa: BLE001 - a process's border: the hook client decides by itself then
            _LOG.exception("a hook call failed")
            sockets.write_reply(connection, _UNDECIDED, b"")
            return
        sockets.write_reply(connection, reply.status, reply.stdout.encode(), reply.stderr.encode())
