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


# --- completing ---

FILES = {"a.txt": "a\n", "src/b.txt": "bb\n", "src/deep/c.bin": b"\0\1\2" * 1000, "run.sh": "#!/bin/sh\n"}


@pytest.fixture
def cut_off(repo, root, tmp_path):
    """A worktree as a killed `worktree add` leaves it: registered, locked, no index, some files, one of them short."""
    repo.commit("files", {**FILES, **dict.fromkeys([*ODD, BYTES], "odd\n")})
    os.chmod(repo.path / "run.sh", 0o755)
    (repo.path / "link").symlink_to("a.txt")
    repo.commit("mode and link")
    path = tmp_path / "lane"
    repo.git("worktree", "add", "-q", "--no-checkout", "-b", "lane", str(path), "main")
    lane = Repo(path)
    lane.write("a.txt", "a\n")
    lane.write("src/deep/c.bin", b"\0\1\2" * 10)
    lane.write('q"uote', "od")
    git_dir = repo.path / ".git" / "worktrees" / "lane"
    (git_dir / "index").unlink(missing_ok=True)
    (git_dir / "index.lock").write_bytes(b"half")
    (git_dir / "locked").write_text("initializing")
    return lane


def test_a_worktree_whose_making_was_cut_off_becomes_equal_to_its_head(repo, root, cut_off, tmp_path):
    kept = worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept"))
    assert set(kept) == {"src/deep/c.bin", 'q"uote'}
    assert cut_off.git("status", "--porcelain") == ""
    assert cut_off.git("diff", "HEAD") == ""
    for name, text in FILES.items():
        assert cut_off.read(name) == (text.encode() if isinstance(text, str) else text)
    for name in (*ODD, BYTES):
        assert cut_off.read(name) == b"odd\n"
    assert os.access(cut_off.path / "run.sh", os.X_OK)
    assert os.readlink(cut_off.path / "link") == "a.txt"
    assert "locked" not in repo.git("worktree", "list", "--porcelain")


def test_what_was_half_written_is_kept_aside_first(root, cut_off, tmp_path):
    worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept"))
    assert (tmp_path / "kept" / "src/deep/c.bin").read_bytes() == b"\0\1\2" * 10
    assert (tmp_path / "kept" / 'q"uote').read_bytes() == b"od"


def test_a_lock_left_behind_is_moved_aside_and_not_lost(repo, root, cut_off, tmp_path):
    worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept"))
    assert (repo.path / ".git" / "worktrees" / "lane" / "index.lock.cut-off").read_bytes() == b"half"


def test_a_file_in_the_place_of_a_link_is_kept_aside_too(root, cut_off, tmp_path):
    cut_off.write("link", "mine")
    assert "link" in worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept"))
    assert (tmp_path / "kept" / "link").read_text() == "mine"
    assert os.readlink(cut_off.path / "link") == "a.txt"


def test_untracked_files_stay_where_they_are(root, cut_off, tmp_path):
    cut_off.write("mine/new.txt", "mine")
    worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept"))
    assert cut_off.git("status", "--porcelain") == "?? mine/\n"
    assert cut_off.read("mine/new.txt") == b"mine"


def test_completing_twice_changes_nothing_more(root, cut_off, tmp_path):
    worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept"))
    assert worktree.complete_worktree(root, str(cut_off.path), str(tmp_path / "kept")) == ()
    assert cut_off.git("status", "--porcelain") == ""


def test_a_folder_inside_of_another_worktree_is_not_taken_for_one(repo, root, tmp_path):
    repo.write("staged", "x")
    repo.git("add", "staged")
    (repo.path / ".git" / "index.lock").write_bytes(b"somebody is at work")
    (repo.path / "lanes" / "x").mkdir(parents=True)
    with pytest.raises(GitTrouble, match="not a worktree of its own"):
        worktree.complete_worktree(root, str(repo.path / "lanes" / "x"), str(tmp_path / "kept"))
    assert (repo.path / ".git" / "index.lock").exists()
    (repo.path / ".git" / "index.lock").unlink()
    assert repo.git("diff", "--cached", "--name-only") == "staged\n"


def test_what_cannot_be_copied_truly_is_told(repo, root, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "copy2", lambda _source, target, **_: open(target, "wb").close())
    with pytest.raises(GitTrouble, match="could not be kept aside"):
        worktree.keep_aside(root, ["a.txt"], str(tmp_path / "kept"))


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
    worktree.copy_changes(root, str(lane.path))
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
    worktree.copy_changes(root, str(lane.path))
    for name in ("a.txt", "bin", "text.csv"):
        assert lane.read(name) == dirty.read(name)


def test_what_is_there_already_is_not_overwritten(dirty, root, tmp_path):
    lane = Repo(tmp_path / "lane")
    worktree.add_worktree(root, str(lane.path), "lane", "main")
    lane.write("new/deep/x", "theirs")
    with pytest.raises(GitTrouble, match="exists in both"):
        worktree.copy_changes(root, str(lane.path))
    assert lane.read("new/deep/x") == b"theirs"
    assert lane.read("a.txt") == b"a\n"


def test_a_clean_worktree_has_nothing_to_copy(repo, root, tmp_path):
    worktree.add_worktree(root, str(tmp_path / "lane"), "lane", "main")
    assert worktree.copy_changes(root, str(tmp_path / "lane")) == ()
    assert Repo(tmp_path / "lane").git("status", "--porcelain") == ""
