"""Claude Code's dialect over payloads that the real client sent: what is understood, and what is answered."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from lanewise.clients import claude_code
from lanewise.clients.base import Call
from lanewise.core.halt import Halt
from lanewise.core.outcome import NOTHING, KeptSettings, Made, NotMade, Stopped, Told
from lanewise.core.verdict import Allowed, Denied

PAYLOADS = sorted((Path(__file__).parent / "payloads" / "claude-code-2.1.330").glob("*.json"))
ENV = {"CLAUDE_PROJECT_DIR": "/repo", "CLAUDE_PID": "4242", "PWD": "/elsewhere"}
SESSION = "claude-code:00000001-0000-4000-8000-000000000000"
CALL = "toolu_000000000000000000000001"


def tool(name, moment, **more):
    return {"moment": moment, "tool": name, "call": CALL, **more}


def before(name, **more):
    return tool(name, "before_tool", **more)


def after(name, **more):
    return tool(name, "after_tool", **more)


READS = {"writes": False}
BELOW = "/repo/.claude/worktrees/wt1"
#: Payload -> the fields of its call that differ from those all have in common.
UNDERSTOOD = {
    "ConfigChange": {
        "moment": "settings_change",
        "detail": "local_settings",
        "file": "/repo/.claude/settings.local.json",
    },
    "CwdChanged": {"moment": "other"},
    "FileChanged": {"moment": "other", "file": "/repo/a.txt"},
    "InstructionsLoaded": {"moment": "other", "file": "/repo/CLAUDE.md"},
    "PermissionRequest-Bash": {"moment": "permission", "tool": "Bash", "command": "echo 1 > b.txt"},
    "PermissionRequest-Write": {"moment": "permission", "tool": "Write", "paths": ("/repo/new.txt",)},
    "PostCompact": {"moment": "other"},
    "PostToolBatch": {"moment": "other"},
    "PostToolUse-Agent": after("Agent", **READS),
    "PostToolUse-Bash": after("Bash", command="echo x > b.txt", paths=("/repo/b.txt",)),
    "PostToolUse-Edit": after("Edit", paths=("/repo/a.txt",)),
    "PostToolUse-EnterWorktree": after("EnterWorktree", cwd=BELOW, **READS),
    "PostToolUse-ExitWorktree": after("ExitWorktree", **READS),
    "PostToolUse-Monitor": after("Monitor", command="echo x > c.txt"),
    "PostToolUse-NotebookEdit": after("NotebookEdit", paths=("/repo/n.ipynb",)),
    "PostToolUse-Read": after("Read", **READS),
    "PostToolUse-ToolSearch": after("ToolSearch", **READS),
    "PostToolUse-Write": after("Write", paths=("/repo/new.txt",)),
    "PostToolUse-Write-subagent": after("Write", paths=("/repo/s.txt",)),
    "PostToolUseFailure-Bash": after("Bash"),
    "PreCompact": {"moment": "other"},
    "PreToolUse-Agent": before("Agent", **READS),
    "PreToolUse-Bash": before("Bash", command="echo x > b.txt"),
    "PreToolUse-Edit": before("Edit", paths=("/repo/a.txt",)),
    "PreToolUse-EnterWorktree": before("EnterWorktree", **READS),
    "PreToolUse-ExitWorktree": before("ExitWorktree", cwd=BELOW, **READS),
    "PreToolUse-Monitor": before("Monitor", command="echo x > c.txt"),
    "PreToolUse-NotebookEdit": before("NotebookEdit", paths=("/repo/n.ipynb",)),
    "PreToolUse-Read": before("Read", **READS),
    "PreToolUse-ToolSearch": before("ToolSearch", **READS),
    "PreToolUse-Write": before("Write", paths=("/repo/new.txt",)),
    "PreToolUse-Write-subagent": before("Write", paths=("/repo/s.txt",)),
    "SessionEnd-clear": {"moment": "session_end", "detail": "clear"},
    "SessionEnd-other": {"moment": "session_end", "detail": "other"},
    "SessionStart-clear": {"moment": "session_start", "detail": "clear"},
    "SessionStart-compact": {"moment": "session_start", "detail": "compact"},
    "SessionStart-fork": {"moment": "session_start", "detail": "fork"},
    "SessionStart-resume": {"moment": "session_start", "detail": "resume"},
    "SessionStart-startup": {"moment": "session_start", "detail": "startup"},
    "Setup-init": {"moment": "other"},
    "Stop": {"moment": "stop"},
    "SubagentStart": {"moment": "subagent_start"},
    "SubagentStop": {"moment": "other"},
    "UserPromptSubmit": {"moment": "prompt", "prompt": "do it"},
    "WorktreeCreate": {"moment": "worktree_create", "detail": "feat1"},
}
COMMON = {"client": "claude-code", "session": SESSION, "cwd": "/repo", "project": "/repo", "pid": 4242, "writes": True}


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_recorded_payload_is_understood(path):
    payload = json.loads(path.read_text())
    call = claude_code.parse(payload["hook_event_name"], payload, ENV)
    expected = Call(**{**COMMON, **UNDERSTOOD[path.stem]})
    ignored = {"command": call.command} if path.stem == "PostToolUseFailure-Bash" else {}
    assert call == dataclasses.replace(expected, **ignored)


def test_every_recorded_payload_has_its_line():
    assert {path.stem for path in PAYLOADS} == UNDERSTOOD.keys()


def test_every_event_that_is_listened_to_was_recorded_and_has_a_moment():
    recorded = {json.loads(path.read_text())["hook_event_name"] for path in PAYLOADS}
    assert claude_code.EVENTS.keys() <= recorded
    for event in claude_code.EVENTS:
        assert claude_code.parse(event, {}, {}).moment != "other"


def test_what_the_payload_lacks_comes_from_the_environment_and_the_command_line():
    call = claude_code.parse("Stop", {}, {**ENV, "CLAUDE_CODE_SESSION_ID": "abc"})
    assert (call.moment, call.session, call.cwd, call.project, call.pid) == (
        "stop", "claude-code:abc", "/elsewhere", "/repo", 4242,
    )  # fmt: skip


ODD = [None, 3, [], {}, True, "x" * 100_000, "\x00", "\ud800"]


@pytest.mark.parametrize(
    "key",
    [
        "session_id",
        "cwd",
        "hook_event_name",
        "tool_name",
        "tool_input",
        "tool_use_id",
        "tool_response",
        "prompt",
        "source",
    ],
)
@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_no_value_of_another_kind_breaks_it(key, value):
    payload = json.loads(next(path for path in PAYLOADS if path.stem == "PostToolUse-Bash").read_text())
    call = claude_code.parse("PostToolUse", {**payload, key: value}, ENV)
    assert isinstance(call.session, str)
    assert isinstance(call.paths, tuple)
    assert len(call.session) < 200


@pytest.mark.parametrize("pid", ["", "x", "-1", "0x10", "99999999999999999999", "\u0664"])
def test_a_process_number_that_is_none_is_not_known(pid):
    assert claude_code.parse("Stop", {}, {"CLAUDE_PID": pid}).pid == 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"path": "a/b"}, ("a/b",)),
        (
            {"file_path": "/x", "content": "/not/this? yes, since it could be"},
            ("/x", "/not/this? yes, since it could be"),
        ),
        ({"edits": [{"target": "a"}, {"target": "b"}]}, ("a", "b")),
        ({"uri": "file:///x/y"}, ("/x/y",)),
        ({"url": "https://x/y", "query": "words"}, ()),
        ({"uri": "https://x/y"}, ()),
        ({"text": "no path", "count": 3, "flag": True, "nothing": None}, ()),
        ({"output": "a\nb"}, ()),
        ({"path": ""}, ()),
    ],
)
def test_a_tool_of_another_make_writes_what_looks_like_a_path(given, expected):
    call = claude_code.parse("PreToolUse", {"tool_name": "mcp__x__y", "tool_input": given}, {})
    assert (call.paths, call.writes) == (expected, True)


DENIED = Denied("lease", "a", "a is held by lane backend. Nothing was written.", "try again later")
HALTED = "HALT: editing is stopped (look). Nothing was written."
STOPPED = Stopped(Halt("all", "human", "look", "me", 0.0), Denied("halt", "a", HALTED, "stop here and wait"))


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("mcp__files__list_directory", True),
        ("mcp__files__read-text-file", True),
        ("mcp__db__query", True),
        ("mcp__get__getUser", True),
        ("mcp__a__b__stat", True),
        ("DescribeThing", True),
        ("mcp__files__write_file", False),
        ("mcp__read__delete", False),
        ("mcp__x__y", False),
        ("mcp__x__listen", False),
        ("mcp__x__statement", False),
        ("mcp__files__find_and_replace", False),
        ("mcp__db__getOrCreate", False),
        ("mcp__x__", False),
    ],
)
def test_a_tool_that_says_it_only_reads_writes_nothing(name, reads):
    call = claude_code.parse("PreToolUse", {"tool_name": name, "tool_input": {"path": "/repo/a"}}, {})
    assert (call.writes, call.paths) == ((False, ()) if reads else (True, ("/repo/a",)))


def refused(reason):
    decision = {"permissionDecision": "deny", "permissionDecisionReason": reason}
    return {"hookSpecificOutput": {"hookEventName": "PreToolUse", **decision}}


def told(event, text):
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


ENDED = {"continue": False, "stopReason": f"lanewise: {HALTED}"}
#: Moment, outcome -> standard output, standard error, exit status.
SAID = [
    ("before_tool", NOTHING, None, "", 0),
    ("before_tool", Allowed(), None, "", 0),
    ("before_tool", DENIED, refused(f"{DENIED.text} Next: try again later."), "", 0),
    ("before_tool", STOPPED, ENDED | refused(f"{HALTED} Next: stop here and wait."), "", 0),
    ("prompt", STOPPED, ENDED | {"decision": "block", "reason": f"lanewise: {HALTED}"}, "", 0),
    ("session_start", Told(agent="hello"), told("SessionStart", "hello"), "", 0),
    ("session_start", Told(human="look"), {"systemMessage": "look"}, "", 0),
    ("prompt", Told("a", "h"), {"systemMessage": "h", **told("UserPromptSubmit", "a")}, "", 0),
    ("after_tool", Told(agent="news"), told("PostToolUse", "news"), "", 0),
    ("subagent_start", Told(agent="lane"), told("SubagentStart", "lane"), "", 0),
    ("settings_change", KeptSettings("kept"), None, "kept", 2),
    ("worktree_create", Made("/repo/x"), "/repo/x", "", 0),
    ("worktree_create", NotMade("no"), None, "no", 1),
]


@pytest.mark.parametrize(("moment", "outcome", "out", "err", "status"), SAID)
def test_an_outcome_is_said_in_the_clients_words(moment, outcome, out, err, status):
    reply = claude_code.render(Call(claude_code.NAME, moment, SESSION), outcome)
    said = json.loads(reply.stdout) if isinstance(out, dict) else reply.stdout or None
    assert (said, reply.stderr, reply.status) == (out, err, status)


@pytest.mark.parametrize("moment", ["before_tool", "permission", "after_tool", "stop"])
def test_nothing_that_is_said_allows(moment):
    """An `allow` would skip the user's own prompts."""
    for outcome in (NOTHING, Allowed(), Told("a", "h"), DENIED, STOPPED):
        said = claude_code.render(Call(claude_code.NAME, moment, SESSION), outcome).stdout
        assert "allow" not in said
        assert "updatedInput" not in said
