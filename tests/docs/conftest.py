"""A temporary copy of the example, and the documentation pages that speak of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_BIN = Path(sys.executable).parent
_SKIPPED = shutil.ignore_patterns("node_modules", ".venv", "__pycache__", "db.sqlite3", ".nx")


@dataclass(slots=True)
class Shell:
    """One reader at a terminal: a folder that `cd` changes, and a home of their own."""

    cwd: Path
    env: dict[str, str]
    _where: Path = field(init=False)

    def __post_init__(self) -> None:
        self._where = Path(self.env["HOME"]) / "where"

    def type(self, command: str) -> tuple[int, str, str]:
        """Run one command line as a person would type it: exit status, stdout, stderr."""
        script = f'{command}\nstatus=$?\npwd > "$HOME/where"\nexit $status'
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.cwd, env=self.env, capture_output=True, text=True, check=False, timeout=60,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.cwd = Path(self._where.read_text(encoding="utf-8").strip())
        return done.returncode, done.stdout, done.stderr

    def must(self, command: str) -> str:
        """Run one command that has to succeed; its stdout."""
        status, out, err = self.type(command)
        assert status == 0, f"{command}: {status}\n{out}{err}"
        return out


def prepare(shell: Shell, given: str) -> None:
    """Bring the copy to where a page starts: plain files, a repository, or both lanes up."""
    if given in {"example", "up"}:
        shell.must("git init -q && git add -A && git commit -qm Start")
    if given == "up":
        shell.must("lanewise init && git add lanewise.toml && git commit -qm 'Two lanes' && lanewise up")


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A reader in a copy of the example; whatever daemon was started is ended with it."""
    folder = Path(tempfile.mkdtemp(prefix="lwdocs"))
    try:
        root = folder / "naga-monorepo"
        shutil.copytree(ROOT / "examples" / "monorepo", root, ignore=_SKIPPED)
        for name in ("home", "run"):
            (folder / name).mkdir(mode=0o700)
        config = "[user]\n\tname = You\n\temail = you@localhost\n[init]\n\tdefaultBranch = main\n"
        (folder / "home" / ".gitconfig").write_text(config, encoding="utf-8")
        env = {
            "PATH": f"{_BIN}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "LANG": "C.UTF-8",
            "USER": "you",
        }
        reader = Shell(root, env)
        yield reader
        reader.cwd = root
        _end_daemon(reader)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_daemon(shell: Shell) -> None:
    _, out, _ = shell.type("lanewise status --json")
    if '"pid"' in out:
        shell.type("lanewise down")
    for entry in Path("/proc").glob("[0-9]*/cmdline"):  # should `down` have failed: ours alone, by its own state folder
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"lanewise.daemon" in words and str(shell.cwd).encode() in b"\0".join(words):
            os.kill(int(entry.parent.name), signal.SIGTERM)
