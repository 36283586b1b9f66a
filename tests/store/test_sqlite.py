from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from functools import partial

import pytest
from tests.core.stage import lease, pattern
from tests.store.clock import Clock
from tests.store.saving import acquire, put

from lanewise.core.halt import Halt
from lanewise.core.lease import Lease
from lanewise.core.rows import TABLES, HighWater, Place, names
from lanewise.core.view import EPOCH, Decision, Event
from lanewise.errors import StoreUnreadable
from lanewise.store.sqlite import Failed, SqliteStore


@pytest.fixture
def again(tmp_path, clock):
    """Opens the store of the test's folder once more."""
    made = []

    def open_():
        made.append(SqliteStore(str(tmp_path), clock, 20.0))
        return made[-1]

    yield open_
    for store in made:
        store.close()


def save(kind, *rows, turn):
    return turn.save(Decision(kind, (Event(kind, puts=rows),)))


# --- what lasts ---


def test_rows_log_and_tokens_survive_reopening(tmp_path, clock, again):
    store = SqliteStore(str(tmp_path), clock, 20.0)
    held = acquire(store, "backend/b1", "src/a.py", "src/*.ts").leases
    put(store, Halt("all", "human", "r", "ann", 1.0, ("a", "b")))
    store.close()
    reopened = again()
    assert reopened.take(lambda turn: turn.all(Lease)) == held
    assert reopened.take(lambda turn: turn.find(Halt, "all")) == Halt("all", "human", "r", "ann", 1.0, ("a", "b"))
    assert reopened.take(lambda turn: turn.last_event()) == 3
    assert acquire(reopened, "frontend/f1", "lib").leases[0].token == held[-1].token + 1


def test_two_open_stores_see_each_others_turns(sqlite, again):
    other = again()
    for number in range(5):
        put(sqlite if number % 2 else other, Place(f"lane{number}", "/w", "b", "ready"))
    assert len(sqlite.take(lambda turn: turn.all(Place))) == 5
    assert other.take(lambda turn: turn.last_event()) == 5


def test_the_database_is_the_users_alone_and_synced_at_every_commit(tmp_path, sqlite):
    assert stat.S_IMODE(os.stat(tmp_path / "store.sqlite").st_mode) == 0o600
    assert stat.S_IMODE(os.stat(tmp_path / "gate").st_mode) == 0o600
    assert sqlite._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert sqlite._db.execute("PRAGMA synchronous").fetchone() == (2,)


# --- batches ---


def test_a_failing_turn_of_a_batch_keeps_its_neighbours(sqlite):
    def stumble(turn):
        save("bad", Halt("all", "t", "r", "b", 0.0), HighWater("x", EPOCH + 50), turn=turn)
        raise ValueError("stumbled")

    first, failed, second = sqlite.take_all(
        [partial(_save, "one"), stumble, partial(_save, "two")],
    )
    assert (first, second) == ("one", "two")
    assert isinstance(failed, Failed)
    assert str(failed.error) == "stumbled"
    assert [event.kind for event in sqlite.take(lambda turn: turn.events(0, 9))] == ["one", "two"]
    assert sqlite.take(lambda turn: (turn.all(Halt), turn.last_token())) == ((), EPOCH)


def _save(kind, turn):
    return save(kind, Place(kind, "/w", "b", "ready"), turn=turn)


def test_later_turns_of_a_batch_see_the_earlier_ones(sqlite):
    assert sqlite.take_all([partial(_save, "one"), lambda turn: turn.find(Place, "one").lane]) == ["one", "one"]


def test_a_batch_that_is_broken_off_leaves_nothing_and_frees_the_gate(sqlite, again):
    def broken_off(_turn):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sqlite.take_all([partial(_save, "one"), broken_off])
    other = again()
    assert other.take(lambda turn: turn.all(Place)) == ()
    put(sqlite, Place("two", "/w", "b", "ready"))


def test_a_statement_that_fails_is_told_as_an_unreadable_store(sqlite):
    with pytest.raises(StoreUnreadable, match="no such table"):
        sqlite.take(lambda turn: turn._db.execute("SELECT * FROM no_such_table"))
    assert sqlite.take(lambda turn: turn.last_event()) == 0


# --- cost ---


