"""`up` as people run it: twice, twenty times at once, and after somebody pulled the plug."""

from __future__ import annotations

import json
import os
import signal
import subprocess

from tests.clients.lanes import LANEWISE
from tests.e2e.daemons import answers, await_that, daemon_pid, kill_daemon, socket_of, sweep_up


def start_up(lanes, *argv):
    return subprocess.Popen(
        [LANEWISE, "up", *argv], cwd=lanes.root, env=lanes.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def content(lanes):
    """What a person would notice: every file of main and the lanes, and git's settings."""
    found = {}
    for root in (lanes.root, lanes.lane("backend"), lanes.lane("frontend")):
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name != ".git"]
            found |= {os.path.join(folder, name): _bytes(os.path.join(folder, name)) for name in files}
    for name in ("config", "info/exclude", "lanewise/bin/hook.conf", "lanewise/bin/lanewise-hook"):
        found[name] = (lanes.root / ".git" / name).read_bytes()
    return found, lanes.git("for-each-ref"), lanes.git("worktree", "list")


def _bytes(path):
    with open(path, "rb") as file:
        return file.read()


def whole(lanes):
    """Both lanes are complete, git is content, one daemon serves."""
    assert lanes.run("up", "--dry-run") == "Nothing to do.\n"
    for lane in ("backend", "frontend"):
        assert lanes.git("status", "--porcelain", cwd=lanes.lane(lane)) == ""
        assert json.loads((lanes.lane(lane) / ".claude" / "settings.local.json").read_text())["hooks"]
    assert lanes.git("fsck") == ""
    assert len(lanes.git("worktree", "list").splitlines()) == 3
    assert daemon_pid(lanes.state)


def test_a_second_up_changes_nothing(lanes):
    before, pid = content(lanes), daemon_pid(lanes.state)
    assert lanes.run("up", "--dry-run") == "Nothing to do.\n"
    lanes.run("up")
    assert content(lanes) == before
    assert daemon_pid(lanes.state) == pid
    whole(lanes)


def undo(lanes):
    """As before the first `up`, but for the settings."""
    sweep_up(lanes.state)
    for lane in ("backend", "frontend"):
        lanes.git("worktree", "remove", "--force", str(lanes.lane(lane)))
        lanes.git("branch", "-D", f"feature/{lane}/start")
    (lanes.root / ".claude" / "settings.local.json").unlink()
    lanes.state.rename(lanes.root.with_name("state-before"))


def test_twenty_at_once_make_one_of_everything(lanes):
    undo(lanes)
    runs = [start_up(lanes) for _ in range(20)]
    said = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0] * 20, [err for _, err in said if err]
    whole(lanes)
    assert (lanes.state / "daemon.log").read_text().count("serving") == 1
    assert [event["lane"] for event in lanes.events("lane.noted")] == ["backend", "backend", "frontend", "frontend"]


def test_an_up_that_was_killed_at_any_moment_is_completed_by_the_next(lanes):
    undo(lanes)
    for milliseconds in (80, 120, 160, 200, 250, 300, 350, 400):
        run = start_up(lanes)
        try:
            run.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    lanes.run("up")
    whole(lanes)


def test_down_stops_the_daemon_and_leaves_the_lanes(lanes, backend):
    backend.wrote("NOTES.md")
    path = socket_of(lanes.state)
    lanes.run("down")
    assert daemon_pid(lanes.state) == 0
    assert not path.exists()
    assert (lanes.lane("backend") / "NOTES.md").exists()
    assert not (lanes.root / ".claude" / "settings.local.json").exists()
    assert lanes.run("down")
    lanes.run("up")
    assert daemon_pid(lanes.state)
    assert [lease["path"] for lease in lanes.json("locks")] == ["NOTES.md"]


def test_another_run_time_folder_moves_no_daemon_that_serves(lanes, folder):
    (folder / "run").mkdir(mode=0o700)
    pid, door = daemon_pid(lanes.state), socket_of(lanes.state)
    lanes.run("up", env={"XDG_RUNTIME_DIR": str(folder / "run")})
    assert (daemon_pid(lanes.state), socket_of(lanes.state)) == (pid, door)
    for other in ("", str(folder / "run")):
        seen = json.loads(lanes.run("status", "--json", env={"XDG_RUNTIME_DIR": other}))
        assert seen["daemon"]["pid"] == pid
    kill_daemon(lanes.state)
    lanes.run("up", env={"XDG_RUNTIME_DIR": str(folder / "run")})
    assert socket_of(lanes.state).is_relative_to(folder / "run")
    assert answers(socket_of(lanes.state))


def test_a_daemon_whose_door_is_gone_is_replaced_by_one_at_the_new_door(lanes, folder):
    (folder / "run").mkdir(mode=0o700)
    pid = daemon_pid(lanes.state)
    socket_of(lanes.state).unlink()
    lanes.run("up", env={"XDG_RUNTIME_DIR": str(folder / "run")})
    assert socket_of(lanes.state).is_relative_to(folder / "run")
    assert answers(socket_of(lanes.state))
    assert daemon_pid(lanes.state) not in {0, pid}


def test_a_moved_repository_is_made_whole_by_up(lanes, folder):
    """The hook client's settings name absolute places."""
    kill_daemon(lanes.state)
    moved = folder / "moved"
    moved.mkdir()
    for path in (lanes.root, lanes.lane("backend"), lanes.lane("frontend")):
        path.rename(moved / path.name)
    there = type(lanes)(moved / "naga", lanes.env)
    there.git("worktree", "repair", str(there.lane("backend")), str(there.lane("frontend")))
    there.run("up")
    try:
        whole(there)
    finally:
        kill_daemon(there.state)
    await_that(lambda: daemon_pid(there.state) == 0)
