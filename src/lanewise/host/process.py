"""Processes: the one door through which they start, and what is known of those that run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.host.kernel import LINUX

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that has ended."""

    status: int
    stdout: str
    stderr: str


def run(
    argv: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    timeout: float | None = None,
) -> Ran:
    """Run a program to its end; no shell. Raises FileNotFoundError and TimeoutError."""
    import subprocess

    try:
        done = subprocess.run(
            list(argv),
            cwd=cwd,
            env=None if env is None else dict(env),
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{argv[0]} did not end in {timeout:g} s.") from error
    return Ran(done.returncode, _text(done.stdout), _text(done.stderr))


def run_logged(argv: Sequence[str], *, cwd: str, env: Mapping[str, str], log: str) -> int:
    """Run a program with its output appended to a log file; its exit status."""
    import subprocess

    with open(log, "ab") as file:
        done = subprocess.run(
            list(argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return done.returncode


def run_detached(argv: Sequence[str], *, log: str) -> int:
    """Start a program that outlives this one, in a session of its own, its output in a log file; its pid.

    By `posix_spawn`, since the hook's direct turn cannot afford to import `subprocess`.
    """
    opened = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, opened, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, log, opened, 0o600),
    ]
    return os.posix_spawn(argv[0], list(argv), os.environ, file_actions=actions, setsid=LINUX)


def start_time(pid: int) -> float:
    """When a process started, in clock ticks since boot (Linux) or seconds; 0.0 when there is none."""
    if LINUX:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return 0.0
        return 0.0 if fields[0] == "Z" else float(fields[19])
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def host_name() -> str:
    """This machine's name."""
    return os.uname().nodename


def group_of(pid: int) -> int:
    """The process group of a process; 0 when it is not known."""
    try:
        return os.getpgid(pid) if pid else 0
    except ProcessLookupError:
        return 0


def alive(pid: int, started: float) -> bool:
    """Whether the very process that started then still runs; a reused pid has another start time."""
    now = start_time(pid)
    return now != 0.0 and started in {0.0, now}


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process above this one."""

    pid: int
    name: str
    argv: tuple[str, ...]
    cwd: str


def ancestors() -> tuple[Ancestor, ...]:
    """The processes above this one, nearest first; what may not be read is empty."""
    import psutil

    found = []
    for process in psutil.Process().parents():
        try:
            name, argv = process.name(), tuple(process.cmdline())
        except psutil.Error:
            name, argv = "", ()
        try:
            cwd = process.cwd()
        except (psutil.Error, OSError):
            cwd = ""
        found.append(Ancestor(process.pid, name, argv, cwd))
    return tuple(found)


def python_argv() -> list[str]:
    """How to start this very interpreter with lanewise importable."""
    return [sys.executable, "-m", "lanewise"]


def environment() -> dict[str, str]:
    """This process's environment, to be changed and handed on."""
    return dict(os.environ)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def run_daemon(state: str) -> bool:
    """Start the repository's daemon unless one serves, or one was started a moment ago; whether this call started it.

    A daemon that cannot live must not be started at every hook call: at most once in five seconds.
    """
    import fcntl
    import time

    try:
        with open(os.path.join(state, "daemon.lock"), "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    stamp = os.path.join(state, "daemon.started")
    try:
        if 0 <= time.time() - os.stat(stamp).st_mtime < 5.0:
            return False
    except FileNotFoundError:
        pass
    try:
        with open(stamp, "w", encoding="ascii"):
            pass
        run_detached([sys.executable, "-m", "lanewise.daemon", state], log=os.path.join(state, "daemon.log"))
    except OSError:
        return False
    return True


_CLIENTS = frozenset({"claude", "claude.exe", "codex", "gemini", "opencode", "copilot"})


def is_client(ancestor: Ancestor) -> bool:
    """Whether a process is an agent client, by its name or by the program or script it runs."""
    words = (ancestor.name, *(os.path.basename(word) for word in ancestor.argv[:2]))
    return any(word.removesuffix(".js").lower() in _CLIENTS for word in words)


def run_foreground(argv: Sequence[str], *, cwd: str, env: Mapping[str, str], note: Callable[[int], None]) -> int:
    """Run an interactive program as a process group of its own that owns the terminal; its exit status.

    `note` is told the pid, which is the group's too. TERM, HUP and INT that reach us are passed on to the group; a
    program that
    ended by a signal gives 128 + its number.
    """
    import subprocess

    child = subprocess.Popen(list(argv), cwd=cwd, env=dict(env), process_group=0)
    terminal = _hand_over_terminal(child.pid)
    before = {number: signal.signal(number, _passing_to(child.pid)) for number in _PASSED_ON}
    try:
        note(child.pid)
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if terminal is not None:
            _take_terminal(terminal)
    return 128 - status if status < 0 else status


_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def _passing_to(group: int) -> Callable[[int, object], None]:
    def pass_on(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)

    return pass_on


def _hand_over_terminal(group: int) -> int | None:
    """Make the group the terminal's foreground; our own group, to be restored, or None without a terminal."""
    if not os.isatty(0):
        return None
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    mine = os.getpgrp()
    with contextlib.suppress(OSError):
        os.tcsetpgrp(0, group)
        # It may have asked for the terminal a moment too early and been stopped.
        os.killpg(group, signal.SIGCONT)
    return mine


def _take_terminal(group: int) -> None:
    with contextlib.suppress(OSError):
        os.tcsetpgrp(0, group)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class Background:
    """A program that runs beside this one, in a process group of its own."""

    _child: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Its process, and its group."""
        return self._child.pid

    def find_status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._child.poll()

    def end(self, patience: float = 5.0) -> int:
        """Let it end by itself for a while, then end it and all that it started; its exit status."""
        import psutil

        if self._child.stdin is not None:
            self._child.stdin.close()
        if self._ends_in(patience):
            return self._child.wait()
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.pid).children(recursive=True)
            os.killpg(self.pid, signal.SIGTERM)
            if not self._ends_in(5.0):
                os.killpg(self.pid, signal.SIGKILL)
            for process in below:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        return self._child.wait()

    def _ends_in(self, seconds: float) -> bool:
        import subprocess

        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def start_background(
    argv: Sequence[str], *, cwd: str, env: Mapping[str, str], out: str, leashed: bool = False
) -> Background:
    """Start a program with its output in a file, and go on. A leashed one has a pipe as its input, whose end tells it
    that we are gone.
    """
    import subprocess

    with open(out, "ab") as file:
        child = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE if leashed else subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    return Background(child)
