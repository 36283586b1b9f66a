from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from lanewise.errors import StoreUnreadable
from lanewise.store.gate import Gate
from lanewise.store.sqlite import SqliteStore

HOLDER = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the gate until its input ends."""
    path = str(tmp_path / "gate")
    argv = [sys.executable, "-c", HOLDER, path]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.stdin.close()


def free(path):
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def test_a_gate_that_is_not_had_in_time_is_told_and_waited_for_no_longer(tmp_path, holder):
    gate = Gate(str(tmp_path / "gate"), 0.2)
    start = time.monotonic()
    with pytest.raises(StoreUnreadable, match="busy"), gate.hold():
        pytest.fail("held twice")
    assert 0.15 <= time.monotonic() - start < 2.0
    gate.close()


def test_a_store_cannot_be_opened_or_read_past_a_held_gate(tmp_path, clock):
    store = SqliteStore(str(tmp_path), clock, 0.2)
    argv = [sys.executable, "-c", HOLDER, str(tmp_path / "gate")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(StoreUnreadable):
            store.take(lambda turn: turn.last_token())
        with pytest.raises(StoreUnreadable):
            SqliteStore(str(tmp_path), clock, 0.2)
        process.stdin.close()
    assert store.take(lambda turn: turn.last_event()) == 0
    store.close()


def test_a_gate_that_is_freed_in_time_is_had(tmp_path, holder):
    gate = Gate(str(tmp_path / "gate"), 30.0)
    threading.Timer(0.1, holder.stdin.close).start()
    with gate.hold():
        assert not free(tmp_path / "gate")
    assert free(tmp_path / "gate")
    gate.close()


def test_a_thread_waits_for_the_gate_without_a_timer(tmp_path, holder):
    gate = Gate(str(tmp_path / "gate"), 0.01)
    had = threading.Event()

    def wait():
        with gate.hold():
            had.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not had.wait(0.2)
    holder.stdin.close()
    thread.join(20)
    assert had.is_set()
    gate.close()


def test_a_timer_that_rings_too_late_leaves_the_gate_free(tmp_path, monkeypatch):
    """The alarm may come between having the lock and switching the timer off."""
    gate = Gate(str(tmp_path / "gate"), 30.0)
    waiting = Gate._lock_in_time

    def ring_when_had(self):
        waiting(self)
        raise StoreUnreadable

    holder_ = os.open(tmp_path / "gate", os.O_RDWR)
    fcntl.flock(holder_, fcntl.LOCK_EX)
    threading.Timer(0.1, os.close, (holder_,)).start()
    monkeypatch.setattr(Gate, "_lock_in_time", ring_when_had)
    with pytest.raises(StoreUnreadable), gate.hold():
        pytest.fail("told as had")
    assert free(tmp_path / "gate")
    gate.close()


def test_waiting_leaves_the_callers_alarm_handler_as_it_was(tmp_path, holder):
    mine = lambda _number, _frame: None  # noqa: E731 - a handler that does nothing
    before = signal.signal(signal.SIGALRM, mine)
    gate = Gate(str(tmp_path / "gate"), 0.05)
    with pytest.raises(StoreUnreadable), gate.hold():
        pytest.fail("held twice")
    assert signal.signal(signal.SIGALRM, before) is mine
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    gate.close()


def test_an_error_inside_frees_the_gate(tmp_path):
    gate = Gate(str(tmp_path / "gate"), 1.0)
    with pytest.raises(ZeroDivisionError), gate.hold():
        _ = 1 / 0
    assert free(tmp_path / "gate")
    gate.close()
