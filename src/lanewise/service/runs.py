"""Starting a lane's client: its command line, its environment, and what is tidied when it has ended."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lanewise.clients import claude_code, claude_settings
from lanewise.core.view import Decision, Event
from lanewise.errors import BadInput, Refused, Trouble
from lanewise.host import files, process
from lanewise.service import desired, release, sessions, trust
from lanewise.service.client_settings import hook_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lanewise.core.lane import Lane
    from lanewise.core.session import Session
    from lanewise.service.app import App
    from lanewise.store.base import Turn

#: Of a client that started us: they would make its child look like itself.
_IDENTITY = ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "CLAUDE_PROJECT_DIR", "CLAUDE_CODE_ENTRYPOINT")


@dataclass(frozen=True, slots=True)
class Launch:
    """How a lane's client will be started."""

    lane: Lane
    argv: tuple[str, ...]
    env: dict[str, str]
    #: What the human should know first.
    remarks: tuple[str, ...]


def prepare(app: App, name: str, client: Sequence[str]) -> Launch:
    """The command line and environment for a lane's client. Raises BadInput, Refused, Trouble."""
    rules = app.store.take(app.rules)
    lane = rules.find_lane(name)
    if lane is None:
        raise BadInput(f"There is no lane {name!r}.", "lanewise status")
    if not os.path.isdir(lane.worktree):
        raise Refused(f"Lane {name} has no worktree yet.", "lanewise up")
    argv = list(client) or [lane.client]
    program = shutil.which(argv[0])
    if program is None:
        raise Trouble(f"{argv[0]} is not on PATH.", f"lanewise run {name} -- /path/to/{argv[0]}")
    remarks: list[str] = []
    if os.path.basename(argv[0]) in {"claude", "claude.exe"}:
        remarks += _claude_remarks(program)
        argv[1:1] = ["--settings", _settings_file(app)]
    else:
        remarks.append(f"{os.path.basename(argv[0])} is not governed yet: nothing checks its edits before they happen")
    env = {key: value for key, value in process.environment().items() if key not in _IDENTITY}
    env |= {"LANEWISE_LANE": name, "LANEWISE_RUN": str(os.getpid())}
    if lane.env:
        if trust.is_trusted(app.repository, desired.load(app.repository)):
            env |= dict(lane.env)
        else:
            remarks.append("the lane's environment variables wait for `lanewise trust`")
    return Launch(lane, (program, *argv[1:]), env, tuple(remarks))


def start(app: App, launch: Launch) -> int:
    """Run the client to its end; its exit status. Its sessions end with it, whatever became of it."""
    pids: list[int] = []

    def note(pid: int) -> None:
        pids.append(pid)
        event = Event("run.started", launch.lane.name, text=os.path.basename(launch.argv[0]), data={"pid": pid})
        app.store.take(lambda turn: turn.save(Decision(None, (event,))))

    status = process.run_foreground(launch.argv, cwd=launch.lane.worktree, env=launch.env, note=note)
    _tidy(app, launch.lane, pids[0], status)
    return status


def _tidy(app: App, lane: Lane, pid: int, status: int) -> None:
    def mine(turn: Turn) -> list[Session]:
        event = Event("run.ended", lane.name, text=f"status {status}", data={"pid": pid, "status": status})
        turn.save(Decision(None, (event,)))
        return [session for session in turn.sessions_of(lane.name) if pid in {session.group, session.pid}]

    for session in app.store.take(mine):
        app.store.take(partial(_end, app, session))
        release.release_clean(app, session, turn_is_over=True)


def _end(app: App, session: Session, turn: Turn) -> None:
    sessions.end(app, turn, session, "its client has ended")


def _settings_file(app: App) -> str:
    path = os.path.join(app.state, "claude-settings.json")
    text = claude_settings.to_text(claude_settings.alone(hook_path(app.state)))
    if files.find_text(path) != text:
        files.write_whole(path, text.encode())
    return path


def _claude_remarks(program: str) -> list[str]:
    """A client that lets tools run when a hook crashes is named before it starts."""
    try:
        said = process.run([program, "--version"], timeout=20).stdout
    except (OSError, TimeoutError):
        return [f"{program} does not say its version"]
    version = tuple(int(part) for part in said.split(" ")[0].strip().split(".") if part.isdigit())
    if version and version < claude_code.OLDEST:
        wanted = ".".join(str(part) for part in claude_code.OLDEST)
        return [
            f"Claude Code {said.split(' ')[0].strip()} lets an edit pass when a hook fails; {wanted} and later do not"
        ]
    return []
