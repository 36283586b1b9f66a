"""Two lanes of a real monorepo, for clients to work in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "examples" / "monorepo"
LANEWISE = str(Path(sys.executable).with_name("lanewise"))
_SKIPPED = shutil.ignore_patterns("node_modules", ".venv", "__pycache__", "db.sqlite3")


@dataclass(frozen=True, slots=True)
class Lanes:
    """The example, up: its main worktree and the folder around it."""

    root: Path
    env: dict[str, str]
    program: str = LANEWISE

    @property
    def state(self) -> Path:
        return self.root / ".git" / "lanewise"

    def lane(self, name: str) -> Path:
        return self.root.with_name(f"{self.root.name}-{name}")

    def run(self, *argv: str, cwd: Path | None = None, env: dict[str, str] | None = None, ok: int | None = 0) -> str:
        """`lanewise ARGV` as a person would; its output."""
        done = self.try_run(*argv, cwd=cwd, env=env)
        assert ok is None or done.returncode == ok, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def try_run(
        self, *argv: str, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        argv = (self.program, *argv)
        whole = self.env | (env or {})
        return subprocess.run(argv, cwd=cwd or self.root, env=whole, capture_output=True, text=True, check=False)

    def json(self, *argv: str, cwd: Path | None = None) -> Any:
        return json.loads(self.run(*argv, "--json", cwd=cwd, ok=None))

    def git(self, *argv: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *argv], cwd=cwd or self.root, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {argv}: {done.stderr}"
        return done.stdout

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        text = self.run("log", "--json", "--all", "-n", "5000")
        return [event for event in map(json.loads, text.splitlines()) if kind in {"", event["kind"]}]

    def down(self) -> None:
        """Stop the daemon, whatever state it is in."""
        self.try_run("down")


def make_lanes(folder: Path, source: Path = EXAMPLE, program: str = LANEWISE) -> Lanes:
    """The example as a fresh repository, with both lanes up."""
    root = folder / "naga"
    shutil.copytree(source, root, ignore=_SKIPPED)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    path = f"{Path(program).parent}:{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": ""}
    lanes = Lanes(root, env, program)
    lanes.git("init", "-q", "-b", "main")
    lanes.git("config", "user.name", "Dev")
    lanes.git("config", "user.email", "dev@localhost")
    lanes.git("add", "-A")
    lanes.git("commit", "-qm", "start")
    lanes.run("init")
    lanes.git("add", "-A")
    lanes.git("commit", "-qm", "lanewise.toml")
    lanes.run("up")
    return lanes
