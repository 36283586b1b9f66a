"""Fixtures for tests that drive a real client; a client that cannot be had fails in CI and skips elsewhere."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.clients.harness import LIMIT, LiveClient, Recorder, Run, start_claude
from tests.clients.install import NotInstalled, install
from tests.clients.lanes import LANEWISE, Lanes, make_lanes

from lanewise.demo.claude import claude_argv, claude_env
from lanewise.demo.model import Script, ScriptedModel, Use

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def claude() -> str:
    """The pinned Claude Code, or the one LANEWISE_CLAUDE names."""
    named = os.environ.get("LANEWISE_CLAUDE")
    if named:
        return named
    try:
        return str(install("claude-code"))
    except NotInstalled as error:
        if os.environ.get("CI"):
            pytest.fail(f"{error}.")
        pytest.skip(f"{error}; set LANEWISE_CLAUDE to a client of your own.")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A throw-away repository with one commit: a.txt says "one"."""
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a.txt").write_text("one\n")
    (root / ".gitignore").write_text(".claude/\n")
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    for argv in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-qm", "one"]):
        subprocess.run(["git", *argv], cwd=root, check=True)
    return root


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "hooks")


@pytest.fixture
def scripted():
    """A factory of scripted models; all are closed at the end, and a script that raised fails the test."""
    with contextlib.ExitStack() as open_models:

        def make(script: Script, *, subagent: Script = ()) -> ScriptedModel:
            return open_models.enter_context(ScriptedModel(script, subagent=subagent))

        yield make


@pytest.fixture
def start_client(claude: str, tmp_path: Path):
    """Starts a client and returns at once; whatever still runs at the end is ended."""
    clients: list[LiveClient] = []

    def start(cwd: Path, model: ScriptedModel, prompt: str = "do it", **kw) -> LiveClient:
        client = start_claude(claude, cwd, model.url, prompt, folder=tmp_path / f"run{len(clients)}", **kw)
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.end()


@pytest.fixture
def run_claude(start_client):
    """Runs a client to its end, in a process group of its own, with a hard limit."""

    def run(cwd: Path, model: ScriptedModel, prompt: str = "do it", *, limit: float = LIMIT, **kw) -> Run:
        return start_client(cwd, model, prompt, **kw).wait(limit)

    return run


def lane_write(lanes: Lanes, lane: str, name: str, text: str) -> Use:
    """The tool call that writes a file of a lane's worktree."""
    return Use("Write", {"file_path": str(lanes.lane(lane) / name), "content": text})


@pytest.fixture
def lanes(tmp_path: Path):
    """The example monorepo with both lanes up."""
    made = make_lanes(tmp_path)
    yield made
    made.down()


@pytest.fixture
def start_lane(claude: str, lanes: Lanes, tmp_path: Path):
    """Starts a lane's client through `lanewise run`; whatever still runs at the end is ended."""
    clients: list[LiveClient] = []

    def start(
        lane: str,
        model: ScriptedModel,
        prompt: str = "work",
        *,
        mode: str = "bypassPermissions",
        extra: tuple[str, ...] = (),
    ) -> LiveClient:
        env = claude_env(lanes.env["HOME"], model.url, lanes.env["PATH"]) | {"XDG_RUNTIME_DIR": ""}
        argv = [LANEWISE, "run", lane, "--", *claude_argv(prompt, program=claude, permission_mode=mode, extra=extra)]
        client = LiveClient(argv, lanes.root, env, tmp_path / f"lane{len(clients)}")
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.end()
