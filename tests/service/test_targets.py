"""Where a path of a tool call lies."""

from __future__ import annotations

import pytest
from tests.service.monorepo import git, make_repository, open_shop

from lanewise.service import targets


def where(shop, lane, name, cwd=None):
    rules = shop.app.store.take(shop.app.rules)
    found = targets.resolve(shop.app.repository, rules, lane, [name], str(cwd or shop.lane("backend")))[0]
    return found.where, found.pattern.text if found.pattern else ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NOTES.md", ("own", "NOTES.md")),
        ("backend/../NOTES.md", ("own", "NOTES.md")),
        (".", ("own", "./")),
        ("../shop-frontend/x", ("lane", "x")),
        ("../shop/x", ("main", "x")),
        ("../shop/.git/x", ("guarded", "")),
        ("../other/x", ("outside", "")),
        ("/", ("outside", "")),
        ("[id].vue", ("own", "[id].vue")),
        ("-rf", ("own", "-rf")),
    ],
)
def test_a_path_lies_where_its_file_would(standing, name, expected):
    assert where(standing, "backend", name) == expected


def test_a_relative_path_starts_where_the_shell_is(standing):
    assert where(standing, "backend", "x", standing.lane("frontend")) == ("lane", "x")
    assert where(standing, "backend", "x", standing.lane("backend") / "backend") == ("own", "backend/x")


def test_without_a_directory_it_starts_in_the_main_worktree(standing):
    rules = standing.app.store.take(standing.app.rules)
    assert targets.resolve(standing.app.repository, rules, "backend", ["x"], "")[0].where == "main"


def test_nobodys_worktree_is_a_read_only_one(shop, folder):
    git(shop.root, "worktree", "add", "-q", str(folder / "loose"))
    assert where(shop, "backend", str(folder / "loose" / "x")) == ("main", "x")


def test_a_worktree_below_the_lanes_is_the_lanes_own(shop):
    made = shop.lane("backend") / ".claude" / "worktrees" / "w"
    git(shop.lane("backend"), "worktree", "add", "-q", str(made))
    assert where(shop, "backend", str(made / "NOTES.md")) == ("own", "NOTES.md")
    assert where(shop, "frontend", str(made / "NOTES.md"))[0] != "own"


def test_the_installation_is_guarded(standing):
    assert where(standing, "backend", targets.__file__) == ("guarded", "")


def test_another_repository_is_foreign_only_when_it_is_managed(shop, folder):
    other = make_repository(folder, name="second")
    assert where(shop, "backend", str(other / "new" / "x"))[0] == "outside"
    second = open_shop(other)
    assert where(shop, "backend", str(other / "new" / "x"))[0] == "foreign"
    second.app.store.close()


def test_a_repository_inside_the_lane_is_the_lanes(shop):
    inner = shop.lane("backend") / "backend" / "vendored"
    inner.mkdir()
    git(inner, "init", "-q")
    assert where(shop, "backend", str(inner / "x")) == ("own", "backend/vendored/x")
    assert where(shop, "backend", str(inner / ".git" / "config"))[0] == "own"
    assert shop.write("backend", "backend/vendored/.git/config").rule == "protected"
