"""What differs in a worktree: dirty paths, ignored paths, changes since a base."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lanewise.git.run import probe_git, run_git

if TYPE_CHECKING:
    from collections.abc import Iterable


def dirty_paths(worktree: str, below: Iterable[str] = ()) -> frozenset[str]:
    """Repository paths with uncommitted or untracked content, both ends of renames included; all, or at least those
    below `below`, in any case. Of a dirty submodule or nested repository only its folder is named.
    """
    names = [path.rstrip("/") for path in below]
    # git finds nothing below a literal `.`, nor under a name that is spelled otherwise: by bytes, or composed.
    odd = any(name in {"", "."} or "\\x" in name or not name.isascii() for name in names)
    limits = [] if odd or _nested(worktree, names) else [f":(icase,literal,top){name}" for name in names]
    options = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=none")
    text = run_git(worktree, "status", *options, "--", *limits)
    return frozenset(entry[3:] for entry in text.split("\0") if len(entry) > 3)


def _nested(worktree: str, names: Iterable[str]) -> bool:
    """Whether one of these lies in a repository inside the worktree: git speaks of that, never of what is in it."""
    above = {name[:at] for name in names for at, char in enumerate(name) if char == "/"}
    return any(os.path.lexists(os.path.join(worktree, folder, ".git")) for folder in above)


def unmerged_paths(worktree: str) -> frozenset[str]:
    """Repository paths in conflict."""
    return frozenset(filter(None, run_git(worktree, "diff", "--name-only", "--diff-filter=U", "-z").split("\0")))


def ignored_paths(worktree: str, paths: Iterable[str]) -> frozenset[str]:
    """Those of the repository paths that git ignores and does not track."""
    names = [path.rstrip("/") for path in paths if path.rstrip("/")]
    if not names:
        return frozenset()
    stdin = "\0".join(f"./{name}" for name in names).encode("utf-8", "surrogateescape")
    status, text = probe_git(worktree, "check-ignore", "-z", "--stdin", stdin=stdin)
    if status not in {0, 1}:
        # A path beyond a symbolic link or inside a submodule: git does not say, so it counts as ordinary.
        return frozenset()
    return frozenset(name.removeprefix("./") for name in text.split("\0") if name)


def changed_since(worktree: str, base: str) -> frozenset[str]:
    """Repository paths whose working content differs from a commit, untracked ones too; no content is read."""
    text = run_git(worktree, "diff", "--name-only", "--no-renames", "-z", base, "--")
    untracked = run_git(worktree, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(path for path in (*text.split("\0"), *untracked.split("\0")) if path)


def merge_base(worktree: str, left: str, right: str) -> str:
    """The best common ancestor of two commits; empty when there is none."""
    status, text = probe_git(worktree, "merge-base", left, right)
    return text.strip() if status == 0 else ""


def unlike_parents(worktree: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths whose working content differs from every commit that a merge, pick, revert or rebase
    brings in.
    """
    left = [path for path in paths if path]
    for head in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD^", "REBASE_HEAD"):
        if left and probe_git(worktree, "rev-parse", "-q", "--verify", head)[0] == 0:
            limits = [f":(literal,top){path}" for path in left]
            differing = run_git(worktree, "diff", "--name-only", "--no-renames", "-z", head, "--", *limits).split("\0")
            # A diff with a commit is silent about untracked files.
            differing += run_git(worktree, "ls-files", "--others", "-z", "--", *limits).split("\0")
            left = [path for path in left if path in differing]
    return tuple(left)
