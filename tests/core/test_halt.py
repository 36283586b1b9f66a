from __future__ import annotations

from tests.core.stage import WALL, Desk, at

from lanewise.core import halt
from lanewise.core.halt import Halt

BACKEND = Halt("backend", "human", "why", "ann", 1.0)
EVERY = Halt("all", "human", "why", "ann", 2.0)


def test_a_halt_stops_its_own_lane_and_no_other():
    assert halt.in_force((BACKEND,), "backend") == BACKEND
    assert halt.in_force((BACKEND,), "frontend") is None
    assert halt.in_force((), "backend") is None


def test_a_halt_of_all_stops_every_lane_and_is_named_first():
    assert halt.in_force((EVERY,), "frontend") == EVERY
    assert halt.in_force((EVERY,), "") == EVERY
    assert halt.in_force((BACKEND, EVERY), "backend") == EVERY


def test_a_set_halt_is_a_row_with_its_reason_author_and_evidence():
    desk = Desk()
    made = desk.keep(
        halt.set_halt(at(7.0), scope="backend", trigger="same-file", reason="two", by="lanewise", evidence=("a.py",))
    )
    assert made == Halt("backend", "same-file", "two", "lanewise", WALL + 7.0, ("a.py",))
    assert list(desk.tables.values()) == [made]


def test_setting_a_halt_again_replaces_it():
    desk = Desk()
    for reason in ("one", "two"):
        desk.keep(halt.set_halt(at(0.0), scope="all", trigger="human", reason=reason, by="ann", evidence=()))
    assert [row.reason for row in desk.tables.values()] == ["two"]


def test_lifting_one_scope_leaves_the_others():
    desk = Desk(tables={("halts", "backend"): BACKEND, ("halts", "all"): EVERY})
    ended = desk.keep(halt.lift((BACKEND, EVERY), scope="backend", by="ann", why="done"))
    assert ended == (BACKEND,)
    assert list(desk.tables.values()) == [EVERY]


def test_lifting_without_a_scope_lifts_every_halt():
    desk = Desk(tables={("halts", "backend"): BACKEND, ("halts", "all"): EVERY})
    assert desk.keep(halt.lift((BACKEND, EVERY), scope=None, by="ann", why="done")) == (BACKEND, EVERY)
    assert desk.tables == {}


def test_lifting_what_is_not_halted_changes_nothing():
    assert halt.lift((EVERY,), scope="backend", by="ann", why="").events == ()
