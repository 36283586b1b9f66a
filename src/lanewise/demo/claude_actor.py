"""An agent that is the real Claude Code, started by `lanewise run`; its model is a script in this process.

The story asks for one tool call at a time. The model hands it to the client as its answer, and the client's next
request to the model brings the result back; a client that has ended instead has had its turn stopped.
"""

from __future__ import annotations

import os
import queue
import re
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from lanewise.clients.claude_code import OLDEST
from lanewise.demo.actors import PATIENCE, Answer, Change
from lanewise.demo.claude import claude_argv, claude_env, claude_version, find_claude
from lanewise.demo.model import REMINDER, Say, ScriptedModel, Step, Transcript, Use
from lanewise.errors import Trouble
from lanewise.host import process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lanewise.demo.stage import Stage
    from lanewise.host.process import Background

_AROUND = re.compile(r"^(?:PreToolUse:\w+ hook error: |SessionStart hook additional context: )")


def find_program(checkout: Path | None) -> tuple[str, str] | None:
    """(program, version) of a Claude Code that is new enough; None when there is none."""
    program = find_claude(_run, checkout=checkout)
    version = claude_version(program, _run) if program else None
    if program is None or version is None or version < OLDEST:
        return None
    return program, ".".join(map(str, version))


class ClaudeActor:
    """One lane's Claude Code."""

    def __init__(self, stage: Stage, lane: str, program: str) -> None:
        """Not started yet."""
        self.lane = lane
        self._stage = stage
        self._tree = stage.worktree(lane)
        self._program = program
        self._client: Background | None = None
        self._session = ""
        self._heard: queue.Queue[Transcript] = queue.Queue()
        self._steps: queue.Queue[Step] = queue.Queue()
        self._open = ExitStack()
        self._model = self._open.enter_context(ScriptedModel(self._next))

    @property
    def identity(self) -> Mapping[str, str]:
        """What Claude Code sets for its own children."""
        pid = str(self._client.pid) if self._client else ""
        return {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": self._session, "CLAUDE_PID": pid}

    def start(self, task: str) -> str:
        """`lanewise run LANE -- claude -p TASK`."""
        talk = self._launch(task)
        self._session = talk.session_id
        return next((_own_words(text) for text in reversed(talk.context) if "you work in lane" in text), "")

    def edit(self, change: Change) -> Answer:
        """The Edit tool wants the file read first."""
        path = os.path.join(self._tree, change.path)
        if not change.old:
            return self._use(Use("Write", {"file_path": path, "content": change.new}))
        read = self._use(Use("Read", {"file_path": path}))
        if not read.ok:
            return read
        return self._use(Use("Edit", {"file_path": path, "old_string": change.old, "new_string": change.new}))

    def run_shell(self, command: str) -> Answer:
        """The Bash tool."""
        return self._use(Use("Bash", {"command": command, "description": "as the task needs it"}))

    def resume(self, prompt: str) -> None:
        """A stopped headless run has ended: the same session goes on in a new one."""
        if self._client is not None:
            self._client.end()
        self._launch(prompt, "--resume", self._session)

    def end(self, patience: float = PATIENCE) -> None:
        """The model says that it is done, and the client ends by itself."""
        if self._client is not None and self._client.find_status() is None:
            self._steps.put(Say("done"))
            self._client.end(patience)
        self._open.close()

    def _launch(self, prompt: str, *extra: str) -> Transcript:
        home = os.path.join(self._stage.folder, f"home-{self.lane}")
        os.makedirs(home, exist_ok=True)
        argv = [*process.python_argv(), "run", self.lane, "--"]
        argv += claude_argv(prompt, program=self._program, extra=extra)
        env = {**self._stage.env, **claude_env(home, self._model.url, self._stage.env.get("PATH", os.defpath))}
        out = os.path.join(self._stage.folder, f"{self.lane}.log")
        self._client = process.start_background(argv, cwd=self._stage.root, env=env, out=out)
        talk = self._hear()
        if talk is None:
            raise Trouble(f"Claude Code ended before it asked its model anything; {_tail(out)}", "lanewise demo --keep")
        return talk

    def _use(self, use: Use) -> Answer:
        self._steps.put((use,))
        talk = self._hear()
        if talk is None:
            return Answer(ok=False, over=True)
        result = talk.last
        return Answer(ok=result is not None and not result.is_error, text=_own_words(result.text) if result else "")

    def _next(self, talk: Transcript) -> Step:
        """In the model's thread: hand over what the client says, and wait for what the agent does next."""
        self._heard.put(talk)
        return self._steps.get()

    def _hear(self) -> Transcript | None:
        """The client's next request; None when it has ended instead."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            gone = self._client is None or self._client.find_status() is not None
            try:
                return self._heard.get(timeout=0 if gone else 0.05)
            except queue.Empty:
                if gone:
                    return None
        raise Trouble(f"Claude Code in lane {self.lane} did not answer in {PATIENCE:g} s.", "lanewise demo --keep")


def _run(argv: Sequence[str]) -> str:
    return process.run(argv, timeout=20).stdout


def _own_words(text: str) -> str:
    """What lanewise said, without the words that the client puts round it."""
    return _AROUND.sub("", " ".join(text.replace(REMINDER, "").split()), count=1)


def _tail(log: str) -> str:
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = file.read().strip().splitlines()
    return f"its last words: {lines[-1][:200]}" if lines else "it said nothing"
