"""The state of everything at one moment: what `status` shows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.core.rows import Overlap, Place
from lanewise.git import locate
from lanewise.host import files, sockets
from lanewise.service import sessions

if TYPE_CHECKING:
    from lanewise.core.halt import Halt
    from lanewise.core.lane import Lane
    from lanewise.core.lease import Lease
    from lanewise.core.session import Session
    from lanewise.core.view import Moment
    from lanewise.service.app import App
    from lanewise.store.base import Turn


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane now."""

    lane: Lane
    #: Branch of its worktree; empty when there is no worktree.
    branch: str
    sessions: tuple[Session, ...]
    leases: tuple[Lease, ...]
    halt: Halt | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything now."""

    project: str
    now: Moment
    lanes: tuple[LaneState, ...]
    halts: tuple[Halt, ...]
    overlaps: tuple[Overlap, ...]
    #: Sessions that are in no lane.
    laneless: tuple[Session, ...]
    #: What the daemon says of itself; None when none answers.
    daemon: dict[str, object] | None


def look(app: App) -> Overview:
    """Read it all in one turn; asks no git process."""
    branches = {tree.path: tree.branch or "(detached)" for tree in locate.worktrees(app.repository)}
    path = sockets.socket_path(app.state)
    daemon = files.parse_json(sockets.ask(path, {"v": 1, "ping": True}, 0.3) or b"") if os.path.exists(path) else None

    def turn_(turn: Turn) -> Overview:
        rules = app.rules(turn)
        halts = app.halts(turn)
        places = {row.lane: row for row in turn.all(Place)}
        lanes = tuple(
            LaneState(
                lane=lane,
                branch=branches.get(lane.worktree, "") if lane.name in places else "",
                sessions=_alive(turn, lane.name),
                leases=tuple(lease for lease in turn.leases_of(lane.name) if lease.live(turn.now)),
                halt=next((halt for halt in halts if halt.scope in {"all", lane.name}), None),
            )
            for lane in rules.lanes
        )
        return Overview(rules.project, turn.now, lanes, halts, turn.all(Overlap), _alive(turn, ""), daemon)

    return app.store.take(turn_)


def _alive(turn: Turn, lane: str) -> tuple[Session, ...]:
    return tuple(session for session in turn.sessions_of(lane) if not sessions.is_dead(session, turn.now.boot))
