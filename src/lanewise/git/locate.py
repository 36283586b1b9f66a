"""Where a repository and its worktrees lie, read from git's own files so that the hook path starts no process."""

from __future__ import annotations

import os
from typing import NamedTuple


class Repository(NamedTuple):
    """One repository on this host. (A named tuple: `dataclasses` alone would double the start-up time of `status`.)"""

    #: The common directory: `.git` of the main worktree.
    common: str
    #: The main worktree.
    root: str

    @property
    def state(self) -> str:
        """Where lanewise keeps its state for this repository."""
        return os.path.join(self.common, "lanewise")


class Worktree(NamedTuple):
    """One worktree: its folder, its git directory, its branch."""

    path: str
    git_dir: str
    #: Branch name without `refs/heads/`; empty when HEAD is detached.
    branch: str


def find_repository(start: str) -> Repository | None:
    """The repository that holds a folder; None when there is none, or it is bare."""
    folder = os.path.realpath(start)
    while True:
        entry = os.path.join(folder, ".git")
        if os.path.isdir(entry) and os.path.exists(os.path.join(entry, "HEAD")):
            return repository_of(entry)
        if os.path.isfile(entry):
            git_dir = _pointer(entry, "gitdir:")
            return repository_of(common_of(git_dir)) if git_dir else None
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def repository_of(common: str) -> Repository | None:
    """The repository with that common directory; its main worktree is the folder around `.git`."""
    common = os.path.realpath(common)
    if os.path.basename(common) != ".git" or not os.path.isdir(common):
        return None
    return Repository(common, os.path.dirname(common))


def common_of(git_dir: str) -> str:
    """The common directory of a worktree's git directory."""
    text = _first_line(os.path.join(git_dir, "commondir"))
    return os.path.realpath(os.path.join(git_dir, text)) if text else git_dir


def worktrees(repository: Repository) -> tuple[Worktree, ...]:
    """Main worktree first, then the linked ones whose folder is there."""
    found = [Worktree(repository.root, repository.common, branch_of(repository.common))]
    folder = os.path.join(repository.common, "worktrees")
    try:
        entries = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        entries = []
    for name in entries:
        git_dir = os.path.join(folder, name)
        pointed = _first_line(os.path.join(git_dir, "gitdir"))
        if pointed and os.path.lexists(os.path.join(git_dir, pointed)):
            path = os.path.dirname(os.path.realpath(os.path.join(git_dir, pointed)))
            found.append(Worktree(path, git_dir, branch_of(git_dir)))
    return tuple(found)


def worktrees_below(repository: Repository, folder: str) -> tuple[str, ...]:
    """Worktrees inside a folder: those that a client made for itself in a lane's worktree."""
    return tuple(tree.path for tree in worktrees(repository)[1:] if tree.path.startswith(f"{folder}/"))


def branch_of(git_dir: str) -> str:
    """The branch that HEAD names; empty when detached."""
    text = _first_line(os.path.join(git_dir, "HEAD"))
    return text.removeprefix("ref: refs/heads/") if text.startswith("ref: refs/heads/") else ""


def _pointer(path: str, key: str) -> str:
    line = _first_line(path)
    if not line.startswith(key):
        return ""
    return os.path.realpath(os.path.join(os.path.dirname(path), line.removeprefix(key).strip()))


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.read(8192).split(b"\n", 1)[0]).strip()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        return ""
