"""Who acts in the demo: one agent in one lane, asked to make one tool call at a time; here as a script.

A scripted agent speaks Claude Code's side of the hook protocol: for every tool call it asks the installed hook client
first, obeys the answer, and reports what it did. It writes nothing that it was not let.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lanewise.errors import Trouble
from lanewise.host import files, process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.demo.stage import Stage
    from lanewise.host.process import Background

#: Seconds that any single step may take before the demo gives up.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of one file: a text that becomes another, or a new file."""

    path: str
    new: str
    #: What stands there before; empty for a new file.
    old: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one tool call, as the agent saw it."""

    ok: bool
    text: str = ""
    #: The turn is over: the client makes no further call until a person writes to it.
    over: bool = False


class Actor(Protocol):
    """An agent."""

    @property
    def lane(self) -> str:
        """Where it works."""

    @property
    def identity(self) -> Mapping[str, str]:
        """The variables by which a command knows that this agent runs it."""

    def start(self, task: str) -> str:
        """Begin to work; what it was told at its start."""

    def edit(self, change: Change) -> Answer:
        """Change one file with an editing tool."""

    def run_shell(self, command: str) -> Answer:
        """Run one shell command."""

    def resume(self, prompt: str) -> None:
        """Go on after a turn that was ended."""

    def end(self, patience: float = PATIENCE) -> None:
        """Leave."""


class ScriptedActor:
    """An agent that is a script; a process of its own stands for it, since lanewise asks whether sessions live."""

    def __init__(self, stage: Stage, lane: str) -> None:
        """Not started yet."""
        self.lane = lane
        self._stage = stage
        self._tree = stage.worktree(lane)
        self._session = str(uuid.uuid4())
        self._standing: Background | None = None

    @property
    def identity(self) -> Mapping[str, str]:
        """What Claude Code sets for its own children."""
        pid = str(self._standing.pid) if self._standing else ""
        return {"CLAUDE_PROJECT_DIR": self._tree, "CLAUDE_CODE_SESSION_ID": self._session, "CLAUDE_PID": pid}

    def start(self, task: str) -> str:
        """Session and first prompt."""
        self._standing = process.start_background(
            ["cat"], cwd=self._tree, env=self._stage.env, out=os.devnull, leashed=True
        )
        told = self._call("SessionStart", source="startup")
        self._call("UserPromptSubmit", prompt=task)
        return str(told.get("hookSpecificOutput", {}).get("additionalContext", ""))

    def edit(self, change: Change) -> Answer:
        """Ask, write, report."""
        path = os.path.join(self._tree, change.path)
        if change.old:
            tool, given = "Edit", {"file_path": path, "old_string": change.old, "new_string": change.new}
        else:
            tool, given = "Write", {"file_path": path, "content": change.new}
        call = {"tool_name": tool, "tool_input": given, "tool_use_id": f"toolu_{uuid.uuid4().hex[:24]}"}
        refused = self._ask(call)
        if refused:
            return refused
        before = files.find_text(path) or ""
        if change.old and change.old not in before:
            return Answer(ok=False, text=f"{change.path} does not hold the text to be replaced.")
        after = before.replace(change.old, change.new, 1) if change.old else change.new
        with open(path, "w", encoding="utf-8") as file:
            file.write(after)
        self._call("PostToolUse", **call, tool_response={"filePath": path})
        return Answer(ok=True)

    def run_shell(self, command: str) -> Answer:
        """Ask, run, report."""
        given = {"command": command, "description": "as the task needs it"}
        call = {"tool_name": "Bash", "tool_input": given, "tool_use_id": f"toolu_{uuid.uuid4().hex[:24]}"}
        refused = self._ask(call)
        if refused:
            return refused
        done = process.run(
            ["sh", "-c", command], cwd=self._tree, env={**self._stage.env, **self.identity}, timeout=PATIENCE
        )
        event = "PostToolUse" if done.status == 0 else "PostToolUseFailure"
        self._call(event, **call, tool_response={"stdout": done.stdout, "stderr": done.stderr})
        return Answer(ok=done.status == 0, text=(done.stdout + done.stderr).strip())

    def resume(self, prompt: str) -> None:
        """The next prompt of the same session."""
        self._call("UserPromptSubmit", prompt=prompt)

    def end(self, patience: float = PATIENCE) -> None:
        """End the session, then its process."""
        if self._standing is not None and self._standing.find_status() is None:
            if patience:
                self._call("SessionEnd", reason="other")
            self._standing.end(min(patience, 5.0))

    def _ask(self, call: Mapping[str, Any]) -> Answer | None:
        """Why a tool call may not run; None when it may."""
        reply = self._call("PreToolUse", **call)
        specific = reply.get("hookSpecificOutput", {})
        if specific.get("permissionDecision") != "deny":
            return None
        return Answer(ok=False, text=specific["permissionDecisionReason"], over=reply.get("continue") is False)

    def _call(self, event: str, **payload: object) -> dict[str, Any]:
        """One hook call, as the client would make it; its answer."""
        body = {"session_id": self._session, "cwd": self._tree, "hook_event_name": event, **payload}
        done = process.run(
            [self._stage.hook, "claude-code", event],
            cwd=self._tree,
            env={**self._stage.env, **self.identity},
            stdin=json.dumps(body),
            timeout=PATIENCE,
        )
        if done.status not in {0, 2}:
            raise Trouble(f"The hook client failed at {event} (status {done.status}).", "lanewise demo --keep")
        if done.status == 2:  # its own refusal, without lanewise's judgement
            return {
                "hookSpecificOutput": {"permissionDecision": "deny", "permissionDecisionReason": done.stderr.strip()}
            }
        found = files.parse_json(done.stdout.encode())
        return found if isinstance(found, dict) else {}
