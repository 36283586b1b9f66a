"""Fixtures of the service's tests: a home of its own, and a tiny monorepo with both lanes."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.service.monorepo import make_repository, open_shop

#: Where a sync costs nothing, when there is such a place.
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
_FOREIGN = (
    *("CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "CLAUDE_PROJECT_DIR", "LANEWISE_RUN", "LANEWISE_LANE"),
    *("XDG_STATE_HOME", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_INDEX_FILE"),
)


@contextmanager
def short_folder():
    """A short folder, which is home too; no agent's and nobody's settings reach in."""
    made = Path(tempfile.mkdtemp(prefix="lw-", dir=_MEMORY)).resolve()
    for name in ("home", "tmp"):
        (made / name).mkdir()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in _FOREIGN:
                patch.delenv(name, raising=False)
            patch.setenv("HOME", str(made / "home"))
            patch.setenv("XDG_RUNTIME_DIR", "")
            patch.setenv("TMPDIR", str(made / "tmp"))
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder():
    with short_folder() as made:
        yield made


@pytest.fixture
def root(folder):
    """The monorepo, one commit, not up."""
    return make_repository(folder)


@pytest.fixture
def shop(root):
    """The monorepo, up, without a daemon."""
    made = open_shop(root)
    yield made
    made.app.store.close()


@pytest.fixture(scope="module")
def standing():
    """The monorepo, up, for all tests of a module that leave it as it was."""
    with short_folder() as made:
        shop = open_shop(make_repository(made))
        yield shop
        shop.app.store.close()
