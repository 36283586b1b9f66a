"""`up` after it was killed: what it sets aside is never written over, and is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.service.monorepo import git

from lanewise.core.rows import Place
from lanewise.core.view import Decision, Event
from lanewise.service import desired, lanes, perform


def cut_off(shop):
    """As a kill inside of git's checkout leaves the backend's lane."""

    def making(turn):
        row = replace(turn.find(Place, "backend"), state="making")
        turn.save(Decision(None, (Event("test", puts=(row,)),)))

    shop.app.store.take(making)
    (shop.root / ".git" / "worktrees" / "shop-backend" / "locked").write_text("initializing")


def complete(shop):
    """What `up` says while it completes."""
    places = {row.lane: row for row in shop.app.store.take(lambda turn: turn.all(Place))}
    plan = lanes.plan_up(shop.app.repository, desired.load(shop.app.repository), places)
    said = []
    perform.perform(shop.app, plan.effects[:2], said.append)
    return said


def test_each_run_keeps_what_it_sets_aside_in_a_folder_of_its_own_and_says_which(shop):
    for number, half in enumerate(("ap", "a"), start=1):
        cut_off(shop)
        (shop.lane("backend") / "backend" / "app.py").write_text(half)
        said = complete(shop)
        kept = shop.state / "kept" / f"backend-{number}"
        assert (kept / "backend" / "app.py").read_text() == half
        told = [line for line in said if "backend/app.py" in line]
        assert str(kept) in told[0]
        assert told[0] in {event.text for event in shop.events("lane.noted")}
    assert (shop.state / "kept" / "backend-1" / "backend" / "app.py").read_text() == "ap"


@pytest.mark.parametrize("gone", [(), ("commondir",), ("commondir", "HEAD")])
def test_a_kill_before_git_said_the_branch_is_mended_by_the_next_up(shop, gone):
    lane, git_dir = shop.lane("backend"), shop.root / ".git" / "worktrees" / "shop-backend"
    git(shop.root, "worktree", "remove", "--force", str(lane))
    git(shop.root, "worktree", "add", "-q", "--no-checkout", str(lane), "feature/backend/start")
    cut_off(shop)
    (git_dir / "index").unlink(missing_ok=True)
    (git_dir / "HEAD").write_text("0" * 40 + "\n")
    for name in gone:
        (git_dir / name).unlink()
    shop.up()
    assert git(lane, "status", "--porcelain", "--branch") == "## feature/backend/start\n"
    assert shop.app.store.take(lambda turn: turn.find(Place, "backend")).state == "ready"
    assert git(shop.root, "fsck") == ""
