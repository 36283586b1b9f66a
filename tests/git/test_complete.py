"""A worktree whose making was cut off is completed, and nobody's work is touched by it."""

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
    kept = worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
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
    worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    assert (tmp_path / "kept" / "src/deep/c.bin").read_bytes() == b"\0\1\2" * 10
    assert (tmp_path / "kept" / 'q"uote').read_bytes() == b"od"


def test_a_lock_left_behind_is_moved_aside_and_not_lost(repo, root, cut_off, tmp_path):
    worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    assert (repo.path / ".git" / "worktrees" / "lane" / "index.lock.cut-off").read_bytes() == b"half"


def test_a_file_in_the_place_of_a_link_is_kept_aside_too(root, cut_off, tmp_path):
    cut_off.write("link", "mine")
    assert "link" in worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    assert (tmp_path / "kept" / "link").read_text() == "mine"
    assert os.readlink(cut_off.path / "link") == "a.txt"


def test_untracked_files_stay_where_they_are(root, cut_off, tmp_path):
    cut_off.write("mine/new.txt", "mine")
    worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    assert cut_off.git("status", "--porcelain") == "?? mine/\n"
    assert cut_off.read("mine/new.txt") == b"mine"


def test_completing_twice_changes_nothing_more(root, cut_off, tmp_path):
    worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    assert worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept")) == ()
    assert cut_off.git("status", "--porcelain") == ""


@pytest.mark.parametrize("locked", [None, "on a stick"])
def test_a_checkout_that_git_ended_is_complete_and_what_differs_is_somebodys_work(repo, root, tmp_path, locked):
    worktree.add_worktree(root, str(tmp_path / "lane"), "lane", "main")
    lane = Repo(tmp_path / "lane")
    lane.write("a.txt", "work")
    lane.write("src/new.txt", "work")
    lane.git("add", "src/new.txt")
    os.unlink(lane.path / "src" / "b.txt")
    if locked:
        repo.git("worktree", "lock", "--reason", locked, str(lane.path))
    before = lane.git("status", "--porcelain")
    assert worktree.complete_worktree(root, str(lane.path), "lane", str(tmp_path / "kept")) == ()
    assert lane.git("status", "--porcelain") == before
    assert lane.read("a.txt") == b"work"
    assert not (tmp_path / "kept").exists()
    assert ("locked" in repo.git("worktree", "list", "--porcelain")) == bool(locked)


def test_a_completion_that_was_cut_off_itself_is_taken_up_again(root, cut_off, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(worktree, "keep_aside", killed)
        with pytest.raises(KeyboardInterrupt):
            worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    worktree.complete_worktree(root, str(cut_off.path), "lane", str(tmp_path / "kept"))
    assert cut_off.git("status", "--porcelain") == ""
    assert (tmp_path / "kept" / 'q"uote').read_bytes() == b"od"


@pytest.fixture(params=[(), ("commondir",), ("commondir", "HEAD")])
def unborn(repo, root, tmp_path, request):
    """A worktree as a `worktree add` leaves it that was killed before it said which branch it is on."""
    path = tmp_path / "lane"
    repo.git("worktree", "add", "-q", "--no-checkout", "-b", "lane", str(path), "main")
    git_dir = repo.path / ".git" / "worktrees" / "lane"
    (git_dir / "index").unlink(missing_ok=True)
    (git_dir / "locked").write_text("initializing")
    (git_dir / "HEAD").write_text("0" * 40 + "\n")
    for name in request.param:
        (git_dir / name).unlink()
    return Repo(path)


def test_a_worktree_cut_off_before_its_branch_was_said_is_made_once_more(repo, root, unborn, tmp_path):
    worktree.complete_worktree(root, str(unborn.path), "lane", str(tmp_path / "kept"))
    assert unborn.git("status", "--porcelain", "--branch") == "## lane\n"
    assert unborn.read("a.txt") == b"a\n"
    assert "locked" not in repo.git("worktree", "list", "--porcelain")


def test_a_file_in_such_a_worktree_is_somebodys_and_nothing_is_done(root, unborn, tmp_path):
    unborn.write("mine", "mine")
    with pytest.raises(GitTrouble, match="cut off") as caught:
        worktree.complete_worktree(root, str(unborn.path), "lane", str(tmp_path / "kept"))
    assert caught.value.hint == f"mv {unborn.path} {unborn.path}-aside && lanewise up"
    assert sorted(os.listdir(unborn.path)) == [".git", "mine"]


def test_a_folder_inside_of_another_worktree_is_not_taken_for_one(repo, root, tmp_path):
    repo.write("staged", "x")
    repo.git("add", "staged")
    (repo.path / ".git" / "index.lock").write_bytes(b"somebody is at work")
    (repo.path / "lanes" / "x").mkdir(parents=True)
    with pytest.raises(GitTrouble, match="not a worktree of its own"):
        worktree.complete_worktree(root, str(repo.path / "lanes" / "x"), "lane", str(tmp_path / "kept"))
    assert (repo.path / ".git" / "index.lock").exists()
    (repo.path / ".git" / "index.lock").unlink()
    assert repo.git("diff", "--cached", "--name-only") == "staged\n"


def test_what_cannot_be_copied_truly_is_told(repo, root, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "copy2", lambda _source, target, **_: open(target, "wb").close())
    with pytest.raises(GitTrouble, match="could not be kept aside"):
        worktree.keep_aside(root, ["a.txt"], str(tmp_path / "kept"))
