"""Sessions: binding to a lane, liveness, adoption of what a dead one of the same lane held, activity."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from lanewise.core import lessor, paths
from lanewise.core.rows import Replied, reply_key
from lanewise.core.session import Session
from lanewise.core.view import Decision, Event, View
from lanewise.git import locate
from lanewise.host import clock, files, process
from lanewise.service.liveness import dead_holders, is_dead

if TYPE_CHECKING:
    from lanewise.clients.base import Call
    from lanewise.core.lane import Rules
    from lanewise.service.app import App
    from lanewise.store.base import Turn

#: Seconds between two records of activity: most calls write nothing.
_SEEN_EVERY = 60.0
#: Characters of news at a time; the rest comes with the next call.
_LONGEST_NEWS = 400


def lane_of(app: App, rules: Rules, folder: str) -> str:
    """The lane whose worktree holds a folder; empty when none does."""
    if not folder:
        return ""
    full = files.real(folder)
    best = ""
    for lane in rules.lanes:
        root = files.real(lane.worktree)
        if (full == root or full.startswith(f"{root}/")) and not _in_other_worktree(app, full, root):
            best = lane.name
    return best


def _in_other_worktree(app: App, full: str, root: str) -> bool:
    """Whether a deeper worktree lies between; one that the client made for itself below a lane's counts as the
    lane's.
    """
    client_made = os.path.join(root, ".claude", "worktrees")
    return any(
        tree.path != root
        and len(tree.path) > len(root)
        and (full == tree.path or full.startswith(f"{tree.path}/"))
        and (not tree.path.startswith(f"{client_made}/") or root == app.repository.root)
        for tree in locate.worktrees(app.repository)
    )


def bind(app: App, turn: Turn, rules: Rules, call: Call) -> Session:
    """The session that calls; one never seen is bound to the lane of its project directory, once."""
    found = turn.find(Session, call.session)
    started = process.start_time(call.pid) if call.pid else 0.0
    if found is None:
        fresh = Session(
            id=call.session,
            lane=lane_of(app, rules, call.project),
            client=call.client,
            pid=call.pid,
            started=started,
            boot=turn.now.boot,
            host=process.host_name(),
            project=call.project,
            since=turn.now.wall,
            seen=turn.now.wall,
            told=turn.last_notice(),
            group=process.group_of(call.pid),
        )
        _note_live(app, fresh)
        return turn.save(
            Decision(fresh, (Event("session.started", fresh.lane, fresh.id, text=call.detail, puts=(fresh,)),))
        )
    same = found.boot == turn.now.boot and (not call.pid or (found.pid, found.started) == (call.pid, started))
    # Bound once; but one that was in no lane may be started again in a lane.
    lane = found.lane or (lane_of(app, rules, call.project) if call.moment == "session_start" else "")
    if same and not found.ended and lane == found.lane:
        return found
    back = replace(
        found,
        lane=lane,
        ended=False,
        pid=call.pid,
        started=started,
        boot=turn.now.boot,
        seen=turn.now.wall,
        working=False,
    )
    _note_live(app, back)
    return turn.save(Decision(back, (Event("session.resumed", back.lane, back.id, text=call.detail, puts=(back,)),)))


def take_over(app: App, turn: Turn, rules: Rules, session: Session) -> tuple[Session, ...]:
    """End the lane's dead sessions and adopt their leases; the other sessions of the lane that are alive.

    A session of the very same process is the one before a `/clear`: it has been replaced.
    """
    if not session.lane:
        return ()
    others = [other for other in turn.sessions_of(session.lane) if other.id != session.id]
    replaced = [
        other
        for other in others
        if is_dead(other, turn.now.boot) or (other.pid, other.started) == (session.pid, session.started)
    ]
    replaced = [other for other in replaced if other.pid]
    for other in replaced:
        end(app, turn, other, "its process is gone or goes on as another session")
    leases = tuple(
        lease
        for lease in turn.leases_of(session.lane)
        if lease.session not in {"", session.id} and lease.live(turn.now)
    )
    dead = dead_holders(turn, leases)
    mine = tuple(lease for lease in leases if lease.session in dead)
    if mine:
        turn.save(lessor.adopt(View(turn.now, turn.last_token(), rules), mine, session.id))
    return tuple(other for other in others if other not in replaced)


def end(app: App, turn: Turn, session: Session, why: str) -> None:
    """Mark a session ended; its leases stay for the lane's next one, until their TTL."""
    forget_calls(turn, session)
    if not session.ended:
        gone = replace(session, ended=True, seen=turn.now.wall)
        turn.save(Decision(None, (Event("session.ended", session.lane, session.id, text=why, puts=(gone,)),)))
    files.remove(_live_file(app, session.id))


