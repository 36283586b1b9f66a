"""Where the paths of a tool call lie: which worktree, which repository path, or outside everything managed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lanewise.core import paths
from lanewise.core.pattern import literal
from lanewise.core.policy import Target
from lanewise.git import locate
from lanewise.host import files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.lane import Rules
    from lanewise.git.locate import Repository

_TOO_LONG = 4096


def resolve(repository: Repository, rules: Rules, lane: str, named: Iterable[str], cwd: str) -> tuple[Target, ...]:
    """One target for each named path, in order; symbolic links are followed to what would really be written."""
    trees = _trees(repository, rules)
    return tuple(_target(repository, rules, lane, trees, name, cwd) for name in named)


def _trees(repository: Repository, rules: Rules) -> tuple[tuple[str, str], ...]:
    """(real path, whose) of every worktree, deepest first: a lane's name, `/main`, or `/none`."""
    lanes = {files.real(lane.worktree): lane.name for lane in rules.lanes}
    found = {tree.path: lanes.get(tree.path, "/none") for tree in locate.worktrees(repository)}
    found[repository.root] = lanes.get(repository.root, "/main")
    return tuple(sorted({**lanes, **found}.items(), key=lambda item: -len(item[0])))


def _target(
    repository: Repository, rules: Rules, lane: str, trees: tuple[tuple[str, str], ...], name: str, cwd: str
) -> Target:
    path = os.path.join(cwd or repository.root, os.path.expanduser(name))
    if _is_no_path(name) or _is_no_path(path):
        return Target(name, "guarded")
    full = files.real(path)
    if _inside(full, repository.common) or any(_inside(full, guarded) for guarded in rules.guarded):
        return Target(name, "guarded")
    for root, whose in trees:
        if _inside(full, root):
            return _in_worktree(rules, lane, name, full, root, whose)
    other = locate.find_repository(_existing(full))
    if other is not None and os.path.exists(os.path.join(other.state, "store.sqlite")):
        return Target(name, "foreign")
    return Target(name, "outside")


def _is_name(name: str) -> bool:
    """Whether a file system could take it: no NUL, no half of a surrogate pair, not too long."""
    try:
        return "\0" not in name and len(os.fsencode(name)) <= _TOO_LONG
    except UnicodeEncodeError:
        return False


def _in_worktree(rules: Rules, lane: str, name: str, full: str, root: str, whose: str) -> Target:
    relative = os.path.relpath(full, root)
    try:
        pattern = literal(paths.clean(relative)) if relative != "." else literal("./")
    except paths.BadPath:
        return Target(name, "guarded")
    own = rules.find_lane(lane)
    # A worktree that the lane's client made for itself, below the lane's own, is the lane's as well.
    mine = whose == lane or (whose == "/none" and own is not None and _inside(root, files.real(own.worktree)))
    tree = os.path.isdir(full)
    if mine and lane:
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
