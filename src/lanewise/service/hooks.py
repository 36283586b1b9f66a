"""Hook calls: what each moment of a client's run comes to."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from lanewise.core import lessor, paths, policy, shell, verdict
from lanewise.core.halt import in_force
from lanewise.core.outcome import NOTHING, Outcome, Stopped, Told
from lanewise.core.pattern import overlap
from lanewise.core.rows import Replied, reply_key
from lanewise.core.session import Session
from lanewise.core.verdict import Denied
from lanewise.core.view import Decision, Event
from lanewise.git.status import dirty_paths, ignored_paths, unlike_parents, unmerged_paths
from lanewise.host import files
from lanewise.service import briefing, client_settings, edits, release, sessions, targets, worktree_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from lanewise.clients.base import Call
    from lanewise.core.lane import Rules
    from lanewise.service.app import App
    from lanewise.store.base import Turn

_MOST_NAMED = 1000


def answer(app: App, call: Call) -> Outcome:
    """What one hook call comes to."""
    handler = _HANDLERS.get(call.moment)
    return handler(app, call) if handler else NOTHING


def _session_start(app: App, call: Call) -> Outcome:
    def turn_(turn: Turn) -> Outcome:
        rules = app.rules(turn)
        session = sessions.bind(app, turn, rules, call)
        alive = sessions.take_over(app, turn, rules, session)
        text = briefing.opening(app, turn, rules, session, alive)
        human = ""
        if alive:
            human = f"lanewise: lane {session.lane} has another live session; each path goes to the first of the two."
        elif not session.lane:
            human = (
                "lanewise: this session is in no lane, so it may read but not edit; start one with `lanewise run LANE`."
            )
        return Told(agent=text, human=human)

    return app.store.take(turn_)


def _prompt(app: App, call: Call) -> Outcome:
    def turn_(turn: Turn) -> Outcome:
        rules = app.rules(turn)
        session = sessions.bind(app, turn, rules, call)
        stopped = in_force(app.halts(turn), session.lane)
        if stopped:
            return Stopped(stopped, verdict.halted("", stopped))
        line = paths.printable(call.prompt.strip().split("\n", 1)[0], 80)
        session = sessions.note_activity(turn, rules, session, task=line, working=True)
        return Told(agent=sessions.news_for(turn, session)[1])

    return app.store.take(turn_)


def _after_tool(app: App, call: Call) -> Outcome:
    changed = _really_changed(app, call) if call.command and call.paths else ()
    reading = shell.read_command(call.command, call.cwd) if call.command else None

    commits = reading is not None and bool(reading.git)

    def turn_(turn: Turn) -> tuple[Session, tuple[str, ...], str]:
        rules = app.rules(turn)
        session = sessions.note_activity(turn, rules, sessions.bind(app, turn, rules, call))
        lost: tuple[str, ...] = ()
        if session.lane:
            named = call.paths if not call.command else tuple(write.path for write in reading.writes) if reading else ()
            lost = _touch(app, turn, rules, session, (*named, *changed), call.cwd)
            if changed:
                _take_for_shell(app, turn, rules, session, changed, call.cwd)
        _close(turn, call)
        return session, () if call.command else lost, "" if commits else _news(turn, session)

    session, lost, news = app.store.take(turn_)
    if lost:
        _take_back(app, session, lost, call)
    if session.lane and commits:
        release.release_clean(app, session, turn_is_over=False)
        # Asked for last: what is marked as told is on its way.
        news = app.store.take(lambda turn: _news(turn, session))
    return Told(agent=news)


def _news(turn: Turn, session: Session) -> str:
    return sessions.news_for(turn, turn.find(Session, session.id) or session)[1]


def _take_back(app: App, session: Session, lost: tuple[str, ...], call: Call) -> None:
    """Paths that a tool wrote without a live lease (it ended while the tool ran): leased again, or reported. Ignored
    files need none.
    """

    def where(turn: Turn) -> str:
        lane = app.rules(turn).find_lane(session.lane)
        return lane.worktree if lane else ""

    worktree = app.store.take(where)
    root = files.real(worktree)
    names = {path: os.path.relpath(files.real(os.path.join(call.cwd or root, path)), root) for path in lost}
    ignored = ignored_paths(worktree, names.values())
    written = tuple(path for path, name in names.items() if name not in ignored)
    if written:
        app.store.take(lambda turn: _take_for_shell(app, turn, app.rules(turn), session, written, call.cwd))


def _stop(app: App, call: Call) -> Outcome:
    def turn_(turn: Turn) -> Session:
        rules = app.rules(turn)
        session = sessions.note_activity(turn, rules, sessions.bind(app, turn, rules, call), working=call.background)
        if not call.background:
            sessions.forget_calls(turn, session)
        return session

    session = app.store.take(turn_)
    if session.lane:
        release.release_clean(app, session, turn_is_over=True)
    return NOTHING


def _session_end(app: App, call: Call) -> Outcome:
    def turn_(turn: Turn) -> Session:
        session = sessions.bind(app, turn, app.rules(turn), call)
        sessions.end(app, turn, session, call.detail)
        return session

    session = app.store.take(turn_)
    if session.lane:
        # Last: the client grants little time here, and what stays is the lane's.
        release.release_clean(app, session, turn_is_over=True)
    return NOTHING


def _subagent_start(app: App, call: Call) -> Outcome:
    def turn_(turn: Turn) -> Outcome:
        rules = app.rules(turn)
        session = sessions.bind(app, turn, rules, call)
        return Told(agent=briefing.for_subagent(rules, session))

    return app.store.take(turn_)


def _permission(app: App, call: Call) -> Outcome:
    """Waiting for a permission answer counts as activity."""
    _activity(app, call)
    return NOTHING


def _activity(app: App, call: Call) -> Session:
    def turn_(turn: Turn) -> Session:
        rules = app.rules(turn)
        return sessions.note_activity(turn, rules, sessions.bind(app, turn, rules, call))

    return app.store.take(turn_)


def _touch(app: App, turn: Turn, rules: Rules, session: Session, named: tuple[str, ...], cwd: str) -> tuple[str, ...]:
    """Mark the leases over paths that have been written; the paths under none, as they were named."""
    found = targets.resolve(app.repository, rules, session.lane, named, cwd)
    own = [target for target in found if target.where == "own" and target.pattern]
    patterns = tuple(target.pattern for target in own if target.pattern)
    mine = [lease for lease in turn.leases_near(patterns) if lease.lane == session.lane and lease.live(turn.now)]
    over = [lease for lease in mine if any(overlap(lease.pattern, pattern) for pattern in patterns)]
    if over:
        turn.save(lessor.touch(turn.now, over, rules.ttl))
    return tuple(
        target.shown
        for target in own
        if not any(target.pattern and overlap(lease.pattern, target.pattern) for lease in over)
    )


def _take_for_shell(app: App, turn: Turn, rules: Rules, session: Session, changed: tuple[str, ...], cwd: str) -> None:
    """What a shell command changed takes its lease now, silently, wherever domain and leases allow; the rest is
    reported.
    """
    for target in targets.resolve(app.repository, rules, session.lane, changed, cwd):
        if target.where != "own" or target.pattern is None:
            continue
        asked = policy.Asked(session.lane, session.id, (target,), session.task, "shell")
        decision = edits.decide(turn, rules, asked)
        if isinstance(decision.answer, Denied):
            _report(turn, session, decision.answer)
        else:
            turn.save(decision)
            near = [lease for lease in decision.answer.leases if not lease.touched]
            turn.save(lessor.touch(turn.now, near, rules.ttl))


def _report(turn: Turn, session: Session, denied: Denied) -> None:
    """A change that slipped past: in the log."""
    event = Event("edit.unleased", session.lane, session.id, denied.path, denied.text, data={"rule": denied.rule})
    turn.save(Decision(None, (event,)))


def _really_changed(app: App, call: Call) -> tuple[str, ...]:
    """Of the files that the client saw changed, those that differ from HEAD and from every other parent of a merge
    or pick; in one that is in conflict it was git that wrote the markers.
    """

    def where(turn: Turn) -> tuple[str, tuple[policy.Target, ...]]:
        rules = app.rules(turn)
        session = sessions.bind(app, turn, rules, call)
        lane = rules.find_lane(session.lane)
        found = targets.resolve(app.repository, rules, session.lane, call.paths, call.cwd)
        return (lane.worktree if lane else ""), found

    worktree, found = app.store.take(where)
    named = {target.pattern.text: target.shown for target in found if target.where == "own" and target.pattern}
    if not worktree or not named:
        return ()
    # A checkout of a hundred thousand files does not fit into a command line.
    dirty = dirty_paths(worktree, named if len(named) <= _MOST_NAMED else ())
    own = unlike_parents(worktree, [path for path in named if path in dirty])
    conflicts = unmerged_paths(worktree) if own else frozenset()
    return tuple(named[path] for path in own if path not in conflicts)


def _close(turn: Turn, call: Call) -> None:
    row = turn.find(Replied, reply_key(call.session, call.call)) if call.call else None
    if row is not None and row.open:
        turn.save(Decision(None, (Event("call.ended", session=call.session, puts=(replace(row, open=False),)),)))


_HANDLERS: dict[str, Callable[[App, Call], Outcome]] = {
    "session_start": _session_start,
    "prompt": _prompt,
    "before_tool": edits.may_edit,
    "after_tool": _after_tool,
    "stop": _stop,
    "session_end": _session_end,
    "subagent_start": _subagent_start,
    "permission": _permission,
    "settings_change": client_settings.judge_change,
    "worktree_create": worktree_request.make,
}
