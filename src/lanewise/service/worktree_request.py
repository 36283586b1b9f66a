"""A client asks for a worktree (`--worktree NAME`, subagent isolation): a lane's own by its name, else a fresh one
inside.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from lanewise.core.outcome import Made, NotMade, Outcome
from lanewise.core.view import Decision, Event
from lanewise.errors import GitTrouble
from lanewise.git import locate
from lanewise.git.run import run_git
from lanewise.host import files
from lanewise.service import sessions

if TYPE_CHECKING:
    from lanewise.clients.base import Call
    from lanewise.service.app import App
    from lanewise.store.base import Turn

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def make(app: App, call: Call) -> Outcome:
    """The folder to work in. `--worktree LANE` is the lane itself; any other name is made below the asking worktree."""
    name = call.detail
    if not _NAME.fullmatch(name):
        return NotMade("lanewise: that is not a name for a worktree; use letters, digits, dots and dashes.")

    def turn_(turn: Turn) -> tuple[str, str]:
        rules = app.rules(turn)
        lane = rules.find_lane(name)
        if lane is not None:
            return lane.worktree, ""
        return "", sessions.lane_of(app, rules, call.project)

    worktree, lane = app.store.take(turn_)
    if worktree:
        return Made(worktree)
    root = _root_of(app, call.project)
    path = os.path.join(root, ".claude", "worktrees", name)
    if os.path.isdir(path):
        return Made(path)
    try:
        run_git(root, "worktree", "add", "--quiet", "-b", f"worktree-{name}", "--", path, "HEAD")
    except GitTrouble as error:
        return NotMade(f"lanewise: {error.message}")
    app.store.take(lambda turn: turn.save(Decision(None, (Event("worktree.made", lane, call.session, path),))))
    return Made(path)


def _root_of(app: App, folder: str) -> str:
    """The worktree that holds a folder: git's exclude lines for what is made in it count from its root."""
    full = files.real(folder) if folder else ""
    above = [tree.path for tree in locate.worktrees(app.repository) if f"{full}/".startswith(f"{tree.path}/")]
    return max(above, key=len, default=app.repository.root)
