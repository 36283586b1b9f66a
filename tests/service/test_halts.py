"""Halts: the sentinel first, the row second, and either alone is enough."""

from __future__ import annotations

import json

import pytest

from lanewise.core.halt import Halt
from lanewise.core.outcome import Stopped
from lanewise.core.view import Decision, Event
from lanewise.errors import BadInput, StoreUnreadable
from lanewise.service import halts


def stops(shop, lane):
    return isinstance(shop.write(lane, f"{lane}/x"), Stopped)


def set_(shop, scope="all", reason="look"):
    return halts.halt_lanes(shop.app, scope=scope, reason=reason, by="me")


def test_a_halt_of_all_stops_every_lane_until_it_is_lifted(shop):
    set_(shop)
    assert (stops(shop, "backend"), stops(shop, "frontend")) == (True, True)
    halts.resume_lanes(shop.app, scope=None, by="me", why="")
    assert (stops(shop, "backend"), stops(shop, "frontend")) == (False, False)
    assert not (shop.state / "halt").exists()


def test_a_halt_of_one_lane_stops_that_lane(shop):
    set_(shop, "backend")
    assert (stops(shop, "backend"), stops(shop, "frontend")) == (True, False)


def test_lifting_one_halt_leaves_the_other(shop):
    set_(shop, "backend")
    set_(shop, "all")
    halts.resume_lanes(shop.app, scope="all", by="me", why="")
    assert (stops(shop, "backend"), stops(shop, "frontend")) == (True, False)
    assert [halt.scope for halt in halts.current(shop.app)] == ["backend"]


def test_the_sentinel_alone_halts(shop):
    set_(shop)
    drop = Event("test.dropped", drops=(("halts", "all"),))
    shop.app.store.take(lambda turn: turn.save(Decision(None, (drop,))))
    assert shop.app.store.take(lambda turn: turn.all(Halt)) == ()
    assert stops(shop, "backend")
    assert [halt.reason for halt in halts.current(shop.app)] == ["look"]
    halts.resume_lanes(shop.app, scope=None, by="me", why="")
    assert not stops(shop, "backend")


def test_the_row_alone_halts(shop):
    set_(shop)
    (shop.state / "halt").unlink()
    assert stops(shop, "backend")


def test_the_sentinel_is_written_although_the_store_cannot_be(shop, monkeypatch):
    def fail(_turn):
        raise StoreUnreadable("no")

    monkeypatch.setattr(shop.app.store, "take", fail)
    with pytest.raises(StoreUnreadable):
        set_(shop, reason="now")
    monkeypatch.undo()
    assert json.loads((shop.state / "halt").read_text())[0]["reason"] == "now"
    assert stops(shop, "backend")


@pytest.mark.parametrize("text", ["", "{", "[]x", "{}", '[{"scope": "all"}]', "[3]", "null", '"x"'])
def test_a_sentinel_that_cannot_be_read_halts_all(shop, text):
    (shop.state / "halt").write_text(text)
    expected = text != "{}"  # a table without entries names no halt
    assert stops(shop, "backend") == expected


def test_an_unknown_lane_is_refused_and_leaves_no_sentinel(shop):
    with pytest.raises(BadInput):
        set_(shop, "nobody")
    assert not (shop.state / "halt").exists()
    set_(shop, "backend")
    with pytest.raises(BadInput):
        set_(shop, "nobody")
    assert [entry["scope"] for entry in json.loads((shop.state / "halt").read_text())] == ["backend"]


def test_a_reason_is_shown_harmless_and_never_empty(shop):
    assert set_(shop, reason="\x1b[31m\nred").reason == "\\x1b[31m\\nred"
    assert set_(shop, reason="  ").reason == "no reason given"


def test_a_second_halt_of_one_scope_replaces_the_first(shop):
    set_(shop, reason="one")
    set_(shop, reason="two")
    assert [halt.reason for halt in halts.current(shop.app)] == ["two"]


def test_halting_and_resuming_are_in_the_log_with_who(shop):
    set_(shop)
    halts.resume_lanes(shop.app, scope=None, by="you", why="mended")
    assert [event.data["by"] for event in shop.events("halt.set")] == ["me"]
    assert [(event.data["by"], event.text) for event in shop.events("halt.lifted")] == [("you", "mended")]


def test_resuming_when_nothing_is_halted_does_nothing(shop):
    assert halts.resume_lanes(shop.app, scope=None, by="me", why="") == ()
