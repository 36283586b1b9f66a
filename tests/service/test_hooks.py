"""What each moment of a client's run comes to."""

from __future__ import annotations

import pytest
from tests.service.monorepo import git

from lanewise.core.outcome import Stopped, Told
from lanewise.core.rows import Replied
from lanewise.core.session import Session
from lanewise.service import halts, leases


def session_of(shop, name):
    return shop.app.store.take(lambda turn: turn.find(Session, f"claude-code:{name}"))


def test_a_moment_that_nobody_listens_to_comes_to_nothing(shop):
    before = len(shop.events())
    assert shop.call("backend", "other") == Told()
    assert len(shop.events()) == before


def test_a_sessions_start_tells_its_lane_and_to_the_human_nothing(shop):
    told = shop.call("backend", "session_start")
    assert "lane backend" in told.agent
    assert told.human == ""


def test_a_prompts_first_line_is_the_task(shop):
    shop.call("backend", "prompt", prompt="  add courses\nand more")
    assert session_of(shop, "backend-1").task == "add courses"
    shop.call("backend", "prompt", prompt="\x1b[31mred" + "x" * 200)
    assert len(session_of(shop, "backend-1").task) <= 80
    assert "\x1b" not in session_of(shop, "backend-1").task


def test_a_prompt_is_refused_during_a_halt_with_its_reason(shop):
    halts.halt_lanes(shop.app, scope="all", reason="look first", by="me")
    outcome = shop.call("backend", "prompt", prompt="go on")
    assert isinstance(outcome, Stopped)
    assert "look first" in outcome.denied.text
    assert "lanewise resume" not in outcome.denied.hint


@pytest.mark.parametrize(
    ("command", "passes"), [("git status", True), ("lanewise status", True), ("make", False), ("> x", False)]
)
def test_during_a_halt_only_reading_commands_pass(shop, command, passes):
    halts.halt_lanes(shop.app, scope="all", reason="look first", by="me")
    assert isinstance(shop.shell("backend", command), Stopped) != passes


def test_during_a_halt_a_tool_that_writes_nowhere_known_is_stopped(shop):
    halts.halt_lanes(shop.app, scope="all", reason="look first", by="me")
    assert isinstance(shop.call("backend", "before_tool", tool="mcp__x__do", writes=True), Stopped)
    assert not isinstance(shop.call("backend", "before_tool", tool="Read"), Stopped)


def test_news_is_told_once_and_is_short(shop):
    shop.call("backend", "session_start")
    for number in range(8):
        for lane in ("backend", "frontend"):
            (shop.lane(lane) / f"both{number}.md").write_text(lane)
    from lanewise.service import same_file

    same_file.look(shop.app)
    seen = []
    while told := shop.call("backend", "after_tool", tool="Read").agent:
        assert len(told) <= 400
        seen.append(told)
    assert [sum(f"both{number}.md" in told for told in seen) for number in range(8)] == [1] * 8


def test_a_session_that_begins_later_is_not_told_old_news(shop):
    for lane in ("backend", "frontend"):
        (shop.lane(lane) / "both.md").write_text(lane)
    from lanewise.service import same_file

    same_file.look(shop.app)
    shop.call("backend", "session_start")
    assert shop.call("backend", "prompt", prompt="x").agent == ""


def test_an_open_call_keeps_what_it_may_be_writing(shop):
    shop.call("backend", "session_start")
    shop.wrote("backend", "NOTES.md", "notes\n")  # as it was: clean again
    shop.write("backend", "backend/app.py", call="toolu_open")
    shop.call("backend", "after_tool", tool="Bash", command="git status")
    assert sorted(shop.leases()) == ["backend/app.py"]
    shop.call("backend", "after_tool", tool="Write", paths=("backend/app.py",), call="toolu_open")
    shop.call("backend", "after_tool", tool="Bash", command="git status")
    assert shop.leases() == {}


def test_the_end_of_a_turn_forgets_its_calls(shop):
    shop.write("backend", "NOTES.md", call="toolu_1")
    assert len(shop.app.store.take(lambda turn: turn.all(Replied))) == 1
    shop.call("backend", "stop")
    assert shop.app.store.take(lambda turn: turn.all(Replied)) == ()


def test_the_end_of_a_session_says_why(shop):
    shop.call("backend", "session_start")
    shop.call("backend", "session_end", detail="logout")
    assert session_of(shop, "backend-1").ended
    assert [event.text for event in shop.events("session.ended")] == ["logout"]


def test_waiting_for_a_permission_renews_what_was_changed(shop):
    shop.wrote("backend", "NOTES.md")
    shop.clock.ahead = 1200
    shop.call("backend", "permission")
    assert shop.leases()["NOTES.md"].expires > shop.clock.moment().mono + 1700


