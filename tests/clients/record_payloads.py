"""Drives the real client through everything that makes hooks fire, and keeps one payload of each kind.

`python -m tests.clients.record_payloads` writes `payloads/claude-code-<version>/`: the fixtures of the adapter's tests.
Paths and ids of this machine and this run are replaced; nothing else is touched.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clients.harness import Recorder, Run, Seen, start_claude, write_settings
from tests.clients.install import PINS, install

from lanewise.demo.model import Held, Say, ScriptedModel, Step, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Json = dict[str, Any]

FOLDER = Path(__file__).with_name("payloads") / f"claude-code-{PINS['claude-code'].version}"
EVENTS = (
    *("SessionStart", "SessionEnd", "Setup", "InstructionsLoaded", "UserPromptSubmit", "Stop", "ConfigChange"),
    *("PreToolUse", "PostToolUse", "PostToolUseFailure", "PostToolBatch", "PermissionRequest", "CwdChanged"),
    *("SubagentStart", "SubagentStop", "PreCompact", "PostCompact"),
)
IDS = (
    ("session", re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "{:08d}-0000-4000-8000-000000000000"),
    ("tool", re.compile(r"toolu_[0-9a-f]{24}"), "toolu_{:024d}"),
    ("agent", re.compile(r"\ba[0-9a-f]{16}\b"), "a{:016d}"),
)


class Stage:
    """One repository with hooks on every event, and a client that plays in it."""

    def __init__(self, claude: str, folder: Path, events: Sequence[str] = EVENTS) -> None:
        self.claude, self.folder, self.repo = claude, folder, folder / "repo"
        self.repo.mkdir(parents=True)
        (self.repo / "a.txt").write_text("one\n")
        (self.repo / "CLAUDE.md").write_text("Answer shortly.\n")
        for argv in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"]):
            subprocess.run(
                ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *argv], cwd=self.repo, check=True
            )
        self.recorder = Recorder(folder / "hooks")
        settings = self.recorder.settings(*events)
        settings["hooks"]["FileChanged"] = [{"matcher": "a.txt", "hooks": [self.recorder.handler()]}]
        write_settings(self.repo, settings)
        self._runs = 0

    def play(self, *steps: Step | Held, prompt: str = "do it", subagent: Sequence[Step] = (), **kw: Any) -> Run:
        self._runs += 1
        with ScriptedModel(steps, subagent=subagent) as model:
            client = start_claude(
                self.claude, self.repo, model.url, prompt, folder=self.folder / f"run{self._runs}", **kw
            )
            return client.wait()

    def kept(self, suffix: str = "") -> dict[str, Json]:
        """The first payload of each kind, by file name."""
        first: dict[str, Json] = {}
        for call in self.recorder.seen():
            first.setdefault(kind_of(call) + suffix, call.payload)
        return {kind: self._scrubbed(payload) for kind, payload in first.items()}

    def _scrubbed(self, payload: Json) -> Json:
        text = json.dumps(payload)
        places = {str(self.repo): "/repo", str(self.folder / "home"): "/home", str(self.folder): "/scratch"}
        for place, name in places.items():
            text = text.replace(place, name).replace(re.sub(r"[^A-Za-z0-9]", "-", place), name.replace("/", "-"))
        for _, pattern, shape in IDS:
            found = list(dict.fromkeys(pattern.findall(text)))
            for number, identity in enumerate(found, 1):
                text = text.replace(identity, shape.format(number))
        return json.loads(text)


def kind_of(call: Seen) -> str:
    parts = [call.event, *([call.tool] if call.tool else [])]
    if call.tool and "agent_id" in call.payload:
        parts.append("subagent")
    if call.event in {"SessionStart", "SessionEnd", "Setup"}:
        parts.append(next(call.payload[key] for key in ("source", "reason", "trigger") if key in call.payload))
    return "-".join(parts)


def use(tool: str, **given: object) -> tuple[Use, ...]:
    return (Use(tool, given),)


def delegate(**given: object) -> tuple[Use, ...]:
    return use(
        "Agent", description="d", prompt="part", subagent_type="general-purpose", run_in_background=False, **given
    )


def tools(stage: Stage) -> None:
    """Every tool that writes, one failure, a subagent."""
    book, text = stage.repo / "n.ipynb", str(stage.repo / "a.txt")
    cell = {"cell_type": "code", "id": "c1", "metadata": {}, "source": ["1"], "outputs": [], "execution_count": None}
    book.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    stage.play(
        use("Write", file_path=str(stage.repo / "new.txt"), content="hello\n"),
        use("Read", file_path=text),
        use("Edit", file_path=text, old_string="one", new_string="two"),
        use("Bash", command="echo x > b.txt", description="write"),
        use("Bash", command="false"),
        use("Bash", command="cd /tmp"),
        use("ToolSearch", query="select:NotebookEdit,EnterWorktree,ExitWorktree,Monitor"),
        use("Read", file_path=str(book)),
        use("NotebookEdit", notebook_path=str(book), cell_id="c1", new_source="2"),
        use("EnterWorktree", name="wt1"),
        use("ExitWorktree", action="keep"),
        delegate(),
        use("Monitor", command="echo x > c.txt", description="m", timeout_ms=1000, persistent=False),
        use("Bash", command="sleep 1"),
        subagent=(use("Write", file_path=str(stage.repo / "s.txt"), content="s"), Say("written")),
        extra=("--init",),
    )


def sessions(stage: Stage) -> None:
    """One session's life: begun, resumed, forked, compacted, cleared."""
    session = stage.play(Say("hi")).session_id
    stage.play(Say("hi"), extra=("--resume", session))
    stage.play(Say("hi"), extra=("--resume", session, "--fork-session"))
    stage.play(prompt="/compact", extra=("--resume", session))
    stage.play(prompt="/clear", extra=("--resume", session))


