"""Files and folders: whole or not at all, private where they hold state."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from typing import Any

from lanewise.errors import Trouble


def write_whole(path: str, data: bytes, mode: int = 0o600) -> None:
    """Replace a file's content so that a reader, also after a power cut, sees the old or the new and never a part."""
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        try:
            os.fchmod(descriptor, mode)
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        remove(temporary)
        raise
    sync_folder(folder)


def rewrite(path: str, data: bytes, mode: int = 0o600) -> None:
    """`write_whole` for a file that may be somebody's: it keeps the mode it has, and `mode` is that of a new one."""
    with contextlib.suppress(FileNotFoundError):
        mode = stat.S_IMODE(os.stat(path).st_mode)
    write_whole(path, data, mode)


def free_name(path: str) -> str:
    """The first of `path-1`, `path-2`, … that nothing has."""
    number = 1
    while os.path.lexists(f"{path}-{number}"):
        number += 1
    return f"{path}-{number}"


def sync_folder(folder: str) -> None:
    """Make renames inside a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def find_text(path: str, cap: int = 1 << 20) -> str | None:
    """The text of a file, at most `cap` bytes; None when it is not there or not a plain file."""
    try:
        with open(path, "rb") as file:
            return file.read(cap).decode("utf-8", "replace")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        return None


def find_bytes(path: str) -> bytes | None:
    """All of a file; None when it is not there or not a plain file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        return None


def find_digest(path: str, cap: int) -> str | None:
    """What tells a file's content from every other: a link's by where it points, empty when there is no file; None
    when it cannot be read, or holds more than `cap` bytes.
    """
    try:
        state = os.lstat(path)
        if stat.S_ISLNK(state.st_mode):
            return f"link {os.readlink(path)}"
        if stat.S_ISREG(state.st_mode):
            return None if state.st_size > cap else _digest(path, state)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return None
    return ""


def _digest(path: str, state: os.stat_result) -> str:
    """Read once for each state of the file; one changed a moment ago is read again, since clocks are coarse."""
    import hashlib

    key = (path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    known = _digests.get(key)
    if known is not None:
        return known
    with open(path, "rb") as file:
        # What it has grown by since is another state's.
        found = hashlib.sha256(file.read(state.st_size)).hexdigest()
    if time.time() - max(state.st_mtime, state.st_ctime) > _COARSE:
        if len(_digests) >= _MOST_DIGESTS:
            _digests.clear()
        _digests[key] = found
    return found


#: Digests by path and state of the file, for this process's life.
_digests: dict[tuple[str, int, int, int, int], str] = {}
_MOST_DIGESTS = 10_000
#: Seconds within which two writes may leave the same times.
_COARSE = 1.0


def find_json(path: str) -> Any:
    """The JSON value of a file; None when it is absent or no JSON."""
    text = find_text(path, 16 << 20)
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def parse_json(data: bytes) -> Any:
    """The JSON value of these bytes; None when they are no JSON."""
    try:
        return json.loads(data)
    except ValueError:
        return None


def private_folder(path: str) -> str:
    """Make a folder that is ours alone (0700); refuses one that somebody else owns or can write."""
    if not os.path.lexists(path):
        os.makedirs(path, mode=0o700, exist_ok=True)
    state = os.lstat(path)
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise Trouble(f"{path} is not a folder of this user.", "rename it, then try again")
    if state.st_mode & 0o077:
        os.chmod(path, 0o700)
    return path


def matches(pattern: str, most: int = 1000) -> list[str]:
    """The existing paths that a shell glob names."""
    from glob import iglob
    from itertools import islice

    return list(islice(iglob(pattern, include_hidden=True), most))


def remove(path: str) -> None:
    """Take a file of ours away; nothing happens when it is gone already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def user_state() -> str:
    """The user's folder for what outlives repositories: trust, the port registry."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return private_folder(os.path.join(base, "lanewise"))


def real(path: str) -> str:
    """The path with every symbolic link resolved; what does not exist yet keeps its name."""
    return os.path.realpath(path)
