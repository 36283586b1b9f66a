"""Worktrees and branches: making them, completing them, moving a lane to a new branch. Nothing here deletes."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.errors import GitTrouble
from lanewise.git import locate
from lanewise.git.run import probe_git, run_git

if TYPE_CHECKING:
    from collections.abc import Iterable


#: A diff that git can apply, whatever the user's settings make of diffs.
_AS_PATCH = (
    "--binary",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


def branches(repository: str) -> frozenset[str]:
    """Local branch names."""
    text = run_git(repository, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/")
    return frozenset(text.split())


def upstreams(repository: str) -> frozenset[str]:
    """Local branches that have an upstream configured."""
    text = run_git(repository, "config", "--get-regexp", r"^branch\..*\.merge$", ok=(0, 1))
    return frozenset(line.split(" ", 1)[0][len("branch.") : -len(".merge")] for line in text.splitlines() if line)


def remote(repository: str) -> str:
    """`origin` when there is one, else the only remote, else empty."""
    names = run_git(repository, "remote").split()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else ""


def head_exists(repository: str) -> bool:
    """Whether there is a first commit."""
    return probe_git(repository, "rev-parse", "-q", "--verify", "HEAD^{commit}")[0] == 0


def is_branch(repository: str, name: str) -> bool:
    """Whether a branch of that name exists."""
    return probe_git(repository, "show-ref", "--verify", "--quiet", f"refs/heads/{name}")[0] == 0


def default_branch(repository: str) -> str:
    """What the remote calls its default, else `main` or `master` when there is one, else the current branch."""
    status, text = probe_git(repository, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    named = [text.strip().removeprefix("origin/")] if status == 0 else []
    current = probe_git(repository, "symbolic-ref", "--short", "HEAD")[1].strip()
    return next((name for name in (*named, "main", "master") if is_branch(repository, name)), current or "main")


def is_branch_name(name: str) -> bool:
    """Whether git would take the name for a branch."""
    return (
        not name.startswith("-") and name != "HEAD" and probe_git("/", "check-ref-format", f"refs/heads/{name}")[0] == 0
    )


def add_worktree(repository: str, path: str, branch: str, start: str) -> None:
    """Make a worktree on a branch, new from `start` when one is given."""
    again = _again(repository, path, branch)
    if start:
        new = ("--no-track", "-b", branch)
        run_git(repository, "worktree", "add", "--quiet", *again, *new, "--", path, start, timeout=600)
    else:
        run_git(repository, "worktree", "add", "--quiet", *again, "--", path, branch, timeout=600)


def _again(repository: str, path: str, branch: str) -> tuple[str, ...]:
    """What lets git make a worktree anew where it still knows one whose folder is gone, or was never made; a lock
    that somebody set on purpose stays, and a branch that is checked out elsewhere is refused as ever.
    """
    known = {}
    for record in run_git(repository, "worktree", "list", "--porcelain", "-z").split("\0\0"):
        place, *facts = record.split("\0")
        known[os.path.realpath(place.removeprefix("worktree "))] = facts
    mine = known.pop(os.path.realpath(path), None)
    if mine is None or os.path.lexists(os.path.join(path, ".git")):
        return ()
    if any(f"branch refs/heads/{branch}" in facts for facts in known.values()):
        return ()
    if "locked initializing" in mine:
        run_git(repository, "worktree", "unlock", path)
    return ("--force",)


def complete_worktree(repository: str, path: str, branch: str, kept: str) -> tuple[str, ...]:
    """Finish a checkout that was cut off: missing files are written, half-written ones copied to `kept` first.

    Returns the paths that were kept aside. git marks a worktree in the making as locked, and takes the mark away when
    it has written every file: from then on what differs is somebody's work, and nothing is done.
    """
    git_dir = _git_dir(repository, path)
    if git_dir and os.path.exists(os.path.join(git_dir, "index")) and not _in_the_making(git_dir):
        return ()
    if git_dir and not locate.branch_of(git_dir):
        _begin_anew(repository, path, branch, kept)
        return ()
    _require_alone(path)
    broken = _check_out(path, kept)
    # Last: cut off before here, the next run begins once more.
    probe_git(repository, "worktree", "unlock", path)
    return broken


def _git_dir(repository: str, path: str) -> str:
    """The git directory of a worktree, also of one that git itself cannot read yet; empty when there is none."""
    found = locate.find_repository(repository)
    trees = locate.worktrees(found) if found else ()
    return next((tree.git_dir for tree in trees if tree.path == os.path.realpath(path)), "")


def _in_the_making(git_dir: str) -> bool:
    try:
        with open(os.path.join(git_dir, "locked"), "rb") as file:
            return file.read(100).strip() == b"initializing"
    except FileNotFoundError:
        return False


def _begin_anew(repository: str, path: str, branch: str, kept: str) -> None:
    """Cut off git said which branch the worktree is on, so before it wrote a file: made once more."""
    if os.listdir(path) != [".git"]:
        raise GitTrouble(
            f"The making of {path} was cut off, and there are files in it that git did not write.",
            f"mv {path} {path}-aside && lanewise up",
        )
    os.makedirs(kept, exist_ok=True)
    shutil.move(os.path.join(path, ".git"), os.path.join(kept, ".git"))
    add_worktree(repository, path, branch, "")


def _check_out(path: str, kept: str) -> tuple[str, ...]:
    run_git(path, "read-tree", "HEAD")
    run_git(path, "checkout-index", "--all", "--quiet", ok=(0, 1, 128), timeout=600)
    run_git(path, "update-index", "-q", "--refresh", ok=(0, 1))
    text = run_git(path, "diff-files", "--name-only", "--diff-filter=MT", "-z")
    broken = tuple(name for name in text.split("\0") if name)
    keep_aside(path, broken, kept)
    if broken:
        stdin = "\0".join(broken).encode("utf-8", "surrogateescape")
        run_git(path, "checkout-index", "--force", "--quiet", "-z", "--stdin", stdin=stdin)
    return broken


def keep_aside(worktree: str, paths: Iterable[str], folder: str) -> None:
    """Copy files out of a worktree, and check each copy byte by byte."""
    for name in paths:
        source, target = os.path.join(worktree, name), os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
        if not os.path.islink(source) and _content(source) != _content(target):
            raise GitTrouble(f"{source} could not be kept aside.")


def set_upstream(repository: str, branch: str, where: str) -> None:
    """Preset where a branch pushes to and pulls from."""
    run_git(repository, "config", f"branch.{branch}.remote", where)
    run_git(repository, "config", f"branch.{branch}.merge", f"refs/heads/{branch}")


def switch_new(worktree: str, branch: str, start: str) -> None:
    """Move a clean worktree to a new branch."""
    run_git(worktree, "switch", "--quiet", "--no-track", "--create", branch, start)


def is_merged(worktree: str, branch: str, main: str) -> bool:
    """Whether all of a branch's work is in main already: by history, or squashed (merging it would change nothing)."""
    if probe_git(worktree, "merge-base", "--is-ancestor", branch, main)[0] == 0:
        return True
    status, text = probe_git(worktree, "merge-tree", "--write-tree", main, branch)
    return status == 0 and text.split("\n", 1)[0] == run_git(worktree, "rev-parse", f"{main}^{{tree}}").strip()


