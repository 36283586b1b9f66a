"""What an agent is told at its start: its lane, its paths, who else works, what is held. At most 1,500 characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.core import paths, verdict, wording
from lanewise.core.halt import in_force

if TYPE_CHECKING:
    from lanewise.core.lane import Lane, Rules
    from lanewise.core.session import Session
    from lanewise.service.app import App
    from lanewise.store.base import Turn

_CAP = 1500


def opening(app: App, turn: Turn, rules: Rules, session: Session, same_lane: tuple[Session, ...]) -> str:
    """The text for a session's start."""
    lane = rules.find_lane(session.lane)
    if lane is None:
        return (
            f"lanewise coordinates several agents in this repository ({_lanes(rules)}). "
            "This session is in no lane: reading is free, edits are refused. "
            "Ask the human to start you with `lanewise run LANE`."
        )
    parts = [_you(lane, rules), _shared(rules), *_others(turn, rules, session), _same(same_lane), _how()]
    stopped = in_force(app.halts(turn), lane.name)
    if stopped:
        parts.insert(0, f"HALT: editing is stopped ({verdict.said(stopped.reason)}); wait for the human.")
    return paths.printable(" ".join(part for part in parts if part), _CAP)


def for_subagent(rules: Rules, session: Session) -> str:
    """One line for a subagent: it works for its session's lane."""
    lane = rules.find_lane(session.lane)
    if lane is None:
        return ""
    domain = ", ".join(pattern.text for pattern in lane.domain)
    return paths.printable(
        f"You work in lane {lane.name}, which writes {domain}. A refused edit says who holds the path.", 400
    )


def _you(lane: Lane, rules: Rules) -> str:
    domain = ", ".join(pattern.text for pattern in lane.domain[:12])
    return (
        f"lanewise: you work in lane {lane.name} of {rules.project}, next to other agents. "
        f"Your worktree is {lane.worktree}. Your domain: {domain}. "
        "Paths that no lane owns go to whoever edits them first; other lanes' paths are refused."
    )


def _shared(rules: Rules) -> str:
    if not rules.shared:
        return ""
    listed = ", ".join(pattern.text for pattern in rules.shared[:10])
    more = f" and {len(rules.shared) - 10} more" if len(rules.shared) > 10 else ""
    return f'Shared ({listed}{more}) need `lanewise lock PATH --why "REASON"` first.'


def _others(turn: Turn, rules: Rules, session: Session) -> list[str]:
    lines = []
    for lane in rules.lanes:
        if lane.name == session.lane:
            continue
        live = turn.sessions_of(lane.name)
        leases = [lease for lease in turn.leases_of(lane.name) if lease.live(turn.now)]
        task = f' on "{verdict.said(live[-1].task, 60)}"' if live and live[-1].task else ""
        state = f"is at work{task}" if live else "has no session"
        held = ", ".join(verdict.said(lease.path, 60) for lease in leases[-4:])
        more = f" and {len(leases) - 4} more" if len(leases) > 4 else ""
        lines.append(f"Lane {lane.name} {state}" + (f" and holds {held}{more}." if held else "."))
    return lines[:6]


def _same(sessions: tuple[Session, ...]) -> str:
    if not sessions:
        return ""
    return (
        f"Another session ({wording.short(sessions[0].id)}) is live in your lane: each path goes to the first of you."
    )


def _how() -> str:
    return (
        "An edit takes its lease by itself and a commit gives it back. "
        "Keep unfinished work by committing: the stash is shared by all lanes."
    )


def _lanes(rules: Rules) -> str:
    return ", ".join(lane.name for lane in rules.lanes[:8])
