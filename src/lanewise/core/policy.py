"""The rules an edit passes, in order: halt, place, protected, shared, domain, lease. The first refusal is the
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lanewise.core import domain, halt, lessor, verdict
from lanewise.core.view import Decision, Event

if TYPE_CHECKING:
    from lanewise.core.lease import Origin
    from lanewise.core.pattern import Pattern
    from lanewise.core.verdict import Allowed, Denied, Verdict
    from lanewise.core.view import View

#: Where a target lies: the lane's own worktree (or one its session made), another lane's, the main worktree (read-only
#: reference), lanewise's own state and installation, another managed repository, or nowhere that lanewise manages.
Where = Literal["own", "lane", "main", "guarded", "foreign", "outside"]


@dataclass(frozen=True, slots=True)
class Target:
    """One path that a tool call would write."""

    #: As the client named it.
    shown: str
    where: Where
    #: Repository-relative pattern; None outside.
    pattern: Pattern | None = None
    #: Name of the lane whose worktree it lies in, when that is another's.
    lane: str = ""
    #: git ignores it: it needs no lease.
    ignored: bool = False
    #: It is a directory, or a glob over several.
    tree: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A tool call that would write."""

    lane: str
    session: str
    targets: tuple[Target, ...]
    why: str = ""
    origin: Origin = "edit"
    #: The call writes somewhere, though nobody can say where (a shell command): a halt stops it.
    writes: bool = True


def judge(view: View, asked: Asked) -> Decision[Verdict]:
    """Allow with leases, or deny with the reason."""
    stopped = halt.in_force(view.halts, asked.lane)
    if stopped and (asked.writes or asked.targets):
        return _denied(asked, verdict.halted(asked.targets[0].shown if asked.targets else "", stopped))
    needing: list[Pattern] = []
    for target in asked.targets:
        refusal = _refusal(view, asked, target)
        if refusal:
            return _denied(asked, refusal)
        if target.where == "own" and not target.ignored and target.pattern:
            needing.append(target.pattern)
    if not needing:
        return Decision(verdict.Allowed())
    claim = lessor.Claim(asked.lane, asked.session, tuple(needing), why=asked.why, origin=asked.origin)
    decision = lessor.acquire(view, claim)
    if isinstance(decision.answer, lessor.Held):
        answer = verdict.held(decision.answer.path, decision.answer.by, view.now, view.dead)
        return Decision(answer, decision.events)
    return Decision(verdict.Allowed(decision.answer.leases), decision.events)


def _refusal(view: View, asked: Asked, target: Target) -> Denied | None:
    """Why this target may not be written, leases aside."""
    if target.where == "outside":
        return None
    if target.where == "guarded":
        return verdict.protected(target.shown)
    if not asked.lane and target.where != "foreign":
        return verdict.no_lane(target.shown)
    if target.where == "own":
        return _own_refusal(view, asked, target)
    places = {
        "foreign": "another repository managed by lanewise",
        "lane": f"lane {target.lane}'s worktree",
        "main": "the main worktree, a read-only reference",
    }
    return verdict.other_worktree(target.shown, asked.lane or "(none)", places[target.where])


def _own_refusal(view: View, asked: Asked, target: Target) -> Denied | None:
    """Why a path of the own worktree may not be written: protected, shared without a lock, another lane's domain."""
    pattern = target.pattern
    assert pattern is not None  # noqa: S101 - a target in a worktree has a pattern
    owner = domain.owner_of(view.rules, pattern.text)
    if owner.kind == "protected":
        return verdict.protected(pattern.text)
    if target.ignored:
        return None
    if owner.kind == "shared" and not _locked(view, asked, pattern):
        return verdict.shared(pattern.text)
    if owner.kind == "lane" and asked.lane not in owner.lanes:
        return verdict.domain(pattern.text, owner.lanes[0], asked.lane)
    if target.tree:
        inside = domain.foreign_below(view.rules, asked.lane, pattern)
        if inside:
            return verdict.domain(pattern.text, inside, asked.lane)
    return None


def _locked(view: View, asked: Asked, pattern: Pattern) -> bool:
    """Whether the lane holds an explicit lock over a shared path; a lock held elsewhere is answered by the lease
    rule.
    """
    return any(
        lease.live(view.now)
        and lessor.contains(lease, pattern)
        and (lease.origin == "lock" or lease.lane != asked.lane)
        for lease in view.leases
    )


def _denied(asked: Asked, refusal: Denied) -> Decision[Allowed | Denied]:
    event = Event("edit.denied", asked.lane, asked.session, refusal.path, refusal.text, data={"rule": refusal.rule})
    return Decision(refusal, (event,))
