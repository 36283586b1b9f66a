"""Where a path of a tool call lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.service.monorepo import git, make_repository, open_shop

from lanewise.service import targets


def where(shop, lane, name, cwd=None, *, whole=False):
    rules = shop.app.store.take(shop.app.rules)
    cwd = str(cwd or shop.lane("backend"))
    found = targets.resolve(shop.app.repository, rules, lane, [name], cwd, whole=whole)[0]
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


@pytest.mark.parametrize("name", ["..", "/", "../shop-frontend", "../shop", "~/.."])
def test_a_folder_is_where_the_worktrees_in_it_are_when_all_below_is_written(standing, name):
    assert where(standing, "backend", name, whole=True)[0] in {"lane", "main"}


@pytest.mark.parametrize(("name", "expected"), [(".", "own"), ("backend", "own"), ("../tmp", "outside")])
def test_a_folder_without_worktrees_of_others_is_where_it_is(standing, name, expected):
    assert where(standing, "backend", name, whole=True)[0] == expected


def test_a_worktree_inside_the_lanes_own_does_not_close_the_folders_around_it(shop):
    made = shop.lane("backend") / ".claude" / "worktrees" / "w"
    git(shop.lane("backend"), "worktree", "add", "-q", str(made))
    assert where(shop, "backend", str(made.parent), whole=True)[0] == "own"


def reached(shop, folder, rest, *, whole=False):
    rules = shop.app.store.take(shop.app.rules)
    cwd = str(shop.lane("backend"))
    found = targets.reached(shop.app.repository, rules, "backend", [(folder, rest, whole)], cwd)[0]
    return found and found.where


@pytest.mark.parametrize(
    ("folder", "rest", "expected"),
    [
        ("..", "*/x", "yes"),
        ("..", "shop-*/new/x", "yes"),
        ("..", "shop-f*", "yes"),
        ("..", "[r-t]hop/x", "main"),
        ("..", "*.log", None),
        ("..", "x*/backend/a", None),
        ("..", "shop-back*/a", None),
        ("../..", "*", None),
        ("../..", "**/x", "yes"),
        ("../..", "*/../*/x", "yes"),
        (".", "*/x", None),
        ("backend", "*", None),
    ],
)
def test_a_glob_reaches_the_worktrees_that_its_names_may_match(standing, folder, rest, expected):
    found = reached(standing, folder, rest)
    assert found in {"lane", "main"} if expected == "yes" else found == expected


def test_a_glob_over_folders_around_worktrees_reaches_them_when_all_below_is_written(standing):
    parent = standing.root.parent
    assert reached(standing, str(parent.parent), f"{parent.name[:3]}*", whole=True)
    assert reached(standing, str(parent.parent), f"{parent.name[:3]}*") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".claude/settings.json", "guarded"),
        (".claude/Settings.local.json", "guarded"),
        (".claude/hooks/new.sh", "guarded"),
        (".codex/config.toml", "guarded"),
        (".codex/hooks.json", "guarded"),
        (".gemini/settings.json", "guarded"),
        (".gemini", "guarded"),
        (".config/opencode/opencode.json", "guarded"),
        (".claude", "outside"),
        (".claude/plans/a.md", "outside"),
        (".claude/projects/x/memory/a.md", "outside"),
        (".claude/todos/1.json", "outside"),
        (".claude.json", "outside"),
        ("elsewhere/.claude/settings.json", "outside"),
    ],
)
def test_a_clients_settings_for_all_repositories_are_guarded(standing, name, expected):
    (Path.home() / ".claude").mkdir(exist_ok=True)
    for spelled in (
        f"~/{name}",
        f"{Path.home()}/{name}",
        os.path.relpath(Path.home() / name, standing.lane("backend")),
    ):
        assert where(standing, "backend", spelled) == (expected, "")


def test_a_home_is_guarded_with_all_that_lies_below(standing):
    (Path.home() / ".claude").mkdir(exist_ok=True)
    assert where(standing, "backend", "~/.claude", whole=True)[0] == "guarded"
    assert where(standing, "backend", "~", whole=True)[0] == "guarded"
    assert where(standing, "backend", "~/.claude/plans", whole=True)[0] == "outside"


def test_settings_that_are_linked_elsewhere_are_guarded_there(folder, shop):
    (folder / "dotfiles").mkdir()
    (folder / "home" / ".claude").symlink_to(folder / "dotfiles")
    assert where(shop, "backend", str(folder / "dotfiles" / "settings.json"))[0] == "guarded"


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
