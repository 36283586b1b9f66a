from __future__ import annotations

import pytest
from tests.core.stage import DELAY, TTL, at, lease

from lanewise.core.pattern import covers, literal


@pytest.mark.parametrize(("mono", "live"), [(0.0, True), (TTL - 0.001, True), (TTL, False), (TTL + 10, False)])
def test_a_lease_ends_at_its_ttl(mono, live):
    assert lease().live(at(mono)) is live


@pytest.mark.parametrize(
    ("mono", "dead", "blocks"),
    [
        (TTL - 1, False, True),
        (TTL - 1, True, True),
        (TTL, False, True),
        (TTL, True, False),
        (TTL + DELAY - 0.001, False, True),
        (TTL + DELAY, False, False),
    ],
)
def test_an_expired_lease_blocks_for_the_delay_unless_its_holder_is_dead(mono, dead, blocks):
    assert lease().blocks(at(mono), DELAY, dead=dead) is blocks


@pytest.mark.parametrize("years", [-10, 10])
def test_the_wall_clock_decides_nothing(years):
    held = lease(since=1.0 + years * 31_536_000, expires_wall=years * 31_536_000.0)
    assert held.live(at(TTL - 1))
    assert not held.live(at(TTL))
    assert held.seconds_left(at(TTL - 5)) == 5


def test_readings_of_two_boots_are_not_compared():
    held = lease(expires=10.0)
    later = at(1_000_000.0, boot="boot-2")
    assert held.live(later)
    assert held.stale(later, TTL)
    assert held.seconds_left(later) == 0


def test_seconds_left_are_never_negative():
    assert lease().seconds_left(at(TTL + 99)) == 0


@pytest.mark.parametrize(("mono", "stale"), [(0.0, False), (TTL / 2, False), (TTL / 2 + 0.001, True), (TTL, True)])
def test_a_lease_is_stale_with_less_than_half_of_its_ttl_left(mono, stale):
    assert lease().stale(at(mono), TTL) is stale


def test_a_lease_of_a_file_whose_name_looks_like_a_glob_covers_that_file_only():
    asked = literal("pages/[id].vue")
    held = lease(path=asked.text, anchor=asked.anchor, glob=False)
    assert held.pattern == asked
    assert not covers(held.pattern, "pages/i.vue")
    assert covers(lease("pages/[id].vue").pattern, "pages/i.vue")
