"""A repository's daemon as its tests see it: found by the lock it holds, killed, stopped, and its place taken."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

SECONDS = 10.0


def daemon_pid(state: Path) -> int:
    """The process that says in the daemon's lock that it holds it, and does; 0 when none."""
    path = state / "daemon.lock"
    words = path.read_text().split() if path.exists() else []
    pid = int(words[0]) if words and words[0].isdigit() else 0
    return pid if pid and (str(pid), str(path.stat().st_ino)) in _locks() else 0


def _locks() -> set[tuple[str, str]]:
    """(pid, inode) of every exclusive lock that the kernel knows."""
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return {(row[4], row[5].rpartition(":")[2]) for row in rows if row[1] == "FLOCK" and row[3] == "WRITE"}


def kill_daemon(state: Path) -> int:
    """Kill -9, and until the kernel has let go of its lock; the pid it had."""
    pid = daemon_pid(state)
    if pid:
        os.kill(pid, signal.SIGKILL)
        await_that(lambda: daemon_pid(state) != pid)
    return pid


def forget_start(state: Path) -> None:
    """Make the last start of a daemon long ago: one that cannot live is started once in five seconds only."""
    stamp = state / "daemon.started"
    if stamp.exists():
        os.utime(stamp, (1.0, 1.0))


def await_that(is_so: Any, seconds: float = SECONDS) -> Any:
    """Until it is so; its last value."""
    end = time.monotonic() + seconds
    while not (value := is_so()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)
    return value


def await_daemon(state: Path, other_than: int = 0) -> int:
    """Until a daemon holds the lock and listens; its pid."""
    pid = await_that(lambda: (found := daemon_pid(state)) != other_than and found)
    await_that(lambda: answers(socket_of(state)))
    return pid


def socket_of(state: Path) -> Path:
    conf = (state / "bin" / "hook.conf").read_text()
    return Path(next(line[7:] for line in conf.splitlines() if line.startswith("socket=")))


def answers(path: Path) -> bool:
    from lanewise.host import sockets

    return bool(sockets.ask(str(path), {"v": 1, "ask": "who"}, 1.0))


def sweep_up(state: Path) -> None:
    """Nothing of a repository's daemon outlives its test."""
    if not (state / "bin" / "hook.conf").exists():
        return
    with contextlib.suppress(ProcessLookupError):
        if pid := daemon_pid(state):
            os.kill(pid, signal.SIGKILL)
            await_that(lambda: daemon_pid(state) != pid)
    shutil.rmtree(socket_of(state).parent, ignore_errors=True)


@contextlib.contextmanager
def listener(path: Path, says: bytes):
    """A stranger who accepts, says that, and keeps every connection open."""
    stop, kept = threading.Event(), []
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen(64)
        door.settimeout(0.05)

        def accept() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = door.accept()
                    kept.append(connection)
                    connection.sendall(says)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield kept
        finally:
            stop.set()
            thread.join()
            for connection in kept:
                connection.close()
