"""Where sessions begin and how they go on, with the real client."""

from __future__ import annotations

import pytest
from tests.clients.conftest import lane_write

from lanewise.demo.model import Say, Use

pytestmark = pytest.mark.client


def write(path, text="x\n"):
    return (Use("Write", {"file_path": str(path), "content": text}),)


def test_worktree_by_a_lanes_name_is_that_lane(lanes, scripted, start_client):
    model = scripted([
        write(lanes.lane("frontend") / "frontend" / "a.txt"),
        write(lanes.lane("frontend") / "backend" / "b.txt"),
        Say("done"),
    ])  # fmt: skip
    start_client(lanes.root, model, extra=("--worktree", "frontend")).wait(60)

    assert [result.is_error for result in model.tool_results()] == [False, True]
    assert [event["lane"] for event in lanes.events("session.started")] == ["frontend"]


def test_a_session_in_the_main_worktree_reads_and_does_not_edit(lanes, scripted, start_client):
    model = scripted([
        (Use("Read", {"file_path": str(lanes.root / "README.md")}),),
        write(lanes.root / "README.md"),
        write(lanes.root / ".claude" / "worktrees" / "feat1" / "x.txt"),
        Say("done"),
    ])  # fmt: skip
    start_client(lanes.root, model).wait(60)

    results = model.tool_results()
    assert [result.is_error for result in results] == [False, True, True]
    assert "lanewise run LANE" in results[1].text
    assert lanes.git("status", "--porcelain") == ""


def test_a_resumed_session_keeps_its_leases_and_its_lane(lanes, scripted, start_lane):
    before = scripted([(lane_write(lanes, "backend", "backend/a.txt", "1\n"),), Say("done")])
    first = start_lane("backend", before).wait(60)
    held = lanes.json("locks")
    assert [lease["path"] for lease in held] == ["backend/a.txt"]

    model = scripted([(lane_write(lanes, "backend", "backend/b.txt", "2\n"),), Say("done")])
    run = start_lane("backend", model, extra=("--resume", first.session_id)).wait(60)

    assert run.session_id == first.session_id
    assert not model.tool_results()[0].is_error
    assert [lease["path"] for lease in lanes.json("locks")] == ["backend/a.txt", "backend/b.txt"]
    assert len(lanes.json("status")["lanes"]) == 2


def test_the_next_session_of_a_lane_takes_over_what_a_killed_one_left(lanes, scripted, start_lane):
    """Uncommitted work stays leased to the lane: another cannot take it, the next session goes on with new tokens."""
    client = start_lane("backend", scripted([(lane_write(lanes, "backend", "NOTES.md", "1\n"),), Say("done")]))
    client.wait(60)
    before = lanes.json("locks")[0]
    refused = scripted([(lane_write(lanes, "frontend", "NOTES.md", "2\n"),), Say("done")])
    start_lane("frontend", refused).wait(60)
    assert "held by lane backend" in refused.tool_results()[0].text

    model = scripted([
        (Use("Read", {"file_path": str(lanes.lane("backend") / "NOTES.md")}),),
        (lane_write(lanes, "backend", "NOTES.md", "3\n"),),
        Say("done"),
    ])  # fmt: skip
    start_lane("backend", model).wait(60)

    assert [result.is_error for result in model.tool_results()] == [False, False]
    after = lanes.json("locks")[0]
    assert (after["path"], after["lane"]) == ("NOTES.md", "backend")
    assert after["token"] > before["token"]
    assert after["session"] != before["session"]
