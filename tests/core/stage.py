"""A small repository for the tests of core: its rules, its moments, and a desk that keeps what decisions say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lanewise.core import lessor, paths
from lanewise.core.lane import Lane, Rules
from lanewise.core.lease import Lease
from lanewise.core.pattern import Pattern, parse
from lanewise.core.rows import HighWater, ref
from lanewise.core.view import EPOCH, Moment, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.view import Decision

WALL = 1_700_000_000.0
TTL, DELAY = 1800.0, 15.0


def at(mono: float, boot: str = "boot-1") -> Moment:
    return Moment(boot, mono, WALL + mono)


def lane(name: str, *domain: str, **rest: Any) -> Lane:
    return Lane(name, tuple(map(parse, domain)), f"feature/{name}/work", f"/repo-{name}", **rest)


def rules(*lanes: Lane, shared: Iterable[str] = ()) -> Rules:
    return Rules("demo", "/repo", "main", lanes, tuple(map(parse, shared)), TTL, DELAY)


RULES = rules(lane("backend", "backend"), lane("frontend", "frontend"), shared=["package.json"])


def pattern(name: str) -> Pattern:
    return parse(paths.clean(name))


def lease(path: str = "src/a.py", **given: Any) -> Lease:
    asked = pattern(path)
    facts: dict[str, Any] = {
        "token": EPOCH + 1,
        "path": asked.text,
        "anchor": asked.anchor,
        "glob": asked.glob,
        "mode": "exclusive",
        "lane": "backend",
        "session": "claude:b1",
        "why": "",
        "origin": "edit",
        "since": WALL,
        "boot": "boot-1",
        "expires": TTL,
        "expires_wall": WALL + TTL,
    }
    return Lease(**{**facts, **given})


@dataclass
class Desk:
    """Keeps tables in dictionaries as an event log would have them."""

    now: Moment = field(default_factory=lambda: at(0.0))
    rules: Rules = RULES
    dead: set[str] = field(default_factory=set)
    tables: dict[tuple[str, str], Any] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)

    @property
    def leases(self) -> tuple[Lease, ...]:
        found = [row for row in self.tables.values() if isinstance(row, Lease)]
        return tuple(sorted(found, key=lambda row: row.token))

    @property
    def token(self) -> int:
        return max((row.token for row in self.tables.values() if isinstance(row, HighWater)), default=EPOCH)

    def view(self) -> View:
        return View(self.now, self.token, self.rules, self.leases, dead=frozenset(self.dead))

    def keep(self, decision: Decision[Any]) -> Any:
        for event in decision.events:
            self.kinds.append(event.kind)
            for key in event.drops:
                self.tables.pop(key, None)
            for row in event.puts:
                self.tables[ref(row)] = row
        return decision.answer

    def ask(self, who: str, *names: str, **rest: Any) -> lessor.Granted | lessor.Held:
        """`who` is `lane/session`; a person asks as `lane/`."""
        lane_, _, session = who.partition("/")
        claim = lessor.Claim(lane_, session, tuple(map(pattern, names)), **rest)
        return self.keep(lessor.acquire(self.view(), claim))

    def grant(self, who: str, *names: str, **rest: Any) -> tuple[Lease, ...]:
        answer = self.ask(who, *names, **rest)
        assert isinstance(answer, lessor.Granted), answer
        return answer.leases

    def refuse(self, who: str, *names: str, **rest: Any) -> lessor.Held:
        before = dict(self.tables)
        answer = self.ask(who, *names, **rest)
        assert isinstance(answer, lessor.Held), answer
        assert self.tables == before
        return answer

    def pass_time(self, seconds: float) -> None:
        self.now = at(self.now.mono + seconds, self.now.boot)

    def held(self) -> list[tuple[str, str, str]]:
        return [(row.lane, row.session, row.path) for row in self.leases]
