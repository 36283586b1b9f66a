"""`up --bring`: main's uncommitted work comes into a lane whole or not at all, and the lane holds it."""

from __future__ import annotations

import pytest
from tests.service.monorepo import git

from lanewise.errors import BadInput, GitTrouble, Refused
from lanewise.service import bring, leases


def rules(shop):
    return shop.app.store.take(shop.app.rules)


def bring_to(shop, lane="backend"):
    return bring.bring(shop.app, rules(shop), lane)


@pytest.fixture
def work(shop):
    (shop.root / "NOTES.md").write_text("changed\n")
    (shop.root / "backend" / "new.py").write_text("new\n")
    (shop.root / "frontend" / "App.vue").unlink()
    return shop


def test_what_is_brought_is_named_and_held_by_the_lane(work):
    assert bring_to(work).paths == ("NOTES.md", "backend/new.py", "frontend/App.vue")
    assert (work.lane("backend") / "NOTES.md").read_text() == "changed\n"
    assert not (work.lane("backend") / "frontend" / "App.vue").exists()
    held = work.leases()
    assert set(held) == {"NOTES.md", "backend/new.py", "frontend/App.vue"}
    assert {(row.lane, row.session, row.origin, row.touched) for row in held.values()} == {
        ("backend", "", "edit", True)
    }
    assert work.write("frontend", "NOTES.md").rule == "lease"


def test_the_leases_serve_every_session_of_the_lane_and_can_be_given_back(work):
    bring_to(work)
    assert not hasattr(work.write("backend", "NOTES.md", session="claude-code:one"), "rule")
    assert not hasattr(work.write("backend", "backend/new.py", session="claude-code:two"), "rule")
    assert len(work.leases()) == 3
    leases.unlock(work.app, "backend", "", ())
    assert work.leases() == {}


def test_nothing_is_brought_where_another_lane_holds_a_path(work):
    work.write("frontend", "NOTES.md")
    with pytest.raises(Refused, match=r"NOTES\.md is held by lane frontend"):
        bring_to(work)
    assert git(work.lane("backend"), "status", "--porcelain") == ""
    assert set(work.leases()) == {"NOTES.md"}


def test_lanewise_toml_and_nested_repositories_stay_where_they_are(work):
    (work.root / "lanewise.toml").write_text((work.root / "lanewise.toml").read_text() + "# mine\n")
    (work.root / "vendor" / "lib").mkdir(parents=True)
    (work.root / "vendor" / "lib" / "x").write_text("x")
    git(work.root / "vendor" / "lib", "init", "-q")
    changes = bring_to(work)
    assert changes.nested == ("vendor/lib/",)
    assert "lanewise.toml" not in changes.paths
    assert "lanewise.toml" not in git(work.lane("backend"), "status", "--porcelain")
    assert not (work.lane("backend") / "vendor").exists()


def test_a_bringing_that_git_refuses_leaves_no_lease(work):
    (work.lane("backend") / "NOTES.md").write_text("quite other\n")
    git(work.lane("backend"), "commit", "-qam", "other")
    with pytest.raises(GitTrouble):
        bring_to(work)
    assert work.leases() == {}
    assert leases.board(work.app).leases == ()


def test_a_lane_with_work_of_its_own_or_of_no_name_gets_nothing(work):
    with pytest.raises(BadInput):
        bring_to(work, "nobody")
    (work.lane("backend") / "mine").write_text("mine")
    with pytest.raises(Refused, match="uncommitted work of its own"):
        bring_to(work)


def test_what_was_brought_is_given_back_when_a_session_commits_it(work):
    bring_to(work)
    work.call("backend", "session_start")
    git(work.lane("backend"), "add", "-A")
    git(work.lane("backend"), "commit", "-qm", "brought")
    work.call("backend", "after_tool", tool="Bash", command="git commit -qm brought")
    assert work.leases() == {}