def forget_calls(turn: Turn, session: Session) -> None:
    """The turn is over: no call of it can be repeated, and one without an end (refused by the user) runs no more."""
    replies = tuple(
        ("replies", reply_key(row.session, row.call)) for row in turn.all(Replied) if row.session == session.id
    )
    if replies:
        turn.save(Decision(None, (Event("call.forgotten", session.lane, session.id, drops=replies),)))


def note_activity(turn: Turn, rules: Rules, session: Session, **changes: object) -> Session:
    """Record that the session is at work, and renew its leases on changed paths; writes only when it is worth it."""
    if not changes and 0 <= turn.now.wall - session.seen < _SEEN_EVERY:
        return session
    seen = replace(session, seen=turn.now.wall, **changes)  # type: ignore[arg-type]
    held = turn.leases_of(session.lane) if session.lane else ()
    mine = [lease for lease in held if lease.session in {"", session.id} and lease.touched]
    if mine:
        turn.save(lessor.renew(turn.now, mine, rules.ttl))
    return turn.save(Decision(seen, (Event("session.seen", seen.lane, seen.id, puts=(seen,)),)))


def news_for(turn: Turn, session: Session) -> tuple[Session, str]:
    """The oldest news that the lane's agents were not told, as much as fits, and the session that now knows it."""
    notices = turn.notices_after(session.lane, session.told) if session.lane else ()
    if not notices:
        return session, ""
    fitting = [notices[0]]
    for notice in notices[1:]:
        if sum(len(one.text) + 1 for one in (*fitting, notice)) > _LONGEST_NEWS:
            break
        fitting.append(notice)
    told = replace(session, told=fitting[-1].id)
    turn.save(Decision(told, (Event("session.told", told.lane, told.id, puts=(told,)),)))
    return told, paths.printable(" ".join(notice.text for notice in fitting), _LONGEST_NEWS)


def remember(turn: Turn, call: Call, answer: str, anchors: tuple[str, ...]) -> Event:
    """The event that keeps a tool call's first answer and what it may write."""
    reply = Replied(call.session, call.call, answer, turn.now.wall, anchors)
    return Event("call.answered", session=call.session, puts=(reply,))


def live_others(state: str, lane: str) -> bool:
    """Whether another lane has a live session on this host, by the `live/` files alone: for when the store cannot
    be read.
    """
    folder = os.path.join(state, "live")
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return False
    for name in names:
        entry = files.find_json(os.path.join(folder, name))
        if not isinstance(entry, dict) or (entry.get("lane") != lane and _runs(entry)):
            return True
    return False


def _runs(entry: dict[str, object]) -> bool:
    """Whether a `live/` file's process runs; one that does not say which counts as somebody."""
    pid, started = entry.get("pid"), entry.get("started")
    if not isinstance(pid, int) or not isinstance(started, (int, float)):
        return True
    return entry.get("boot") == clock.boot_id() and process.alive(pid, float(started))


def live_lane(state: str, session: str) -> str:
    """The lane of a session by its `live/` file; empty when there is none."""
    entry = files.find_json(os.path.join(state, "live", _live_name(session)))
    return str(entry.get("lane", "")) if isinstance(entry, dict) else ""


def _note_live(app: App, session: Session) -> None:
    body = {"lane": session.lane, "pid": session.pid, "started": session.started, "boot": session.boot}
    files.private_folder(os.path.join(app.state, "live"))
    if session.lane and session.pid:
        files.write_whole(_live_file(app, session.id), json.dumps(body).encode())


def _live_file(app: App, session: str) -> str:
    return os.path.join(app.state, "live", _live_name(session))


def _live_name(session: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in session)[:150]
