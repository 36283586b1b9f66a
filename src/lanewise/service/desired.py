"""What the settings ask for, as plain data: the body of a settings revision."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from lanewise import settings as toml
from lanewise.core.lane import Rules, load_rules
from lanewise.core.rows import Revision
from lanewise.core.view import Decision, Event
from lanewise.errors import NotManaged
from lanewise.host import files

if TYPE_CHECKING:
    from lanewise.git.locate import Repository
    from lanewise.service.app import App
    from lanewise.settings import Settings
    from lanewise.store.base import Turn


def load(repository: Repository) -> Settings:
    """The main worktree's `lanewise.toml`; a lane's own copy is never read. Raises NotManaged and SettingsTrouble."""
    path = os.path.join(repository.root, toml.FILE_NAME)
    if not os.path.exists(path):
        raise NotManaged(f"There is no {toml.FILE_NAME} in {repository.root}.", "lanewise init")
    return toml.load_settings(path)


def body_of(repository: Repository, settings: Settings) -> str:
    """The compiled settings as JSON text, paths made absolute."""
    lanes = {
        name: {
            "domain": list(lane.domain),
            "branch": lane.branch or f"feature/{name}/start",
            "worktree": worktree_of(repository, name, lane.worktree),
            "client": lane.client,
            "good_at": list(lane.good_at),
            "copy": list(lane.copy),
            "setup": list(lane.setup),
            "services": list(lane.services),
            "env": dict(lane.env),
        }
        for name, lane in settings.lanes.items()
    }
    return json.dumps(
        {
            "project": settings.project.name or os.path.basename(repository.root),
            "root": repository.root,
            "main": settings.project.main,
            "lanes": lanes,
            "shared": list(settings.shared.paths),
            "ttl": settings.lease.ttl.seconds,
            "delay": settings.lease.delay.seconds,
            "same_file": settings.halt.same_file,
            "guarded": guarded(),
        },
        sort_keys=True,
    )


def worktree_of(repository: Repository, lane: str, given: str) -> str:
    """Absolute path of a lane's worktree: as given, else beside the main one."""
    beside = os.path.join("..", f"{os.path.basename(repository.root)}-{lane}")
    return files.real(os.path.join(repository.root, given or beside))


def guarded() -> list[str]:
    """The installation of lanewise: its package, and its virtual environment when it has one."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return sorted({files.real(package), *([files.real(sys.prefix)] if sys.prefix != sys.base_prefix else [])})


def rules_of(repository: Repository, settings: Settings) -> Rules:
    """The settings as the rules that a turn would read."""
    return load_rules(json.loads(body_of(repository, settings)))


def save_revision(app: App, body: str) -> bool:
    """Make these settings the ones in force; False when they are already."""

    def turn_(turn: Turn) -> bool:
        number, current = turn.rules_body()
        if current == body:
            return False
        row = Revision(number + 1, body, turn.now.wall)
        turn.save(Decision(None, (Event("settings.taken", text=f"revision {number + 1}", puts=(row,)),)))
        return True

    return app.store.take(turn_)
