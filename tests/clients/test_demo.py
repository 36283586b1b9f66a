"""`lanewise demo` with two real clients at once: the very story that the scripted agents play."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.clients.harness import PATH

pytestmark = pytest.mark.client


def test_two_real_clients_play_the_demo_as_told_and_leave_nothing_behind(claude):
    folder = Path(tempfile.mkdtemp(prefix="lw-")).resolve()  # a socket's path has to fit below it
    env = {"PATH": PATH, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "LANEWISE_CLAUDE": claude}
    argv = [sys.executable, "-m", "lanewise", "demo", "--json"]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, ""), lines[-1]
    assert "real Claude Code" in lines[0]["agents"]
    assert (lines[-1]["ok"], lines[-1]["agents"]) == (True, "claude")
    assert lines[-1]["prevented"] == {"lease": 1, "domain": 2, "git": 1, "halt": 2}
    told = [line["told"] for line in lines if line.get("result") in {"refused", "stopped"}]
    assert all("hook error" not in text and text for text in told)
    assert not list(folder.glob("lanewise-demo-*"))
    shutil.rmtree(folder)
