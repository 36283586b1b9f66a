"""Trust: which set-up commands a human has allowed, kept per user and outside the repository."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from lanewise.host import files
from lanewise.settings import commands_hash

if TYPE_CHECKING:
    from lanewise.git.locate import Repository
    from lanewise.settings import Settings


def is_trusted(repository: Repository, settings: Settings) -> bool:
    """Whether exactly these commands were allowed for this very folder."""
    return bool(_load().get(files.real(repository.root)) == commands_hash(settings))


def trust(repository: Repository, settings: Settings) -> None:
    """Allow these commands in this folder."""
    _save({**_load(), files.real(repository.root): commands_hash(settings)})


def distrust(repository: Repository) -> bool:
    """Forget what was allowed here; whether anything was."""
    known = _load()
    found = known.pop(files.real(repository.root), None) is not None
    if found:
        _save(known)
    return found


def _path() -> str:
    return os.path.join(files.user_state(), "trust.json")


def _load() -> dict[str, object]:
    found = files.find_json(_path())
    return found if isinstance(found, dict) else {}


def _save(known: dict[str, object]) -> None:
    files.write_whole(_path(), json.dumps(known, indent=1, sort_keys=True).encode())
