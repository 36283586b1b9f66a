from __future__ import annotations

from tests.core.replay import replay
from tests.core.stage import Desk, lease

from lanewise.core import halt, lessor
from lanewise.core.rows import HighWater, changes, ref
from lanewise.core.view import Event


def test_no_events_give_no_tables():
    assert replay([]) == {}


def test_the_last_put_of_a_key_stands():
    assert replay([changes((HighWater("a", 1),), ()), changes((HighWater("a", 2), HighWater("b", 1)), ())]) == {
        ("high_water", "a"): HighWater("a", 2),
        ("high_water", "b"): HighWater("b", 1),
    }


def test_a_drop_takes_a_row_away_and_drops_of_one_event_come_before_its_puts():
    held = lease()
    put, drop = changes((held,), ()), changes((), (ref(held),))
    assert replay([put, drop]) == {}
    assert replay([put, changes((held,), (ref(held),))]) == {ref(held): held}


def test_a_day_at_the_desk_replays_to_the_same_tables():
    desk, log = Desk(), []
    keep = desk.keep

    def logging_keep(decision):
        log.extend(changes(event.puts, event.drops) for event in decision.events)
        return keep(decision)

    desk.keep = logging_keep
    desk.grant("backend/b1", "src/a.py", "src/*.ts")
    desk.refuse("frontend/f1", "src")
    desk.keep(lessor.touch(desk.now, desk.leases, 1800.0))
    desk.dead.add("b1")
    desk.grant("backend/b2", "src")
    desk.keep(halt.set_halt(desk.now, scope="all", trigger="human", reason="r", by="ann", evidence=("a", "b")))
    desk.keep(lessor.release(desk.leases))
    assert replay(log) == desk.tables
    assert set(desk.kinds) >= {"lease.granted", "lease.released", "halt.set"}


def test_an_event_without_rows_changes_nothing():
    event = Event("edit.denied", "backend")
    assert replay([changes(event.puts, event.drops)]) == {}
