"""What a person sees."""

from __future__ import annotations

import pytest


def test_a_locks_life_in_words(lanes):
    assert lanes.run("locks") == "Nothing is held.\n"
    assert lanes.run("lock", "NOTES.md", "--lane", "backend", "--why", "words").startswith(
        "NOTES.md is leased to lane backend"
    )
    assert "NOTES.md" in lanes.run("locks")
    refused = lanes.try_run("lock", "NOTES.md", "--lane", "frontend")
    assert refused.returncode == 3
    assert "held by lane backend" in refused.stderr
    assert 'for "words"' in refused.stderr
    assert lanes.run("check", "NOTES.md", "--lane", "backend").startswith("yes")
    assert lanes.try_run("check", "NOTES.md", "--lane", "frontend").stdout.startswith("no: ")
    assert lanes.run("unlock", "NOTES.md", "--lane", "backend") == "NOTES.md is free.\n"
    assert "held nothing" in lanes.run("unlock", "NOTES.md", "--lane", "backend")


def test_the_directory_says_which_lane(lanes):
    lanes.run("lock", "NOTES.md", cwd=lanes.lane("frontend") / "frontend")
    assert lanes.json("locks")[0]["lane"] == "frontend"


def test_the_status_screen(lanes, agents):
    agent = agents(lanes, "backend")
    agent.prompt("add a course model")
    agent.wrote("NOTES.md")
    screen = lanes.run("status")
    for word in (
        "backend",
        "feature/backend/start",
        "at work",
        "add a course model",
        "NOTES.md",
        "no session",
        "daemon",
    ):
        assert word in screen
    assert "\x1b" not in screen
    lanes.run("halt", "--reason", "look first")
    assert "HALTED every lane: look first" in lanes.run("status")
    lanes.run("resume")


def test_hostile_names_are_shown_harmless_everywhere(lanes, agents):
    agent = agents(lanes, "backend")
    agent.prompt("\x1b[31mred")
    agent.write("new\nline \x1b[31m\u202e.txt")
    agent.write("frontend/\x1b[2J")
    lanes.run("halt", "--reason", "\x1b]0;x\x07")
    for argv in (("status",), ("locks",), ("log", "--all")):
        text = lanes.run(*argv)
        assert not set(text) & {"\x1b", "\u202e", "\x07"}
    lanes.run("resume")


def test_work_in_main_is_named_and_can_be_brought(lanes):
    (lanes.root / "NOTES.md").write_text("begun in main\n")
    (lanes.root / "CHANGELOG.md").write_text("changed in main\n")
    (lanes.root / "bytes.bin").write_bytes(b"\0\1\2")
    done = lanes.try_run("up")
    assert "uncommitted work in 3 path(s)" in done.stderr
    assert "lanewise up --bring backend" in done.stderr
    assert lanes.json("up", "--dry-run")["uncommitted_in_main"] == ["CHANGELOG.md", "NOTES.md", "bytes.bin"]
    lanes.run("up", "--bring", "backend")
    lane = lanes.lane("backend")
    assert (lane / "NOTES.md").read_text() == "begun in main\n"
    assert (lane / "CHANGELOG.md").read_text() == "changed in main\n"
    assert (lane / "bytes.bin").read_bytes() == b"\0\1\2"
    assert (lanes.root / "NOTES.md").read_text() == "begun in main\n"
    again = lanes.try_run("up", "--bring", "backend")
    assert again.returncode == 3
    assert "uncommitted work of its own" in again.stderr


def test_a_second_up_says_that_there_is_nothing_to_do(lanes):
    assert lanes.run("up", "--dry-run") == "Nothing to do.\n"
    lanes.run("down")
    assert "would write" in lanes.run("up", "--dry-run")


def test_a_first_ups_dry_run_makes_nothing(lanes, folder):
    fresh = folder / "elsewhere" / "fresh"
    lanes.git("clone", "-q", str(lanes.root), str(fresh))
    text = lanes.run("up", "--dry-run", cwd=fresh)
    assert "would make worktree" in text
    assert "would install the hook client" in text
    assert not (fresh / ".git" / "lanewise").exists()
    assert [path.name for path in fresh.parent.iterdir()] == ["fresh"]


def test_init_writes_what_its_dry_run_shows(lanes, folder):
    fresh = folder / "fresh"
    lanes.git("clone", "-q", str(lanes.root), str(fresh))
    (fresh / "lanewise.toml").unlink()
    shown = lanes.run("init", "--dry-run", cwd=fresh)
    assert not (fresh / "lanewise.toml").exists()
    lanes.run("init", cwd=fresh)
    assert (fresh / "lanewise.toml").read_text() == shown


@pytest.mark.parametrize("no_colour", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_a_pipe_gets_no_colours(standing, no_colour):
    assert "\x1b" not in standing.try_run("status", env=no_colour).stdout


def test_the_hook_command_answers_by_hand(standing):
    import json
    import subprocess

    from tests.clients.lanes import LANEWISE
    from tests.e2e.hooked import recorded

    payload = recorded("PreToolUse-Write") | {
        "cwd": str(standing.lane("backend")),
        "tool_input": {"file_path": "frontend/x"},
    }
    done = subprocess.run(
        [LANEWISE, "hook", "claude-code"], input=json.dumps(payload), cwd=standing.lane("backend"), env=standing.env,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "belongs to lane frontend" in done.stdout
