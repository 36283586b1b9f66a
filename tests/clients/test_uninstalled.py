"""lanewise installed from its wheel, used, and uninstalled without `down`: the client works on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.clients.lanes import make_lanes

from lanewise.demo.model import Say, Use

pytestmark = pytest.mark.client

ROOT = Path(__file__).parents[2]
_BUILT_FROM = ("src", "native", "examples", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "Makefile")


@pytest.fixture
def environment(tmp_path):
    """A virtual environment with the wheel in it, as a user has."""
    tree = tmp_path / "tree"
    tree.mkdir()
    skip = shutil.ignore_patterns("__pycache__", "_bin", "_examples", "node_modules", ".venv")
    for name in _BUILT_FROM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=skip)
        else:
            shutil.copy(source, tree)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=tree)
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", str(venv))
    (wheel,) = (tree / "dist").glob("*.whl")
    run(str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", str(wheel))
    return venv


def run(*argv, cwd=None):
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_after_pip_uninstall_the_client_works_on_and_one_line_says_so(environment, tmp_path, scripted, start_client):
    lanes = make_lanes(tmp_path, program=str(environment / "bin" / "lanewise"))
    foreign = lanes.lane("backend") / "frontend" / "hello.txt"
    governed = scripted([(Use("Write", {"file_path": str(foreign), "content": "x\n"}),), Say("done")])
    start_client(lanes.lane("backend"), governed).wait(60)
    assert governed.tool_results()[0].is_error
    pid = lanes.json("status")["daemon"]["pid"]

    run(str(environment / "bin" / "pip"), "uninstall", "--quiet", "--yes", "lanewise")

    names = ("one.txt", "two.txt")
    steps = [(Use("Write", {"file_path": str(foreign.with_name(name)), "content": "x\n"}),) for name in names]
    model = scripted([*steps, Say("done")])
    done = start_client(lanes.lane("backend"), model, extra=("--include-hook-events",)).wait(60)

    assert [result.is_error for result in model.tool_results()] == [False, False]
    said = [line for event in done.hook_events for line in [str(event)] if "no longer installed" in line]
    assert len({event["hook_id"] for event in done.hook_events if "no longer installed" in str(event)}) == 1, said
    _await_end(pid)


def _await_end(pid):
    """The daemon leaves by itself when its installation is gone."""
    import psutil

    psutil.wait_procs([process for process in [_find(psutil, pid)] if process], timeout=10)
    assert _find(psutil, pid) is None


def _find(psutil, pid):
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None
