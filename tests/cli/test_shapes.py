"""What every command answers as JSON, field by field: scripts rely on it."""

from __future__ import annotations

import json
import re

import pytest

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
LEASE = {"path", "mode", "token", "lane", "session", "expires_at"}
HOLDER = {"path", "lane", "session", "since", "why", "expires_at", "token"}


@pytest.fixture(autouse=True)
def free(standing):
    """Each test begins with nothing held and nothing halted."""
    yield
    for lane in ("backend", "frontend"):
        standing.run("unlock", "--lane", lane)


def answer(lanes, *argv, status=0, **more):
    done = lanes.try_run(*argv, "--json", **more)
    assert done.returncode == status, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_lock_granted(standing):
    body = answer(standing, "lock", "NOTES.md", "CHANGELOG.md", "--lane", "backend", "--why", "words")
    assert body.keys() == {"granted", "leases", "held_by", "hint"}
    assert (body["granted"], body["held_by"], body["hint"]) == (True, [], "")
    assert [lease.keys() for lease in body["leases"]] == [LEASE, LEASE]
    lease = body["leases"][0]
    assert (lease["path"], lease["mode"], lease["lane"], lease["session"]) == ("NOTES.md", "exclusive", "backend", "")
    assert 0 < lease["token"] < 2**53
    assert STAMP.fullmatch(lease["expires_at"])


def test_lock_refused(standing):
    standing.run("lock", "NOTES.md", "--lane", "backend", "--why", "words")
    body = answer(standing, "lock", "NOTES.md", "--lane", "frontend", status=3)
    assert body.keys() >= {"granted", "leases", "held_by", "hint"}
    assert (body["granted"], body["leases"]) == (False, [])
    assert body["hint"]
    (holder,) = body["held_by"]
    assert holder.keys() == HOLDER
    assert (holder["path"], holder["lane"], holder["why"]) == ("NOTES.md", "backend", "words")
    assert STAMP.fullmatch(holder["since"])
    assert STAMP.fullmatch(holder["expires_at"])


def test_lock_refused_by_domain_names_no_holder(standing):
    body = answer(standing, "lock", "backend/x", "--lane", "frontend", status=3)
    assert (body["granted"], body["held_by"], body["rule"]) == (False, [], "domain")


def test_shared_locks(standing):
    assert answer(standing, "lock", "docs/", "--shared", "--lane", "backend")["leases"][0]["mode"] == "shared"
    assert answer(standing, "lock", "docs/", "--shared", "--lane", "frontend")["granted"]


@pytest.mark.parametrize(
    ("path", "verdict", "rule"),
    [
        ("frontend/x.vue", "allow", "own"),
        ("free.txt", "allow", "own"),
        ("backend/x.py", "deny", "domain"),
        ("package.json", "deny", "shared"),
        (".mcp.json", "deny", "protected"),
        ("held.txt", "deny", "lease"),
    ],
)
def test_check(standing, path, verdict, rule):
    standing.run("lock", "held.txt", "--lane", "backend")
    before = standing.run("log", "--json", "--all", "-n", "1")
    body = answer(standing, "check", path, "--lane", "frontend", status=0 if verdict == "allow" else 3)
    assert (body["verdict"], body["rule"], body["path"], body["lane"]) == (verdict, rule, path, "frontend")
    assert body.keys() >= {"verdict", "rule", "path", "lane", "held_by", "hint"}
    assert [holder.keys() for holder in body["held_by"]] == ([HOLDER] if rule == "lease" else [])
    assert standing.run("log", "--json", "--all", "-n", "1") == before
    assert len(standing.json("locks")) == 1


def test_check_during_a_halt(standing):
    standing.run("halt", "frontend", "--reason", "look")
    assert answer(standing, "check", "frontend/x", "--lane", "frontend", status=3)["rule"] == "halt"
    assert answer(standing, "check", "backend/x", "--lane", "backend")["verdict"] == "allow"
    standing.run("resume")


def test_locks(standing):
    assert answer(standing, "locks") == []
    standing.run("lock", "NOTES.md", "--lane", "backend", "--why", "words")
    (lease,) = answer(standing, "locks")
    assert lease.keys() == LEASE | {"why", "since", "holder_alive"}
    assert lease["holder_alive"] is True


def test_unlock(standing):
    standing.run("lock", "NOTES.md", "--lane", "backend")
    body = answer(standing, "unlock", "NOTES.md", "--lane", "backend")
    assert [lease["path"] for lease in body["released"]] == ["NOTES.md"]
    assert answer(standing, "unlock", "NOTES.md", "--lane", "backend") == {"released": []}


