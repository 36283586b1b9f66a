"""What tests put into stores: rows as one event, leases as the lessor grants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.core.stage import RULES, pattern

from lanewise.core import lessor
from lanewise.core.session import Session
from lanewise.core.view import Decision, Event, View

if TYPE_CHECKING:
    from lanewise.store.base import Store


def put(store: Store, *rows: Any, kind: str = "test", **facts: Any) -> None:
    event = Event(kind, puts=rows, **facts)
    store.take(lambda turn: turn.save(Decision(None, (event,))))


def drop(store: Store, *keys: tuple[str, str]) -> None:
    store.take(lambda turn: turn.save(Decision(None, (Event("test", drops=keys),))))


def acquire(store: Store, who: str, *names: str) -> lessor.Granted | lessor.Held:
    """`who` is `lane/session`."""
    lane, _, session = who.partition("/")
    claim = lessor.Claim(lane, session, tuple(map(pattern, names)))

    def turn_(turn):
        view = View(turn.now, turn.last_token(), RULES, turn.leases_near(claim.patterns))
        return turn.save(lessor.acquire(view, claim))

    return store.take(turn_)


def session(name: str, lane: str = "backend", since: float = 0.0, **facts: Any) -> Session:
    known = {"client": "claude", "pid": 1, "started": 2.0, "boot": "boot-1", "host": "here", "project": "/repo"}
    return Session(name, lane, since=since, seen=since, **{**known, **facts})
