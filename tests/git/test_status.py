from __future__ import annotations

import os
import subprocess

import pytest
from tests.git.repository import BYTES, ODD

from lanewise.core.paths import storable
from lanewise.errors import GitTrouble
from lanewise.git import status

NAMES = [*ODD, BYTES]


@pytest.fixture
def tree(repo):
    return str(repo.path)


# --- dirty ---


def test_a_clean_worktree_has_no_dirty_paths(tree):
    assert status.dirty_paths(tree) == frozenset()


def test_changed_staged_deleted_and_untracked_paths_are_dirty(repo, tree):
    repo.commit("more", {"del.txt": "d", "staged.txt": "s", "kept.txt": "k"})
    repo.write("a.txt", "changed")
    repo.write("staged.txt", "changed")
    repo.git("add", "staged.txt")
    os.unlink(repo.path / "del.txt")
    repo.write("new/deep/x.txt", "n")
    assert status.dirty_paths(tree) == {"a.txt", "staged.txt", "del.txt", "new/deep/x.txt"}


def test_both_ends_of_a_rename_are_dirty(repo, tree):
    repo.git("mv", "a.txt", "z.txt")
    assert status.dirty_paths(tree) == {"a.txt", "z.txt"}


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_dirty_under_its_very_name(repo, tree, name):
    repo.write(name, "x")
    repo.write(f"sub/{name}", "x")
    assert status.dirty_paths(tree) == {name, f"sub/{name}"}
    assert status.dirty_paths(tree, [name]) >= {name}
    repo.commit("odd")
    assert status.dirty_paths(tree) == frozenset()
    repo.write(name, "changed")
    assert status.dirty_paths(tree) == {name}


def test_a_name_in_another_case_is_looked_at_too(repo, tree):
    repo.write("Makefile", "x")
    repo.write("makefile", "x")
    assert status.dirty_paths(tree, ["MAKEFILE"]) == {"Makefile", "makefile"}


def test_a_dirty_file_of_a_nested_repository_shows_as_its_folder(repo, tree):
    nested = repo.path / "vendor" / "lib"
    nested.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(nested)], check=True)
    (nested / "f.c").write_text("x")
    assert status.dirty_paths(tree, ["vendor/lib/f.c"]) == {"vendor/lib/"}


def test_only_what_lies_below_the_limits_is_told(repo, tree):
    for name in ("src/x", "src/sub/y", "srcs/z", "other"):
        repo.write(name, "x")
    assert status.dirty_paths(tree, ["src/"]) == {"src/x", "src/sub/y"}
    assert status.dirty_paths(tree, ["src/sub", "other"]) == {"src/sub/y", "other"}
    assert status.dirty_paths(tree, ["./"]) == status.dirty_paths(tree)
    assert status.dirty_paths(tree, ["nothing/here"]) == frozenset()
    assert status.dirty_paths(str(repo.path / "src"), ["other"]) == {"other"}


def test_a_name_of_odd_bytes_is_found_under_the_spelling_that_leases_store(repo, tree):
    repo.write(BYTES, "x")
    assert BYTES in status.dirty_paths(tree, [storable(BYTES)])


def test_a_limit_is_no_wildcard(repo, tree):
    for name in ("a*", "ab", "[id].vue", "i"):
        repo.write(name, "x")
    assert status.dirty_paths(tree, ["a*"]) == {"a*"}
    assert status.dirty_paths(tree, ["[id].vue"]) == {"[id].vue"}


def test_the_users_own_settings_of_status_change_nothing(repo, tree, settings):
    with settings.open("a") as file:
        file.write("[status]\n\tshowUntrackedFiles = no\n\trenames = true\n\trelativePaths = true\n\tbranch = true\n")
    repo.write("new/x", "x")
    assert status.dirty_paths(tree) == {"new/x"}


def test_outside_of_a_repository_git_refuses(tmp_path):
    with pytest.raises(GitTrouble, match="not a git repository"):
        status.dirty_paths(str(tmp_path))


# --- in conflict ---


def conflict(repo):
    repo.git("switch", "-qc", "other")
    repo.commit("theirs", {"a.txt": "theirs\n", "theirs.txt": "t\n", "src/b.txt": "theirs too\n"})
    repo.git("switch", "-q", "main")
    repo.commit("ours", {"a.txt": "ours\n"})
    repo.git("merge", "other", ok=False)


def test_paths_in_conflict_are_unmerged(repo, tree):
    assert status.unmerged_paths(tree) == frozenset()
    conflict(repo)
    assert status.unmerged_paths(tree) == {"a.txt"}


# --- ignored ---


