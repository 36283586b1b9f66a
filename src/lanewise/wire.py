"""Names the concrete classes, once: what every surface starts from."""

from __future__ import annotations

import os

from lanewise.errors import NotManaged, StoreUnreadable
from lanewise.git.locate import Repository, find_repository
from lanewise.host import clock, files
from lanewise.service.app import App
from lanewise.store.sqlite import PATIENCE, SqliteStore


def require_repository(start: str | None = None) -> Repository:
    """The repository around a folder (this process's own when none is named). Raises NotManaged."""
    folder = start or os.getcwd()
    found = find_repository(folder)
    if found is None:
        raise NotManaged(f"{folder} is not inside a git repository with a main worktree.", "git init")
    return found


def is_managed(repository: Repository) -> bool:
    """Whether `lanewise up` has been here."""
    return os.path.exists(os.path.join(repository.state, "store.sqlite"))


def open_app(repository: Repository, *, make: bool = False, patience: float = PATIENCE) -> App:
    """The application on this repository's store. Raises NotManaged unless it is up, or `make` is set. `patience`:
    seconds for the gate.
    """
    if not make and not is_managed(repository):
        raise NotManaged("lanewise is not up in this repository.", "lanewise up")
    try:
        files.private_folder(repository.state)
        store = SqliteStore(repository.state, clock.moment, patience)
    except OSError as error:
        raise StoreUnreadable(f"The store cannot be opened ({error.strerror}).", "lanewise status") from error
    return App(repository, store)