def plans(sqlite, *asked):
    statements = []
    sqlite._db.set_trace_callback(statements.append)
    sqlite.take(lambda turn: turn.leases_near(map(pattern, asked)))
    sqlite._db.set_trace_callback(None)
    reads = [text for text in statements if text.startswith("SELECT")]
    return [row[3] for text in reads for row in sqlite._db.execute(f"EXPLAIN QUERY PLAN {text}")]


@pytest.mark.parametrize("asked", ["src/a.py", "src", "src/*.py", "src/**/x/*.ts", "a/b/c/d/e.py"])
def test_an_anchored_claim_finds_its_leases_by_index(sqlite, asked):
    put(sqlite, *[lease(f"src/{number}.py", token=EPOCH + number) for number in range(1, 200)])
    found = plans(sqlite, asked)
    assert len(found) >= 2
    assert all("USING INDEX leases_by_anchor" in step for step in found), found
    assert not any(step.startswith("SCAN") for step in found), found


def test_a_claim_reads_as_many_leases_as_it_can_touch(sqlite):
    put(sqlite, *[lease(f"src/{number}/a.py", token=EPOCH + number) for number in range(1, 500)])
    assert len(sqlite.take(lambda turn: turn.leases_near((pattern("src/7/a.py"), pattern("src/7/*.py"))))) == 1


# --- migrations ---


def test_the_columns_are_the_rows_fields(sqlite):
    for table in TABLES:
        columns = [row[1] for row in sqlite._db.execute(f"PRAGMA table_info({table.name})")]
        assert columns == ["key_", *names(table.type)]


def test_opening_twice_migrates_once(sqlite, again):
    again()
    applied = sqlite._db.execute("SELECT number, name, length(digest) FROM migrations").fetchall()
    version = sqlite._db.execute("PRAGMA user_version").fetchone()[0]
    assert [number for number, _, _ in applied] == list(range(1, version + 1))
    assert {length for _, _, length in applied} == {64}


def test_a_store_that_a_newer_lanewise_wrote_is_refused_and_left_alone(tmp_path, clock):
    SqliteStore(str(tmp_path), clock).close()
    database = sqlite3.connect(tmp_path / "store.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = (tmp_path / "store.sqlite").read_bytes()
    for _ in range(2):
        with pytest.raises(StoreUnreadable, match="shape 99"):
            SqliteStore(str(tmp_path), clock, 0.2)
    assert (tmp_path / "store.sqlite").read_bytes() == before
    assert not (tmp_path / "store.sqlite-wal").exists()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, clock):
    (tmp_path / "store.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnreadable):
        SqliteStore(str(tmp_path), clock)
    assert (tmp_path / "store.sqlite").read_bytes() == b"not a database" * 100


def test_a_refused_store_keeps_no_file_open(tmp_path, clock):
    (tmp_path / "store.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnreadable):
        SqliteStore(str(tmp_path), clock)
    links = [os.path.join("/dev/fd", name) for name in os.listdir("/dev/fd")]
    opened = [os.path.realpath(link) for link in links if os.path.lexists(link)]
    assert not [path for path in opened if path.startswith(str(tmp_path))]


OPENER = """
import sys
from lanewise.host.clock import moment
from lanewise.store.sqlite import SqliteStore
from lanewise.core.rows import Place
from lanewise.core.view import Decision, Event
sys.stdin.read()
store = SqliteStore(sys.argv[1], moment, 60.0)
place = Place(sys.argv[2], "/w", "b", "ready")
store.take(lambda turn: turn.save(Decision(None, (Event("e", puts=(place,)),))))
store.close()
"""


def test_twenty_processes_that_open_first_at_once_all_do(tmp_path):
    argv = [sys.executable, "-c", OPENER, str(tmp_path)]
    started = [
        subprocess.Popen([*argv, f"lane{number}"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for number in range(20)
    ]
    for process in started:  # all wait for the end of their input
        process.stdin.close()
    for process in started:
        with process.stderr:
            assert (process.wait(60), process.stderr.read()) == (0, b"")
    store = SqliteStore(str(tmp_path), Clock(), 20.0)
    assert len(store.take(lambda turn: turn.all(Place))) == 20
    assert store.take(lambda turn: turn.last_event()) == 20
    assert len(store._db.execute("SELECT * FROM migrations").fetchall()) >= 1
    store.close()
