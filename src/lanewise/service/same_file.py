"""The same-file trigger: one path changed with different content in two lanes since their common base."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from lanewise.core import paths
from lanewise.core.rows import Overlap, ref
from lanewise.core.session import Notice
from lanewise.core.verdict import said
from lanewise.core.view import Decision, Event
from lanewise.errors import GitTrouble
from lanewise.git import status
from lanewise.host import files
from lanewise.service import halts

if TYPE_CHECKING:
    from lanewise.core.lane import Lane, Rules
    from lanewise.service.app import App
    from lanewise.store.base import Turn

#: Files that tools write: two lanes that changed them regenerate, they do not conflict.
_GENERATED = frozenset(
    "package-lock.json pnpm-lock.yaml yarn.lock bun.lock uv.lock poetry.lock cargo.lock composer.lock gemfile.lock "
    "go.sum".split()
)
#: Bytes of the largest file whose content is compared.
_LARGEST = 32 << 20


def look(app: App) -> tuple[Overlap, ...]:
    """Find paths with different content in two lanes; tell both lanes of each new one, and halt when the settings
    say so.
    """
    rules = app.store.take(app.rules)
    found = overlaps(rules)
    fresh = app.store.take(lambda turn: _save(turn, rules, found))
    if fresh and rules.same_file == "halt":
        shown = ", ".join(said(row.path, 60) for row in fresh[:3])
        reason = f"the same file was changed in two lanes: {shown}"
        evidence = tuple(row.path for row in fresh)
        halts.halt_lanes(app, scope="all", trigger="same-file", by="lanewise", evidence=evidence, reason=reason)
    return found


def overlaps(rules: Rules) -> tuple[Overlap, ...]:
    """Every path whose content differs between lanes that changed it; lockfiles, and files over 32 MiB, left out."""
    changed: dict[str, list[Lane]] = {}
    for lane in rules.lanes:
        for path in _changes(rules, lane):
            changed.setdefault(path, []).append(lane)
    found = []
    for path, lanes in sorted(changed.items()):
        if len(lanes) > 1 and paths.fold(os.path.basename(path)) not in _GENERATED:
            digests = {lane.name: files.find_digest(os.path.join(lane.worktree, path), _LARGEST) for lane in lanes}
            known = {name: digest for name, digest in digests.items() if digest is not None}
            if len(set(known.values())) > 1:
                found.append(Overlap(path, tuple(sorted(known)), 0.0))
    return tuple(found)


def _changes(rules: Rules, lane: Lane) -> frozenset[str]:
    """What the lane changed since it left main; nothing while git is at work there."""
    if not os.path.isdir(lane.worktree):
        return frozenset()
    try:
        base = status.merge_base(lane.worktree, "HEAD", rules.main)
        return status.changed_since(lane.worktree, base) if base else frozenset()
    except GitTrouble:
        return frozenset()


def _save(turn: Turn, rules: Rules, found: tuple[Overlap, ...]) -> tuple[Overlap, ...]:
    """Keep what was found, and tell the lanes of what is new by this turn's reading: two may look at once."""
    known = {ref(row): row for row in turn.all(Overlap)}
    fresh = tuple(row for row in found if ref(row) not in known)
    ended = tuple(row for key, row in known.items() if key not in {ref(row) for row in found})
    number = turn.last_notice()
    for row in fresh:
        told = row.lanes if rules.same_file != "note" else ()
        notices = tuple(
            Notice(number + index, lane, _news(row, lane), turn.now.wall) for index, lane in enumerate(told, start=1)
        )
        number += len(notices)
        kept = replace(row, since=turn.now.wall)
        text = f"changed in {' and '.join(row.lanes)}"
        turn.save(Decision(None, (Event("overlap.found", path=row.path, text=text, puts=(kept, *notices)),)))
    gone = tuple(Event("overlap.ended", path=row.path, drops=(ref(row),)) for row in ended)
    turn.save(Decision(None, gone))
    return fresh


def _news(row: Overlap, lane: str) -> str:
    others = " and ".join(other for other in row.lanes if other != lane)
    return (
        f"{said(row.path, 120)} was changed in your lane and, differently, in lane {others}. "
        "It will have to be merged: keep your change small, commit it, and say so to the human."
    )
