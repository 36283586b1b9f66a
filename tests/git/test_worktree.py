from __future__ import annotations

import os
import shutil

import pytest
from tests.git.repository import BYTES, ODD, Repo

from lanewise.errors import GitTrouble
from lanewise.git import worktree


@pytest.fixture
def root(repo):
    return str(repo.path)


# --- facts ---


def test_branches_are_listed_by_their_whole_names(repo, root):
    repo.git("branch", "feature/a/b")
    repo.git("tag", "v1")
    assert worktree.branches(root) == {"main", "feature/a/b"}
    assert worktree.is_branch(root, "feature/a/b")
    assert not worktree.is_branch(root, "v1")
    assert not worktree.is_branch(root, "feature/a")


@pytest.mark.parametrize(
    "name",
    [
        "ok",
        "feature/a/b",
        "ü",
        "-x",
        "a..b",
        "a b",
        "a~",
        "x.lock",
        "",
        "a/",
        "/a",
        "@",
        "HEAD",
        "a\nb",
        "a:b",
        ".a",
        "a@{1}",
    ],
)
def test_a_branch_name_is_one_that_git_takes(repo, root, name):
    taken = "" if name.startswith("-") else repo.git("branch", "--", name, ok=False)
    assert taken == ""
    assert worktree.is_branch_name(name) == worktree.is_branch(root, name)


def test_the_remote_is_origin_or_the_only_one(repo, root):
    assert worktree.remote(root) == ""
    repo.git("remote", "add", "fork", "/nowhere")
    assert worktree.remote(root) == "fork"
    repo.git("remote", "add", "mine", "/nowhere")
    assert worktree.remote(root) == ""
    repo.git("remote", "add", "origin", "/nowhere")
    assert worktree.remote(root) == "origin"


def test_an_upstream_is_preset_without_a_fetch(repo, root):
    repo.git("remote", "add", "origin", "/nowhere")
    repo.git("branch", "feature/Back/end.1")
    assert worktree.upstreams(root) == frozenset()
    worktree.set_upstream(root, "feature/Back/end.1", "origin")
    assert worktree.upstreams(root) == {"feature/Back/end.1"}
    assert repo.git("config", "branch.feature/Back/end.1.remote").strip() == "origin"


def test_a_head_exists_from_the_first_commit_on(tmp_path, root):
    fresh = Repo(tmp_path / "fresh")
    fresh.path.mkdir()
    fresh.git("init", "-q")
    assert not worktree.head_exists(str(fresh.path))
    assert worktree.head_exists(root)


@pytest.mark.parametrize("name", [*ODD, BYTES])
def test_odd_names_are_listed_as_they_are(repo, root, name):
    repo.write(name, "x")
    repo.write(".gitignore", "/out/\n")
    repo.write(f"out/{name}", "x")
    repo.git("add", "-A")
    assert set(worktree.list_tracked(root)) == {"a.txt", "src/b.txt", ".gitignore", name}
    assert worktree.list_ignored(root) == ("out/",)


# --- making ---


def test_a_worktree_is_made_on_a_new_branch_without_upstream(repo, root, tmp_path):
    path = str(tmp_path / "lane")
    worktree.add_worktree(root, path, "feature/lane/work", "main")
    lane = Repo(tmp_path / "lane")
    assert lane.git("symbolic-ref", "--short", "HEAD").strip() == "feature/lane/work"
    assert lane.git("status", "--porcelain") == ""
    assert worktree.upstreams(root) == frozenset()


def test_a_worktree_is_made_on_an_existing_branch(repo, root, tmp_path):
    repo.git("branch", "old")
    worktree.add_worktree(root, str(tmp_path / "lane"), "old", "")
    assert Repo(tmp_path / "lane").git("symbolic-ref", "--short", "HEAD").strip() == "old"


def test_a_branch_that_is_checked_out_elsewhere_is_refused(repo, root, tmp_path):
    with pytest.raises(GitTrouble):
        worktree.add_worktree(root, str(tmp_path / "lane"), "main", "")
    worktree.add_worktree(root, str(tmp_path / "one"), "one", "main")
    shutil.rmtree(tmp_path / "one")
    worktree.add_worktree(root, str(tmp_path / "two"), "two", "main")
    with pytest.raises(GitTrouble):
        worktree.add_worktree(root, str(tmp_path / "one"), "two", "")


