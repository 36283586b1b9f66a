from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.stage import lane, rules

from lanewise.core.effect import (
    AddWorktree,
    CompleteWorktree,
    CopyFile,
    InstallHook,
    NotePlace,
    RunSetup,
    SetUpstream,
    StartDaemon,
    WriteFile,
)
from lanewise.core.reconcile import Actual, reconcile
from lanewise.core.rows import Place

RULES = rules(lane("backend", "backend", setup=("make", "migrate")), lane("frontend", "frontend"))
DIGESTS = {"make": "d1", "migrate": "d2"}
BACKEND, FRONTEND = RULES.lanes
DONE = Actual(
    worktrees={BACKEND.worktree: BACKEND.branch, FRONTEND.worktree: FRONTEND.branch},
    branches=frozenset({"main", BACKEND.branch, FRONTEND.branch}),
    places={
        "backend": Place("backend", BACKEND.worktree, BACKEND.branch, "ready", ("d1", "d2")),
        "frontend": Place("frontend", FRONTEND.worktree, FRONTEND.branch, "ready"),
    },
    upstreams=frozenset({BACKEND.branch, FRONTEND.branch}),
    remote="origin",
    trusted=True,
    daemon=True,
)


def performed(actual: Actual, effects) -> Actual:
    """The host after these effects, as git and the disk would report it."""
    for effect in effects:
        actual = _after(actual, effect)
    return actual


def _after(actual: Actual, effect) -> Actual:
    changed = {}
    match effect:
        case AddWorktree():
            assert effect.path not in actual.worktrees
            assert (effect.branch in actual.branches) == (effect.start == "")
            changed["worktrees"] = {**actual.worktrees, effect.path: effect.branch}
            changed["branches"] = actual.branches | {effect.branch}
        case NotePlace():
            old = actual.places.get(effect.lane)
            done = old.done if old and old.worktree == effect.worktree else ()
            place = Place(effect.lane, effect.worktree, effect.branch, effect.state, done)
            changed["places"] = {**actual.places, effect.lane: place}
        case CopyFile():
            changed["uncopied"] = {}
        case SetUpstream():
            changed["upstreams"] = actual.upstreams | {effect.branch}
        case RunSetup():
            old = actual.places[effect.lane]
            changed["places"] = {**actual.places, effect.lane: replace(old, done=(*old.done, effect.digest))}
        case StartDaemon():
            changed["daemon"] = True
        case WriteFile() | InstallHook():
            changed["outdated"] = tuple(other for other in actual.outdated if other != effect)
        case _:
            assert isinstance(effect, CompleteWorktree)
    return replace(actual, **changed)


OTHER = "feature/backend/other"
branches = st.sampled_from(["", BACKEND.branch, OTHER])
places = st.builds(
    Place,
    st.just("backend"),
    st.sampled_from([BACKEND.worktree, "/elsewhere"]),
    branches,
    st.sampled_from(["making", "ready"]),
    st.sampled_from([(), ("d1",), ("d1", "d2")]),
)
actuals = st.builds(
    Actual,
    worktrees=st.dictionaries(st.just(BACKEND.worktree), branches),
    branches=st.frozensets(st.sampled_from([BACKEND.branch, FRONTEND.branch, OTHER])),
    places=st.dictionaries(st.just("backend"), places),
    uncopied=st.dictionaries(st.just("backend"), st.just(((".env", "/repo-backend/.env"),))),
    outdated=st.sampled_from([(), (WriteFile("/repo/x", "text", "why"), InstallHook("/a", "/b"))]),
    upstreams=st.frozensets(st.sampled_from([BACKEND.branch, FRONTEND.branch])),
    remote=st.sampled_from(["", "origin"]),
    trusted=st.booleans(),
    daemon=st.booleans(),
).map(lambda actual: replace(actual, branches=actual.branches | set(filter(None, actual.worktrees.values()))))


@settings(max_examples=400, deadline=None)
@given(actuals)
def test_what_was_done_once_needs_nothing_more(actual):
    after = performed(actual, reconcile(RULES, actual, DIGESTS))
    assert reconcile(RULES, after, DIGESTS) == ()


