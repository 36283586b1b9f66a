"""The daemon's Unix socket: where it lies, who may speak on it, and the frames that pass."""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import time
from typing import Any

from lanewise.errors import Trouble
from lanewise.host import files
from lanewise.host.kernel import LINUX

#: Longest request: the hook client takes payloads of 16 MiB.
CAP = 64 << 20
#: The kernel takes 107 bytes; the socket is made beside its place, under a name that is longer by a process's number.
_LONGEST_PATH = 107 - len(".4194304")


def socket_path(state: str) -> str:
    """Where the daemon of a repository listens: in the user's run-time folder, short enough for the kernel."""
    folder = os.stat(os.path.dirname(state))
    name = f"{folder.st_dev:x}-{folder.st_ino:x}"
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and os.path.isdir(base) and os.access(base, os.W_OK):
        path = os.path.join(base, "lanewise", name, "socket")
        if len(os.fsencode(path)) <= _LONGEST_PATH:
            return path
    return os.path.join(os.environ.get("TMPDIR") or "/tmp", f"lanewise-{os.geteuid()}", name, "socket")  # noqa: S108 - 0700 below


def door_of(state: str) -> str:
    """Where the daemon of a repository is asked: the path in hook.conf, which the hook clients use; else, and when the
    file was written for another repository that this one is a copy of, the one it would have.
    """
    text = files.find_text(os.path.join(state, "bin", "hook.conf")) or ""
    found = dict(line.partition("=")[::2] for line in text.splitlines())
    mine = found.get("socket") and found.get("state") == files.real(state)
    return found["socket"] if mine else socket_path(state)


def listen(path: str) -> socket.socket:
    """Listen there, in a folder that is ours alone; whatever else took the name is moved aside, never removed."""
    files.private_folder(os.path.dirname(os.path.dirname(path)))
    files.private_folder(os.path.dirname(path))
    fresh = f"{path}.{os.getpid()}"
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        files.remove(fresh)
        door.bind(fresh)
        os.chmod(fresh, 0o600)
        door.listen(512)
        _clear(path)
        os.rename(fresh, path)
    except OSError as error:
        door.close()
        raise Trouble(f"The daemon cannot listen at {path} ({error.strerror}).", "lanewise up") from error
    return door


def is_own_peer(connection: socket.socket) -> bool:
    """Whether the other end is this very user."""
    if LINUX:
        data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return bool(struct.unpack("3i", data)[1] == os.geteuid())
    data = connection.getsockopt(0, 1, struct.calcsize("2I"))
    return bool(struct.unpack("2I", data[:8])[1] == os.geteuid())


def read_frame(connection: socket.socket, patience: float | None = None) -> bytes | None:
    """The next length-prefixed message; None when the other end closed or sent no frame. Raises TimeoutError when all
    of it has not come within `patience` seconds, however often a part of it comes.
    """
    end = None if patience is None else time.monotonic() + patience
    head = _read(connection, 4, end)
    if head is None:
        return None
    size = int.from_bytes(head, "big")
    return _read(connection, size, end) if 0 < size <= CAP else None


def write_reply(connection: socket.socket, status: int, stdout: bytes, stderr: bytes = b"") -> None:
    """Answer a hook client: exit status, length of its output, output, error output."""
    body = bytes([status]) + len(stdout).to_bytes(4, "big") + stdout + stderr
    connection.sendall(len(body).to_bytes(4, "big") + body)


def ask(path: str, message: dict[str, Any], timeout: float = 2.0) -> bytes | None:
    """Send one message to the daemon and hear the output of its reply; None when nobody answers in time."""
    body = json.dumps(message).encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(path)
            connection.sendall(len(body).to_bytes(4, "big") + body)
            reply = read_frame(connection, timeout)
    except OSError:
        return None
    return reply[5 : 5 + int.from_bytes(reply[1:5], "big")] if reply and len(reply) >= 5 else None


def _read(connection: socket.socket, size: int, end: float | None) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        if end is not None:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
        piece = connection.recv(min(size - len(data), 1 << 16))
        if not piece:
            return None
        data += piece
    return bytes(data)


def _clear(path: str) -> None:
    """Make the name free: a dead socket of ours is replaced by the rename; anything else keeps its content under
    another name.
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        number = 1
        while os.path.lexists(f"{path}.taken-{number}"):
            number += 1
        os.rename(path, f"{path}.taken-{number}")
