"""Leases by name: lock, unlock, check, list; and giving back what is clean again."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lanewise.core import lessor, paths, policy, verdict
from lanewise.core.domain import foreign_below, owner_of
from lanewise.core.halt import in_force
from lanewise.core.lease import Lease, Mode
from lanewise.core.pattern import Pattern, literal, parse
from lanewise.core.verdict import Allowed, Denied
from lanewise.core.view import Decision, Event, View
from lanewise.errors import BadInput
from lanewise.git import locate
from lanewise.service.liveness import dead_holders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.lane import Rules
    from lanewise.core.view import Moment
    from lanewise.service.app import App
    from lanewise.store.base import Turn


@dataclass(frozen=True, slots=True)
class Board:
    """Leases as they stand, with the sessions that hold them."""

    now: Moment
    leases: tuple[Lease, ...]
    dead: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What an edit of a path would be answered; nothing was taken."""

    path: str
    lane: str
    answer: Allowed | Denied


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lock asked for by name."""

    lane: str
    #: Empty when a person asks, for the lane.
    session: str
    names: tuple[str, ...]
    mode: Mode = "exclusive"
    why: str = ""


def lock(app: App, wanted: Wanted) -> Allowed | Denied:
    """Take leases by name, all or none; globs and directories too."""
    patterns = tuple(_pattern(app, name, "lock") for name in wanted.names)
    lane, session = wanted.lane, wanted.session

    def turn_(turn: Turn) -> Allowed | Denied:
        rules = app.rules(turn)
        _require_lane(rules, lane)
        refused = _unlockable(app, turn, rules, wanted, patterns)
        if refused:
            event = Event("edit.denied", lane, session, refused.path, refused.text, data={"rule": refused.rule})
            return turn.save(Decision(refused, (event,)))
        near = turn.leases_near(patterns)
        view = View(turn.now, turn.last_token(), rules, near, dead=dead_holders(turn, near))
        claim = lessor.Claim(lane, session, patterns, wanted.mode, paths.printable(wanted.why), "lock")
        answer = turn.save(_by_name(lessor.acquire(view, claim), claim))
        if isinstance(answer, lessor.Held):
            refused = verdict.held(answer.path, answer.by, turn.now)
            return replace(refused, text=refused.text.replace("Nothing was written.", "Nothing was taken."))
        return Allowed(answer.leases)

    return app.store.take(turn_)


def unlock(app: App, lane: str, session: str, names: Iterable[str]) -> tuple[Lease, ...]:
    """Give back the lane's leases on the named paths, or all of the session's when none is named."""
    keys = {_pattern(app, name, "unlock").key for name in names}

    def turn_(turn: Turn) -> tuple[Lease, ...]:
        _require_lane(app.rules(turn), lane)
        mine = [lease for lease in turn.leases_of(lane) if not session or lease.session in {"", session}]
        chosen = [lease for lease in mine if not keys or lease.pattern.key in keys]
        return turn.save(lessor.release(chosen, text="unlocked"))

    return app.store.take(turn_)


def check(app: App, lane: str, session: str, name: str) -> Checked:
    """What an edit of `name` by the lane would be answered now."""
    pattern = _pattern(app, name)

    def turn_(turn: Turn) -> Checked:
        rules = app.rules(turn)
        _require_lane(rules, lane)
        asked = policy.Asked(lane, session, (policy.Target(name, "own", pattern),))
        near = turn.leases_near((pattern,))
        view = View(turn.now, turn.last_token(), rules, near, halts=app.halts(turn), dead=dead_holders(turn, near))
        return Checked(pattern.text, lane, policy.judge(view, asked).answer)

    return app.store.take(turn_)


def board(app: App) -> Board:
    """Every live lease, oldest first."""

    def turn_(turn: Turn) -> Board:
        live = tuple(lease for lease in turn.all(Lease) if lease.live(turn.now))
        return Board(turn.now, live, dead_holders(turn, live))

    return app.store.take(turn_)


def sweep(app: App) -> tuple[Lease, ...]:
    """Take away what the clock has ended, so that lists and the log say so; nobody waits for this."""

    def turn_(turn: Turn) -> tuple[Lease, ...]:
        rules = app.rules(turn)
        turn.save(lessor.carry_over(turn.now, turn.all(Lease), rules.ttl))
        over = [lease for lease in turn.all(Lease) if not lease.blocks(turn.now, rules.delay, dead=False)]
        return turn.save(lessor.release(over, kind="lease.expired"))

    return app.store.take(turn_)


def _unlockable(app: App, turn: Turn, rules: Rules, wanted: Wanted, patterns: tuple[Pattern, ...]) -> Denied | None:
    """Why a lane may not lock one of these: a halt, another lane's domain, a protected path."""
    lane = wanted.lane
    stopped = in_force(app.halts(turn), lane)
    if stopped and wanted.session:
        return verdict.halted(patterns[0].text if patterns else "", stopped)
    for pattern in patterns:
        # A glob is judged by the folder it starts from, and by what lies inside.
        owner = owner_of(rules, pattern.anchor if pattern.glob and pattern.anchor else pattern.text)
        if owner.kind == "protected":
            return verdict.protected(pattern.text)
        inside = foreign_below(rules, lane, pattern)
        if owner.kind == "lane" and lane not in owner.lanes:
            return verdict.domain(pattern.text, owner.lanes[0], lane)
        if inside:
            return verdict.domain(pattern.text, inside, lane)
    return None


def _by_name(
    decision: Decision[lessor.Granted | lessor.Held], claim: lessor.Claim
) -> Decision[lessor.Granted | lessor.Held]:
    """A lock by name turns a lease that an edit took into an explicit one."""
    if isinstance(decision.answer, lessor.Held):
        return decision
    fresh = {row.token for event in decision.events for row in event.puts if isinstance(row, Lease)}
    raised = tuple(
        replace(lease, origin="lock", why=claim.why or lease.why)
        for lease in decision.answer.leases
        if lease.token not in fresh and (lease.origin != "lock" or (claim.why and claim.why != lease.why))
    )
    if not raised:
        return decision
    event = Event("lease.renewed", claim.lane, claim.session, puts=raised)
    kept = tuple(lease for lease in decision.answer.leases if lease.token not in {other.token for other in raised})
    return Decision(lessor.Granted((*kept, *raised)), (*decision.events, event))


def _pattern(app: App, name: str, verb: str = "check") -> Pattern:
    """A glob, unless a file of that very name exists in some worktree: `[id].vue` is a real name."""
    try:
        real = any(os.path.lexists(os.path.join(tree.path, name)) for tree in locate.worktrees(app.repository))
        return literal(paths.clean(name)) if real else parse(paths.clean(name))
    except (paths.BadPath, ValueError) as error:
        raise BadInput(f"{error}", f"lanewise {verb} backend/app.py") from error


def _require_lane(rules: Rules, lane: str) -> None:
    if rules.find_lane(lane) is None:
        known = ", ".join(entry.name for entry in rules.lanes)
        name = paths.printable(lane, 40)
        raise BadInput(f"There is no lane {name!r}; the lanes are {known}.", "lanewise status")