def test_a_lease_that_nothing_was_changed_under_is_not_renewed_by_other_calls(shop):
    shop.write("backend", "NOTES.md")
    before = shop.leases()["NOTES.md"].expires
    shop.clock.ahead = 1200
    shop.call("backend", "permission")
    assert shop.leases()["NOTES.md"].expires == before


def test_what_a_command_changed_is_leased_silently_or_reported(shop):
    leases.lock(shop.app, leases.Wanted("frontend", "", ("NOTES.md",)))
    changed = ("backend/new.py", "NOTES.md", "frontend/new.vue", "package.json", "fresh/unowned.txt", "x.log")
    for name in changed:
        (shop.lane("backend") / name).parent.mkdir(exist_ok=True)
        (shop.lane("backend") / name).write_text("changed\n")
    told = shop.call("backend", "after_tool", tool="Bash", command="make", paths=changed)
    assert told == Told()
    mine = {path: lease for path, lease in shop.leases().items() if lease.lane == "backend"}
    assert sorted(mine) == ["backend/new.py", "fresh/unowned.txt"]
    assert {lease.origin for lease in mine.values()} == {"shell"}
    assert all(lease.touched for lease in mine.values())
    reported = {event.path: event.data["rule"] for event in shop.events("edit.unleased")}
    assert reported == {"NOTES.md": "lease", "frontend/new.vue": "domain", "package.json": "shared"}


def test_what_a_command_left_as_it_was_takes_nothing(shop):
    shop.call("backend", "after_tool", tool="Bash", command="touch NOTES.md", paths=("NOTES.md", "frontend/App.vue"))
    assert shop.leases() == {}
    assert shop.events("edit.unleased") == []


def test_a_new_file_beside_an_open_merge_is_still_the_commands(shop):
    lane = shop.lane("backend")
    (lane / "backend" / "app.py").write_text("lane\n")
    git(lane, "commit", "-qam", "lane")
    (shop.root / "backend" / "app.py").write_text("main\n")
    git(shop.root, "commit", "-qam", "main")
    shop.call("backend", "after_tool", tool="Bash", command="git merge main", paths=("backend/app.py",))
    import subprocess

    subprocess.run(["git", "merge", "main"], cwd=lane, capture_output=True, check=False)
    (lane / "NOTES.md").write_text("changed during the merge\n")
    shop.call("backend", "after_tool", tool="Bash", command="make", paths=("NOTES.md", "backend/app.py"))
    assert list(shop.leases()) == ["NOTES.md"]


def test_a_subagents_line_is_one_line(shop):
    told = shop.call("backend", "subagent_start")
    assert "lane backend" in told.agent
    assert len(told.agent) <= 400
    assert shop.call("", "subagent_start").agent == ""


def test_a_commit_beside_a_running_call_does_not_give_its_lease_back(shop):
    """The lease is fresh and its path clean: only the running call says that it is about to be written."""
    shop.call("backend", "session_start")
    shop.wrote("backend", "NOTES.md", "notes\n")  # as it was: clean again
    shop.write("backend", "NOTES.md", call="toolu_running")
    shop.call("backend", "after_tool", tool="Bash", command="git commit -qm other")
    assert sorted(shop.leases()) == ["NOTES.md"]


def test_a_turn_that_ends_with_tasks_in_the_background_keeps_what_they_may_write(shop):
    shop.call("backend", "session_start")
    shop.write("backend", "NOTES.md", call="toolu_background")
    shop.call("backend", "stop", background=True)
    assert sorted(shop.leases()) == ["NOTES.md"]
    shop.call("backend", "after_tool", tool="Write", paths=("NOTES.md",), call="toolu_background")
    shop.call("backend", "stop")
    assert shop.leases() == {}


def test_a_path_that_was_written_without_a_live_lease_is_leased_again(shop):
    shop.call("backend", "session_start")
    shop.write("backend", "NOTES.md", call="toolu_1")
    from lanewise.service import leases

    leases.unlock(shop.app, "backend", "", ["NOTES.md"])
    (shop.lane("backend") / "NOTES.md").write_text("changed")
    shop.call("backend", "after_tool", tool="Write", paths=("NOTES.md",), call="toolu_1")
    assert sorted(shop.leases()) == ["NOTES.md"]


def test_reading_writes_nothing(shop):
    shop.call("backend", "session_start")
    shop.wrote("backend", "NOTES.md")
    before = len(shop.events())
    for _ in range(5):
        shop.call("backend", "before_tool", tool="Read")
        shop.call("backend", "after_tool", tool="Read")
    assert len(shop.events()) == before
