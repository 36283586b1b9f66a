from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from tests.core.replay import replay

from lanewise.core.rows import TABLES, Place, ref
from lanewise.core.view import Decision, Event
from lanewise.host.clock import moment
from lanewise.store.sqlite import SqliteStore

INSIDE = """
import sys
from lanewise.core.rows import Place
from lanewise.core.view import Decision, Event
from lanewise.host.clock import moment
from lanewise.store.sqlite import SqliteStore

store = SqliteStore(sys.argv[1], moment, 20.0)

def put(turn, name):
    turn.save(Decision(None, (Event("placed", puts=(Place(name, "/w", "b", "ready"),)),)))

def stuck(turn):
    put(turn, "lost")
    print("inside", flush=True)
    sys.stdin.read()

store.take(lambda turn: put(turn, "kept"))
store.take(stuck)
"""

BUSY = """
import sys
from lanewise.core.rows import Place
from lanewise.core.view import Decision, Event
from lanewise.host.clock import moment
from lanewise.store.sqlite import SqliteStore

print("up", flush=True)
for number in range(1_000_000):
    store = SqliteStore(sys.argv[1], moment, 20.0)
    for step in range(5):
        name = f"{sys.argv[2]}-{number}-{step}"
        rows = tuple(Place(f"{name}-{part}", "/w", "b", "ready") for part in range(3))
        store.take(lambda turn: turn.save(Decision(None, (Event("placed", puts=rows),))))
        print(name, flush=True)
    store.close()
"""


def tables(store):
    return {ref(row): row for table in TABLES for row in store.take(lambda turn, kind=table.type: turn.all(kind))}


def test_a_process_killed_inside_a_turn_loses_that_turn_and_blocks_nobody(tmp_path):
    store = SqliteStore(str(tmp_path), moment, 20.0)
    argv = [sys.executable, "-c", INSIDE, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"inside\n"
        process.kill()
        process.wait()
        start = time.monotonic()
        names = [row.lane for row in store.take(lambda turn: turn.all(Place))]
        assert time.monotonic() - start < 1.0
    assert names == ["kept"]
    next_ = Place("next", "/w", "b", "ready")
    store.take(lambda turn: turn.save(Decision(None, (Event("placed", puts=(next_,)),))))
    assert [entry.kind for entry in store.take(lambda turn: turn.events(0, 9))] == ["placed", "placed"]
    store.close()
    reopened = SqliteStore(str(tmp_path), moment, 1.0)
    assert [row.lane for row in reopened.take(lambda turn: turn.all(Place))] == ["kept", "next"]
    reopened.close()


def test_a_process_stopped_inside_a_turn_keeps_the_others_out(tmp_path):
    argv = [sys.executable, "-c", INSIDE, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"inside\n"
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(Exception, match="busy"):
            SqliteStore(str(tmp_path), moment, 0.2)
        process.kill()
    SqliteStore(str(tmp_path), moment, 5.0).close()


def kill_at_random_moments(folder, rounds):
    """Two writers that open, write and close all the time; one is killed in each round."""
    moments = random.Random(7)
    acknowledged = set()
    for number in range(rounds):
        argv = [sys.executable, "-c", BUSY, str(folder)]
        writers = [subprocess.Popen([*argv, f"{number}{letter}"], stdout=subprocess.PIPE, text=True) for letter in "ab"]
        for writer in writers:
            assert writer.stdout.readline() == "up\n"
        for writer in writers:
            lines = [writer.stdout.readline() for _ in range(moments.randrange(1, 12))]
            acknowledged.update(line.strip() for line in lines)
            writer.kill()
            # What it had said before the end was said after its commit; the last line may be cut.
            rest = writer.stdout.read()
            acknowledged.update(line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n"))
            writer.wait()
            writer.stdout.close()
    return acknowledged


def check_nothing_lost(folder, acknowledged):
    store = SqliteStore(str(folder), moment, 5.0)
    assert store._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    names = {row.lane.rpartition("-")[0] for row in store.take(lambda turn: turn.all(Place))}
    parts = store.take(lambda turn: turn.all(Place))
    assert acknowledged <= names
    assert len(parts) == 3 * len(names)
    log = store.take(lambda turn: turn.events(0, 1_000_000))
    assert replay(entry.changes for entry in log) == tables(store)
    store.close()


def test_no_acknowledged_write_is_lost_whenever_its_writer_is_killed(tmp_path):
    check_nothing_lost(tmp_path, kill_at_random_moments(tmp_path, 4))


@pytest.mark.proof
def test_no_acknowledged_write_is_lost_in_many_kills(tmp_path):
    rounds = int(os.environ.get("LANEWISE_PROOF_COUNT", "20"))
    check_nothing_lost(tmp_path, kill_at_random_moments(tmp_path, rounds))
