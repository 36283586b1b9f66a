"""What differs in a worktree: dirty paths, ignored paths, changes since a base."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lanewise.git.run import probe_git, run_git

if TYPE_CHECKING:
    from collections.abc import Iterable


def dirty_paths(worktree: str, below: Iterable[str] = ()) -> frozenset[str]:
    """Repository paths with uncommitted or untracked content, both ends of renames included; all, or at least those
    below `below`.
    """
    names = [path.rstrip("/") for path in below]
    # git finds nothing below a literal `.`, nor under a name whose bytes were spelled out as `\\xff` to be stored.
    vague = any(name in {"", "."} or "\\x" in name for name in names)
    limits = [] if vague else [f":(literal,top){name}" for name in names]
    text = run_git(worktree, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", *limits)
    return frozenset(entry[3:] for entry in text.split("\0") if len(entry) > 3)


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


def changed_since(worktree: str, base: str) -> dict[str, str]:
    """Repository path -> blob id of its working content ('' when deleted), for all that differs from a commit."""
    text = run_git(worktree, "diff", "--name-only", "--no-renames", "-z", base, "--")
    untracked = run_git(worktree, "ls-files", "--others", "--exclude-standard", "-z")
    paths = sorted({path for path in (*text.split("\0"), *untracked.split("\0")) if path})
    links = [path for path in paths if os.path.islink(os.path.join(worktree, path))]
    there = [path for path in paths if path not in links and os.path.isfile(os.path.join(worktree, path))]
    stdin = "\n".join(map(_quoted, there)).encode("utf-8", "surrogateescape")
    ids = run_git(worktree, "hash-object", "--stdin-paths", stdin=stdin).split() if there else []
    hashed = dict(zip(there, ids, strict=True))
    for path in links:
        # A link's content is where it points to; hash-object would follow it.
        pointed = os.fsencode(os.readlink(os.path.join(worktree, path)))
        hashed[path] = run_git(worktree, "hash-object", "--stdin", stdin=pointed).strip()
    return {path: hashed.get(path, "") for path in paths}


def _quoted(path: str) -> str:
    """A path as git reads it on a line of its own: in C's quotes where its characters would end or open something."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return path if escaped == path else f'"{escaped}"'


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
