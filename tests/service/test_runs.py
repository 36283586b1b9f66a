"""How a lane's client is started, and what is tidied when it has ended."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.service.monorepo import TOML, make_repository, open_shop

from lanewise.core.session import Session
from lanewise.errors import BadInput, Refused, Trouble
from lanewise.git.locate import find_repository
from lanewise.service import desired, runs, trust

FAKE = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{version} (Claude Code)'; exit; fi\n{body}\n"


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A program called claude, found on PATH."""

    def make(body="exit 0", version="2.1.330"):
        program = tmp_path / "claude"
        program.write_text(FAKE.format(version=version, body=body))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return program

    return make


def test_the_lanes_client_starts_governed_in_the_lane(shop, fake):
    program = fake()
    launch = runs.prepare(shop.app, "backend", [])
    assert launch.argv[:2] == (str(program), "--settings")
    assert json.loads(Path(launch.argv[2]).read_text())["hooks"]["PreToolUse"]
    assert (launch.env["LANEWISE_LANE"], launch.env["LANEWISE_RUN"]) == ("backend", str(os.getpid()))
    assert launch.remarks == ()


def test_words_of_ones_own_come_behind_ours(shop, fake):
    program = fake()
    launch = runs.prepare(shop.app, "backend", ["claude", "-p", "x"])
    assert launch.argv == (str(program), "--settings", launch.argv[2], "-p", "x")


def test_another_client_is_started_and_said_to_be_ungoverned(shop):
    launch = runs.prepare(shop.app, "backend", [sys.executable, "-c", "pass"])
    assert launch.argv == (sys.executable, "-c", "pass")
    assert "not governed" in launch.remarks[0]


@pytest.mark.parametrize(
    ("version", "warned"), [("2.1.200", True), ("2.1.295", False), ("3.0.0", False), ("soon", False)]
)
def test_a_client_that_lets_edits_pass_when_a_hook_fails_is_named_first(shop, fake, version, warned):
    fake(version=version)
    assert bool(runs.prepare(shop.app, "backend", []).remarks) == warned


def test_the_identity_of_the_client_that_started_us_is_not_handed_on(shop, fake, monkeypatch):
    fake()
    for name in ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "CLAUDE_PROJECT_DIR"):
        monkeypatch.setenv(name, "outer")
    env = runs.prepare(shop.app, "backend", []).env
    assert "outer" not in env.values()


def test_what_cannot_be_started_is_said(shop, monkeypatch):
    with pytest.raises(BadInput, match="nobody"):
        runs.prepare(shop.app, "nobody", [])
    with pytest.raises(Trouble, match="not on PATH"):
        runs.prepare(shop.app, "backend", ["no-such-program"])
    shop.lane("backend").rename(shop.lane("backend").with_name("away"))
    with pytest.raises(Refused, match="no worktree"):
        runs.prepare(shop.app, "backend", ["true"])


def test_a_lanes_environment_waits_for_trust(folder, fake):
    fake()
    root = make_repository(folder, TOML.replace('["backend/**"]', '["backend/**"]\nenv = { PORT = "8000" }'))
    shop = open_shop(root)
    launch = runs.prepare(shop.app, "backend", [])
    assert "PORT" not in launch.env
    assert "trust" in launch.remarks[0]
    repository = find_repository(str(root))
    trust.trust(repository, desired.load(repository))
    assert runs.prepare(shop.app, "backend", []).env["PORT"] == "8000"
    shop.app.store.close()


@pytest.mark.parametrize(
    ("body", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)]
)
def test_the_exit_status_is_the_clients(shop, fake, body, status):
    fake(body)
    assert runs.start(shop.app, runs.prepare(shop.app, "backend", [])) == status
    assert [event.data["status"] for event in shop.events("run.ended")] == [status]


def test_the_sessions_of_a_client_end_with_it(shop, fake):
    fake()
    launch = runs.prepare(shop.app, "backend", [])

    def start(argv, *, cwd, env, note):
        note(os.getpid())
        shop.wrote("backend", "NOTES.md")
        shop.write("backend", "backend/untouched.py", call="toolu_untouched")
        shop.call("backend", "after_tool", tool="Write", call="toolu_untouched")
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs.process, "run_foreground", start)
        runs.start(shop.app, launch)
    session = shop.app.store.take(lambda turn: turn.find(Session, "claude-code:backend-1"))
    assert session.ended
    assert list(shop.leases()) == ["NOTES.md"]


def test_the_client_works_in_the_lanes_worktree(shop, fake, folder):
    fake(f"pwd > {folder}/where; echo $LANEWISE_LANE >> {folder}/where")
    runs.start(shop.app, runs.prepare(shop.app, "frontend", []))
    assert (folder / "where").read_text() == f"{shop.lane('frontend')}\nfrontend\n"
