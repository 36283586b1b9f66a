"""Main's uncommitted work, brought into a lane that then holds what it makes dirty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.core import lessor, paths, verdict
from lanewise.core.pattern import literal
from lanewise.core.view import View
from lanewise.errors import BadInput, GitTrouble, Refused
from lanewise.git import worktree
from lanewise.git.status import dirty_paths
from lanewise.service.lanes import OURS
from lanewise.service.liveness import dead_holders

if TYPE_CHECKING:
    from lanewise.core.lane import Rules
    from lanewise.core.lease import Lease
    from lanewise.service.app import App
    from lanewise.store.base import Turn


def bring(app: App, rules: Rules, name: str) -> worktree.Changes:
    """Copy the main worktree's uncommitted work into a clean lane, all or nothing; what was brought. Raises BadInput
    and Refused.
    """
    lane = rules.find_lane(name)
    if lane is None:
        raise BadInput(f"There is no lane {paths.printable(name, 40)!r}.", "lanewise status")
    if dirty_paths(lane.worktree) - set(OURS):
        raise Refused(f"Lane {name} has uncommitted work of its own.", f"git -C {lane.worktree} status")
    changes = worktree.find_changes(rules.root, OURS)
    leases = _hold(app, name, changes.paths)
    try:
        worktree.copy_changes(rules.root, lane.worktree, changes)
    except GitTrouble:
        app.store.take(lambda turn: turn.save(lessor.release(leases, text="nothing was brought")))
        raise
    return changes


def _hold(app: App, lane: str, names: tuple[str, ...]) -> tuple[Lease, ...]:
    """Leases as edits of the lane would have taken them, a person's: they serve every session of the lane."""
    patterns = tuple(literal(name) for name in names)

    def turn_(turn: Turn) -> lessor.Granted | lessor.Held:
        rules = app.rules(turn)
        near = turn.leases_near(patterns)
        view = View(turn.now, turn.last_token(), rules, near, dead=dead_holders(turn, near))
        answer = turn.save(lessor.acquire(view, lessor.Claim(lane, "", patterns)))
        if isinstance(answer, lessor.Held):
            return answer
        return lessor.Granted(turn.save(lessor.touch(turn.now, answer.leases, rules.ttl)))

    answer = app.store.take(turn_)
    if isinstance(answer, lessor.Held):
        first = answer.by[0]
        raise Refused(
            f"{verdict.said(answer.path)} is held by lane {first.lane}, so nothing was brought.", "lanewise locks"
        )
    return answer.leases
