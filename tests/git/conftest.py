from __future__ import annotations

import pytest
from tests.git.repository import Repo


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    """The user's git settings: a name, and whatever a test adds."""
    path = tmp_path / "gitconfig"
    path.write_text("[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return path


@pytest.fixture
def repo(tmp_path, settings):
    made = Repo(tmp_path / "repo")
    made.path.mkdir()
    made.git("init", "-q")
    made.commit("first", {"a.txt": "a\n", "src/b.txt": "b\n"})
    return made
