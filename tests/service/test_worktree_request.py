"""A client asks for a worktree."""

from __future__ import annotations

import pytest
from tests.service.monorepo import git

from lanewise.core.outcome import Made, NotMade


def ask(shop, name, lane="backend", **more):
    return shop.call(lane, "worktree_create", detail=name, **more)


def test_a_lanes_name_is_the_lane(shop):
    assert ask(shop, "frontend", lane="") == Made(str(shop.lane("frontend")))


def test_another_name_is_made_below_the_asking_lane_and_once(shop):
    made = ask(shop, "feat-1")
    assert made == Made(str(shop.lane("backend") / ".claude" / "worktrees" / "feat-1"))
    assert (
        git(shop.lane("backend") / ".claude" / "worktrees" / "feat-1", "branch", "--show-current")
        == "worktree-feat-1\n"
    )
    assert ask(shop, "feat-1") == made
    assert len(shop.events("worktree.made")) == 1


def test_asked_from_a_subfolder_it_lies_where_git_does_not_see_it(shop):
    sub = shop.lane("backend") / "backend"
    ask(shop, "feat-2", project=str(sub), cwd=str(sub))
    assert git(shop.lane("backend"), "status", "--porcelain") == ""


def test_from_the_main_worktree_it_lies_below_main(shop):
    assert ask(shop, "feat-3", lane="") == Made(str(shop.root / ".claude" / "worktrees" / "feat-3"))
    assert git(shop.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-rf", ".hidden", "a b", "x\n", "x" * 65, "\x1b[31m"])
def test_a_name_that_is_none_is_refused_in_words(shop, name):
    answer = ask(shop, name)
    assert isinstance(answer, NotMade)
    assert "not a name" in answer.reason


def test_a_branch_that_is_there_already_is_said(shop):
    git(shop.root, "branch", "worktree-feat-4")
    assert "lanewise: " in ask(shop, "feat-4").reason