@settings(max_examples=400, deadline=None)
@given(actuals, st.data())
def test_a_run_cut_off_after_any_effect_is_finished_by_the_next(actual, data):
    effects = reconcile(RULES, actual, DIGESTS)
    cut = data.draw(st.integers(0, len(effects)))
    after = performed(actual, effects[:cut])
    done = performed(after, reconcile(RULES, after, DIGESTS))
    assert reconcile(RULES, done, DIGESTS) == ()
    assert set(done.worktrees) >= {BACKEND.worktree, FRONTEND.worktree}
    assert {place.state for place in done.places.values()} == {"ready"}


def test_nothing_is_done_when_all_is_as_desired():
    assert reconcile(RULES, DONE, DIGESTS) == ()


def test_from_nothing_worktrees_come_first_and_set_up_last():
    effects = reconcile(RULES, Actual(branches=frozenset({"main"}), trusted=True), DIGESTS)
    assert [type(effect) for effect in effects] == [
        *[NotePlace, AddWorktree, NotePlace] * 2,
        StartDaemon,
        RunSetup,
        RunSetup,
    ]
    assert effects[0].state == "making"
    assert effects[1] == AddWorktree("backend", BACKEND.worktree, BACKEND.branch, "main")
    assert [effect.command for effect in effects[-2:]] == ["make", "migrate"]


def test_an_existing_branch_is_taken_as_it_is():
    actual = replace(DONE, worktrees={FRONTEND.worktree: FRONTEND.branch})
    assert reconcile(RULES, actual, DIGESTS)[1] == AddWorktree("backend", BACKEND.worktree, BACKEND.branch, "")


def test_a_worktree_made_half_is_completed():
    half = replace(DONE.places["backend"], state="making")
    effects = reconcile(RULES, replace(DONE, places={**DONE.places, "backend": half}), DIGESTS)
    assert effects == (
        CompleteWorktree("backend", BACKEND.worktree, BACKEND.branch),
        NotePlace("backend", BACKEND.worktree, BACKEND.branch, "ready"),
    )


def test_a_lane_that_moved_to_another_branch_is_noted_and_not_moved_back():
    actual = replace(DONE, worktrees={**DONE.worktrees, BACKEND.worktree: "feature/backend/two"})
    effects = reconcile(RULES, replace(actual, remote=""), DIGESTS)
    assert effects == (NotePlace("backend", BACKEND.worktree, "feature/backend/two", "ready"),)


def test_set_up_runs_only_when_trusted_and_once():
    fresh = {**DONE.places, "backend": replace(DONE.places["backend"], done=("d1",))}
    assert reconcile(RULES, replace(DONE, places=fresh, trusted=False), DIGESTS) == ()
    assert reconcile(RULES, replace(DONE, places=fresh), DIGESTS) == (
        RunSetup("backend", BACKEND.worktree, "migrate", "d2"),
    )


def test_set_up_done_in_another_worktree_is_done_again():
    moved = {**DONE.places, "backend": replace(DONE.places["backend"], worktree="/elsewhere")}
    effects = reconcile(RULES, replace(DONE, places=moved), DIGESTS)
    assert [effect.command for effect in effects if isinstance(effect, RunSetup)] == ["make", "migrate"]


def test_without_a_remote_no_upstream_is_set():
    assert reconcile(RULES, replace(DONE, upstreams=frozenset(), remote=""), DIGESTS) == ()
    found = reconcile(RULES, replace(DONE, upstreams=frozenset()), DIGESTS)
    assert found == (SetUpstream(BACKEND.branch, "origin"), SetUpstream(FRONTEND.branch, "origin"))


def test_every_effect_says_in_words_what_it_does():
    effects = reconcile(RULES, Actual(branches=frozenset({"main"}), trusted=True, remote="origin"), DIGESTS)
    assert all(str(effect) and "(" not in str(effect)[:12] for effect in effects)
    assert str(effects[1]) == f"make worktree {BACKEND.worktree} on new branch {BACKEND.branch} from main"
