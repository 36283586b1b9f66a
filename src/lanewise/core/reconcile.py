"""Desired and actual give effects: creation, repair after a crash and "nothing to do" are one function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lanewise.core.effect import (
    AddWorktree,
    CompleteWorktree,
    CopyFile,
    Effect,
    NotePlace,
    RunSetup,
    SetUpstream,
    StartDaemon,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.core.lane import Lane, Rules
    from lanewise.core.rows import Place


@dataclass(frozen=True, slots=True)
class Actual:
    """What git and the host report."""

    #: Path of every registered worktree -> its branch.
    worktrees: Mapping[str, str] = field(default_factory=dict)
    #: Local branches.
    branches: frozenset[str] = frozenset()
    #: Rows of lanes made before, by lane.
    places: Mapping[str, Place] = field(default_factory=dict)
    #: Files that exist among those that could be copied: lane -> (source, target) pairs whose target is missing.
    uncopied: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    #: What writes every file that lanewise keeps, where it differs from what is there.
    outdated: tuple[Effect, ...] = ()
    #: Branches with an upstream, and the remote to use for those without; empty when there is no remote.
    upstreams: frozenset[str] = frozenset()
    remote: str = ""
    #: Set-up commands may run.
    trusted: bool = False
    daemon: bool = False


def reconcile(rules: Rules, actual: Actual, digests: Mapping[str, str]) -> tuple[Effect, ...]:
    """What has to be done, in order; nothing when actual is as desired. `digests`: set-up command -> its hash."""
    effects: list[Effect] = []
    for lane in rules.lanes:
        effects += _worktree(rules, lane, actual)
    effects += actual.outdated
    for lane in rules.lanes:
        effects += [CopyFile(source, target) for source, target in actual.uncopied.get(lane.name, ())]
        effects += _upstream(lane, actual)
    if not actual.daemon:
        effects.append(StartDaemon())
    for lane in rules.lanes:
        effects += _setup(lane, actual, digests)
    return tuple(effects)


def branch_in(lane: Lane, actual: Actual) -> str:
    """The branch a lane is on, or will be."""
    place = actual.places.get(lane.name)
    return actual.worktrees.get(lane.worktree) or (place.branch if place else "") or lane.branch


def _worktree(rules: Rules, lane: Lane, actual: Actual) -> list[Effect]:
    place = actual.places.get(lane.name)
    ready = NotePlace(lane.name, lane.worktree, branch_in(lane, actual), "ready")
    if lane.worktree in actual.worktrees:
        if place and place.worktree == lane.worktree and place.state == "making":
            return [CompleteWorktree(lane.name, lane.worktree, ready.branch), ready]
        same = place and (place.worktree, place.branch, place.state) == (lane.worktree, ready.branch, "ready")
        return [] if same else [ready]
    branch = place.branch if place and place.branch else lane.branch
    start = "" if branch in actual.branches else rules.main
    return [
        NotePlace(lane.name, lane.worktree, branch, "making"),
        AddWorktree(lane.name, lane.worktree, branch, start),
        NotePlace(lane.name, lane.worktree, branch, "ready"),
    ]


def _upstream(lane: Lane, actual: Actual) -> list[Effect]:
    branch = branch_in(lane, actual)
    if not actual.remote or not branch or branch in actual.upstreams:
        return []
    return [SetUpstream(branch, actual.remote)]


def _setup(lane: Lane, actual: Actual, digests: Mapping[str, str]) -> list[Effect]:
    if not actual.trusted:
        return []
    place = actual.places.get(lane.name)
    done = place.done if place and place.worktree == lane.worktree else ()
    return [
        RunSetup(lane.name, lane.worktree, command, digests[command], lane.env)
        for command in lane.setup
        if digests[command] not in done
    ]
