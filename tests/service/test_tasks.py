"""A lane's next piece of work gets a branch of its own, from main."""

from __future__ import annotations

import pytest
from tests.service.monorepo import git

from lanewise.core.rows import Place
from lanewise.errors import BadInput, Refused
from lanewise.service import tasks


def branch(shop, lane="backend"):
    return git(shop.lane(lane), "branch", "--show-current").strip()


def test_a_task_starts_on_its_branch_from_main(shop):
    (shop.root / "later.txt").write_text("x")
    git(shop.root, "add", "-A")
    git(shop.root, "commit", "-qm", "later")
    started = tasks.start(shop.app, "backend", "enrollment-api")
    assert (started.branch, branch(shop)) == ("feature/backend/enrollment-api",) * 2
    assert (shop.lane("backend") / "later.txt").exists()
    assert started.unlanded == 0
    assert [event.text for event in shop.events("task.started")] == ["feature/backend/enrollment-api"]
    assert shop.app.store.take(lambda turn: turn.find(Place, "backend")).branch == started.branch
    assert shop.up().effects == () or all("daemon" in str(effect) for effect in shop.up().effects)


def test_what_has_not_landed_is_counted_and_kept(shop):
    for number in range(2):
        (shop.lane("backend") / f"{number}").write_text("x")
        git(shop.lane("backend"), "add", "-A")
        git(shop.lane("backend"), "commit", "-qm", f"{number}")
    started = tasks.start(shop.app, "backend", "next")
    assert (started.left, started.unlanded) == ("feature/backend/start", 2)
    assert git(shop.root, "rev-list", "--count", "main..feature/backend/start") == "2\n"


def test_what_was_squashed_into_main_has_landed(shop):
    (shop.lane("backend") / "new.txt").write_text("x")
    git(shop.lane("backend"), "add", "-A")
    git(shop.lane("backend"), "commit", "-qm", "x")
    git(shop.root, "merge", "-q", "--squash", "feature/backend/start")
    git(shop.root, "commit", "-qm", "squashed")
    assert tasks.start(shop.app, "backend", "next").unlanded == 0


@pytest.mark.parametrize("name", ["", "-x", "Upper", "a b", "a..b", "../x", "x.lock", "a/", "x" * 90, "\x1b"])
def test_a_name_that_git_would_not_take_is_refused_in_words(shop, name):
    with pytest.raises(BadInput):
        tasks.start(shop.app, "backend", name)
    assert branch(shop) == "feature/backend/start"


def test_an_unknown_lane_is_said(shop):
    with pytest.raises(BadInput, match="nobody"):
        tasks.start(shop.app, "nobody", "x")


def test_uncommitted_work_stays_where_it_is(shop):
    (shop.lane("backend") / "NOTES.md").write_text("changed")
    with pytest.raises(Refused, match=r"NOTES\.md"):
        tasks.start(shop.app, "backend", "next")
    assert branch(shop) == "feature/backend/start"
    assert (shop.lane("backend") / "NOTES.md").read_text() == "changed"


def test_a_running_turn_is_waited_for(shop):
    shop.call("backend", "prompt", prompt="go on")
    with pytest.raises(Refused, match="turn is running"):
        tasks.start(shop.app, "backend", "next")
    tasks.start(shop.app, "frontend", "next")
    shop.call("backend", "stop")
    tasks.start(shop.app, "backend", "next")


def test_a_branch_that_exists_is_not_taken_twice(shop):
    tasks.start(shop.app, "backend", "one")
    tasks.start(shop.app, "backend", "two")
    with pytest.raises(Refused, match="exists already"):
        tasks.start(shop.app, "backend", "one")


def test_a_lane_that_was_not_made_yet_is_said(shop):
    shop.lane("backend").rename(shop.lane("backend").with_name("away"))
    with pytest.raises(Refused, match="no worktree"):
        tasks.start(shop.app, "backend", "next")
