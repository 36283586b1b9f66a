"""A real repository, by the user's git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: Names that text-reading code trips over.
ODD = ["new\nline", 'q"uote', "-dash", '"', "back\\slash", "tab\there", "ret\r", " blank ", "ü.txt", ":(top)x", "star*"]
#: A name of bytes that are no UTF-8, as Python has it.
BYTES = os.fsdecode(b"caf\xe9")


@dataclass
class Repo:
    """One worktree."""

    path: Path

    def git(self, *args: str, ok: bool = True) -> str:
        done = subprocess.run(["git", *args], cwd=self.path, capture_output=True, check=False)
        assert done.returncode == 0 or not ok, done.stderr
        return os.fsdecode(done.stdout)

    def write(self, name: str, text: str | bytes) -> None:
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)

    def read(self, name: str) -> bytes:
        with open(os.path.join(self.path, name), "rb") as file:
            return file.read()

    def commit(self, message: str, files: dict[str, str | bytes] | None = None) -> str:
        for name, text in (files or {}).items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-qm", message, "--allow-empty")
        return self.git("rev-parse", "HEAD").strip()

    def linked(self, name: str, branch: str, *more: str) -> Repo:
        path = self.path.parent / name
        self.git("worktree", "add", "-q", *more, "-b", branch, str(path))
        return Repo(path)