def test_ignored_and_untracked_paths_are_told_apart_from_the_rest(repo, tree):
    repo.write(".gitignore", "*.log\n/dist/\n!keep.log\n")
    repo.write("tracked.log", "x")
    repo.git("add", "-f", "tracked.log")
    repo.write("dist/a", "x")
    asked = ["x.log", "sub/x.log", "dist/a", "dist/new", "dist/", "keep.log", "tracked.log", "a.txt", "new"]
    (repo.path / "dist").mkdir(exist_ok=True)
    assert status.ignored_paths(tree, asked) == {"x.log", "sub/x.log", "dist/a", "dist/new", "dist"}
    assert status.ignored_paths(tree, []) == frozenset()
    assert status.ignored_paths(tree, ["./", "/"]) == frozenset()


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_ignored_under_its_very_name(repo, tree, name):
    repo.write(".gitignore", "/out/\n")
    assert status.ignored_paths(tree, [f"out/{name}", name, "a.txt"]) == {f"out/{name}"}
    repo.write(".gitignore", "/*\n")
    assert status.ignored_paths(tree, [name, "a.txt"]) == {name}


def test_what_git_does_not_say_is_not_ignored(repo, tree):
    repo.write(".gitignore", "*.log\n")
    (repo.path / "link").symlink_to("src")
    assert status.ignored_paths(tree, ["link/x.log", "y.log"]) == frozenset()


# --- changed since a commit ---


def test_every_path_that_differs_is_changed_untracked_ones_too(repo, tree):
    base = repo.git("rev-parse", "HEAD").strip()
    repo.write(".gitignore", "ignored\n")
    repo.write("ignored", "x")
    repo.commit("committed", {"committed.txt": "c"})
    repo.write("a.txt", "now\n")
    os.unlink(repo.path / "src/b.txt")
    repo.write("untracked", b"u\0\xff")
    assert status.changed_since(tree, base) == {".gitignore", "committed.txt", "a.txt", "src/b.txt", "untracked"}


def test_what_is_changed_is_told_without_reading_it(repo, tree):
    """Every three seconds somebody asks: a gigabyte of untracked data must cost nothing."""
    base = repo.git("rev-parse", "HEAD").strip()
    repo.write("unreadable", "x")
    os.chmod(repo.path / "unreadable", 0)
    with (repo.path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    assert status.changed_since(tree, base) == {"unreadable", "huge"}


def test_what_was_changed_back_is_no_change(repo, tree):
    base = repo.git("rev-parse", "HEAD").strip()
    repo.commit("there", {"a.txt": "other"})
    repo.write("a.txt", "a\n")
    assert status.changed_since(tree, base) == frozenset()


def test_odd_names_are_changed_under_their_very_names(repo, tree):
    base = repo.git("rev-parse", "HEAD").strip()
    for name in NAMES:
        repo.write(name, name.encode("utf-8", "surrogateescape"))
    changed = status.changed_since(tree, base)
    assert changed == set(NAMES)
    repo.commit("odd")
    assert status.changed_since(tree, base) == changed


def test_a_merge_base_or_none(repo, tree):
    base = repo.git("rev-parse", "HEAD").strip()
    repo.git("switch", "-qc", "other")
    repo.commit("one")
    assert status.merge_base(tree, "other", "main") == base
    repo.git("switch", "-q", "--orphan", "island")
    repo.commit("alone")
    assert status.merge_base(tree, "island", "main") == ""
    assert status.merge_base(tree, "no-such", "main") == ""


# --- unlike every parent ---


def test_without_an_operation_of_git_every_path_is_ones_own(repo, tree):
    repo.write("a.txt", "mine")
    assert status.unlike_parents(tree, ["a.txt", "src/b.txt"]) == ("a.txt", "src/b.txt")


def test_in_a_merge_only_what_differs_from_the_incoming_side_is_ones_own(repo, tree):
    conflict(repo)
    assert status.unlike_parents(tree, ["a.txt", "theirs.txt", "src/b.txt"]) == ("a.txt",)
    repo.write("theirs.txt", "edited")
    repo.write("a.txt", "theirs\n")
    assert status.unlike_parents(tree, ["a.txt", "theirs.txt", "src/b.txt"]) == ("theirs.txt",)


def test_a_file_made_during_a_merge_is_ones_own(repo, tree):
    conflict(repo)
    for name in NAMES:
        repo.write(name, "new")
    assert set(status.unlike_parents(tree, [*NAMES, "theirs.txt"])) == set(NAMES)


@pytest.mark.parametrize("operation", ["cherry-pick", "revert", "rebase"])
def test_the_incoming_side_of_every_operation_is_known(repo, tree, operation):
    """Each stops on a conflict in a.txt and brings `incoming` in as it is there."""
    repo.commit("before", {"incoming": "old"})
    repo.git("switch", "-qc", "other")
    theirs = repo.commit("theirs", {"a.txt": "theirs\n", "incoming": "new"})
    if operation != "revert":
        repo.git("switch", "-q", "main")
    repo.commit("ours", {"a.txt": "ours\n"})
    if operation == "rebase":
        repo.git("switch", "-q", "other")
    repo.git(operation, "main" if operation == "rebase" else theirs, ok=False)
    assert repo.read("incoming") == (b"old" if operation == "revert" else b"new")
    assert status.unmerged_paths(tree) == {"a.txt"}
    assert status.unlike_parents(tree, ["a.txt", "incoming"]) == ("a.txt",)


def test_no_paths_are_unlike_nothing(repo, tree):
    conflict(repo)
    assert status.unlike_parents(tree, []) == ()
