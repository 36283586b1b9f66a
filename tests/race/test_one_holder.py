from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise

import pytest
from tests.core.replay import replay

from lanewise.core.lease import Lease
from lanewise.core.rows import TABLES, HighWater, ref
from lanewise.host.clock import moment
from lanewise.store.sqlite import SqliteStore

WORKER = os.path.join(os.path.dirname(__file__), "worker.py")
PROCESSES = 8


def proof_count(default: int) -> int:
    return int(os.environ.get("LANEWISE_PROOF_COUNT", default))


@dataclass(frozen=True, order=True)
class Holding:
    """One lease as its holder saw it."""

    token: int
    path: str
    since: float
    until: float


def race(folder, count, paths):
    """Everything that eight processes held, `count` leases each."""
    argv = [sys.executable, WORKER, str(folder)]
    workers = [
        subprocess.Popen(
            [*argv, f"lane{number}", str(count), str(paths)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.close()
    held = []
    for worker in workers:
        with worker:
            for line in worker.stdout:
                path, token, since, until = line.split()
                held.append(Holding(int(token), path, float(since), float(until)))
        assert worker.returncode == 0
    return sorted(held)


def check(folder, held, count):
    assert len(held) == PROCESSES * count
    tokens = [holding.token for holding in held]
    assert len(set(tokens)) == len(tokens)
    for path in {holding.path for holding in held}:
        mine = [holding for holding in held if holding.path == path]
        for earlier, later in pairwise(mine):
            assert earlier.until <= later.since, (earlier, later)
    store = SqliteStore(str(folder), moment, 20.0)
    assert store.take(lambda turn: turn.all(Lease)) == ()
    assert store.take(lambda turn: turn.last_token()) == max(tokens)
    marks = {row.anchor: row.token for row in store.take(lambda turn: turn.all(HighWater))}
    assert marks == {path: max(h.token for h in held if h.path == path) for path in {h.path for h in held}}
    log = store.take(lambda turn: turn.events(0, 1_000_000))
    tables = {ref(row): row for table in TABLES for row in store.take(lambda turn, kind=table.type: turn.all(kind))}
    assert replay(entry.changes for entry in log) == tables
    grants = [entry.lane for entry in log if entry.kind == "lease.granted"]
    assert len(grants) == len(held)
    # They did run at once: grants go from lane to lane.
    assert sum(one != other for one, other in pairwise(grants)) > len(grants) / 10
    store.close()


def test_of_eight_processes_one_at_a_time_holds_a_path(tmp_path):
    check(tmp_path, race(tmp_path, 50, 10), 50)


@pytest.mark.proof
def test_of_eight_processes_one_at_a_time_holds_a_path_for_long(tmp_path):
    count = proof_count(250)
    check(tmp_path, race(tmp_path, count, 10), count)


@pytest.mark.proof
def test_of_eight_processes_one_at_a_time_holds_the_only_path(tmp_path):
    count = proof_count(50)
    check(tmp_path, race(tmp_path, count, 1), count)
