"""A halt by a human binds every hook call after it, with and without a daemon, until a human lifts it."""

from __future__ import annotations

import sqlite3

import pytest
from tests.e2e.daemons import await_daemon, await_that, forget_start, kill_daemon


def stopped(agent):
    return agent.write(f"{agent.project.name.rpartition('-')[2]}/x.txt").ends_turn


@pytest.mark.parametrize("daemon", [True, False])
def test_a_halt_stops_writing_and_not_reading(lanes, backend, frontend, daemon):
    if not daemon:
        kill_daemon(lanes.state)
    lanes.run("halt", "--reason", "look first")
    for agent in (backend, frontend):
        heard = agent.write("x.txt")
        assert "look first" in heard.refusal
        assert heard.ends_turn
        assert "look first" in heard.body["stopReason"]
    assert backend.read("README.md").passes
    for command in ("git status", "lanewise status", "cat README.md | head", "git log --oneline"):
        assert backend.shell(command).passes, command
    for command in ("make", "git commit -am x", "echo x > y", "lanewise lock x", "python3 -c 1"):
        assert backend.shell(command).ends_turn, command
    lanes.run("resume")
    assert not stopped(backend)


def test_a_prompt_is_refused_with_the_reason(lanes, backend):
    lanes.run("halt", "--reason", "look first")
    heard = backend.prompt("go on")
    assert heard.body["decision"] == "block"
    assert "look first" in heard.refusal
    assert heard.ends_turn
    lanes.run("resume")
    assert backend.prompt("go on").passes


def test_a_lanes_halt_stops_that_lane(lanes, backend, frontend):
    lanes.run("halt", "backend", "--reason", "look first")
    assert (stopped(backend), stopped(frontend)) == (True, False)
    assert "HALT" in backend.start().context


def test_a_halt_survives_the_daemon(lanes, backend):
    lanes.run("halt", "--reason", "look first")
    pid = kill_daemon(lanes.state)
    forget_start(lanes.state)
    assert stopped(backend)
    await_daemon(lanes.state, other_than=pid)
    assert stopped(backend)


def test_the_sentinel_halts_although_its_row_is_gone(lanes, backend):
    lanes.run("halt", "--reason", "look first")
    kill_daemon(lanes.state)
    with sqlite3.connect(lanes.state / "store.sqlite") as database:
        database.execute("DELETE FROM halts")
    database.close()
    forget_start(lanes.state)
    assert stopped(backend)
    await_daemon(lanes.state)
    assert stopped(backend)
    assert [halt["reason"] for halt in lanes.json("status")["halts"]] == ["look first"]
    lanes.run("resume")
    assert not stopped(backend)


def test_the_daemon_sees_one_file_changed_in_two_lanes_and_tells_both(lanes, backend, frontend):
    backend.wrote("backend/a.txt")
    for agent in (backend, frontend):
        (agent.project / "NOTES.md").write_text(agent.project.name)
    await_that(lambda: lanes.json("status")["overlaps"])
    assert [event["path"] for event in lanes.events("overlap.found")] == ["NOTES.md"]
    for agent in (backend, frontend):
        told = agent.prompt().context
        assert "NOTES.md" in told
        assert len(told) <= 400
        assert agent.prompt().context == ""
