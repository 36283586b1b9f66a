"""A tiny monorepo with two lanes made in this very process, without a daemon: what the service's tests work on."""

from __future__ import annotations

import itertools
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lanewise.clients.base import Call
from lanewise.clients.known import DIALECTS
from lanewise.core.effect import StartDaemon
from lanewise.core.lease import Lease
from lanewise.core.view import Moment
from lanewise.git.locate import repository_of
from lanewise.host import clock, files
from lanewise.service import desired, hooks, lanes, perform
from lanewise.service.app import App
from lanewise.store.sqlite import SqliteStore

TOML = """
[lane.backend]
domain = ["backend/**"]

[lane.frontend]
domain = ["frontend/**"]

[shared]
paths = ["package.json", "docs/**"]
"""
FILES = {
    "backend/app.py": "app\n",
    "frontend/App.vue": "vue\n",
    "package.json": "{}\n",
    "package-lock.json": "{}\n",
    "docs/guide.md": "guide\n",
    "NOTES.md": "notes\n",
    ".gitignore": "*.log\n.env\n",
}
_NUMBERS = itertools.count(1)


def git(where: Path, *argv: str) -> str:
    done = subprocess.run(["git", *argv], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_repository(folder: Path, toml: str = TOML, name: str = "shop") -> Path:
    """One commit, `lanewise.toml` in it."""
    root = folder / name
    for path, text in {**FILES, "lanewise.toml": toml}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Dev")
    git(root, "config", "user.email", "dev@localhost")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


@dataclass
class Clock:
    """The host's clock, moved on by tests."""

    ahead: float = 0.0

    def moment(self) -> Moment:
        now = clock.moment()
        return Moment(now.boot, now.mono + self.ahead, now.wall + self.ahead)


@dataclass
class Shop:
    """The monorepo, up."""

    root: Path
    app: App
    clock: Clock = field(default_factory=Clock)

    @property
    def state(self) -> Path:
        return Path(self.app.state)

    def lane(self, name: str) -> Path:
        return self.root.with_name(f"{self.root.name}-{name}")

    def up(self) -> lanes.Plan:
        """All of `up` but the daemon."""
        settings = desired.load(self.app.repository)
        places = {row.lane: row for row in self.app.store.take(lambda turn: turn.all(lanes.Place))}
        plan = lanes.plan_up(self.app.repository, settings, places)
        desired.save_revision(self.app, plan.body)
        perform.perform(self.app, without_daemon(plan.effects), lambda _: None)
        return plan

    def leases(self) -> dict[str, Lease]:
        return {lease.path: lease for lease in self.app.store.take(lambda turn: turn.all(Lease))}

    def events(self, kind: str = "") -> list[Any]:
        found = self.app.store.take(lambda turn: turn.events(0, 10_000))
        return [event for event in found if kind in {"", event.kind}]

    def call(self, lane: str, moment: str, **more: Any) -> Any:
        """What a hook call of that lane's session comes to."""
        project = str(self.lane(lane) if lane else self.root)
        fields = {"client": "claude-code", "session": f"claude-code:{lane or 'main'}-1", "pid": os.getpid()}
        fields |= {"cwd": project, "project": project, "call": f"toolu_{next(_NUMBERS)}"}
        return hooks.answer(self.app, Call(moment=moment, **{**fields, **more}))

    def write(self, lane: str, *names: str, **more: Any) -> Any:
        return self.call(lane, "before_tool", tool="Write", writes=True, paths=names, **more)

    def shell(self, lane: str, command: str, **more: Any) -> Any:
        return self.call(lane, "before_tool", tool="Bash", writes=True, command=command, **more)

    def wrote(self, lane: str, name: str, text: str = "x\n", **more: Any) -> Any:
        """A whole write."""
        number = f"toolu_{next(_NUMBERS)}"
        answer = self.write(lane, name, call=number, **more)
        path = self.lane(lane) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.call(lane, "after_tool", tool="Write", writes=True, paths=(name,), call=number, **more)
        return answer


def without_daemon(effects: Any) -> Any:
    return tuple(effect for effect in effects if not isinstance(effect, StartDaemon))


def open_shop(root: Path) -> Shop:
    repository = repository_of(str(root / ".git"))
    files.private_folder(repository.state)
    ticking = Clock()
    shop = Shop(root, App(repository, SqliteStore(repository.state, ticking.moment)), ticking)
    shop.up()
    return shop


def render(call: Call, outcome: Any) -> Any:
    return DIALECTS["claude-code"].render(call, outcome)
