from __future__ import annotations

import pytest
from tests.store.clock import Clock

from lanewise.store.group import GroupStore
from lanewise.store.memory import MemoryStore
from lanewise.store.sqlite import SqliteStore

PATIENCE = 20.0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sqlite(tmp_path, clock):
    store = SqliteStore(str(tmp_path), clock, PATIENCE)
    yield store
    store.close()


@pytest.fixture(params=["memory", "sqlite", "group"])
def store(request, tmp_path, clock):
    made = MemoryStore(clock) if request.param == "memory" else SqliteStore(str(tmp_path), clock, PATIENCE)
    made = GroupStore(made) if request.param == "group" else made
    yield made
    made.close()
