"""Each ratchet bites: a seeded violation in a copy of the tree is found by the command that `make lint` runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
KNOT = (
    "def f(a: int) -> int:\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(11)) + "    return a\n"
)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    tree = tmp_path_factory.mktemp("tree")
    skip = shutil.ignore_patterns("__pycache__", "_bin", "_examples", ".venv", "node_modules")
    for name in ("src", "tests", "native"):
        shutil.copytree(ROOT / name, tree / name, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


@pytest.fixture
def tree(pristine, tmp_path):
    copy = tmp_path / "tree"
    shutil.copytree(pristine, copy)
    return copy


def run(tree, *argv):
    env = {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONPATH": str(tree / "src"), "HOME": str(tree)}
    return subprocess.run(argv, cwd=tree, env=env, capture_output=True, text=True, check=False)


def ratchets(tree):
    return run(tree, sys.executable, "tests/lint/ratchets.py")


def seed(tree, name, text):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('"""Seeded."""\n\n' + text)


def test_the_tree_itself_holds(pristine):
    done = ratchets(pristine)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("src/lanewise/core/long_file.py", "x = 1\n" * 400, "over 400"),
        ("src/lanewise/core/long_function.py", "def f():\n" + "    x = 1\n" * 51, "over 50"),
        ("src/lanewise/service/broad.py", "try:\n    x = 1\nexcept Exception:\n    x = 2\n", "broad except"),
        ("src/lanewise/service/bare.py", "try:\n    x = 1\nexcept:\n    x = 2\n", "broad except"),
        ("tests/core/test_seeded.py", "from unittest import " + "mock\n", "in the tests of core"),
        ("native/hook.c", "int x;\n" * 251, "over 250 lines"),
    ],
)
def test_a_seeded_breach_is_found(tree, name, text, found):
    seed(tree, name, text)

    done = ratchets(tree)

    assert done.returncode == 1
    assert found in done.stdout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("src/lanewise/core/clocked.py", "import time\n\nNOW = time.time()\n"),
        ("src/lanewise/core/upward.py", "from lanewise.service import app\n\nAPP = app\n"),
        ("src/lanewise/store/sideways.py", "from lanewise.git import run\n\nRUN = run\n"),
        ("src/lanewise/service/to_cli.py", "from lanewise.cli import surface\n\nSURFACE = surface\n"),
    ],
)
def test_an_import_that_points_the_wrong_way_is_found(tree, name, text):
    seed(tree, name, text)

    done = run(tree, str(BIN / "lint-imports"), "--no-cache")

    assert done.returncode == 1, done.stdout + done.stderr


def test_a_cycle_is_found(tree):
    seed(tree, "src/lanewise/core/one.py", "from lanewise.core import two\n\nTWO = two\n")
    seed(tree, "src/lanewise/core/two.py", "from lanewise.core import one\n\nONE = one\n")

    assert run(tree, str(BIN / "lint-imports"), "--no-cache").returncode == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("import subprocess\n\nRUN = subprocess.run\n", "TID251"),
        ("import sqlite3\n\nDB = sqlite3.connect\n", "TID251"),
        (KNOT, "C901"),
        ("LINE = '" + "x" * 120 + "'\n", "E501"),
    ],
)
def test_ruff_finds_a_closed_door_a_knot_and_a_long_line(tree, text, rule):
    seed(tree, "src/lanewise/service/seeded.py", text)

    argv = (str(BIN / "ruff"), "check", "--no-cache", "--output-format", "concise")
    done = run(tree, *argv, "src/lanewise/service/seeded.py")

    assert rule in done.stdout


def test_the_type_checker_is_strict(tree):
    seed(tree, "src/lanewise/core/untyped.py", "def f(a):\n    return a\n")

    done = run(tree, sys.executable, "-m", "mypy", "--strict", "--follow-imports=skip", "src/lanewise/core/untyped.py")

    assert "no-untyped-def" in done.stdout
