"""The one door to the git command: argv lists, a clean environment, no hooks of anybody's, no prompts."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from lanewise.errors import GitTrouble

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Repository configuration is somebody else's text: nothing in it may start a program for us.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")


def run_git(
    where: str, *args: str, stdin: bytes = b"", ok: Sequence[int] = (0,), timeout: float = 60.0, hooks: bool = False
) -> str:
    """Run git in a folder; its output. `hooks` lets the user's own hooks run. Raises GitTrouble."""
    done = _run(where, args, stdin, timeout, hooks=hooks)
    if done.returncode not in ok:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitTrouble(
            f"git {args[0]} failed: {said[-1] if said else f'status {done.returncode}'}", f"git -C {where} status"
        )
    return done.stdout.decode("utf-8", "surrogateescape")


def probe_git(where: str, *args: str, stdin: bytes = b"", timeout: float = 60.0) -> tuple[int, str]:
    """Run git in a folder; its exit status and output, whatever they are."""
    done = _run(where, args, stdin, timeout, hooks=False)
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape")


def _run(
    where: str, args: tuple[str, ...], stdin: bytes, timeout: float, *, hooks: bool
) -> subprocess.CompletedProcess[bytes]:
    safe = ("-c", "core.quotePath=false") if hooks else _SAFE
    try:
        return subprocess.run(
            ["git", *safe, *args],
            cwd=where,
            env=_environment(),
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        if not os.path.isdir(where):
            raise GitTrouble(f"{where} is not a folder.") from error
        raise GitTrouble("The git command is not on PATH.", "install git") from error
    except subprocess.TimeoutExpired as error:
        raise GitTrouble(f"git {args[0]} did not end in {timeout:g} s.") from error


def _environment() -> dict[str, str]:
    """Without GIT_* variables of a caller that is itself a git hook, and without prompts, pagers or translations."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_")
        or name.startswith(("GIT_AUTHOR", "GIT_COMMITTER", "GIT_SSL", "GIT_CONFIG_GLOBAL"))
    }
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_PAGER": "cat"}
