"""Where the paths of a tool call lie: which worktree, which repository path, or outside everything managed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.core import domain, paths
from lanewise.core.pattern import literal, overlap, parse
from lanewise.core.policy import Target
from lanewise.git import locate
from lanewise.host import files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.lane import Rules
    from lanewise.core.policy import Where
    from lanewise.git.locate import Repository

_TOO_LONG = 4096


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a lane's paths are held against."""

    repository: Repository
    rules: Rules
    lane: str
    #: (real path, whose) of every worktree, deepest first: a lane's name, `/main`, or `/none`.
    trees: tuple[tuple[str, str], ...]
    #: The lane's own worktree; empty in no lane.
    own: str

    def is_own(self, root: str, whose: str) -> bool:
        """A worktree that the lane's client made for itself, below the lane's own, is the lane's as well."""
        return bool(self.own) and (whose == self.lane or (whose == "/none" and _inside(root, self.own)))


def resolve(
    repository: Repository, rules: Rules, lane: str, named: Iterable[str], cwd: str, *, whole: bool = False
) -> tuple[Target, ...]:
    """One target for each named path, in order; symbolic links are followed to what would really be written. `whole`:
    with all that lies below, so that a folder around worktrees is no longer outside of them.
    """
    ground = _ground(repository, rules, lane)
    return tuple(_target(ground, name, cwd, whole=whole) for name in named)


def reached(
    repository: Repository, rules: Rules, lane: str, globs: Iterable[tuple[str, str, bool]], cwd: str
) -> tuple[Target | None, ...]:
    """For each glob (its literal folder, the rest, whether with all that lies below) the worktree of others that it may
    reach from a folder around it; None when it surely reaches none.
    """
    ground = _ground(repository, rules, lane)
    return tuple(_reached(ground, folder, rest, cwd, whole=whole) for folder, rest, whole in globs)


def _ground(repository: Repository, rules: Rules, lane: str) -> _Ground:
    lanes = {files.real(row.worktree): row.name for row in rules.lanes}
    found = {tree.path: lanes.get(tree.path, "/none") for tree in locate.worktrees(repository)}
    found[repository.root] = lanes.get(repository.root, "/main")
    trees = tuple(sorted({**lanes, **found}.items(), key=lambda item: -len(item[0])))
    own = rules.find_lane(lane) if lane else None
    return _Ground(repository, rules, lane, trees, files.real(own.worktree) if own else "")


def _target(ground: _Ground, name: str, cwd: str, *, whole: bool) -> Target:
    path = os.path.join(cwd or ground.repository.root, os.path.expanduser(name))
    if _is_no_path(name) or _is_no_path(path):
        return Target(name, "guarded")
    full = files.real(path)
    guarded = (ground.repository.common, *ground.rules.guarded)
    if any(_inside(full, folder) for folder in guarded):
        return Target(name, "guarded")
    around = _around(ground, full) if whole else None
    if around:
        return _others(name, around)
    for root, whose in ground.trees:
        if _inside(full, root):
            return _in_worktree(ground, name, full, root, whose)
    if whole and any(_inside(folder, full) for folder in guarded):
        return Target(name, "guarded")
    return Target(name, _unmanaged(full, whole=whole))


def _unmanaged(full: str, *, whole: bool) -> Where:
    """Where a path outside of every worktree lies."""
    other = locate.find_repository(_existing(full))
    if other is not None and os.path.exists(os.path.join(other.state, "store.sqlite")):
        return "foreign"
    home = os.path.expanduser("~")
    for name in domain.user_settings():
        kept = files.real(os.path.join(home, name))
        folder = os.path.dirname(kept)
        absent = full == folder and domain.client_folder(full) and not os.path.isdir(full)
        if _inside(paths.fold(full), paths.fold(kept)) or absent or (whole and _inside(kept, full)):
            return "guarded"
    return "outside"


def _around(ground: _Ground, full: str) -> tuple[str, str] | None:
    """A worktree in a folder, the lane's own last; None for a folder in which there are only the lane's own things."""
    below = [(root, whose) for root, whose in ground.trees if _inside(root, full)]
    if ground.own and _inside(full, ground.own):
        below = [(root, whose) for root, whose in below if not ground.is_own(root, whose)]
    return min(below, key=lambda tree: ground.is_own(*tree), default=None)


def _reached(ground: _Ground, folder: str, rest: str, cwd: str, *, whole: bool) -> Target | None:
    path = os.path.join(cwd or ground.repository.root, os.path.expanduser(folder))
    if _is_no_path(path):
        return None  # `resolve` refuses it
    full = files.real(path)
    for root, whose in ground.trees:
        around = full != root and _inside(root, full) and not ground.is_own(root, whose)
        if around and _may_reach(rest, os.path.relpath(root, full), whole=whole):
            return _others(f"{folder.rstrip('/')}/{rest}", (root, whose))
    return None


def _may_reach(rest: str, below: str, *, whole: bool) -> bool:
    """Whether a glob may match a worktree, something in it, or (with all that lies below) a folder around it."""
    names = rest.strip("/").split("/")
    if not whole and "**" not in names and len(names) < len(below.split("/")):
        return False
    try:
        return overlap(parse(rest), literal(below))
    except paths.BadPath:
        return True


def _others(name: str, tree: tuple[str, str]) -> Target:
    whose = tree[1]
    return Target(name, "main") if whose in {"/main", "/none"} else Target(name, "lane", lane=whose)


def _in_worktree(ground: _Ground, name: str, full: str, root: str, whose: str) -> Target:
    relative = os.path.relpath(full, root)
    try:
        pattern = literal(paths.clean(relative)) if relative != "." else literal("./")
    except paths.BadPath:
        return Target(name, "guarded")
    tree = os.path.isdir(full)
    if ground.is_own(root, whose):
        return Target(name, "own", pattern, tree=tree)
    if whose in {"/main", "/none"}:
        return Target(name, "main", pattern, tree=tree)
    return Target(name, "lane", pattern, lane=whose, tree=tree)


def _is_no_path(name: str) -> bool:
    """No file can have that name: a NUL, half of a surrogate pair, too long for the kernel."""
    try:
        return "\0" in name or len(os.fsencode(name)) > _TOO_LONG
    except UnicodeEncodeError:
        return True


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _existing(path: str) -> str:
    """The nearest folder above a path that exists."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path
