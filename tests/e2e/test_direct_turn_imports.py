"""What the direct turn imports: it has a second, and on a busy machine each module costs some of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.hooked import recorded

import lanewise

LIST = Path(__file__).with_name("direct_turn_imports.txt")
HOOK = Path(lanewise.__file__).with_name("hook.py")
#: dataclasses brings inspect; git's door brings subprocess.
HEAVY = {
    "asyncio",
    "http",
    "pathlib",
    "msgspec",
    "psutil",
    "argparse",
    "tempfile",
    "logging",
    "random",
    "email",
    "urllib",
}


def imported(lanes, agent, name="backend/a.txt"):
    payload = recorded("PreToolUse-Write") | {
        "session_id": agent.id, "cwd": str(agent.project), "tool_input": {"file_path": agent.at(name), "content": "x"},
    }  # fmt: skip
    frame = {
        "v": 1, "client": "claude-code", "event": "PreToolUse", "cwd": str(agent.project), "env": agent.client_env(),
        "stdin": json.dumps(payload),
    }  # fmt: skip
    argv = [sys.executable, "-I", "-S", "-X", "importtime", HOOK, "direct", lanes.state]
    done = subprocess.run(argv, input=json.dumps(frame), capture_output=True, text=True, env=lanes.env, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert done.returncode == 0, done.stderr
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


def named(modules):
    """Without what differs from one Python to the next: private modules and what the interpreter itself begins with."""
    argv = [sys.executable, "-I", "-S", "-X", "importtime", "-c", ""]
    bare = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    own = {line.rpartition("|")[2].strip() for line in bare.splitlines()}
    return {name for name in modules - own if not name.startswith(("_", "encodings"))}


def test_the_direct_turn_imports_what_its_list_says(standing, standing_agents):
    agent = standing_agents(standing, "backend")
    modules = named(imported(standing, agent))
    listed = set(LIST.read_text().split())
    ours = {name for name in modules if name.split(".")[0] == "lanewise"}
    assert ours == {name for name in listed if name.split(".")[0] == "lanewise"}
    assert sorted(modules - listed) == []


def test_the_list_is_sorted_and_names_nothing_heavy():
    listed = LIST.read_text().split()
    assert listed == sorted(set(listed))
    assert not {name.split(".")[0] for name in listed} & HEAVY


def test_a_refusal_imports_no_more(standing, standing_agents):
    agent = standing_agents(standing, "backend")
    modules = named(imported(standing, agent, "frontend/a.txt"))
    assert sorted(modules - set(LIST.read_text().split())) == []
