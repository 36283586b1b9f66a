"""Leases by name, and giving back."""

from __future__ import annotations

import pytest
from tests.service.monorepo import git

from lanewise.core.verdict import Allowed, Denied
from lanewise.errors import BadInput
from lanewise.service import halts, leases
from lanewise.service.leases import Wanted


def lock(shop, lane, *names, **more):
    return leases.lock(shop.app, Wanted(lane, more.pop("session", ""), names, **more))


def test_a_lock_is_granted_with_a_token_and_a_reason(shop):
    answer = lock(shop, "frontend", "package.json", why="a dependency")
    lease = answer.leases[0]
    assert (lease.path, lease.lane, lease.why, lease.origin, lease.mode) == (
        "package.json", "frontend", "a dependency", "lock", "exclusive",
    )  # fmt: skip
    assert lease.token > 0


def test_tokens_rise_with_every_grant(shop):
    tokens = [lock(shop, "frontend", f"n{number}").leases[0].token for number in range(5)]
    leases.unlock(shop.app, "frontend", "", ())
    tokens.append(lock(shop, "backend", "n0").leases[0].token)
    assert tokens == sorted(set(tokens))


def test_of_several_all_are_granted_or_none(shop):
    lock(shop, "backend", "b")
    answer = lock(shop, "frontend", "a", "b", "c")
    assert isinstance(answer, Denied)
    assert [lease.path for lease in answer.held_by] == ["b"]
    assert list(shop.leases()) == ["b"]


@pytest.mark.parametrize(
    ("held", "asked", "granted"),
    [
        ("notes/", "notes/a", False),
        ("notes/a", "notes/", False),
        ("notes/**", "notes/a/b", False),
        ("*.md", "NOTES.md", False),
        ("*.md", "*.txt", True),
        ("a", "ab", True),
        ("A", "a", False),
    ],
)
def test_what_overlaps_excludes(shop, held, asked, granted):
    lock(shop, "backend", held)
    assert isinstance(lock(shop, "frontend", asked), Allowed) == granted


def test_shared_locks_stand_beside_each_other_and_keep_an_exclusive_one_out(shop):
    assert isinstance(lock(shop, "backend", "docs/", mode="shared"), Allowed)
    assert isinstance(lock(shop, "frontend", "docs/", mode="shared"), Allowed)
    assert isinstance(lock(shop, "frontend", "docs/"), Denied)


@pytest.mark.parametrize(
    ("name", "rule"), [("backend/x", "domain"), ("lanewise.toml", "protected"), (".git/x", "protected")]
)
def test_what_a_lane_may_not_edit_it_may_not_lock(shop, name, rule):
    assert lock(shop, "frontend", name).rule == rule
    assert shop.leases() == {}


def test_a_session_may_not_lock_during_a_halt_and_a_person_may(shop):
    halts.halt_lanes(shop.app, scope="all", reason="look", by="me")
    shop.call("frontend", "session_start")
    assert lock(shop, "frontend", "n", session="claude-code:frontend-1").rule == "halt"
    assert isinstance(lock(shop, "frontend", "n"), Allowed)


@pytest.mark.parametrize("name", ["", "../x", "/abs", "a\0b", "x" * 300])
def test_what_is_no_path_here_is_said_in_a_sentence(shop, name):
    with pytest.raises(BadInput) as caught:
        lock(shop, "frontend", name)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_an_unknown_lane_is_named_with_the_known_ones(shop):
    with pytest.raises(BadInput, match="backend, frontend"):
        lock(shop, "fronted", "n")


def test_unlock_gives_back_what_is_named_or_everything(shop):
    lock(shop, "frontend", "a", "b")
    lock(shop, "backend", "c")
    assert [lease.path for lease in leases.unlock(shop.app, "frontend", "", ("a",))] == ["a"]
    assert leases.unlock(shop.app, "frontend", "", ("c",)) == ()
    assert [lease.path for lease in leases.unlock(shop.app, "frontend", "", ())] == ["b"]
    assert list(shop.leases()) == ["c"]


def test_a_session_gives_back_its_own_and_the_persons_and_no_other_sessions(shop):
    shop.write("frontend", "a", session="claude-code:one")
    shop.write("frontend", "b", session="claude-code:two")
    lock(shop, "frontend", "c")
    gone = leases.unlock(shop.app, "frontend", "claude-code:one", ())
    assert sorted(lease.path for lease in gone) == ["a", "c"]


def test_check_takes_nothing_and_writes_nothing(shop):
    before = len(shop.events())
    for name, rule in {"n": "", "backend/x": "domain", "package.json": "shared", ".mcp.json": "protected"}.items():
        answer = leases.check(shop.app, "frontend", "", name).answer
        assert (answer.rule if isinstance(answer, Denied) else "") == rule
    lock(shop, "backend", "n")
    assert leases.check(shop.app, "frontend", "", "n").answer.held_by[0].lane == "backend"
    halts.halt_lanes(shop.app, scope="all", reason="look", by="me")
    assert leases.check(shop.app, "frontend", "", "free").answer.rule == "halt"
    kinds = [event.kind for event in shop.events()[before:]]
    assert kinds == ["lease.granted", "halt.set"]


def test_a_lock_by_name_makes_an_edits_lease_explicit(shop):
    shop.write("backend", "NOTES.md")
    lock(shop, "backend", "NOTES.md", why="keep", session="claude-code:backend-1")
    lease = shop.leases()["NOTES.md"]
    assert (lease.origin, lease.why) == ("lock", "keep")


def test_the_sweep_takes_what_has_ended_and_nothing_else(shop):
    lock(shop, "backend", "old")
    shop.clock.ahead = 1000
    lock(shop, "backend", "young")
    shop.clock.ahead = 1820
    assert [lease.path for lease in leases.sweep(shop.app)] == ["old"]
    assert list(shop.leases()) == ["young"]
    assert [event.path for event in shop.events("lease.expired")] == ["old"]
    assert [lease.path for lease in leases.board(shop.app).leases] == ["young"]


def test_what_is_committed_is_given_back_at_once_and_what_is_dirty_is_not(shop):
    shop.wrote("backend", "backend/a.py")
    shop.wrote("backend", "backend/b.py")
    git(shop.lane("backend"), "add", "backend/a.py")
    git(shop.lane("backend"), "commit", "-qm", "a")
    shop.call("backend", "after_tool", tool="Bash", command="git commit -qm a")
    assert list(shop.leases()) == ["backend/b.py"]


def test_a_glob_is_kept_while_anything_under_it_is_dirty(shop):
    shop.call("backend", "session_start")
    lock(shop, "backend", "notes/**", session="claude-code:backend-1")
    shop.wrote("backend", "notes/a")
    shop.call("backend", "stop")
    assert list(shop.leases()) == ["notes/**"]
    git(shop.lane("backend"), "add", "-A")
    git(shop.lane("backend"), "commit", "-qm", "a")
    shop.call("backend", "stop")
    assert shop.leases() == {}


def test_a_rename_is_dirty_at_both_ends(shop):
    shop.wrote("backend", "NOTES.md")
    git(shop.lane("backend"), "mv", "NOTES.md", "TEXT.md")
    shop.call("backend", "stop")
    assert list(shop.leases()) == ["NOTES.md"]


def test_a_file_with_brackets_in_its_name_can_be_locked(shop):
    path = shop.lane("frontend") / "docs" / "[id].md"
    path.write_text("x")
    assert isinstance(lock(shop, "frontend", "docs/[id].md"), Allowed)
    assert isinstance(shop.write("frontend", "docs/[id].md"), Allowed)