def test_status(standing):
    standing.run("lock", "NOTES.md", "--lane", "backend")
    body = answer(standing, "status")
    assert body.keys() >= {"project", "at", "daemon", "halts", "lanes", "overlaps"}
    assert body["project"] == "naga"
    assert STAMP.fullmatch(body["at"])
    assert body["daemon"]["pid"] > 0
    assert [lane["lane"] for lane in body["lanes"]] == ["backend", "frontend"]
    lane = body["lanes"][0]
    assert lane.keys() >= {"lane", "worktree", "branch", "halted", "sessions", "leases"}
    assert (lane["branch"], lane["halted"], lane["sessions"]) == ("feature/backend/start", False, [])
    assert [lease["path"] for lease in lane["leases"]] == ["NOTES.md"]


def test_status_of_a_session(standing, standing_agents):
    agent = standing_agents(standing, "frontend")
    agent.prompt("restyle the buttons")
    (session,) = answer(standing, "status")["lanes"][1]["sessions"]
    assert session.keys() >= {"id", "pid", "task", "seen"}
    assert (session["id"], session["pid"], session["task"]) == (agent.session, agent.process.pid, "restyle the buttons")
    agent.end()


def test_halt_and_resume(standing):
    body = answer(standing, "halt", "--reason", "look")
    assert body.keys() == {"scope", "reason", "by", "at"}
    assert (body["scope"], body["reason"]) == ("all", "look")
    (halt,) = answer(standing, "status")["halts"]
    assert halt.keys() >= {"scope", "trigger", "reason", "by", "at", "evidence"}
    assert halt["trigger"] == "human"
    answer(standing, "halt", "backend", "--reason", "more")
    assert answer(standing, "resume", "backend") == {"resumed": ["backend"], "halted": ["all"]}
    assert answer(standing, "resume") == {"resumed": ["all"], "halted": []}
    assert answer(standing, "resume") == {"resumed": [], "halted": []}


def test_up(standing):
    body = answer(standing, "up", "--dry-run")
    assert body.keys() == {"lanes", "effects", "dry_run", "untrusted", "uncommitted_in_main"}
    assert (body["effects"], body["dry_run"], body["uncommitted_in_main"]) == ([], True, [])
    assert [lane.keys() for lane in body["lanes"]] == [{"lane", "worktree", "branch"}] * 2
    assert body["untrusted"]


def test_run(standing):
    body = json.loads(standing.run("run", "--json", "--dry-run", "backend", "--", "true"))
    assert body.keys() == {"lane", "argv", "cwd", "dry_run"}
    assert (body["lane"], body["cwd"]) == ("backend", str(standing.lane("backend")))


def test_trust(standing):
    body = answer(standing, "trust", "--show")
    assert body.keys() == {"trusted", "commands"}
    assert body["trusted"] is False
    assert all(command.keys() == {"lane", "command"} for command in body["commands"])


def test_init(standing):
    body = answer(standing, "init", "--dry-run")
    assert body.keys() == {"path", "toml", "lanes", "notes", "dry_run"}
    assert body["lanes"] == ["backend", "frontend"]


def test_log_is_one_object_a_line(standing):
    standing.run("lock", "NOTES.md", "--lane", "backend", "--why", "words")
    lines = standing.run("log", "--json").splitlines()
    events = [json.loads(line) for line in lines]
    assert all(event.keys() == {"seq", "at", "kind", "lane", "session", "path", "text", "data"} for event in events)
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    last = events[-1]
    assert (last["kind"], last["lane"], last["path"], last["text"]) == ("lease.granted", "backend", "NOTES.md", "words")
    frontend = standing.run("log", "--json", "--lane", "frontend").splitlines()
    assert {json.loads(line)["lane"] for line in frontend} <= {"frontend"}
    assert len(standing.run("log", "--json", "-n", "2").splitlines()) == 2


def test_task(lanes):
    body = answer(lanes, "task", "backend", "enrollment-api")
    assert body == {
        "lane": "backend",
        "branch": "feature/backend/enrollment-api",
        "left": "feature/backend/start",
        "unlanded_commits": 0,
    }
    refused = lanes.lane("frontend") / "frontend" / "x"
    refused.write_text("x")
    error = answer(lanes, "task", "frontend", "x", status=3)
    assert error.keys() == {"error", "message", "hint"}


def test_an_error_is_json_too(standing):
    body = answer(standing, "check", "../x", "--lane", "backend", status=2)
    assert body.keys() == {"error", "message", "hint"}
    assert body["error"] == "bad_input"


def test_the_schema_is_a_schema(standing):
    schema = json.loads(standing.run("schema-json"))
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"project", "lane", "shared", "lease", "halt"} <= schema["$defs"]["Settings"]["properties"].keys()
