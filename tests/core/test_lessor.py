from __future__ import annotations

import pytest
from tests.core.stage import DELAY, TTL, Desk, at, lease, pattern

from lanewise.core import lessor
from lanewise.core.pattern import literal
from lanewise.core.rows import HighWater
from lanewise.core.view import EPOCH

MEETING = [
    ("src/a.py", "src/a.py"),
    ("src/a.py", "SRC/A.py"),
    ("src", "src/a.py"),
    ("src/", "src"),
    ("src", "src/sub/x.py"),
    ("./", "src/a.py"),
    ("src/*.py", "src/a.py"),
    ("src/*.py", "src"),
    ("src/*.py", "src/a.py/below"),
    ("**/*.py", "src"),
    ("**/*.py", "lib/*.py"),
    ("src/*/t.py", "src/a/*.py"),
    ("src/**", "src"),
    ("s*", "src/a.py"),
]
APART = [
    ("src/a.py", "src/b.py"),
    ("src/a", "src/ab"),
    ("src", "srcs/a.py"),
    ("src/*.py", "src/a.ts"),
    ("src/*.py", "src/*.ts"),
    ("src/**", "lib/**"),
    ("src/*.py", "src/sub/x.ts"),
    ("src/a/*", "src/b/*"),
]
both_ways = [pytest.param(*pair, id=" ".join(pair)) for pair in MEETING + [(b, a) for a, b in MEETING]]
apart_both_ways = [pytest.param(*pair, id=" ".join(pair)) for pair in APART + [(b, a) for a, b in APART]]


@pytest.fixture
def desk():
    return Desk()


def test_a_free_path_is_granted_with_a_token_a_high_water_mark_and_a_whole_ttl(desk):
    (held,) = desk.grant("backend/b1", "src/a.py", why="tests")
    assert desk.leases == (held,)
    assert (held.token, held.lane, held.session, held.why) == (EPOCH + 1, "backend", "b1", "tests")
    assert held.expires == TTL
    assert desk.tables["high_water", "src/a.py"] == HighWater("src/a.py", held.token)


@pytest.mark.parametrize(("held", "asked"), both_ways)
def test_what_overlaps_another_lanes_lease_is_refused(desk, held, asked):
    (first,) = desk.grant("backend/b1", held)
    answer = desk.refuse("frontend/f1", asked)
    assert answer == lessor.Held(pattern(asked).text, (first,))


@pytest.mark.parametrize(("held", "asked"), apart_both_ways)
def test_what_does_not_overlap_is_granted_beside_it(desk, held, asked):
    desk.grant("backend/b1", held)
    desk.grant("frontend/f1", asked)
    assert len(desk.leases) == 2


def test_a_claim_on_several_paths_is_all_or_nothing(desk):
    desk.grant("backend/b1", "src/b.py")
    answer = desk.refuse("frontend/f1", "src/a.py", "src/b.py", "src/c.py")
    assert answer.path == "src/b.py"
    desk.grant("frontend/f1", "src/a.py", "src/c.py")


def test_every_lease_in_the_way_is_named(desk):
    first = desk.grant("backend/b1", "src/a.py", "src/b.py")
    assert desk.refuse("frontend/f1", "src").by == first