def commits_ahead(worktree: str, branch: str, main: str) -> int:
    """How many commits a branch has that main lacks."""
    return int(run_git(worktree, "rev-list", "--count", f"{main}..{branch}").strip())


def list_ignored(worktree: str) -> tuple[str, ...]:
    """Ignored files and, with a trailing slash, wholly ignored folders."""
    text = run_git(worktree, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
    return tuple(name for name in text.split("\0") if name)


def list_tracked(worktree: str) -> tuple[str, ...]:
    """Every tracked path."""
    return tuple(name for name in run_git(worktree, "ls-files", "-z").split("\0") if name)


@dataclass(frozen=True, slots=True)
class Changes:
    """The uncommitted work of a worktree."""

    tracked: tuple[str, ...]
    untracked: tuple[str, ...]
    #: Repositories inside the worktree that it does not track: git sees no file of theirs.
    nested: tuple[str, ...]
    #: What was done to the tracked paths.
    patch: bytes

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that it makes dirty."""
        return tuple(sorted({*self.tracked, *self.untracked}))


def find_changes(worktree: str, leave: Iterable[str] = ()) -> Changes:
    """The uncommitted work of a worktree, but for the paths in `leave`."""
    limits = ["--", ":(top)", *(f":(exclude,top,literal){name}" for name in leave)]
    tracked = run_git(worktree, "diff", "--name-only", "--no-renames", "-z", "HEAD", *limits).split("\0")
    patch = run_git(worktree, "diff", *_AS_PATCH, "HEAD", *limits).encode("utf-8", "surrogateescape")
    others = run_git(worktree, "ls-files", "-o", "--exclude-standard", "-z", *limits).split("\0")
    return Changes(
        tuple(name for name in tracked if name),
        tuple(name for name in others if name and not name.endswith("/")),
        tuple(name for name in others if name.endswith("/")),
        patch,
    )


def copy_changes(source: str, target: str, changes: Changes) -> None:
    """Bring the uncommitted work of one worktree into another that is clean; the source keeps its own. Nested
    repositories stay where they are.
    """
    for name in changes.untracked:
        _require_free(target, name)
    if changes.patch:
        run_git(target, "apply", "--binary", "--whitespace=nowarn", "-", stdin=changes.patch)
    for name in changes.untracked:
        os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
        shutil.copy2(os.path.join(source, name), os.path.join(target, name), follow_symlinks=False)


def _require_free(worktree: str, name: str) -> None:
    """Whether a file of that name can be made: nothing has it, and what lies above it is a folder, or nothing."""
    above = [name[:at] for at, char in enumerate(name) if char == "/"]
    for place in (os.path.join(worktree, folder) for folder in above):
        if os.path.lexists(place) and (os.path.islink(place) or not os.path.isdir(place)):
            raise GitTrouble(f"{name} exists in both worktrees, in one of them as something else.")
    if os.path.lexists(os.path.join(worktree, name)):
        raise GitTrouble(f"{name} exists in both worktrees.")


def is_tracked(worktree: str, path: str) -> bool:
    """Whether git tracks a path of a worktree."""
    return bool(run_git(worktree, "ls-files", "-z", "--", f":(literal,top){path}"))


def _require_alone(path: str) -> None:
    """An index.lock left by a killed git is moved aside, not removed. Never that of a repository around the folder."""
    if run_git(path, "rev-parse", "--show-prefix").strip():
        raise GitTrouble(f"{path} is not a worktree of its own.", "git worktree list")
    git_dir = run_git(path, "rev-parse", "--absolute-git-dir").strip()
    lock = os.path.join(git_dir, "index.lock")
    if os.path.exists(lock):
        os.rename(lock, f"{lock}.cut-off")


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
