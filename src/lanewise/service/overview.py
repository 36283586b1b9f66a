"""The state of everything at one moment, in the shape that `status --json` shows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lanewise.core.rows import Overlap, Place
from lanewise.git import locate
from lanewise.service.liveness import is_dead
from lanewise.service.shape import lease_json, stamp

if TYPE_CHECKING:
    from lanewise.core.halt import Halt
    from lanewise.core.lane import Lane
    from lanewise.core.lease import Lease
    from lanewise.core.session import Session
    from lanewise.service.app import App
    from lanewise.store.base import Turn


def look(app: App) -> dict[str, Any]:
    """Read it all in one turn; asks no git process. Times as text, ages and what is left in seconds."""
    branches = {tree.path: tree.branch or "(detached)" for tree in locate.worktrees(app.repository)}

    def turn_(turn: Turn) -> dict[str, Any]:
        rules = app.rules(turn)
        halts = app.halts(turn)
        made = {row.lane for row in turn.all(Place)}
        lanes = [
            _lane(turn, lane, branches.get(lane.worktree, "") if lane.name in made else "", halts)
            for lane in rules.lanes
        ]
        overlaps = turn.all(Overlap)
        return {
            "project": rules.project,
            "at": stamp(turn.now.wall),
            #: After `lanewise down`, until the next `up`.
            "down": os.path.exists(os.path.join(app.state, "down")),
            "halts": [_halt(turn, halt) for halt in halts],
            "lanes": lanes,
            "overlaps": [{"path": row.path, "lanes": list(row.lanes), "since": stamp(row.since)} for row in overlaps],
            "sessions_in_no_lane": [_session(turn, session) for session in _alive(turn, "")],
        }

    return app.store.take(turn_)


def _lane(turn: Turn, lane: Lane, branch: str, halts: tuple[Halt, ...]) -> dict[str, Any]:
    live = [lease for lease in turn.leases_of(lane.name) if lease.live(turn.now)]
    return {
        "lane": lane.name,
        "worktree": lane.worktree,
        #: Empty when there is no worktree yet.
        "branch": branch,
        "halted": any(halt.scope in {"all", lane.name} for halt in halts),
        "sessions": [_session(turn, session) for session in _alive(turn, lane.name)],
        "leases": [_lease(turn, lease) for lease in live],
    }


def _lease(turn: Turn, lease: Lease) -> dict[str, Any]:
    return {**lease_json(lease), "by_name": lease.origin == "lock", "seconds_left": round(lease.seconds_left(turn.now))}


def _session(turn: Turn, session: Session) -> dict[str, Any]:
    age = max(0, round(turn.now.wall - session.seen))
    return {"id": session.id, "pid": session.pid, "task": session.task, "seen": stamp(session.seen), "seconds_ago": age}


def _halt(turn: Turn, halt: Halt) -> dict[str, Any]:
    return {
        "scope": halt.scope,
        "trigger": halt.trigger,
        "reason": halt.reason,
        "by": halt.by,
        "at": stamp(halt.at),
        "seconds_ago": max(0, round(turn.now.wall - halt.at)),
        "evidence": list(halt.evidence),
    }


def _alive(turn: Turn, lane: str) -> tuple[Session, ...]:
    return tuple(session for session in turn.sessions_of(lane) if not is_dead(session, turn.now.boot))
