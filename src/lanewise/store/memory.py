"""A store that forgets: the contract in dictionaries, for the tests of what stands above it."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

from lanewise.core.lease import Lease
from lanewise.core.pattern import probe_keys
from lanewise.core.rows import BY_NAME, BY_TYPE, TABLES, HighWater, R, Revision, changes, names, ref
from lanewise.core.session import Notice, Session
from lanewise.core.view import EPOCH
from lanewise.store.base import Logged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lanewise.core.pattern import Pattern
    from lanewise.core.view import Decision, Event, Moment
    from lanewise.store.base import T, Turn


class MemoryTurn:
    """One turn on copies of the dictionaries."""

    def __init__(self, tables: dict[str, dict[str, Any]], log: list[Logged], token: int, now: Moment) -> None:
        """Work on `tables` and `log`, which the store keeps only if the turn ends well."""
        self.tables = tables
        self.log = log
        self.token = token
        self.now = now

    def last_token(self) -> int:
        """The highest token ever granted here."""
        return self.token

    def find(self, kind: type[R], key: str) -> R | None:
        """The row with that key."""
        return self.tables[BY_TYPE[kind].name].get(key)

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """Every row of a kind, in the order of their keys."""
        table = BY_TYPE[kind]
        rows = self.tables[table.name].values()
        return tuple(sorted(rows, key=lambda row: (getattr(row, names(kind)[0]), table.key(row))))

    def leases_near(self, patterns: Iterable[Pattern]) -> tuple[Lease, ...]:
        """Every stored lease that could overlap one of the patterns."""
        probes = [probe_keys(pattern) for pattern in patterns]
        return tuple(
            lease
            for lease in self.all(Lease)
            if any(lease.anchor in keys or lease.anchor.startswith(below) for keys, below in probes)
        )

    def leases_of(self, lane: str) -> tuple[Lease, ...]:
        """Every stored lease of a lane."""
        return tuple(lease for lease in self.all(Lease) if lease.lane == lane)

    def sessions_of(self, lane: str) -> tuple[Session, ...]:
        """Every session of a lane that has not ended."""
        mine = [session for session in self.all(Session) if session.lane == lane and not session.ended]
        return tuple(sorted(mine, key=lambda session: (session.since, session.id)))

    def notices_after(self, lane: str, number: int) -> tuple[Notice, ...]:
        """News for a lane that is newer than the numbered one."""
        return tuple(notice for notice in self.all(Notice) if notice.lane == lane and notice.id > number)

    def last_notice(self) -> int:
        """The number of the newest notice."""
        return max((notice.id for notice in self.all(Notice)), default=0)

    def rules_body(self) -> tuple[int, str]:
        """Number and body of the newest settings revision."""
        newest = max(self.all(Revision), key=lambda row: row.number, default=None)
        return (newest.number, newest.body) if newest else (0, "")

    def events(self, after: int, limit: int) -> tuple[Logged, ...]:
        """The log from just after a sequence number."""
        return tuple([event for event in self.log if event.seq > after][:limit])

    def last_event(self) -> int:
        """The log's newest sequence number."""
        return len(self.log)

    def save(self, decision: Decision[T]) -> T:
        """Keep a decision's rows and events; its answer."""
        for event in decision.events:
            self._save(event)
        return decision.answer

    def _save(self, event: Event) -> None:
        for table, key in event.drops:
            self.tables[BY_NAME[table].name].pop(key, None)
        for row in event.puts:
            table, key = ref(row)
            self.tables[table][key] = row
            if isinstance(row, HighWater):
                self.token = max(self.token, row.token)
        self.log.append(
            Logged(
                len(self.log) + 1,
                self.now.wall,
                event.kind,
                event.lane,
                event.session,
                event.path,
                event.text,
                dict(event.data),
                changes(event.puts, event.drops),
            )
        )


class MemoryStore:
    """One repository's store, gone with the process."""

    def __init__(self, clock: Callable[[], Moment]) -> None:
        """Start empty."""
        self._clock = clock
        self._tables: dict[str, dict[str, Any]] = {table.name: {} for table in TABLES}
        self._log: list[Logged] = []
        self._token = EPOCH
        self._alone = threading.Lock()

    def take(self, turn: Callable[[Turn], T]) -> T:
        """Run one function on copies; keep them if it returns."""
        with self._alone:
            mine = MemoryTurn(
                {name: copy.copy(rows) for name, rows in self._tables.items()},
                list(self._log),
                self._token,
                self._clock(),
            )
            result = turn(mine)
            self._tables, self._log, self._token = mine.tables, mine.log, mine.token
            return result

    def close(self) -> None:
        """Nothing is held."""