def test_a_folder_with_something_in_it_is_not_made_a_worktree(repo, root, tmp_path):
    (tmp_path / "lane").mkdir()
    (tmp_path / "lane" / "mine").write_text("kept")
    with pytest.raises(GitTrouble):
        worktree.add_worktree(root, str(tmp_path / "lane"), "lane", "main")
    assert (tmp_path / "lane" / "mine").read_text() == "kept"


@pytest.mark.parametrize("lock", ["initializing", None])
def test_a_worktree_whose_folder_is_gone_or_was_never_made_is_made_anew(repo, root, tmp_path, lock):
    path = tmp_path / "lane"
    worktree.add_worktree(root, str(path), "lane", "main")
    shutil.rmtree(path)
    if lock:
        (repo.path / ".git" / "worktrees" / "lane" / "locked").write_text(lock)
    worktree.add_worktree(root, str(path), "lane", "")
    assert Repo(path).git("status", "--porcelain", "--branch").strip() == "## lane"


def test_a_worktree_that_somebody_locked_is_not_made_anew(repo, root, tmp_path):
    path = tmp_path / "lane"
    worktree.add_worktree(root, str(path), "lane", "main")
    repo.git("worktree", "lock", "--reason", "on a stick", str(path))
    os.rename(path, tmp_path / "stick")
    with pytest.raises(GitTrouble):
        worktree.add_worktree(root, str(path), "lane", "")


def test_switching_makes_a_branch_from_its_start(repo, root):
    start = repo.git("rev-parse", "HEAD").strip()
    repo.commit("later")
    worktree.switch_new(root, "feature/x/two", start)
    assert repo.git("rev-parse", "HEAD").strip() == start
    assert repo.git("symbolic-ref", "--short", "HEAD").strip() == "feature/x/two"


# --- merged? ---


def branch_with_work(repo):
    repo.git("switch", "-qc", "work")
    repo.commit("one", {"w.txt": "one\n"})
    repo.commit("two", {"w.txt": "two\n", "v.txt": "v\n"})
    repo.git("switch", "-q", "main")


@pytest.mark.parametrize("how", ["merge", "fast-forward", "squash", "rebase"])
def test_a_branch_is_merged_by_history_or_by_content(repo, root, how):
    branch_with_work(repo)
    if how != "fast-forward":
        repo.commit("meanwhile", {"m.txt": "m"})
    if how == "squash":
        repo.git("merge", "-q", "--squash", "work")
        repo.commit("squashed")
    elif how == "rebase":
        repo.git("cherry-pick", "main..work")
    else:
        repo.git("merge", "-q", "--no-edit", "work")
    repo.commit("later", {"later.txt": "l"})
    assert worktree.is_merged(root, "work", "main")


def test_a_branch_with_work_that_main_lacks_is_not_merged(repo, root):
    branch_with_work(repo)
    assert not worktree.is_merged(root, "work", "main")
    assert worktree.commits_ahead(root, "work", "main") == 2
    repo.git("cherry-pick", "work~1")
    assert not worktree.is_merged(root, "work", "main")
    repo.commit("conflicting", {"w.txt": "other\n"})
    assert not worktree.is_merged(root, "work", "main")
    assert not worktree.is_merged(root, "no-such-branch", "main")


def test_a_branch_without_work_is_merged(repo, root):
    repo.git("branch", "work")
    assert worktree.is_merged(root, "work", "main")
    assert worktree.commits_ahead(root, "work", "main") == 0


# --- copying changes ---


@pytest.fixture
def dirty(repo):
    repo.commit("more", {"del.txt": "d\n", "mode.sh": "x\n", "bin": b"\0" * 100, "text.csv": "a,b\n"})
    repo.write("a.txt", "changed\r\nno newline at the end")
    repo.write("bin", b"\1\0\xff" * 50)
    repo.write("text.csv", "a, b \t\n")
    repo.git("add", "a.txt")
    os.unlink(repo.path / "del.txt")
    os.chmod(repo.path / "mode.sh", 0o755)
    for name in (*ODD, BYTES, "new/deep/x"):
        repo.write(name, name.encode("utf-8", "surrogateescape"))
    (repo.path / "link").symlink_to("a.txt")
    return repo


