"""What every store promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.replay import replay
from tests.core.stage import lease, pattern
from tests.core.test_rows import any_row, rows_of
from tests.store.saving import acquire, drop, put, session

from lanewise.core import lessor
from lanewise.core.halt import Halt
from lanewise.core.lease import Lease
from lanewise.core.paths import storable
from lanewise.core.pattern import overlap
from lanewise.core.rows import BY_TYPE, TABLES, HighWater, Overlap, Place, Replied, Revision, ref
from lanewise.core.session import Notice, Session
from lanewise.core.view import EPOCH, Decision, Event

#: One store serves every example: each works on tables of its own making.
laws = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
kept = st.one_of([rows_of(table.type) for table in TABLES if table.type is not HighWater])


class Stumbled(Exception):  # noqa: N818 - a test's own
    """The turn raises."""


@laws
@given(row=any_row)
def test_a_row_is_found_as_it_was_put(store, row):
    put(store, row)
    assert store.take(lambda turn: turn.find(type(row), ref(row)[1])) == row
    drop(store, ref(row))
    assert store.take(lambda turn: turn.find(type(row), ref(row)[1])) is None


@laws
@given(rows=st.lists(kept, max_size=6))
def test_all_rows_of_a_kind_come_in_the_order_of_their_first_field(store, rows):
    tables = {ref(row): row for row in rows}
    put(store, *rows)
    for table in TABLES:
        expected = [row for row in tables.values() if type(row) is table.type]
        first = table.type.__slots__[0]
        found = [row for row in store.take(lambda turn, kind=table.type: turn.all(kind)) if type(row) is not HighWater]
        assert sorted(found, key=lambda row: (getattr(row, first), table.key(row))) == found
        assert sorted(map(ref, found)) == sorted(map(ref, expected))
    drop(store, *tables)


def test_rows_with_one_first_field_have_a_settled_order(store):
    replies = [Replied("s", call, "", 0.0) for call in "cabd"]
    lanes = [Overlap("a.py", pair, 0.0) for pair in (("c", "d"), ("a", "b"), ("b", "c"))]
    put(store, *replies, *lanes)
    assert [row.call for row in store.take(lambda turn: turn.all(Replied))] == list("abcd")
    assert [row.lanes[0] for row in store.take(lambda turn: turn.all(Overlap))] == list("abc")


def test_a_put_row_replaces_the_one_with_its_key(store):
    for reason in ("one", "two"):
        put(store, Halt("all", "human", reason, "ann", 0.0, (reason,)))
    assert store.take(lambda turn: turn.all(Halt)) == (Halt("all", "human", "two", "ann", 0.0, ("two",)),)


def test_dropping_what_is_not_there_is_no_trouble(store):
    drop(store, ("halts", "all"), ("leases", "7"))


def test_a_turn_that_raises_leaves_nothing(store):
    put(store, Place("backend", "/w", "b", "ready"))

    def stumble(turn):
        turn.save(Decision(None, (Event("bad", puts=(Halt("all", "t", "r", "b", 0.0), HighWater("x", EPOCH + 99))),)))
        turn.save(Decision(None, (Event("bad", drops=(("places", "backend"),)),)))
        assert turn.find(Halt, "all") is not None
        assert turn.find(Place, "backend") is None
        raise Stumbled

    with pytest.raises(Stumbled):
        store.take(stumble)
    kinds = [event.kind for event in store.take(lambda turn: turn.events(0, 99))]
    assert kinds == ["test"]
    assert store.take(lambda turn: turn.all(Halt)) == ()
    assert store.take(lambda turn: turn.find(Place, "backend")) is not None
    assert store.take(lambda turn: turn.last_token()) == EPOCH


def test_a_turn_reads_what_it_has_saved_and_gets_its_answer_back(store):
    def turn_(turn):
        answer = turn.save(Decision("yes", (Event("e", puts=(Revision(3, "{}", 1.0),)),)))
        return answer, turn.rules_body()

    assert store.take(turn_) == ("yes", (3, "{}"))


def test_a_turn_has_one_moment_of_the_stores_clock(store, clock):
    clock.mono = 55.0
    assert store.take(lambda turn: turn.now.mono) == 55.0


def test_an_event_is_logged_with_its_moment_words_and_changes(store, clock):
    clock.mono = 7.0
    row = Place("backend", "/w", "b", "ready", ("d1",))
    put(store, row, kind="lane.noted", lane="backend", session="s", path="p\nq", text='t"x', data={"n": [1, "ü"]})
    (entry,) = store.take(lambda turn: turn.events(0, 10))
    assert (entry.seq, entry.at, entry.kind) == (1, 1_700_000_007.0, "lane.noted")
    assert (entry.lane, entry.session, entry.path, entry.text) == ("backend", "s", "p\nq", 't"x')
    assert entry.data == {"n": [1, "ü"]}
    assert replay([entry.changes]) == {ref(row): row}


def test_events_are_read_in_order_from_any_place_a_few_at_a_time(store):
    for number in range(5):
        put(store, kind=f"e{number}")
    read = store.take(lambda turn: turn.events(1, 3))
    assert [(entry.seq, entry.kind) for entry in read] == [(2, "e1"), (3, "e2"), (4, "e3")]
    assert store.take(lambda turn: turn.last_event()) == 5
    assert store.take(lambda turn: turn.events(5, 3)) == ()


def test_an_empty_store_answers_every_question(store):
    def questions(turn):
        return (
            turn.last_token(),
            turn.last_notice(),
            turn.last_event(),
            turn.rules_body(),
            turn.leases_of("backend"),
            turn.sessions_of("backend"),
            turn.notices_after("backend", 0),
            turn.leases_near((pattern("./"), pattern("**/*.py"), pattern("a/b"))),
        )

    assert store.take(questions) == (EPOCH, 0, 0, (0, ""), (), (), (), ())


def test_the_newest_revision_counts_by_its_number(store):
    put(store, Revision(9, "nine", 0.0), Revision(10, "ten", 0.0), Revision(2, "two", 0.0))
    assert store.take(lambda turn: turn.rules_body()) == (10, "ten")


def test_sessions_of_a_lane_are_the_ones_that_have_not_ended_oldest_first(store):
    put(
        store,
        session("c", since=3.0),
        session("b", since=1.0),
        session("a", since=1.0),
        session("gone", ended=True),
        session("other", lane="frontend"),
    )
    assert [row.id for row in store.take(lambda turn: turn.sessions_of("backend"))] == ["a", "b", "c"]
    assert store.take(lambda turn: turn.find(Session, "gone")).ended is True


def test_notices_are_a_lanes_own_and_newer_than_the_last_one_told(store):
    put(store, *[Notice(number, lane, "", 0.0) for number, lane in enumerate(["backend", "frontend"] * 6, start=1)])
    assert [row.id for row in store.take(lambda turn: turn.notices_after("backend", 3))] == [5, 7, 9, 11]
    assert store.take(lambda turn: turn.last_notice()) == 12


def test_leases_of_a_lane_come_in_the_order_of_their_grants(store):
    put(store, *[lease(f"f{n}", token=EPOCH + n, lane="ab"[n % 2]) for n in (10, 2, 4, 3)])
    assert [row.token - EPOCH for row in store.take(lambda turn: turn.leases_of("a"))] == [2, 4, 10]


def test_the_last_token_is_the_highest_mark_ever_and_outlives_the_lease(store):
    held = acquire(store, "backend/b1", "src/a.py", "src/b.py").leases
    store.take(lambda turn: turn.save(lessor.release(held)))
    assert store.take(lambda turn: turn.all(Lease)) == ()
    assert store.take(lambda turn: turn.last_token()) == EPOCH + 2
    assert store.take(lambda turn: turn.find(HighWater, "src/b.py")) == HighWater("src/b.py", EPOCH + 2)
    (new,) = acquire(store, "frontend/f1", "src/a.py").leases
    assert new.token == EPOCH + 3
    put(store, HighWater("late", EPOCH + 1))
    assert store.take(lambda turn: turn.last_token()) == EPOCH + 3


NAMES = ["a", "b", "ab", "a.py", "A", "[ab]*", "*", "*.py", "**", "a*", "ä"]
globs_and_paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)


@laws
@given(
    held=st.lists(globs_and_paths, max_size=25, unique=True), asked=st.lists(globs_and_paths, min_size=1, max_size=3)
)
def test_every_lease_that_overlaps_a_claim_is_near_it(store, held, asked):
    leases = [lease(name, token=EPOCH + 1 + at) for at, name in enumerate(held)]
    put(store, *leases)
    patterns = [pattern(name) for name in asked]
    near = store.take(lambda turn: turn.leases_near(patterns))
    meeting = [row for row in leases if any(overlap(row.pattern, one) for one in patterns)]
    assert set(meeting) <= set(near) <= set(leases)
    assert list(near) == sorted(set(near), key=lambda row: row.token)
    drop(store, *map(ref, leases))


def test_what_lies_beside_a_claim_is_not_read(store):
    names = ["a/b", "a/bc", "a/b/c", "a", "z", "a/b0", "a/b-", "a/b.py"]
    put(store, *[lease(name, token=EPOCH + 1 + at) for at, name in enumerate(names)])
    near = store.take(lambda turn: turn.leases_near((pattern("a/b"),)))
    assert [row.path for row in near] == ["a/b", "a/b/c", "a"]


@pytest.mark.parametrize("text", ["\ud83d", "caf\udce9", "nul\0", "line\nbreak", "'; --", "😀", "x" * 100_000])
def test_no_text_breaks_a_turn_or_its_neighbours(store, text):
    put(store, Notice(1, "backend", text, 0.0), kind="odd", path=text, text=text, session=text, data={"why": text})
    put(store, Notice(2, "backend", "plain", 0.0))
    first, second = store.take(lambda turn: turn.all(Notice))
    assert first.text in {text, storable(text)}
    assert second.text == "plain"
    assert store.take(lambda turn: turn.events(0, 9))[0].kind == "odd"


def test_the_log_from_the_start_gives_the_tables(store, clock):
    put(store, session("b1"), Place("backend", "/w", "b", "making"), Revision(1, "{}", 0.0))
    acquire(store, "backend/b1", "src/a.py", "src/*.ts")
    acquire(store, "frontend/f1", "src")
    clock.mono += 1000
    held = acquire(store, "backend/b1", "src/a.py").leases
    store.take(lambda turn: turn.save(lessor.touch(turn.now, held, 1800.0)))
    put(store, replace(session("b1"), ended=True), Place("backend", "/w", "b", "ready", ("d1",)))
    store.take(lambda turn: turn.save(lessor.release(held)))
    tables = {ref(row): row for table in TABLES for row in store.take(lambda turn, kind=table.type: turn.all(kind))}
    log = store.take(lambda turn: turn.events(0, 999))
    assert replay(entry.changes for entry in log) == tables
    assert {BY_TYPE[type(row)].name for row in tables.values()} == {
        "leases",
        "sessions",
        "places",
        "revisions",
        "high_water",
    }