def test_a_refusal_is_logged_and_keeps_nothing(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.refuse("frontend/f1", "src/a.py")
    assert desk.kinds == ["lease.granted", "lease.refused"]


@pytest.mark.parametrize(
    ("first", "second", "fine"),
    [
        ("shared", "shared", True),
        ("shared", "exclusive", False),
        ("exclusive", "shared", False),
        ("exclusive", "exclusive", False),
    ],
)
def test_only_shared_leases_of_two_lanes_lie_over_each_other(desk, first, second, fine):
    desk.grant("backend/b1", "src", mode=first)
    answer = desk.ask("frontend/f1", "src/a.py", mode=second)
    assert isinstance(answer, lessor.Granted if fine else lessor.Held)


def test_a_shared_lease_becomes_exclusive_when_nobody_shares_it(desk):
    (shared,) = desk.grant("backend/b1", "src", mode="shared")
    (own,) = desk.grant("backend/b1", "src")
    assert desk.leases == (own,)
    assert own.mode == "exclusive"
    assert own.token > shared.token


def test_a_shared_lease_stays_shared_while_another_lane_shares_it(desk):
    desk.grant("backend/b1", "src", mode="shared")
    desk.grant("frontend/f1", "src", mode="shared")
    desk.refuse("backend/b1", "src")


def test_an_exclusive_lease_serves_a_shared_claim_below_it(desk):
    first = desk.grant("backend/b1", "src")
    assert desk.grant("backend/b1", "src/a.py", mode="shared") == first


def test_a_shared_grant_does_not_weaken_an_exclusive_lease_below_it(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.grant("backend/b1", "src", mode="shared")
    desk.refuse("frontend/f1", "src/a.py", mode="shared")
    desk.grant("frontend/f1", "src/b.py", mode="shared")


def test_a_held_path_is_served_by_the_same_lease_and_writes_nothing(desk):
    first = desk.grant("backend/b1", "src/a.py")
    desk.pass_time(TTL / 2 - 1)
    assert desk.grant("backend/b1", "src/a.py") == first
    assert desk.kinds == ["lease.granted"]


def test_a_lease_is_renewed_only_when_less_than_half_of_its_ttl_is_left(desk):
    (first,) = desk.grant("backend/b1", "src/a.py")
    desk.pass_time(TTL / 2)
    assert desk.grant("backend/b1", "src/a.py") == (first,)
    desk.pass_time(1)
    (renewed,) = desk.grant("backend/b1", "src/a.py")
    assert renewed.token == first.token
    assert renewed.expires == desk.now.mono + TTL
    assert desk.leases == (renewed,)


def test_renew_and_touch_write_only_what_changes():
    fresh, old = lease(expires=TTL), lease("src/b.py", token=EPOCH + 2, expires=10.0)
    renewed = lessor.renew(at(0.0), (fresh, old), TTL)
    assert [row.token for event in renewed.events for row in event.puts] == [old.token]
    assert lessor.renew(at(0.0), (fresh,), TTL).events == ()
    touched = lessor.touch(at(0.0), (fresh,), TTL)
    assert touched.answer[0].touched
    assert touched.answer[0].expires == fresh.expires
    assert lessor.touch(at(0.0), touched.answer, TTL).events == ()


def test_an_expired_lease_blocks_another_lane_for_the_delay_and_nobody_after_it(desk):
    (old,) = desk.grant("backend/b1", "src/a.py")
    desk.pass_time(TTL + DELAY - 0.5)
    desk.refuse("frontend/f1", "src/a.py")
    desk.pass_time(0.5)
    (new,) = desk.grant("frontend/f1", "src/a.py")
    assert desk.leases == (new,)
    assert new.token > old.token


def test_an_expired_lease_of_a_dead_session_blocks_nobody(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.dead.add("b1")
    desk.pass_time(TTL - 1)
    desk.refuse("frontend/f1", "src/a.py")
    desk.pass_time(1)
    desk.grant("frontend/f1", "src")
    assert desk.held() == [("frontend", "f1", "src")]


def test_an_expired_persons_lock_blocks_for_the_delay(desk):
    desk.grant("backend/", "src/a.py")
    desk.pass_time(TTL + DELAY - 0.5)
    desk.refuse("frontend/f1", "src/a.py")


def test_an_expired_lease_of_the_own_lane_is_granted_anew(desk):
    (old,) = desk.grant("backend/b1", "src/a.py")
    desk.pass_time(TTL)
    (new,) = desk.grant("backend/b2", "src/a.py")
    assert desk.leases == (new,)
    assert new.token > old.token


def test_a_second_live_session_of_the_lane_is_refused(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.refuse("backend/b2", "src/a.py")
    desk.grant("backend/b2", "src/b.py")


def test_a_dead_sessions_lease_is_adopted_with_a_new_token(desk):
    (old,) = desk.grant("backend/b1", "src/a.py", origin="lock", why="mine")
    desk.dead.add("b1")
    desk.pass_time(10)
    (new,) = desk.grant("backend/b2", "src/a.py")
    assert desk.leases == (new,)
    assert new.token > old.token
    assert (new.session, new.origin, new.why, new.expires) == ("b2", "lock", "mine", 10 + TTL)
    assert desk.tables["high_water", "src/a.py"].token == new.token
    assert desk.kinds[-1] == "lease.adopted"


def test_adopting_and_granting_in_one_claim_give_different_tokens(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.dead.add("b1")
    tokens = [row.token for row in desk.grant("backend/b2", "src/b.py", "src/a.py", "src/c.py")]
    assert len(set(tokens)) == 3
    assert min(tokens) > EPOCH + 1
    assert desk.token == max(tokens)


def test_a_persons_lock_serves_every_session_of_its_lane_and_no_other(desk):
    first = desk.grant("backend/", "src", origin="lock")
    assert desk.grant("backend/b1", "src/a.py") == first
    assert desk.grant("backend/b2", "src/a.py") == first
    desk.refuse("frontend/f1", "src/a.py")


def test_a_wider_grant_replaces_the_narrower_ones_of_the_lane(desk):
    desk.grant("backend/b1", "src/a.py", "src/*.ts")
    desk.grant("backend/b1", "src")
    assert desk.held() == [("backend", "b1", "src")]


def test_a_wider_grant_of_one_session_keeps_the_narrower_of_another_live_one_apart(desk):
    desk.grant("backend/b2", "src/a.py")
    desk.refuse("backend/b1", "src")


def test_a_wider_grant_keeps_the_mark_of_what_was_changed_below_it(desk):
    held = desk.grant("backend/b1", "src/a.py")
    desk.keep(lessor.touch(desk.now, held, TTL))
    (wide,) = desk.grant("backend/b1", "src")
    assert wide.touched
    assert not desk.grant("backend/b1", "lib")[0].touched


def test_an_explicit_lock_outlives_a_wider_lease_of_an_edit(desk):
    desk.grant("backend/b1", "src/a.py", origin="lock", mode="shared")
    desk.grant("backend/b1", "src/a.py")
    desk.grant("backend/b1", "src")
    assert [(row.path, row.origin) for row in desk.leases] == [("src/a.py", "lock"), ("src", "edit")]


def test_a_glob_lease_serves_its_files_and_itself_but_no_wider_claim(desk):
    first = desk.grant("backend/b1", "src/*.py")
    assert desk.grant("backend/b1", "src/a.py") == first
    assert desk.grant("backend/b1", "src/*.py") == first
    assert desk.grant("backend/b1", "src/**") != first


def test_a_claim_grants_a_path_once_and_not_below_another_of_its_paths(desk):
    granted = desk.grant("backend/b1", "src/a.py", "src", "SRC", "lib/b.py")
    assert [row.path for row in granted] == ["SRC", "lib/b.py"]


def test_what_a_claim_replaces_by_its_own_wider_path_is_not_in_its_answer(desk):
    desk.grant("backend/b1", "src/a.py")
    granted = desk.grant("backend/b1", "src/a.py", "src")
    assert granted == desk.leases
    assert [row.path for row in granted] == ["src"]


def test_what_a_claim_adopts_below_its_own_wider_path_is_not_left_over(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.dead.add("b1")
    assert desk.grant("backend/b2", "src/a.py", "src") == desk.leases
    assert desk.held() == [("backend", "b2", "src")]


def test_a_file_called_like_a_glob_does_not_stand_for_the_glob(desk):
    names = (pattern("*"), literal("*"))
    for patterns in (names, names[::-1]):
        fresh = Desk()
        fresh.keep(lessor.acquire(fresh.view(), lessor.Claim("backend", "b1", patterns)))
        fresh.refuse("frontend/f1", "anything")


def test_a_lease_of_the_root_serves_every_path(desk):
    first = desk.grant("backend/b1", "./")
    assert desk.grant("backend/b1", "src/a.py") == first
    assert desk.grant("backend/b1", "./") == first


def test_released_leases_free_their_paths_and_leave_the_high_water_mark(desk):
    held = desk.grant("backend/b1", "src/a.py")
    desk.keep(lessor.release(held))
    (new,) = desk.grant("frontend/f1", "src/a.py")
    assert new.token > held[0].token
    assert desk.kinds == ["lease.granted", "lease.released", "lease.granted"]


def test_a_lease_of_another_boot_blocks_other_lanes_and_serves_its_own(desk):
    desk.grant("backend/b1", "src/a.py")
    desk.now = at(5.0, boot="boot-2")
    desk.refuse("frontend/f1", "src/a.py")
    (carried,) = desk.grant("backend/b1", "src/a.py")
    assert (carried.boot, carried.expires) == ("boot-2", 5.0 + TTL)
