"""Giving back: a lease whose path is committed and clean ends. A path that a running tool call may write keeps its
lease.

git is asked outside the turn, so calls may begin and end meanwhile; whatever a call touched in between keeps its
lease until
the next time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.core import lessor, paths
from lanewise.core.pattern import Pattern, literal, overlap
from lanewise.core.rows import Replied, reply_key
from lanewise.git import locate
from lanewise.git.status import dirty_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.lease import Lease
    from lanewise.core.session import Session
    from lanewise.service.app import App
    from lanewise.store.base import Turn


def release_clean(app: App, session: Session, *, turn_is_over: bool) -> tuple[Lease, ...]:
    """Give back what was changed and is clean again; at the end of a turn also what never was changed.

    Explicit locks that nothing was changed under stay.
    """
    rules, leases, before = app.store.take(
        lambda turn: (app.rules(turn), turn.leases_of(session.lane), turn.all(Replied))
    )
    lane = rules.find_lane(session.lane)
    mine = [lease for lease in leases if _may_go(lease, session, turn_is_over=turn_is_over)]
    if not mine or lane is None:
        return ()
    below = () if any(lease.glob for lease in mine) else tuple(lease.path for lease in mine)
    trees = (lane.worktree, *locate.worktrees_below(app.repository, lane.worktree))
    dirty = [path for tree in trees for path in dirty_paths(tree, below)]
    clean = clean_of(mine, dirty)

    def turn_(turn: Turn) -> tuple[Lease, ...]:
        anchors = in_flight(before, turn.all(Replied))
        still = [lease for lease in turn.leases_of(session.lane) if lease in clean]
        return turn.save(lessor.release((lease for lease in still if not _met(lease, anchors)), text="clean"))

    return app.store.take(turn_)


def clean_of(leases: Iterable[Lease], dirty: Iterable[str]) -> frozenset[Lease]:
    """Those under which nothing is dirty; of a submodule git names only its folder, which lies above the path."""
    keys = {paths.key(path) for path in dirty}
    above = {ancestor for key in keys for ancestor in _ancestors(key)}
    patterns = [literal(key or "./") for key in keys]
    return frozenset(
        lease
        for lease in leases
        if not (
            any(overlap(lease.pattern, pattern) for pattern in patterns)
            if lease.glob
            else lease.anchor in above or any(key in keys for key in _ancestors(lease.anchor))
        )
    )


def in_flight(before: Iterable[Replied], now: Iterable[Replied]) -> frozenset[str]:
    """Anchors of the calls that run now, and of those that began or ended since `before`."""
    then = {reply_key(row.session, row.call): row for row in before}
    current = {reply_key(row.session, row.call): row for row in now}
    moved = [row for key, row in (then | current).items() if then.get(key) != current.get(key)]
    running = [row for row in current.values() if row.running]
    return frozenset(anchor for row in (*moved, *running) for anchor in row.anchors)


def _met(lease: Lease, anchors: frozenset[str]) -> bool:
    return any(overlap(lease.pattern, Pattern(anchor, anchor, anchor, glob=False)) for anchor in anchors)


def _may_go(lease: Lease, session: Session, *, turn_is_over: bool) -> bool:
    if not lease.session:
        # Work that a person brought into the lane; a person's lock by name is theirs to give back.
        return lease.touched and lease.origin != "lock"
    return lease.session == session.id and (lease.touched or (turn_is_over and lease.origin != "lock"))


def _ancestors(key: str) -> list[str]:
    """A folded path and every folder above it, the root included."""
    parts = key.split("/") if key else []
    return ["", *("/".join(parts[: count + 1]) for count in range(len(parts)))]