def test_uncommitted_work_is_copied_and_stays_in_its_source(dirty, root, tmp_path):
    before = dirty.git("status", "--porcelain", "-z")
    lane = Repo(tmp_path / "lane")
    worktree.add_worktree(root, str(lane.path), "lane", "main")
    worktree.copy_changes(root, str(lane.path), worktree.find_changes(root))
    assert dirty.git("status", "--porcelain", "-z") == before
    for name in ("a.txt", "bin", "text.csv", *ODD, BYTES, "new/deep/x"):
        assert lane.read(name) == dirty.read(name)
    assert not (lane.path / "del.txt").exists()
    assert os.access(lane.path / "mode.sh", os.X_OK)
    assert os.readlink(lane.path / "link") == "a.txt"


@pytest.mark.parametrize(
    "setting",
    [
        "[diff]\n\tnoprefix = true",
        "[diff]\n\tmnemonicPrefix = true",
        "[color]\n\tui = always",
        "[diff]\n\texternal = false",
        "[diff]\n\trelative = true",
        "[apply]\n\twhitespace = error",
        '[diff "csv"]\n\ttextconv = wc -c\n[core]\n\tattributesFile = ATTRIBUTES',
    ],
)
def test_the_users_settings_of_diffs_do_not_touch_what_is_copied(dirty, root, tmp_path, settings, setting):
    (tmp_path / "attributes").write_text("*.csv diff=csv\n")
    with settings.open("a") as file:
        file.write(setting.replace("ATTRIBUTES", str(tmp_path / "attributes")) + "\n")
    lane = Repo(tmp_path / "lane")
    worktree.add_worktree(root, str(lane.path), "lane", "main")
    worktree.copy_changes(root, str(lane.path), worktree.find_changes(root))
    for name in ("a.txt", "bin", "text.csv"):
        assert lane.read(name) == dirty.read(name)


def test_what_is_there_already_is_not_overwritten(dirty, root, tmp_path):
    lane = Repo(tmp_path / "lane")
    worktree.add_worktree(root, str(lane.path), "lane", "main")
    lane.write("new/deep/x", "theirs")
    with pytest.raises(GitTrouble, match="exists in both"):
        worktree.copy_changes(root, str(lane.path), worktree.find_changes(root))
    assert lane.read("new/deep/x") == b"theirs"
    assert lane.read("a.txt") == b"a\n"


def test_a_clean_worktree_has_nothing_to_copy(repo, root, tmp_path):
    worktree.add_worktree(root, str(tmp_path / "lane"), "lane", "main")
    changes = worktree.find_changes(root)
    worktree.copy_changes(root, str(tmp_path / "lane"), changes)
    assert (changes.paths, changes.nested) == ((), ())
    assert Repo(tmp_path / "lane").git("status", "--porcelain") == ""


def test_every_path_that_is_brought_is_named(dirty, root):
    paths = worktree.find_changes(root).paths
    assert set(paths) == {"a.txt", "bin", "text.csv", "del.txt", "mode.sh", "link", "new/deep/x", *ODD, BYTES}
    assert set(worktree.find_changes(root, ["a.txt", "*"]).paths) == {*paths} - {"a.txt"}


def test_a_nested_repository_is_named_and_left_where_it_is(repo, root, tmp_path):
    nested = Repo(repo.path / "nested")
    nested.write("x", "x")
    nested.git("init", "-q")
    repo.write("a.txt", "changed\n")
    worktree.add_worktree(root, str(tmp_path / "lane"), "lane", "main")
    changes = worktree.find_changes(root)
    worktree.copy_changes(root, str(tmp_path / "lane"), changes)
    assert (changes.paths, changes.nested) == (("a.txt",), ("nested/",))
    assert Repo(tmp_path / "lane").git("status", "--porcelain") == " M a.txt\n"


@pytest.mark.parametrize("there", ["file", "link"])
def test_what_stands_in_the_way_of_a_folder_is_told_before_anything_is_copied(repo, root, tmp_path, there):
    repo.write("a.txt", "changed\n")
    repo.write("new/x", "x")
    lane = Repo(tmp_path / "lane")
    worktree.add_worktree(root, str(lane.path), "lane", "main")
    if there == "file":
        lane.write("new", "theirs")
    else:
        (tmp_path / "elsewhere").mkdir()
        (lane.path / "new").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GitTrouble, match="exists in both"):
        worktree.copy_changes(root, str(lane.path), worktree.find_changes(root))
    assert lane.read("a.txt") == b"a\n"
    assert not (tmp_path / "elsewhere" / "x").exists()
