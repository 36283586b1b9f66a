"""What tests of the whole stand on: the example monorepo up in a short folder, agents in it, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from tests.clients.lanes import EXAMPLE, LANEWISE, Lanes
from tests.e2e.daemons import sweep_up
from tests.e2e.hooked import Agent


def _is_fast(place):
    """Whether a sync costs nothing there, and programs may run from it."""
    return os.access(place, os.W_OK | os.X_OK) and not os.statvfs(place).f_flag & os.ST_NOEXEC


_MEMORY = "/dev/shm" if _is_fast("/dev/shm") else None


@pytest.fixture(autouse=True)
def no_client_around(monkeypatch):
    """The tests may be run by an agent; what they start is not its child in name."""
    for name in (
        "CLAUDECODE",
        "CLAUDE_CODE_SESSION_ID",
        "CLAUDE_PID",
        "CLAUDE_PROJECT_DIR",
        "LANEWISE_RUN",
        "LANEWISE_LANE",
    ):
        monkeypatch.delenv(name, raising=False)


def _short_folder():
    folder = Path(tempfile.mkdtemp(prefix="lw-", dir=_MEMORY)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def example():
    """The example with its `lanewise.toml` committed, copied by every test that brings it up."""
    with contextlib.contextmanager(_short_folder)() as folder:
        root = folder / "naga"
        shutil.copytree(
            EXAMPLE, root, ignore=shutil.ignore_patterns("node_modules", ".venv", "__pycache__", "db.sqlite3")
        )
        lanes = _at(folder)
        for argv in (
            ("init", "-q", "-b", "main"),
            ("config", "user.name", "Dev"),
            ("config", "user.email", "dev@localhost"),
        ):
            lanes.git(*argv)
        lanes.git("add", "-A")
        lanes.run("init")
        lanes.git("add", "-A")
        lanes.git("commit", "-qm", "start")
        yield root


def _at(folder):
    (folder / "home").mkdir()
    path = f"{Path(LANEWISE).parent}:{os.environ['PATH']}"
    return Lanes(
        folder / "naga", {"PATH": path, "HOME": str(folder / "home"), "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": ""}
    )


def bring_up(example, folder):
    """The example in that folder, with both lanes up."""
    shutil.copytree(example, folder / "naga")
    lanes = _at(folder)
    lanes.run("up")
    return lanes


def _lanes(example, folder):
    made = bring_up(example, folder)
    yield made
    sweep_up(made.state)


def _agents():
    made = []

    def start(lanes, where, *, started=True, **more):
        project = lanes.lane(where) if isinstance(where, str) else where
        agent = Agent(lanes, project, **more)
        made.append(agent)
        if started:
            agent.start()
        return agent

    yield start
    for agent in made:
        agent.die()


folder = pytest.fixture(_short_folder, name="folder")
shared_folder = pytest.fixture(_short_folder, name="shared_folder", scope="module")


@pytest.fixture
def lanes(example, folder):
    """The example, up, for one test."""
    yield from _lanes(example, folder)


@pytest.fixture(scope="module")
def standing(example, shared_folder):
    """The example, up, for all tests of a module that leave it as it was."""
    yield from _lanes(example, shared_folder)


agents = pytest.fixture(_agents, name="agents")
standing_agents = pytest.fixture(_agents, name="standing_agents", scope="module")


@pytest.fixture
def backend(lanes, agents):
    return agents(lanes, "backend")


@pytest.fixture
def frontend(lanes, agents):
    return agents(lanes, "frontend")
