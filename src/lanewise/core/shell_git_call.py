"""A git command line taken apart: its directory, its overrides, its subcommand, and whether that only reads; what a
call does to others is `shell_git`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VALUED = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--super-prefix", "--attr-source")
_KEPT = ("--git-dir", "--work-tree", "--namespace", "--exec-path", "--bare")
_LONGEST_PATH = 4096
_FREE = frozenset(
    (
        *("status", "log", "diff", "show", "rev-parse", "ls-files", "ls-tree", "blame", "cat-file", "describe"),
        *("shortlog", "grep"),
    )
)
_RUNS_OR_WRITES = ("--output", "--ext-diff", "--textconv", "--open-files-in-pager", "--filters")
_LISTING = ("-a", "-r", "-v", "-vv", "-l", "--all", "--remotes", "--verbose", "--list", "--show-current", "--no-color")
_NARROWING = ("--list", "-l", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at")
_LISTING_VALUED = ("--sort=", "--format=", "--contains=", "--merged=", "--no-merged=", "--points-at=", "--color=")


@dataclass(frozen=True, slots=True)
class GitCall:
    argv: tuple[str, ...]  # behind `git` and its global options
    cwd: str  # '' when it cannot be known
    overrides: tuple[str, ...]  # `-c` values, `--git-dir=`, `--work-tree=`, GIT_* assignments


def directory_after(cwd: str, step: str) -> str:
    """Where `cd STEP` leads from `cwd`, '' when it cannot be known."""
    if not step or "$" in step or "`" in step or len(cwd) + len(step) > _LONGEST_PATH:
        return ""
    path = step if step[0] in "/~" else f"{cwd}/{step}" if cwd else ""
    path = normpath(path) if path else ""
    path = "/" + path.lstrip("/") if path.startswith("/") else path
    return path if path.startswith(("/", "~")) else ""


def read_git(words: Sequence[str], cwd: str, assignments: Iterable[str] = ()) -> GitCall:
    """The call behind the word `git`, its global options taken off."""
    overrides = list(assignments)
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, value = words[at].partition("=")
        at += 1
        if name in _VALUED and not equals:
            value, at = (words[at] if at < len(words) else ""), at + 1
        if name == "-C":
            cwd = directory_after(cwd, value) if value else cwd
        elif name in ("-c", "--config-env"):
            overrides.append(value)
        elif name in _KEPT:
            overrides.append(f"{name}={value}")
    return GitCall(tuple(words[at:]), cwd, tuple(overrides))


def git_only_reads(argv: Sequence[str]) -> bool:
    """Surely nothing but reading; False in doubt."""
    if not argv or any(_writes_or_runs(word) for word in argv[1:]):
        return False
    name, args = argv[0], list(argv[1:])
    match name:
        case "branch":
            return _lists_branches(args)
        case "remote":
            return args in ([], ["-v"], ["--verbose"])
        case "stash" | "worktree":
            return args[:1] == ["list"]
        case "grep":
            return not any(word.startswith("-") and "O" in word for word in args)
        case _:
            return name in _FREE


def _writes_or_runs(word: str) -> bool:
    """Git takes long options cut short, so `--outp` is `--output`."""
    name = word.partition("=")[0]
    return len(name) > 2 and name.startswith("--") and any(option.startswith(name) for option in _RUNS_OR_WRITES)


def _lists_branches(args: list[str]) -> bool:
    options = [word for word in args if word.startswith("-")]
    known = all(word in _LISTING or word in _NARROWING or word.startswith(_LISTING_VALUED) for word in options)
    return known and (len(options) == len(args) or args[0] in _NARROWING)