def prompts(stage: Stage) -> None:
    """What would ask a person, headless."""
    stage.play(
        use("Write", file_path=str(stage.repo / "new.txt"), content="1"),
        use("Bash", command="echo 1 > b.txt"),
        permission_mode="default",
    )


def tampering(stage: Stage) -> None:
    """The agent empties the settings; the hook says no."""
    stage.recorder.reply({"event": "ConfigChange", "exit": 2, "stderr": "no"})
    stage.play(use("Bash", command="echo '{}' > .claude/settings.local.json"), use("Bash", command="sleep 2"))


def worktrees(stage: Stage) -> None:
    """The client asks the hook for a worktree, for itself and for a subagent."""
    sibling = stage.folder / "sibling"
    subprocess.run(["git", "worktree", "add", "-q", "-b", "ours", str(sibling)], cwd=stage.repo, check=True)
    stage.recorder.reply({"event": "WorktreeCreate", "stdout": str(sibling)})
    stage.play(Say("hi"), extra=("--worktree", "feat1"))


SCENES: tuple[tuple[Callable[[Stage], None], Sequence[str]], ...] = (
    (tools, EVENTS),
    (sessions, EVENTS),
    (prompts, ("PermissionRequest",)),
    (tampering, ("ConfigChange",)),
    (worktrees, ("WorktreeCreate",)),
)


def record(claude: str, folder: Path) -> dict[str, Json]:
    """All scenes; the first payload of each kind."""
    payloads: dict[str, Json] = {}
    for scene, events in SCENES:
        stage = Stage(claude, folder / scene.__name__, events)
        scene(stage)
        payloads = stage.kept() | payloads
    return payloads


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        payloads = record(str(install("claude-code")), Path(scratch).resolve())
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for kind, payload in payloads.items():
        (FOLDER / f"{kind}.json").write_text(json.dumps(payload, indent=2, ensure_ascii=False) + "\n")
    print(f"{len(payloads)} payloads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
