"""The place the demo plays in: a small monorepo in a temporary folder, of which nothing stays behind."""

from __future__ import annotations

import os
import shutil
import site
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lanewise
from lanewise.errors import Trouble
from lanewise.git.run import run_git
from lanewise.host import files, process, sockets
from lanewise.service import lanes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lanewise.host.process import Ran

PROJECT = "naga"
#: All that the demo's processes get of the caller's environment: no settings, keys or identity of anybody's.
_KEPT = (
    *("PATH", "LANG", "LC_ALL", "TERM", "TMPDIR", "XDG_RUNTIME_DIR", "USER", "LOGNAME"),
    *("PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
)
_NOT_COPIED = shutil.ignore_patterns(
    *("node_modules", ".venv", "__pycache__", ".pytest_cache", ".nx", "dist", "coverage", "db.sqlite3", ".env")
)
_SETTINGS = {
    "user.name": "Dara Sok",
    "user.email": "dara@naga.example",
    "commit.gpgSign": "false",
    "core.autocrlf": "false",
    "advice.detachedHead": "false",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A managed repository made for this demo alone."""

    #: The temporary folder: repository, lanes' worktrees, home.
    folder: str
    #: The environment of every process of the demo.
    env: Mapping[str, str]

    @property
    def root(self) -> str:
        """The main worktree."""
        return os.path.join(self.folder, PROJECT)

    @property
    def state(self) -> str:
        """Where lanewise keeps its state."""
        return os.path.join(self.root, ".git", "lanewise")

    @property
    def hook(self) -> str:
        """The hook client that `up` installed."""
        return os.path.join(self.state, "bin", "lanewise-hook")

    def worktree(self, lane: str) -> str:
        """A lane's worktree."""
        return os.path.join(self.folder, f"{PROJECT}-{lane}")

    def branch(self, lane: str) -> str:
        """The branch that a lane works on."""
        return run_git(self.worktree(lane), "branch", "--show-current").strip()

    def run_lanewise(self, *argv: str, env: Mapping[str, str] | None = None) -> Ran:
        """The real command, as a person would type it in the main worktree."""
        words = [*process.python_argv(), *argv]
        return process.run(words, cwd=self.root, env={**self.env, **(env or {})}, timeout=60)


@contextmanager
def open_stage(*, keep: bool) -> Iterator[Stage]:
    """A repository of one commit; at the end its daemon is stopped and its folder removed, unless it is to be kept."""
    source = _require_example()
    folder = files.real(tempfile.mkdtemp(prefix="lanewise-demo-"))
    stage = Stage(folder, _environment(folder))
    try:
        _make_repository(source, stage.root)
        yield stage
    finally:
        _stop_daemon(stage.state)
        if not keep:
            # The daemon has ended; a hook that a killed client left behind may still be writing.
            shutil.rmtree(folder, ignore_errors=True)


def _require_example() -> str:
    """The example monorepo: in the installed package, else in the checkout around it."""
    package = os.path.dirname(os.path.abspath(lanewise.__file__))
    checkout = os.path.dirname(os.path.dirname(package))
    places = [os.path.join(package, "_examples", "monorepo"), os.path.join(checkout, "examples", "monorepo")]
    for place in places:
        if os.path.exists(os.path.join(place, "backend", "manage.py")):
            return place
    raise Trouble("This installation of lanewise came without its example.", "pip install --force-reinstall lanewise")


def _environment(folder: str) -> dict[str, str]:
    home = os.path.join(folder, "home")
    os.mkdir(home)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "HOME": home,
        "COLUMNS": "110",
        # Packages that were installed for this user only are found from the other home too.
        "PYTHONUSERBASE": site.getuserbase(),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def _make_repository(source: str, root: str) -> None:
    shutil.copytree(source, root, ignore=_NOT_COPIED)
    for folder, _, names in os.walk(root):
        # An installed package may be read-only, and copies of its files and folders then are too.
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            os.chmod(path, os.stat(path).st_mode | stat.S_IWUSR)
    run_git(root, "init", "-q", "--template=", "-b", "main")
    for name, value in _SETTINGS.items():
        run_git(root, "config", name, value)
    run_git(root, "add", "-A")
    run_git(root, "commit", "-q", "-m", "Naga SIS 0.4.0")


def _stop_daemon(state: str) -> None:
    if not os.path.isdir(state):
        return  # `up` was never reached
    lanes.stop_daemon(state, lambda _: None)
    folder = os.path.dirname(sockets.socket_path(state))
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)
