"""Sessions as their hook calls show them: binding, continuity of a lane's leases, and where a session may write."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.e2e.daemons import sweep_up
from tests.e2e.fixtures import bring_up

FREE = "NOTES.md"  # a path of no lane


def locks(lanes):
    return {lease["path"]: lease for lease in lanes.json("locks")}


def test_an_edit_takes_its_lease_and_the_other_lane_is_told_by_whom(lanes, backend, frontend):
    backend.prompt("release notes")
    assert backend.write(FREE).passes
    refusal = frontend.write(FREE).refusal
    for word in (FREE, "lane backend", backend.session[:16], "release notes", "left", "Next:"):
        assert word in refusal


def test_a_repeated_call_gets_the_same_answer(lanes, backend, frontend):
    held = backend.write(FREE, tool_use_id="toolu_1")
    refused = frontend.write(FREE, tool_use_id="toolu_2")
    lanes.run("unlock", FREE, "--lane", "backend")
    again = frontend.write(FREE, tool_use_id="toolu_2")
    assert (held.passes, again.refusal) == (True, refused.refusal)
    assert backend.write(FREE, tool_use_id="toolu_1").passes
    assert locks(lanes) == {}
    assert frontend.write(FREE, tool_use_id="toolu_3").passes


def test_an_event_told_by_two_handlers_counts_once(lanes, backend):
    for _ in range(2):
        backend.write(FREE, tool_use_id="toolu_1")
    assert len(lanes.events("lease.granted")) == 1


def test_a_session_started_in_a_subfolder_is_its_lanes(lanes, agents):
    agent = agents(lanes, lanes.lane("backend") / "backend")
    assert agent.write(lanes.lane("backend") / "backend" / "a.txt").passes
    assert "belongs to lane frontend" in agent.write(lanes.lane("backend") / "frontend" / "a.txt").refusal


def test_a_cd_moves_no_session_to_another_lane(lanes, backend):
    backend.cwd = lanes.lane("frontend")
    assert "belongs to lane frontend" in backend.write(lanes.lane("backend") / "frontend" / "a.txt").refusal
    assert "frontend" in backend.shell("echo x > frontend/a.txt").refusal
    assert backend.write(lanes.lane("backend") / "backend" / "a.txt").passes


def test_a_session_in_the_main_worktree_reads_and_edits_nothing(lanes, agents):
    agent = agents(lanes, lanes.root, started=False)
    heard = agent.start()
    assert "in no lane" in heard.message
    assert "lanewise run LANE" in heard.context
    assert agent.read("README.md").passes
    assert agent.shell("git log && cat README.md").passes
    for refused in (
        agent.write("backend/a.txt"),
        agent.edit(FREE),
        agent.shell("echo x > a"),
        agent.shell("git commit -am x"),
    ):
        assert refused.refusal
    assert "lanewise run LANE" in agent.write("backend/a.txt").refusal
    assert agent.write("/tmp/elsewhere.txt").passes


def test_a_cleared_session_hands_its_leases_over_with_new_tokens(lanes, backend, agents):
    backend.wrote(FREE)
    before = locks(lanes)[FREE]
    backend.ask("SessionEnd-clear")
    after_clear = agents(lanes, "backend", process=backend.process, started=False)
    heard = after_clear.start("clear")
    assert heard.message == ""
    lease = locks(lanes)[FREE]
    assert lease["session"] == after_clear.session
    assert lease["token"] > before["token"]
    assert after_clear.edit(FREE).passes


def test_a_clear_whose_end_was_never_told_hands_over_too(lanes, backend, agents):
    backend.wrote(FREE)
    after_clear = agents(lanes, "backend", process=backend.process)
    assert locks(lanes)[FREE]["session"] == after_clear.session


def test_a_resumed_session_goes_on_with_its_leases(lanes, backend, frontend, agents):
    backend.wrote(FREE)
    backend.end()
    backend.die()
    resumed = agents(lanes, "backend", id=backend.id, started=False)
    assert resumed.start("resume").passes
    assert resumed.edit(FREE).passes
    assert locks(lanes)[FREE]["session"] == resumed.session
    assert locks(lanes)[FREE]["holder_alive"]
    assert "held by lane backend" in frontend.edit(FREE).refusal


def test_two_live_sessions_in_one_lane_are_warned_and_exclusive_per_path(lanes, backend, agents):
    backend.wrote(FREE)
    second = agents(lanes, "backend", started=False)
    heard = second.start()
    assert "another live session" in heard.message
    assert "Another session" in heard.context
    refusal = second.edit(FREE).refusal
    assert "held by lane backend" in refusal
    assert backend.session[:16] in refusal
    assert second.write("backend/b.txt").passes
    assert "held by lane backend" in backend.write("backend/b.txt").refusal


@pytest.mark.parametrize("announced", [True, False])
def test_the_next_session_of_a_dead_ones_lane_goes_on_and_the_other_lane_stays_out(
    lanes, backend, frontend, agents, announced
):
    backend.wrote(FREE)
    token = locks(lanes)[FREE]["token"]
    backend.die()
    assert "held by lane backend" in frontend.edit(FREE).refusal
    following = agents(lanes, "backend", started=announced)
    assert following.edit(FREE).passes
    lease = locks(lanes)[FREE]
    assert lease["session"] == following.session
    assert lease["token"] > token
    assert "held by lane backend" in frontend.edit(FREE).refusal


def test_an_ended_session_leaves_its_dirty_paths_to_its_lane(lanes, backend, frontend):
    backend.wrote(FREE)
    backend.end()
    assert lanes.json("status")["lanes"][0]["sessions"] == []
    assert "held by lane backend" in frontend.edit(FREE).refusal


def test_a_turns_end_gives_clean_paths_back_and_keeps_dirty_ones(lanes, backend, frontend):
    backend.wrote("CHANGELOG.md")
    backend.write("backend/never_written.txt")
    backend.stop()
    assert list(locks(lanes)) == ["CHANGELOG.md"]
    assert "held by" in frontend.edit("CHANGELOG.md").refusal
    lanes.git("checkout", "--", "CHANGELOG.md", cwd=lanes.lane("backend"))
    backend.stop()
    assert locks(lanes) == {}
    assert frontend.edit("CHANGELOG.md").passes


def test_a_commit_gives_its_paths_back_at_once(lanes, backend, frontend):
    backend.wrote("CHANGELOG.md")
    backend.wrote("backend/kept.txt")
    assert backend.ran("git commit -qm work CHANGELOG.md").passes
    assert list(locks(lanes)) == ["backend/kept.txt"]
    assert frontend.write("CHANGELOG.md").passes


def test_an_explicit_lock_outlives_a_turn_in_which_nothing_was_changed(lanes, backend):
    lanes.run("lock", "package.json", "--why", "later", cwd=backend.project, env=backend.client_env())
    backend.stop()
    assert list(locks(lanes)) == ["package.json"]


def test_a_subagent_is_its_session(lanes, backend, frontend):
    heard = backend.ask("SubagentStart")
    assert "lane backend" in heard.context
    given = {"file_path": backend.at(FREE), "content": "x"}
    assert backend.ask("PreToolUse-Write-subagent", tool_input=given).passes
    assert locks(lanes)[FREE]["session"] == backend.session
    assert backend.edit(FREE).passes
    assert "held by lane backend" in frontend.edit(FREE).refusal


def test_a_worktree_that_the_client_makes_below_its_lane_is_the_lanes(lanes, backend, frontend):
    heard = backend.ask("WorktreeCreate", name="feat1")
    made = lanes.lane("backend") / ".claude" / "worktrees" / "feat1"
    assert (heard.status, heard.out) == (0, str(made))
    assert (made / "README.md").exists()
    backend.cwd = made
    assert backend.write(made / "backend" / "a.txt").passes
    assert "belongs to lane frontend" in backend.write(made / "frontend" / "a.txt").refusal
    assert "lane backend's worktree" in frontend.write(made / "frontend" / "a.txt").refusal or (
        "main worktree" in frontend.write(made / "frontend" / "a.txt").refusal
    )
    assert lanes.git("status", "--porcelain", cwd=lanes.lane("backend")) == ""


def test_a_client_worktree_by_a_lanes_name_is_the_lane(lanes, agents):
    agent = agents(lanes, lanes.root)
    assert agent.ask("WorktreeCreate", name="frontend").out == str(lanes.lane("frontend"))


def test_another_repository_that_nobody_manages_is_free(lanes, backend, folder):
    other = folder / "other"
    other.mkdir()
    lanes.git("init", "-q", cwd=other)
    assert backend.write(other / "a.txt").passes
    assert backend.shell(f"echo x > {other}/a.txt").passes
    assert backend.write(folder / "loose.txt").passes


def test_another_managed_repository_is_refused(lanes, backend, example, folder):
    (folder / "two").mkdir()
    second = bring_up(example, folder / "two")
    try:
        for path in (second.root / "backend" / "a.txt", second.lane("backend") / "backend" / "a.txt"):
            assert "another repository managed by lanewise" in backend.write(path).refusal
        assert backend.write("backend/a.txt").passes
    finally:
        sweep_up(second.state)


def test_a_client_outside_every_repository_is_none_of_our_business(lanes, agents, folder):
    agent = agents(lanes, folder)
    assert agent.write(folder / "x").passes


def test_the_session_of_a_lane_that_was_taken_out_may_only_read(lanes, backend):
    text = (lanes.root / "lanewise.toml").read_text()
    (lanes.root / "lanewise.toml").write_text(
        text.replace("[lane.backend]", "[lane.server]")
        .replace('worktree = "../naga-backend"', 'worktree = "../naga-server"')
        .replace("feature/backend/start", "feature/server/start")
    )
    lanes.run("up")
    assert backend.read("README.md").passes
    assert backend.write("backend/a.txt").refusal


def test_an_unmanaged_copy_of_the_state_is_no_repository(lanes, folder):
    shutil.copytree(lanes.state / "bin", folder / "bin")
    done = subprocess.run(
        [folder / "bin" / "lanewise-hook", "claude-code", "SessionStart"],
        input=b"{}", capture_output=True, env=lanes.env, check=False, timeout=10,
    )  # fmt: skip
    assert done.returncode == 0
