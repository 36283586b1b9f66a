from __future__ import annotations

import os

import pytest
from tests.git.repository import Repo

from lanewise.git import locate


def as_git_says(repo):
    """(path, branch) of every worktree whose folder is there, main first."""
    found = []
    for record in repo.git("worktree", "list", "--porcelain").strip().split("\n\n"):
        facts = dict(line.partition(" ")[::2] for line in record.split("\n"))
        if os.path.exists(os.path.join(facts["worktree"], ".git")):
            found.append((facts["worktree"], facts.get("branch", "").removeprefix("refs/heads/")))
    return found


def as_located(start):
    repository = locate.find_repository(str(start))
    return [(tree.path, tree.branch) for tree in locate.worktrees(repository)]


@pytest.fixture
def trees(repo):
    return repo, repo.linked("one", "feature/one/work"), repo.linked("two", "two")


def test_all_worktrees_are_found_from_anywhere_inside_of_any(trees):
    main, one, two = trees
    expected = as_git_says(main)
    assert len(expected) == 3
    for start in (main.path, main.path / "src", one.path, one.path / "src", two.path, main.path / ".git" / "hooks"):
        assert sorted(as_located(start)) == sorted(expected)
        assert as_located(start)[0] == (str(main.path), "main")


def test_the_repository_is_the_same_from_every_worktree(trees):
    found = {locate.find_repository(str(tree.path)) for tree in trees}
    (repository,) = found
    assert repository.root == str(trees[0].path)
    assert repository.common == str(trees[0].path / ".git")
    assert repository.state == str(trees[0].path / ".git" / "lanewise")


def test_git_directories_are_the_ones_git_uses(trees):
    located = {tree.path: tree.git_dir for tree in locate.worktrees(locate.find_repository(str(trees[0].path)))}
    for tree in trees:
        assert located[str(tree.path)] == tree.git("rev-parse", "--absolute-git-dir").strip()


def test_a_worktree_moved_by_git_is_found_in_its_new_place(trees, tmp_path):
    main, one, _ = trees
    main.git("worktree", "move", str(one.path), str(tmp_path / "moved"))
    assert sorted(as_located(main.path)) == sorted(as_git_says(main))
    assert (str(tmp_path / "moved"), "feature/one/work") in as_located(tmp_path / "moved" / "src")


def test_a_worktree_moved_by_hand_is_gone_until_it_is_repaired(trees, tmp_path):
    main, one, _ = trees
    os.rename(one.path, tmp_path / "moved")
    assert sorted(as_located(main.path)) == sorted(as_git_says(main))
    assert len(as_located(main.path)) == 2
    assert locate.find_repository(str(tmp_path / "moved")).root == str(main.path)
    main.git("worktree", "repair", str(tmp_path / "moved"))
    assert sorted(as_located(main.path)) == sorted(as_git_says(main))
    assert len(as_located(main.path)) == 3


def test_a_repository_moved_by_hand_is_found_with_the_worktrees_it_still_knows(repo, tmp_path):
    os.rename(repo.path, tmp_path / "elsewhere")
    assert as_located(tmp_path / "elsewhere") == [(str(tmp_path / "elsewhere"), "main")]


def test_a_worktree_inside_of_the_main_one_is_its_own(repo):
    inner = Repo(repo.path / ".claude" / "worktrees" / "x")
    repo.git("worktree", "add", "-q", "-b", "x", str(inner.path))
    assert as_located(inner.path) == as_git_says(repo)
    assert locate.find_repository(str(inner.path / "src")).root == str(repo.path)


def test_a_detached_head_has_no_branch(trees):
    main, one, _ = trees
    one.git("switch", "-q", "--detach")
    assert sorted(as_located(main.path)) == sorted(as_git_says(main))
    assert (str(one.path), "") in as_located(main.path)


def test_a_path_through_a_link_is_the_path_it_leads_to(trees, tmp_path):
    (tmp_path / "link").symlink_to(trees[1].path)
    assert locate.find_repository(str(tmp_path / "link" / "src")).root == str(trees[0].path)


def test_relative_pointers_are_followed(trees):
    main, one, _ = trees
    (one.path / ".git").write_text("gitdir: ../repo/.git/worktrees/one\n")
    (main.path / ".git" / "worktrees" / "one" / "gitdir").write_text("../../../../one/.git\n")
    assert (str(one.path), "feature/one/work") in as_located(one.path)


@pytest.mark.parametrize("name", ["trailing ", " leading", "ünïcode", "quo'te"])
def test_odd_names_of_folders_are_found(tmp_path, repo, name):
    linked = repo.linked(name, "odd")
    assert (str(linked.path), "odd") in as_located(linked.path)


# --- what is none ---


def test_outside_of_every_repository_there_is_none(tmp_path):
    assert locate.find_repository(str(tmp_path)) is None
    assert locate.find_repository("/") is None
    assert locate.find_repository(str(tmp_path / "does" / "not" / "exist")) is None


@pytest.mark.parametrize("text", [b"", b"garbage", b"gitdir:", b"gitdir: \n", b"\xff\xfe\0", b"gitdir: /no/such\n"])
def test_a_file_named_git_with_garbage_is_no_repository(repo, text, monkeypatch):
    monkeypatch.chdir(repo.path / ".git")
    repo.write("sub/.git", text)
    repo.write("sub/deep/x", "")
    assert locate.find_repository(str(repo.path / "sub" / "deep")) is None


def test_a_folder_named_git_without_a_head_is_passed_by_as_git_does(repo):
    repo.write("sub/.git/config", "")
    assert locate.find_repository(str(repo.path / "sub")).root == str(repo.path)
    assert Repo(repo.path / "sub").git("rev-parse", "--show-toplevel").strip() == str(repo.path)


def test_a_bare_repository_has_no_main_worktree(tmp_path, repo):
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    assert locate.find_repository(str(tmp_path / "bare.git")) is None
    Repo(tmp_path / "bare.git").git("worktree", "add", "-q", str(tmp_path / "linked"), "main")
    assert locate.find_repository(str(tmp_path / "linked")) is None


def test_a_submodule_is_not_taken_for_the_repository_around_it(tmp_path, repo):
    other = Repo(tmp_path / "other")
    other.path.mkdir()
    other.git("init", "-q")
    other.commit("first", {"x": "x"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    assert locate.find_repository(str(repo.path / "sub")) is None


def test_broken_entries_are_left_out(trees):
    main, _, _ = trees
    folder = main.path / ".git" / "worktrees"
    (folder / "empty").mkdir()
    (folder / "file").write_text("x")
    (folder / "garbage").mkdir()
    (folder / "garbage" / "gitdir").write_bytes(b"\xff\n")
    (folder / "folder" / "gitdir").mkdir(parents=True)
    assert len(as_located(main.path)) == 3
