"""Runs the real client against a scripted model and reads back all it said; nothing of it outlives the run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lanewise.demo.claude import claude_argv, claude_env

RECORDER = Path(__file__).with_name("recorder.py")
PATH = "/usr/local/bin:/usr/bin:/bin"
MARK = "LANEWISE_TEST_RUN"
LIMIT = 30.0  # seconds; a run takes one to three

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One headless run of the client, over."""

    exit: int
    events: tuple[Json, ...]
    stderr: str
    timed_out: bool

    @property
    def result(self) -> Json:
        return next((event for event in reversed(self.events) if event["type"] == "result"), {})

    @property
    def session_id(self) -> str:
        """The id hooks see: the last one said, since `--continue` and `/clear` begin under another."""
        return self.result.get("session_id", "")

    @property
    def terminal_reason(self) -> str:
        return self.result.get("terminal_reason", "")

    @property
    def permission_denials(self) -> list[Json]:
        return self.result.get("permission_denials", [])

    @property
    def hook_events(self) -> list[Json]:
        return [event for event in self.events if str(event.get("subtype", "")).startswith("hook_")]


class LiveClient:
    """A running client: for tests that act in the middle of a turn."""

    def __init__(self, argv: list[str], cwd: Path, env: dict[str, str], folder: Path) -> None:
        folder.mkdir(parents=True)
        self._out, self._err = folder / "stdout", folder / "stderr"
        self._mark, self._ended = uuid.uuid4().hex, False
        env = env | {MARK: self._mark}  # its shell's children leave its group, but they inherit this
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, limit: float = LIMIT) -> Run:
        """Until it ends by itself or the limit passes; whatever it started is gone afterwards."""
        timed_out = False
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            timed_out = True
        self.end()
        lines = self._out.read_text(errors="replace").splitlines()
        return Run(self.process.returncode, _parsed(lines), self._err.read_text(errors="replace"), timed_out)

    def end(self) -> None:
        """Ends the client and all that carries its mark; once, since its number may be another's later."""
        if self._ended:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while left := _marked(self._mark):
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=5)
        self._ended = True


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == mark:
                found.append(process)
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """One call of the recorder."""

    argv: list[str]
    cwd: str
    env: dict[str, str]
    payload: Json

    @property
    def event(self) -> str:
        return self.payload["hook_event_name"]

    @property
    def tool(self) -> str:
        return self.payload.get("tool_name", "")


class Recorder:
    """A folder in which recorded hook calls land, and the settings that make them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.reply()

    def reply(self, *replies: Json) -> None:
        """Replaces the answers; a dict as `stdout` is written as JSON."""
        texts = [
            reply | {"stdout": json.dumps(reply["stdout"])} if isinstance(reply.get("stdout"), dict) else reply
            for reply in replies
        ]
        (self.folder / "replies.json").write_text(json.dumps(texts))

    def handler(self, *extra: str) -> Json:
        argv = ["-I", "-S", str(RECORDER), str(self.folder), *extra]
        return {"type": "command", "command": sys.executable, "args": argv, "timeout": 10}

    def settings(self, *events: str, matcher: str | None = None) -> Json:
        group: Json = {} if matcher is None else {"matcher": matcher}
        return {"hooks": {event: [{**group, "hooks": [self.handler()]}] for event in events}}

    def seen(self, event: str = "", tool: str = "") -> list[Seen]:
        """The calls in the order they began, of one event and tool when named."""
        calls = [Seen(**json.loads(path.read_text())) for path in sorted(self.folder.glob("[0-9]*.json"))]
        return [call for call in calls if event in {"", call.event} and tool in {"", call.tool}]


def start_claude(
    program: str,
    cwd: Path,
    url: str,
    prompt: str,
    *,
    folder: Path,
    permission_mode: str = "bypassPermissions",
    extra: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    home: Path | None = None,
) -> LiveClient:
    """A client in its own process group with an environment made from empty; `folder` takes its output."""
    home = home or folder.with_name("home")
    home.mkdir(exist_ok=True)
    argv = claude_argv(prompt, program=program, permission_mode=permission_mode, extra=extra)
    return LiveClient(argv, cwd, claude_env(str(home), url, PATH) | (env or {}), folder)


def write_settings(root: Path, settings: Json, name: str = "settings.local.json") -> Path:
    """The client's settings file below a worktree's root."""
    path = root / ".claude" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=2))
    return path


def _parsed(lines: list[str]) -> tuple[Json, ...]:
    return tuple(json.loads(line) for line in lines if line.startswith("{") and line.endswith("}"))
