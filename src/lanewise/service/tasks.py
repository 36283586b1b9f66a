"""Tasks: a lane starts a new piece of work on a branch of its own, from main."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.core import paths
from lanewise.core.rows import Place
from lanewise.core.view import Decision, Event
from lanewise.errors import BadInput, Refused
from lanewise.git import locate, worktree
from lanewise.git.status import dirty_paths
from lanewise.service import installed
from lanewise.service.liveness import is_dead

if TYPE_CHECKING:
    from lanewise.core.lane import Lane
    from lanewise.service.app import App
    from lanewise.store.base import Turn

#: Seconds without a call after which a turn without an end is taken for interrupted.
_SILENT = 600.0
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,79}")


@dataclass(frozen=True, slots=True)
class Started:
    """A task has begun."""

    lane: str
    branch: str
    #: The branch the lane was on, and how many of its commits main lacks (0 = all landed, also when squashed).
    left: str
    unlanded: int


def start(app: App, lane_name: str, name: str) -> Started:
    """Move the lane to `feature/<lane>/<name>`; refused on a dirty tree and while a tool call runs."""
    if not _NAME.fullmatch(name) or not worktree.is_branch_name(name):
        raise BadInput(f"{paths.printable(name, 60)!r} is no name for a task.", "lanewise task backend enrollment-api")
    rules, busy = app.store.take(lambda turn: (app.rules(turn), _busy(turn, lane_name)))
    lane = rules.find_lane(lane_name)
    if lane is None:
        raise BadInput(f"There is no lane {paths.printable(lane_name, 40)!r}.", "lanewise status")
    branch = f"feature/{lane.name}/{name}"
    current = next((tree for tree in locate.worktrees(app.repository) if tree.path == lane.worktree), None)
    if current is None:
        raise Refused(f"Lane {lane.name} has no worktree yet.", "lanewise up")
    _require_free(lane, branch, busy=busy)
    landed = not current.branch or worktree.is_merged(lane.worktree, current.branch, rules.main)
    unlanded = 0 if landed else worktree.commits_ahead(lane.worktree, current.branch, rules.main)
    worktree.switch_new(lane.worktree, branch, rules.main)
    where = worktree.remote(app.repository.root)
    if where:
        worktree.set_upstream(app.repository.root, branch, where)
    _note(app, lane, branch)
    return Started(lane.name, branch, current.branch, unlanded)


def _require_free(lane: Lane, branch: str, *, busy: bool) -> None:
    # Where git tracks the clients' settings, our handlers show in them.
    dirty = sorted(dirty_paths(lane.worktree) - {installed.LOCAL})
    if dirty:
        shown = ", ".join(paths.printable(path, 60) for path in dirty[:3])
        raise Refused(
            f"Lane {lane.name} has uncommitted work ({shown}{', …' if len(dirty) > 3 else ''}).",
            f"git -C {lane.worktree} add -A && git -C {lane.worktree} commit",
        )
    if busy:
        raise Refused(f"A turn is running in lane {lane.name}.", "wait for it to end, then try again")
    if worktree.is_branch(lane.worktree, branch):
        raise Refused(f"Branch {branch} exists already.", f"git -C {lane.worktree} switch {branch}")


def _busy(turn: Turn, lane: str) -> bool:
    """Whether a live session of the lane is in the middle of a turn. One that was interrupted says so only by
    silence.
    """
    return any(
        session.working and turn.now.wall - session.seen < _SILENT and not is_dead(session, turn.now.boot)
        for session in turn.sessions_of(lane)
    )


def _note(app: App, lane: Lane, branch: str) -> None:
    def turn_(turn: Turn) -> None:
        old = turn.find(Place, lane.name)
        row = Place(lane.name, lane.worktree, branch, "ready", old.done if old else ())
        turn.save(Decision(None, (Event("task.started", lane.name, text=branch, puts=(row,)),)))

    app.store.take(turn_)
