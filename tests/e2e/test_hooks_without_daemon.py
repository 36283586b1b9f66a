"""A dead, hung or displaced daemon never blocks anybody and never lets anybody loose."""

from __future__ import annotations

import json
import os
import signal
import socket

import pytest
from tests.e2e.daemons import await_daemon, await_that, daemon_pid, forget_start, kill_daemon, listener, socket_of

FOREIGN = "frontend/src/App.vue"


@pytest.fixture
def held(lanes):
    """A path that lane frontend holds."""
    lanes.run("lock", "NOTES.md", "--lane", "frontend", "--why", "release notes")
    return "NOTES.md"


def judge(agent, held):
    """The three answers that must never change: free, held, another lane's."""
    assert agent.read(held).passes
    assert agent.write("backend/free.txt").passes
    assert "is held by lane frontend" in agent.write(held).refusal
    assert "belongs to lane frontend" in agent.edit(FOREIGN).refusal


def test_the_daemon_answers(lanes, backend, held):
    pid = daemon_pid(lanes.state)
    judge(backend, held)
    assert daemon_pid(lanes.state) == pid != 0


def test_a_killed_daemon_is_not_missed_and_comes_back_by_itself(lanes, backend, held):
    pid = kill_daemon(lanes.state)
    forget_start(lanes.state)
    judge(backend, held)
    assert await_daemon(lanes.state, other_than=pid)
    judge(backend, held)


def test_a_daemon_killed_with_its_socket_removed_comes_back_too(lanes, backend, held):
    kill_daemon(lanes.state)
    socket_of(lanes.state).unlink()
    forget_start(lanes.state)
    judge(backend, held)
    assert await_daemon(lanes.state)


def test_a_hung_daemon_costs_time_and_changes_no_answer(lanes, backend, held):
    pid = daemon_pid(lanes.state)
    os.kill(pid, signal.SIGSTOP)
    judge(backend, held)
    os.kill(pid, signal.SIGCONT)
    await_that(lambda: backend.write("backend/free.txt").seconds < 0.3)
    judge(backend, held)
    assert daemon_pid(lanes.state) == pid


def test_many_calls_without_a_daemon_start_one(lanes, backend, agents):
    kill_daemon(lanes.state)
    forget_start(lanes.state)
    for number in range(5):
        assert backend.write(f"backend/{number}.txt").passes
    await_daemon(lanes.state)
    assert (lanes.state / "daemon.log").read_text().count("serving") == 2


def squat_dead(path):
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))


def squat_file(path):
    path.write_text("mine\n")


def squat_folder(path):
    path.mkdir()
    (path / "kept").write_text("mine\n")


@pytest.mark.parametrize("squat", [squat_dead, squat_file, squat_folder])
def test_whatever_took_the_sockets_place_is_kept_and_the_next_daemon_takes_it_back(lanes, backend, held, squat):
    path = socket_of(lanes.state)
    kill_daemon(lanes.state)
    path.unlink()
    squat(path)
    judge(backend, held)
    forget_start(lanes.state)
    judge(backend, held)
    await_daemon(lanes.state)
    judge(backend, held)
    kept = path.with_name("socket.taken-1")
    if squat is squat_file:
        assert kept.read_text() == "mine\n"
    if squat is squat_folder:
        assert (kept / "kept").read_text() == "mine\n"


@pytest.mark.parametrize("squat", [squat_file, squat_folder])
def test_a_living_daemon_whose_place_was_taken_leaves_without_touching_it(lanes, backend, held, squat):
    path, pid = socket_of(lanes.state), daemon_pid(lanes.state)
    path.unlink()
    squat(path)
    judge(backend, held)
    await_that(lambda: daemon_pid(lanes.state) != pid)
    assert (path / "kept" if squat is squat_folder else path).read_text() == "mine\n"
    forget_start(lanes.state)
    judge(backend, held)
    await_daemon(lanes.state, other_than=pid)
    kept = path.with_name("socket.taken-1")
    assert (kept / "kept" if squat is squat_folder else kept).read_text() == "mine\n"


REPLIES = {
    "nothing": b"",
    "an allow that is none": b"\0\0\0\x09\x00\0\0\0\xffjunk",
    "a status that is no answer": b"\0\0\0\x08\x01\0\0\0\x03{} ",
    "undecided": b"\0\0\0\x05\xff\0\0\0\0",
}


@pytest.mark.parametrize("says", REPLIES.values(), ids=REPLIES)
def test_a_stranger_on_the_socket_neither_blocks_nor_frees(lanes, backend, held, says):
    path = socket_of(lanes.state)
    kill_daemon(lanes.state)
    path.unlink()
    with listener(path, says) as kept:
        judge(backend, held)
        assert kept
        assert json.loads(lanes.run("status", "--json"))["lanes"]
        forget_start(lanes.state)
        assert backend.write("backend/free.txt").passes
        await_daemon(lanes.state)
    judge(backend, held)


def test_a_daemon_whose_repository_is_gone_leaves(lanes):
    pid = daemon_pid(lanes.state)
    os.rename(lanes.state, lanes.state.with_name("moved"))
    await_that(lambda: daemon_pid(lanes.state.with_name("moved")) != pid)
    os.rename(lanes.state.with_name("moved"), lanes.state)
