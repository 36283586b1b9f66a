"""Agents that speak the hook protocol by hand: recorded payloads into the installed hook client, its answer back."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parents[1] / "clients" / "payloads" / "claude-code-2.1.330"
#: The hook client's own deadline, and what starting it and being one of several on two cores may cost beside it.
LAW_SECONDS = 1.5
SLACK_SECONDS = 0.3
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer of the hook client."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.out) if self.out else {}

    @property
    def _specific(self) -> dict[str, Any]:
        return self.body.get("hookSpecificOutput", {})

    @property
    def refusal(self) -> str:
        """Why the call is refused; empty when it passes."""
        if self.status == 2:
            return self.err
        if self._specific.get("permissionDecision") == "deny":
            return self._specific["permissionDecisionReason"]
        return self.body.get("reason", "") if self.body.get("decision") == "block" else ""

    @property
    def passes(self) -> bool:
        # Any status but 2 lets the tool run.
        return self.status != 2 and not self.refusal and not self.ends_turn

    @property
    def ends_turn(self) -> bool:
        return self.body.get("continue") is False

    @property
    def context(self) -> str:
        """What the agent is told."""
        return self._specific.get("additionalContext", "")

    @property
    def message(self) -> str:
        """What the human is told."""
        return self.body.get("systemMessage", "")


def recorded(name: str) -> dict[str, Any]:
    """A payload as the real client sent it."""
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def ask(hook: Path, event: str, payload: Any, env: dict[str, str], cwd: Path) -> Heard:
    """Run the hook client once."""
    stdin = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    begun = time.monotonic()
    done = subprocess.run(
        [hook, "claude-code", event], input=stdin, capture_output=True, env=env, cwd=cwd, check=False, timeout=10
    )
    heard = Heard(done.returncode, done.stdout.decode(), done.stderr.decode(), time.monotonic() - begun)
    assert heard.seconds <= LAW_SECONDS + SLACK_SECONDS
    return heard


@dataclass
class Agent:
    """One run of a client that exists only as its hook calls and a process that stands for it."""

    lanes: Any
    #: The client's project directory.
    project: Path
    env: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    process: subprocess.Popen[bytes] | None = None
    #: Where the shell is; a `cd` moves it.
    cwd: Path | None = None

    def __post_init__(self) -> None:
        if self.process is None:
            self.process = subprocess.Popen(["sleep", "300"], start_new_session=True)

    @property
    def session(self) -> str:
        return f"claude-code:{self.id}"

    def client_env(self) -> dict[str, str]:
        return {
            **self.lanes.env,
            "CLAUDECODE": "1",
            "CLAUDE_PROJECT_DIR": str(self.project),
            "CLAUDE_CODE_SESSION_ID": self.id,
            "CLAUDE_PID": str(self.process.pid),
            **self.env,
        }

    def die(self) -> None:
        """The process is gone, and nobody said so."""
        self.process.kill()
        self.process.wait()

    def ask(self, like: str, /, **changes: Any) -> Heard:
        """One hook call after the recorded payload of that name."""
        payload = recorded(like) | {"session_id": self.id, "cwd": str(self.cwd or self.project)} | changes
        if "tool_name" in payload and "tool_use_id" not in changes:
            payload["tool_use_id"] = f"toolu_{next(_NUMBERS):024}"
        event = payload["hook_event_name"]
        hook = self.lanes.state / "bin" / "lanewise-hook"
        return ask(hook, event, payload, self.client_env(), self.cwd or self.project)

    def start(self, source: str = "startup") -> Heard:
        return self.ask(f"SessionStart-{source}")

    def prompt(self, text: str = "do it") -> Heard:
        return self.ask("UserPromptSubmit", prompt=text)

    def stop(self) -> Heard:
        return self.ask("Stop")

    def end(self, reason: str = "other") -> Heard:
        return self.ask("SessionEnd-other", reason=reason)

    def at(self, name: str | Path) -> str:
        """A path of the project, absolute as the client sends it."""
        return str(name) if str(name).startswith("/") else f"{self.project}/{name}"

    def read(self, name: str) -> Heard:
        return self.ask("PreToolUse-Read", tool_input={"file_path": self.at(name)})

    def write(self, name: str | Path, **changes: Any) -> Heard:
        given = {"file_path": self.at(name), "content": "x\n"}
        return self.ask("PreToolUse-Write", tool_input=given, **changes)

    def edit(self, name: str, **changes: Any) -> Heard:
        given = {"file_path": self.at(name), "old_string": "a", "new_string": "b", "replace_all": False}
        return self.ask("PreToolUse-Edit", tool_input=given, **changes)

    def wrote(self, name: str, text: str = "x\n") -> Heard:
        """A whole Write call: asked, done, told."""
        number = f"toolu_{next(_NUMBERS):024}"
        before = self.write(name, tool_use_id=number)
        if not before.passes:
            return before
        path = Path(self.at(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        given = {"file_path": str(path), "content": text}
        return self.ask("PostToolUse-Write", tool_input=given, tool_use_id=number)

    def shell(self, command: str, **changes: Any) -> Heard:
        """A shell command, before it runs."""
        return self.ask("PreToolUse-Bash", tool_input={"command": command, "description": "run"}, **changes)

    def ran(self, command: str, changed: tuple[str, ...] = ()) -> Heard:
        """A whole shell call: asked, run, told with the files that the client saw changed."""
        number = f"toolu_{next(_NUMBERS):024}"
        before = self.shell(command, tool_use_id=number)
        if not before.passes:
            return before
        where = self.cwd or self.project
        subprocess.run(command, shell=True, cwd=where, env=self.lanes.env, capture_output=True, check=False)
        files = [self.at(name) for name in changed]
        response = {"stdout": "", "stderr": "", "bashEditDiff": {"files": [], "moreFiles": 0, "changedFiles": files}}
        given = {"command": command, "description": "run"}
        return self.ask("PostToolUse-Bash", tool_input=given, tool_response=response, tool_use_id=number)
