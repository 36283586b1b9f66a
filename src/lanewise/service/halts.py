"""Halts: the sentinel file first, the row second; lifting goes the other way round."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from lanewise.core import halt, paths
from lanewise.core.rows import dump
from lanewise.errors import BadInput
from lanewise.host import clock, files
from lanewise.service.app import sentinel

if TYPE_CHECKING:
    from lanewise.core.halt import Halt
    from lanewise.service.app import App
    from lanewise.store.base import Turn


def halt_lanes(
    app: App, *, scope: str, reason: str, by: str, trigger: str = "human", evidence: tuple[str, ...] = ()
) -> Halt:
    """Stop editing in one lane or all; in force for every hook call that begins after this returns."""
    clean = paths.printable(reason.strip() or "no reason given")
    asked = halt.set_halt(clock.moment(), scope=scope, trigger=trigger, reason=clean, by=by, evidence=evidence)
    _write_sentinel(app.state, (*(other for other in sentinel(app.state) if other.scope != scope), asked.answer))

    def turn_(turn: Turn) -> Halt:
        rules = app.rules(turn)
        if scope != halt.ALL and rules.find_lane(scope) is None:
            raise BadInput(f"There is no lane {paths.printable(scope, 40)!r}.", "lanewise status")
        return turn.save(halt.set_halt(turn.now, scope=scope, trigger=trigger, reason=clean, by=by, evidence=evidence))

    try:
        return app.store.take(turn_)
    except BadInput:
        _write_sentinel(app.state, tuple(other for other in sentinel(app.state) if other.scope != scope))
        raise


def resume_lanes(app: App, *, scope: str | None, by: str, why: str) -> tuple[Halt, ...]:
    """End the halt of one lane, or every halt; those that were ended."""

    def turn_(turn: Turn) -> tuple[Halt, ...]:
        known = {halt.ALL, *(lane.name for lane in app.rules(turn).lanes), *(other.scope for other in app.halts(turn))}
        if scope is not None and scope not in known:
            raise BadInput(f"There is no lane {paths.printable(scope, 40)!r}.", "lanewise status")
        return turn.save(halt.lift(app.halts(turn), scope=scope, by=by, why=paths.printable(why)))

    ended = app.store.take(turn_)
    _write_sentinel(app.state, tuple(other for other in sentinel(app.state) if scope not in {None, other.scope}))
    return ended


def current(app: App) -> tuple[Halt, ...]:
    """The halts in force."""
    return app.store.take(app.halts)


def _write_sentinel(state: str, halts: tuple[Halt, ...]) -> None:
    path = os.path.join(state, "halt")
    if halts:
        files.write_whole(path, json.dumps([dump(entry) for entry in halts], indent=1).encode())
    else:
        files.remove(path)
