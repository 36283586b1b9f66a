"""Sessions: to which lane they are bound, when they are dead, who goes on with what they held."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager

import pytest
from tests.service.monorepo import git

from lanewise.core.session import Session
from lanewise.host import clock
from lanewise.service import sessions


@contextmanager
def living():
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def row(shop, name):
    return shop.app.store.take(lambda turn: turn.find(Session, f"claude-code:{name}"))


def lane_of(shop, folder):
    rules = shop.app.store.take(shop.app.rules)
    return sessions.lane_of(shop.app, rules, str(folder))


def test_a_folder_in_a_lanes_worktree_is_the_lanes(standing):
    assert lane_of(standing, standing.lane("backend")) == "backend"
    assert lane_of(standing, standing.lane("frontend") / "frontend" / "src") == "frontend"
    assert lane_of(standing, standing.root) == ""
    assert lane_of(standing, standing.root.parent) == ""
    assert lane_of(standing, f"{standing.lane('backend')}-more") == ""
    assert lane_of(standing, "") == ""


def test_a_link_to_a_lane_is_the_lane(standing):
    link = standing.root.with_name("link")
    link.symlink_to(standing.lane("backend"))
    assert lane_of(standing, link / "backend") == "backend"


def test_a_worktree_that_the_client_made_below_is_the_lanes_and_another_is_nobodys(shop):
    lane = shop.lane("backend")
    git(lane, "worktree", "add", "-q", str(lane / ".claude" / "worktrees" / "w"))
    git(lane, "worktree", "add", "-q", str(lane / "nested"))
    assert lane_of(shop, lane / ".claude" / "worktrees" / "w") == "backend"
    assert lane_of(shop, lane / "nested") == ""


def test_the_binding_is_made_once(shop):
    shop.call("backend", "session_start")
    shop.call("backend", "prompt", project=str(shop.lane("frontend")), cwd=str(shop.lane("frontend")))
    assert row(shop, "backend-1").lane == "backend"
    assert len(shop.events("session.started")) == 1


def test_a_session_never_seen_is_bound_at_its_first_call(shop):
    shop.write("backend", "NOTES.md")
    assert row(shop, "backend-1").lane == "backend"


def test_a_session_whose_process_is_gone_is_dead_and_one_without_a_process_is_not(shop):
    with living() as process:
        shop.call("backend", "session_start", session="claude-code:a", pid=process.pid)
        boot = row(shop, "a").boot
        assert not sessions_dead(row(shop, "a"), boot)
    assert sessions_dead(row(shop, "a"), boot)
    shop.call("backend", "session_start", session="claude-code:b", pid=0)
    assert not sessions_dead(row(shop, "b"), boot)
    assert sessions_dead(row(shop, "a"), "another boot")


def sessions_dead(session, boot):
    from lanewise.service.liveness import is_dead

    return is_dead(session, boot)


def test_a_reused_process_number_is_another_process(shop):
    with living() as process:
        shop.call("backend", "session_start", session="claude-code:a", pid=process.pid)
        from dataclasses import replace

        earlier = replace(row(shop, "a"), started=row(shop, "a").started - 1)
        assert sessions_dead(earlier, earlier.boot)


def test_the_next_session_adopts_what_a_dead_one_held_with_new_tokens(shop):
    with living() as process:
        shop.wrote("backend", "NOTES.md", session="claude-code:a", pid=process.pid)
    before = shop.leases()["NOTES.md"]
    shop.call("backend", "session_start", session="claude-code:b")
    after = shop.leases()["NOTES.md"]
    assert (after.session, after.lane, after.touched) == ("claude-code:b", "backend", True)
    assert after.token > before.token
    assert [event.path for event in shop.events("lease.adopted")] == ["NOTES.md"]
    assert row(shop, "a").ended


def test_what_has_expired_is_not_adopted(shop):
    with living() as process:
        shop.wrote("backend", "NOTES.md", session="claude-code:a", pid=process.pid)
    shop.clock.ahead = 1801
    shop.call("backend", "session_start", session="claude-code:b")
    assert shop.events("lease.adopted") == []


def test_a_live_sessions_leases_are_not_adopted(shop):
    with living() as process:
        shop.wrote("backend", "NOTES.md", session="claude-code:a", pid=process.pid)
        told = shop.call("backend", "session_start", session="claude-code:b")
        assert "another live session" in told.human
        assert shop.leases()["NOTES.md"].session == "claude-code:a"
        assert shop.write("backend", "NOTES.md", session="claude-code:b").rule == "lease"


def test_the_same_process_under_a_new_id_goes_on(shop):
    shop.wrote("backend", "NOTES.md", session="claude-code:a")
    told = shop.call("backend", "session_start", session="claude-code:b", detail="clear")
    assert told.human == ""
    assert shop.leases()["NOTES.md"].session == "claude-code:b"
    assert row(shop, "a").ended


def test_a_session_that_comes_back_has_its_new_process(shop):
    with living() as first:
        shop.wrote("backend", "NOTES.md", session="claude-code:a", pid=first.pid)
    with living() as second:
        shop.call("backend", "session_start", session="claude-code:a", pid=second.pid, detail="resume")
        assert (row(shop, "a").pid, row(shop, "a").ended) == (second.pid, False)
        assert [event.text for event in shop.events("session.resumed")] == ["resume"]
        assert shop.leases()["NOTES.md"].session == "claude-code:a"
        assert shop.write("frontend", "NOTES.md").rule == "lease"


def test_another_lane_gets_nothing_of_a_dead_session_before_its_end(shop):
    with living() as process:
        shop.wrote("backend", "NOTES.md", session="claude-code:a", pid=process.pid)
    shop.call("frontend", "session_start")
    assert shop.write("frontend", "NOTES.md").rule == "lease"
    shop.clock.ahead = 1801
    assert not hasattr(shop.write("frontend", "NOTES.md"), "rule")


def test_the_live_files_tell_without_the_store_who_is_at_work(shop):
    state = shop.app.state
    assert not sessions.live_others(state, "backend")
    with living() as process:
        shop.call("frontend", "session_start", pid=process.pid)
        assert sessions.live_others(state, "backend")
        assert not sessions.live_others(state, "frontend")
        assert sessions.live_lane(state, "claude-code:frontend-1") == "frontend"
        assert sessions.live_lane(state, "claude-code:unknown") == ""
    assert not sessions.live_others(state, "backend")


def test_a_live_file_that_cannot_be_read_counts_as_somebody(shop):
    shop.call("frontend", "session_start")
    shop.call("frontend", "session_end")
    (shop.state / "live" / "broken").write_text("{")
    assert sessions.live_others(shop.app.state, "backend")


@pytest.mark.parametrize("body", [{}, {"lane": "frontend"}, {"lane": 3, "pid": "x", "started": None, "boot": ""}])
def test_a_live_file_that_lacks_something_counts_as_somebody_too(shop, body):
    (shop.state / "live").mkdir(exist_ok=True)
    (shop.state / "live" / "odd").write_text(json.dumps({"boot": clock.boot_id(), **body}))
    assert sessions.live_others(shop.app.state, "backend")


def test_an_ended_session_has_no_live_file(shop):
    shop.call("backend", "session_start")
    assert len(list((shop.state / "live").iterdir())) == 1
    shop.call("backend", "session_end")
    assert list((shop.state / "live").iterdir()) == []


def test_a_session_in_no_lane_counts_as_no_lane_at_work(shop):
    shop.call("", "session_start")
    assert not sessions.live_others(shop.app.state, "backend")
