"""How to run Claude Code headless against a scripted model: its environment, its argv, where it is; starts nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# argv -> what the program wrote to stdout; an OSError when it cannot be started
Run = Callable[[Sequence[str]], str]

PROGRAM = "claude"
BYPASS = "bypassPermissions"
QUIET = (
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "DISABLE_AUTOUPDATER",
    "DISABLE_BUG_COMMAND",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_TELEMETRY",
)


def claude_env(home: str, url: str, path: str) -> dict[str, str]:
    """The whole environment of one client, from empty: nothing of the caller's leaks in, no key of anybody's."""
    env = {
        "PATH": path,
        "HOME": home,
        "LANG": "C.UTF-8",
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "dummy",
        **dict.fromkeys(QUIET, "1"),
    }
    if os.geteuid() == 0:
        env["IS_SANDBOX"] = "1"  # as root the client refuses bypass mode without it
    return env


def claude_argv(
    prompt: str, *, program: str = PROGRAM, permission_mode: str = BYPASS, extra: Sequence[str] = ()
) -> list[str]:
    """One headless run; hook events are in its stream."""
    bypass = permission_mode == BYPASS
    mode = ["--dangerously-skip-permissions"] if bypass else ["--permission-mode", permission_mode]
    return [
        *(program, "-p", prompt),
        *("--output-format", "stream-json", "--verbose", "--include-hook-events"),
        *mode,
        *extra,
    ]


def find_claude(run: Run, *, checkout: Path | None = None) -> str | None:
    """The client to use: LANEWISE_CLAUDE, else the newest pinned one of the checkout, else the one on PATH.

    Each is asked for its version first: a file that does not answer is none.
    """
    named = os.environ.get("LANEWISE_CLAUDE")
    if named:
        return named if claude_version(named, run) else None
    on_path = shutil.which(PROGRAM)
    places = [*_pinned(checkout), *([on_path] if on_path else [])]
    return next((place for place in places if claude_version(place, run)), None)


def claude_version(path: str, run: Run) -> tuple[int, ...] | None:
    """What `--version` answers, as numbers; None when it does not run or says something else."""
    try:
        answer = run([path, "--version"])
    except OSError:
        return None
    found = re.match(r"(\d+(?:\.\d+)+)\b.*Claude Code", answer)
    return tuple(int(part) for part in found[1].split(".")) if found else None


def _pinned(checkout: Path | None) -> list[str]:
    if checkout is None:
        return []
    homes = [home for home in (checkout / ".cache" / "clients").glob("claude-code@*") if home.suffix != ".part"]
    homes.sort(key=lambda home: [int(part) for part in re.findall(r"\d+", home.name)], reverse=True)
    return [str(home / PROGRAM) for home in homes if (home / PROGRAM).is_file()]
