"""The SQLite store: WAL, `synchronous=FULL`, every access under the gate.

`take_all` runs many turns in one transaction, each inside a SAVEPOINT, so that one sync serves everybody who waits
and a failing
turn takes nobody down with it. No answer leaves before COMMIT.
"""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

from lanewise.core.lease import Lease
from lanewise.core.paths import storable
from lanewise.core.pattern import probe_keys
from lanewise.core.rows import BY_NAME, HighWater, R, Revision, changes
from lanewise.core.session import Notice, Session
from lanewise.errors import StoreUnreadable
from lanewise.store.base import Logged
from lanewise.store.gate import Gate
from lanewise.store.migrate import migrate
from lanewise.store.rows import PUT, SELECT, from_columns, to_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lanewise.core.pattern import Pattern
    from lanewise.core.view import Decision, Event, Moment
    from lanewise.store.base import T, Turn

#: Seconds that a direct turn waits for the gate.
PATIENCE = 0.8


class SqliteTurn:
    """One turn on the open transaction."""

    def __init__(self, connection: sqlite3.Connection, now: Moment) -> None:
        """Read and write through `connection`, as of `now`."""
        self._db = connection
        self.now = now

    def last_token(self) -> int:
        """The highest token ever granted here."""
        return int(self._db.execute("SELECT value FROM meta WHERE name = 'token'").fetchone()[0])

    def find(self, kind: type[R], key: str) -> R | None:
        """The row with that key."""
        found = self._db.execute(f"{SELECT[kind]} WHERE key_ = ?", (key,)).fetchone()
        return from_columns(kind, found) if found else None

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """Every row of a kind, in the order of their keys."""
        return self._rows(kind, "ORDER BY 1, key_")

    def leases_near(self, patterns: Iterable[Pattern]) -> tuple[Lease, ...]:
        """Ancestors by exact key, descendants by range: `0` follows `/`."""
        found: dict[int, Lease] = {}
        for pattern in patterns:
            keys, below = probe_keys(pattern)
            marks = ",".join("?" * len(keys))
            near = self._rows(Lease, f"WHERE anchor IN ({marks})", *keys)
            if below:
                near += self._rows(Lease, "WHERE anchor >= ? AND anchor < ?", below, below[:-1] + "0")
            else:
                near = self._rows(Lease, "")
            found.update((lease.token, lease) for lease in near)
        return tuple(found[token] for token in sorted(found))

    def leases_of(self, lane: str) -> tuple[Lease, ...]:
        """Every stored lease of a lane."""
        return self._rows(Lease, "WHERE lane = ? ORDER BY token", lane)

    def sessions_of(self, lane: str) -> tuple[Session, ...]:
        """Every session of a lane that has not ended."""
        return self._rows(Session, "WHERE lane = ? AND ended = 0 ORDER BY since, id", lane)

    def notices_after(self, lane: str, number: int) -> tuple[Notice, ...]:
        """News for a lane that is newer than the numbered one."""
        return self._rows(Notice, "WHERE lane = ? AND id > ? ORDER BY id", lane, number)

    def last_notice(self) -> int:
        """The number of the newest notice."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM notices").fetchone()[0])

    def rules_body(self) -> tuple[int, str]:
        """Number and body of the newest settings revision."""
        newest = self._rows(Revision, "ORDER BY number DESC LIMIT 1")
        return (newest[0].number, newest[0].body) if newest else (0, "")

    def events(self, after: int, limit: int) -> tuple[Logged, ...]:
        """The log from just after a sequence number."""
        found = self._db.execute(
            "SELECT seq, at, kind, lane, session, path, text, data, changes FROM events "
            "WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, limit),
        )
        return tuple(
            Logged(*[json.loads(value) if at == 7 else value for at, value in enumerate(row)]) for row in found
        )

    def last_event(self) -> int:
        """The log's newest sequence number."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    def save(self, decision: Decision[T]) -> T:
        """Write a decision's rows and events; its answer."""
        for event in decision.events:
            self._save(event)
        return decision.answer

    def _save(self, event: Event) -> None:
        for table, key in event.drops:
            self._db.execute(f"DELETE FROM {BY_NAME[table].name} WHERE key_ = ?", (key,))
        for row in event.puts:
            self._db.execute(PUT[type(row)], to_columns(row))
            if isinstance(row, HighWater):
                self._db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'token'", (row.token,))
        self._db.execute(
            "INSERT INTO events (at, kind, lane, session, path, text, data, changes) VALUES (?,?,?,?,?,?,?,?)",
            (
                self.now.wall,
                event.kind,
                *map(storable, (event.lane, event.session, event.path, event.text)),
                json.dumps(dict(event.data)),
                changes(event.puts, event.drops),
            ),
        )

    def _rows(self, kind: type[R], where: str, *values: object) -> tuple[R, ...]:
        found = self._db.execute(f"{SELECT[kind]} {where}", values)
        return tuple(from_columns(kind, row) for row in found)


class SqliteStore:
    """One repository's store."""

    def __init__(self, folder: str, clock: Callable[[], Moment], patience: float = PATIENCE) -> None:
        """Open `<folder>/store.sqlite`, making or migrating it; raises StoreUnreadable."""
        self._clock = clock
        self._gate = Gate(os.path.join(folder, "gate"), patience)
        try:
            with self._gate.hold():
                self._db = _open(os.path.join(folder, "store.sqlite"))
        except BaseException:
            self._gate.close()
            raise

    def take(self, turn: Callable[[Turn], T]) -> T:
        """Run one function inside one transaction."""
        result = self.take_all([turn])[0]
        if isinstance(result, Failed):
            raise result.error
        return result  # type: ignore[no-any-return]

    def take_all(self, turns: Sequence[Callable[[Turn], Any]]) -> list[Any]:
        """Run every function in one transaction; a failure is a `Failed` in its place, and none of its rows is kept."""
        with self._gate.hold():
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise _unreadable(error) from error
            try:
                results = [self._one(turn) for turn in turns]
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise _unreadable(error) from error
                raise
        return results

    def close(self) -> None:
        """Close the connection under the gate: the last close checkpoints."""
        with self._gate.hold():
            self._db.close()
        self._gate.close()

    def _one(self, turn: Callable[[Turn], Any]) -> Any:
        self._db.execute("SAVEPOINT turn")
        try:
            result = turn(SqliteTurn(self._db, self._clock()))
        except Exception as error:  # noqa: BLE001 - the border of one turn: its neighbours in the batch go on
            self._db.execute("ROLLBACK TO turn")
            result = Failed(_unreadable(error) if isinstance(error, sqlite3.Error) else error)
        self._db.execute("RELEASE turn")
        return result


class Failed:
    """What a turn of a batch raised."""

    def __init__(self, error: Exception) -> None:
        """Keep the error for whoever asked."""
        self.error = error


def _open(path: str) -> sqlite3.Connection:
    made = not os.path.exists(path)
    try:
        connection = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _unreadable(error) from error
    try:
        if made:
            os.chmod(path, 0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection)
    except BaseException as error:
        # Now, under the gate: a connection that is merely forgotten closes, and checkpoints, at any time.
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise _unreadable(error) from error
        raise
    return connection


def _unreadable(error: sqlite3.Error) -> StoreUnreadable:
    return StoreUnreadable(f"The store cannot be used ({error}).", "lanewise status")
