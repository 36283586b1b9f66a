"""Claude Code: its hook payloads in, its hook answers out, and the handlers that it must have.

Facts proved on 2.1.330: a pre-tool halt is a deny *and* `continue: false` (the latter alone lets the tool run);
nothing is said to
allow (an `allow` would skip the user's own prompts); `continue: false` at SessionStart is ignored; exit status 2
of ConfigChange
keeps the old hooks; WorktreeCreate prints the path and fails by a non-zero status.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from lanewise.clients.base import Call, Moment, Reply
from lanewise.core.outcome import KeptSettings, Made, NotMade, Outcome, Stopped, Told
from lanewise.core.verdict import Denied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "claude-code"

#: Before this version a hook that crashes lets the tool run, whatever the settings say.
OLDEST = (2, 1, 295)

#: Every event that lanewise listens to, and the client's time limit for it in seconds.
EVENTS: Mapping[str, int] = {
    "SessionStart": 10,
    "UserPromptSubmit": 5,
    "PreToolUse": 5,
    "PostToolUse": 5,
    "PostToolUseFailure": 5,
    "PermissionRequest": 5,
    "Stop": 10,
    "SessionEnd": 1,
    "SubagentStart": 5,
    "ConfigChange": 5,
    "WorktreeCreate": 60,
}

_MOMENTS: Mapping[str, Moment] = {
    "SessionStart": "session_start",
    "UserPromptSubmit": "prompt",
    "PreToolUse": "before_tool",
    "PostToolUse": "after_tool",
    "PostToolUseFailure": "after_tool",
    "PermissionRequest": "permission",
    "Stop": "stop",
    "SessionEnd": "session_end",
    "SubagentStart": "subagent_start",
    "ConfigChange": "settings_change",
    "WorktreeCreate": "worktree_create",
}

_WRITERS = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}
_SHELLS = frozenset({"Bash", "Monitor"})
#: Tools that change no file: they need nothing, and pass during a halt.
_READERS = frozenset(
    """
    Read Glob Grep LS NotebookRead WebFetch WebSearch ToolSearch TodoWrite TodoRead Agent Task TaskCreate TaskUpdate
    TaskList TaskGet TaskOutput TaskStop BashOutput KillShell KillBash AskUserQuestion EnterPlanMode ExitPlanMode
    Skill SlashCommand
    EnterWorktree ExitWorktree SendMessage EndConversation LSP ListMcpResourcesTool ReadMcpResourceTool CronList
    StructuredOutput
    """.split()
)
#: Tools of others that say in their name that they only read: `mcp__files__list_directory`, `mcp__db__query`.
_READING = re.compile(
    r"(?i:read|get|list|search|find|fetch|query|describe|view|show|stat)(?![a-z])"
    r"(?!.*(?:(?i:replace)|_(?i:and|or)_|(?:And|Or)[A-Z]))"  # `find_and_replace`, `getOrCreate`
)
_PATH_KEY = re.compile(r"path|file|dir|folder|dest|target|output|uri|location", re.IGNORECASE)


def parse(event: str, payload: Mapping[str, Any], env: Mapping[str, str]) -> Call:
    """Claude Code's payload as a call."""
    event = _text(payload.get("hook_event_name")) or event
    tool = _text(payload.get("tool_name"))
    given = payload.get("tool_input")
    given = given if isinstance(given, dict) else {}
    moment = _MOMENTS.get(event, "other")
    session = _text(payload.get("session_id")) or env.get("CLAUDE_CODE_SESSION_ID", "")
    return Call(
        client=NAME,
        moment=moment,
        session=f"{NAME}:{session[:100]}",
        call=_text(payload.get("tool_use_id"))[:200],
        tool=tool,
        paths=_changed_by_shell(payload) if tool in _SHELLS else written_paths(tool, given),
        command=_text(given.get("command")) if tool in _SHELLS else "",
        writes=not _only_reads(tool),
        cwd=_text(payload.get("cwd")) or env.get("PWD", ""),
        project=env.get("CLAUDE_PROJECT_DIR", "") or _text(payload.get("cwd")),
        pid=_number(env.get("CLAUDE_PID", "")),
        prompt=_text(payload.get("prompt")),
        background=bool(payload.get("background_tasks")),
        detail=_text(payload.get("source") or payload.get("name") or payload.get("reason")),
        file=_text(payload.get("file_path")),
    )


def written_paths(tool: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths a tool would write; an unknown tool writes whatever in its input looks like a path."""
    if _only_reads(tool) or tool in _SHELLS:
        return ()
    if tool in _WRITERS:
        return tuple(filter(None, [_text(given.get(_WRITERS[tool]))]))
    return tuple(dict.fromkeys(_pathlike(given, "")))[:64]


def _only_reads(tool: str) -> bool:
    return tool in _READERS or bool(_READING.match(tool.rpartition("__")[2]))


def _changed_by_shell(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """After a shell command the client lists the files it saw changed."""
    response = payload.get("tool_response")
    diff = response.get("bashEditDiff") if isinstance(response, dict) else None
    files = diff.get("changedFiles") if isinstance(diff, dict) else None
    return tuple(name for name in files if isinstance(name, str)) if isinstance(files, list) else ()


def render(call: Call, outcome: Outcome) -> Reply:
    """An outcome in Claude Code's words; silence allows."""
    match outcome:
        case Denied():
            reply = _deny(f"{outcome.text} Next: {outcome.hint}.")
        case Stopped():
            reply = _stopped(call, outcome)
        case KeptSettings():
            reply = Reply(stderr=outcome.reason, status=2)
        case Made():
            reply = Reply(stdout=outcome.path)
        case NotMade():
            reply = Reply(stderr=outcome.reason, status=1)
        case Told():
            reply = _told(call, outcome)
        case _:
            reply = Reply()
    return reply


def _told(call: Call, told: Told) -> Reply:
    answer: dict[str, object] = {}
    if told.human:
        answer["systemMessage"] = told.human
    if told.agent:
        answer["hookSpecificOutput"] = {"hookEventName": _event_of(call), "additionalContext": told.agent}
    return Reply(stdout=json.dumps(answer)) if answer else Reply()


def _stopped(call: Call, stopped: Stopped) -> Reply:
    reason = f"lanewise: {stopped.denied.text}"
    if call.moment == "before_tool":
        return _deny(f"{stopped.denied.text} Next: {stopped.denied.hint}.", stop=reason)
    return Reply(stdout=json.dumps({"continue": False, "stopReason": reason, "decision": "block", "reason": reason}))


def _deny(reason: str, *, stop: str = "") -> Reply:
    answer: dict[str, object] = {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
    }
    if stop:
        answer = {"continue": False, "stopReason": stop, **answer}
    return Reply(stdout=json.dumps(answer))


def _event_of(call: Call) -> str:
    return next((event for event, moment in _MOMENTS.items() if moment == call.moment), "PostToolUse")


def _pathlike(value: object, key: str) -> Iterator[str]:
    """Strings that are absolute paths, or that stand under a key that names a path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _pathlike(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _pathlike(inner, key)
    elif isinstance(value, str) and value and len(value) <= 4096 and "\n" not in value:
        text = value.removeprefix("file://")
        if text.startswith("/") or (_PATH_KEY.search(key) and "://" not in text):
            yield text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
