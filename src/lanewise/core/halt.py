"""A halt: editing stops, for one lane or all, until a human resumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.core.view import Decision, Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.view import Moment

#: The scope that stops every lane.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Halt:
    """One halt in force."""

    #: A lane's name, or `all`.
    scope: str
    #: What set it off: `human` or a trigger's name.
    trigger: str
    reason: str
    #: Who set it.
    by: str
    at: float
    #: Paths that show why.
    evidence: tuple[str, ...] = ()


def in_force(halts: Iterable[Halt], lane: str) -> Halt | None:
    """The halt that stops `lane` now; one of scope `all` comes first."""
    mine = [halt for halt in halts if halt.scope in {ALL, lane}]
    return min(mine, key=lambda halt: halt.scope != ALL, default=None)


def set_halt(
    now: Moment, *, scope: str, trigger: str, reason: str, by: str, evidence: tuple[str, ...]
) -> Decision[Halt]:
    """Stop editing in `scope`."""
    halt = Halt(scope=scope, trigger=trigger, reason=reason, by=by, at=now.wall, evidence=evidence)
    lane = "" if scope == ALL else scope
    return Decision(
        halt, (Event("halt.set", lane=lane, text=reason, data={"by": by, "trigger": trigger}, puts=(halt,)),)
    )


def lift(halts: Iterable[Halt], *, scope: str | None, by: str, why: str) -> Decision[tuple[Halt, ...]]:
    """End the halt of `scope`, or every one when no scope is named."""
    ended = tuple(halt for halt in halts if scope in {None, halt.scope})
    events = tuple(
        Event(
            "halt.lifted",
            lane="" if halt.scope == ALL else halt.scope,
            text=why,
            data={"by": by, "scope": halt.scope},
            drops=(("halts", halt.scope),),
        )
        for halt in ended
    )
    return Decision(ended, events)
