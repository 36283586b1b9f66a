"""A store that cannot be read: open with a warning while nobody else is at work, closed when somebody is, and a halt
binds in any case.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from tests.e2e.daemons import await_that, daemon_pid, kill_daemon

HOLD = (
    "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
)


@contextmanager
def gate_held(lanes):
    """Another process has the store's gate."""
    argv = [sys.executable, "-I", "-S", "-c", HOLD, lanes.state / "gate"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        yield
        holder.stdin.close()


@contextmanager
def gate_held_by_a_stopped_daemon(lanes):
    """The daemon was stopped in the middle of a transaction."""
    pid = daemon_pid(lanes.state)
    with gate_held(lanes):
        os.kill(pid, signal.SIGSTOP)
        yield
    os.kill(pid, signal.SIGCONT)


@contextmanager
def garbage(lanes):
    """The database is none."""
    kill_daemon(lanes.state)
    database = lanes.state / "store.sqlite"
    whole = database.read_bytes()
    for tail in ("-wal", "-shm"):
        database.with_name(f"store.sqlite{tail}").unlink(missing_ok=True)
    database.write_bytes(b"no database at all, whatever its length may be " * 200)
    yield
    database.write_bytes(whole)


@contextmanager
def unopenable(lanes):
    """The database is a folder."""
    kill_daemon(lanes.state)
    database = lanes.state / "store.sqlite"
    os.rename(database, database.with_name("aside"))
    database.mkdir()
    yield
    database.rmdir()
    os.rename(database.with_name("aside"), database)


TROUBLES = [gate_held, gate_held_by_a_stopped_daemon, garbage, unopenable]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_with_no_other_lane_at_work_an_edit_passes_with_a_warning(lanes, backend, trouble):
    with trouble(lanes):
        heard = backend.write("backend/a.txt")
        assert heard.passes
        assert "cannot read its store" in heard.message
        assert "cannot read its store" in heard.context


@pytest.mark.parametrize("trouble", TROUBLES)
def test_with_another_lane_at_work_an_edit_is_refused_and_reading_is_not(lanes, backend, frontend, trouble):
    with trouble(lanes):
        heard = backend.write("backend/a.txt")
        assert "while another lane is at work" in heard.refusal
        assert backend.read("README.md").passes


def test_a_shell_command_is_judged_by_whether_it_only_reads(lanes, backend, frontend):
    with garbage(lanes):
        assert "cannot read its store" in backend.shell("echo x > backend/b.txt").refusal
        assert backend.shell("git status && cat README.md").passes
        quiet = backend.read("README.md")
        assert (quiet.passes, quiet.out) == (True, "")
    frontend.die()
    with garbage(lanes):
        assert backend.shell("echo x > backend/b.txt").passes


def test_another_lane_whose_client_is_gone_is_not_at_work(lanes, backend, frontend):
    frontend.die()
    with garbage(lanes):
        assert backend.write("backend/a.txt").passes


@pytest.mark.parametrize("scope", ["backend", "all"])
def test_a_halt_binds_although_the_store_cannot_be_read(lanes, backend, scope):
    lanes.run("halt", *([] if scope == "all" else [scope]), "--reason", "look first")
    with garbage(lanes):
        heard = backend.write("backend/a.txt")
        assert "look first" in heard.refusal
        assert heard.ends_turn
        assert backend.shell("echo x > a").ends_turn
        assert backend.prompt().ends_turn
        assert backend.read("README.md").passes
        assert backend.shell("lanewise status").passes


def test_another_lanes_halt_does_not_bind_then(lanes, backend):
    lanes.run("halt", "frontend", "--reason", "look first")
    with garbage(lanes):
        assert backend.write("backend/a.txt").passes


def test_a_sentinel_that_cannot_be_read_is_a_halt_of_all(lanes, backend):
    (lanes.state / "halt").write_text("{ not json")
    assert backend.write("backend/a.txt").ends_turn
    with gate_held(lanes):
        assert backend.write("backend/b.txt").ends_turn


def test_when_the_gate_is_free_again_the_answers_are_as_before(lanes, backend, frontend):
    with gate_held(lanes):
        assert backend.write("NOTES.md").refusal
    assert await_that(lambda: backend.write("NOTES.md").passes)
    assert "held by lane backend" in frontend.write("NOTES.md").refusal


def test_the_other_events_pass_without_a_store(lanes, backend, frontend):
    with garbage(lanes):
        for heard in (backend.start(), backend.stop(), backend.prompt(), backend.ask("SubagentStart"), backend.end()):
            assert heard.passes


def test_the_test_really_holds_the_gate(lanes):
    with gate_held(lanes), (lanes.state / "gate").open("a") as gate, pytest.raises(BlockingIOError):
        fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
