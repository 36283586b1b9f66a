"""What only a human may do, and how an agent is told from one."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from tests.clients.lanes import LANEWISE

VERBS = [("resume",), ("trust",), ("trust", "--revoke"), ("down",)]
IDENTITY = [{"CLAUDECODE": "1"}, {"CLAUDE_CODE_SESSION_ID": "x"}, {"LANEWISE_RUN": "1"}]


@pytest.mark.parametrize("env", IDENTITY, ids=lambda env: next(iter(env)))
@pytest.mark.parametrize("argv", VERBS, ids=" ".join)
def test_an_agents_environment_is_refused(standing, argv, env):
    standing.run("halt", "--reason", "look")
    done = standing.try_run(*argv, env=env)
    assert done.returncode == 3
    assert "Only a human may" in done.stderr
    assert "ask the human" in done.stderr
    assert standing.json("status")["halts"]
    standing.run("resume")


@pytest.fixture
def client(tmp_path):
    """A program called claude that runs its arguments as a command."""
    program = tmp_path / "claude"
    shutil.copy(sys.executable, program)
    program.chmod(0o755)

    def run(*argv, lanes, cwd):
        script = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
        return subprocess.run(
            [program, "-I", "-S", "-c", script, *argv],
            cwd=cwd,
            env=lanes.env,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("where", ["main", "lane", "subfolder"])
def test_a_client_of_this_repository_above_the_caller_is_refused(standing, client, where):
    cwd = {"main": standing.root, "lane": standing.lane("backend"), "subfolder": standing.lane("backend") / "backend"}[
        where
    ]
    standing.run("halt", "--reason", "look")
    for argv in VERBS:
        done = client(LANEWISE, *argv, lanes=standing, cwd=cwd)
        assert done.returncode == 3, done.stderr
        assert "Only a human may" in done.stderr
    unset = [
        "env",
        "-i",
        f"PATH={standing.env['PATH']}",
        f"HOME={standing.env['HOME']}",
        "bash",
        "-c",
        "lanewise resume",
    ]
    assert client(*unset, lanes=standing, cwd=cwd).returncode == 3
    assert standing.json("status")["halts"]
    standing.run("resume")


def test_a_client_of_another_repository_above_the_caller_is_none_of_ours(standing, client, tmp_path):
    standing.run("halt", "--reason", "look")
    argv = ("bash", "-c", f"cd {standing.root} && exec {LANEWISE} resume")
    done = client(*argv, lanes=standing, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert standing.json("status")["halts"] == []


def test_a_human_may(standing):
    standing.run("halt", "--reason", "look")
    standing.run("resume")
    standing.run("trust")
    assert standing.json("trust", "--show")["trusted"]
    standing.run("trust", "--revoke")
    assert not standing.json("trust", "--show")["trusted"]


@pytest.mark.parametrize(
    "argv",
    [
        ("halt", "--reason", "help"),
        ("status",),
        ("locks",),
        ("log",),
        ("trust", "--show"),
        ("down", "--dry-run"),
        ("up",),
        ("check", "x", "--lane", "backend"),
    ],
)
def test_what_an_agent_may(standing, argv):
    assert standing.try_run(*argv, env={"CLAUDECODE": "1"}).returncode == 0
    standing.run("resume")


def test_an_agents_up_runs_no_set_up_that_nobody_trusted(standing):
    done = standing.try_run("up", env={"CLAUDECODE": "1"})
    assert "lanewise trust" in done.stderr
    assert not (standing.lane("backend") / "backend" / ".venv").exists()


def test_a_session_locks_for_its_own_lane_only(standing, standing_agents):
    agent = standing_agents(standing, "backend")
    env = agent.client_env()
    done = standing.try_run("lock", "NOTES.md", "--why", "mine", env=env, cwd=standing.lane("frontend"))
    assert done.returncode == 0, done.stderr
    (lease,) = standing.json("locks")
    assert (lease["lane"], lease["session"]) == ("backend", agent.session)
    for argv in (("lock", "x", "--lane", "frontend"), ("unlock", "--lane", "frontend")):
        refused = standing.try_run(*argv, env=env)
        assert refused.returncode == 3
        assert "works in lane backend" in refused.stderr
    assert standing.try_run("check", "x", "--lane", "frontend", env=env).returncode == 0
    standing.run("unlock", "--lane", "backend")


def test_a_session_in_no_lane_locks_nothing(standing, standing_agents):
    agent = standing_agents(standing, standing.root)
    for argv, cwd in ((("lock", "x", "--lane", "frontend"), standing.root), (("lock", "x"), standing.lane("backend"))):
        refused = standing.try_run(*argv, env=agent.client_env(), cwd=cwd)
        assert refused.returncode == 3
        assert "in no lane" in refused.stderr
    assert standing.json("locks") == []


def test_an_unknown_session_is_where_it_stands(standing):
    env = {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "never-seen"}
    assert standing.try_run("lock", "x", "--lane", "frontend", env=env, cwd=standing.lane("backend")).returncode == 3
    assert standing.try_run("lock", "x", "--lane", "frontend", env=env).returncode == 3
    assert standing.try_run("lock", "x", env=env, cwd=standing.lane("backend")).returncode == 0
    standing.run("unlock", "--lane", "backend")
