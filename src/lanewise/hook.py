"""The direct turn: one hook call answered in this process, without the daemon, by the standard library alone.

Started by the hook client as `python -I -S hook.py direct STATE` with the client's frame on stdin, or by the shell
fallback as `python -I -S hook.py stdin CLIENT EVENT STATE` with the bare payload. Exit status 0 and 2 are answers;
anything else makes the hook client refuse what could lose work.
"""

from __future__ import annotations

import os
import sys
import time

if __name__ == "__main__":  # -I and -S leave out both this folder and site-packages
    _BEGUN = time.monotonic()  # the imports below take a tenth of the second that the hook client gives
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import json
from typing import TYPE_CHECKING, Any

from lanewise.clients.known import DIALECTS
from lanewise.core import shell, verdict
from lanewise.core.halt import in_force
from lanewise.core.outcome import NOTHING, Outcome, Stopped, Told
from lanewise.core.verdict import Denied
from lanewise.errors import NotManaged, StoreUnreadable
from lanewise.git.locate import repository_of
from lanewise.host import process
from lanewise.service import hooks, sessions
from lanewise.service.app import sentinel
from lanewise.wire import open_app

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.clients.base import Call, Reply
    from lanewise.service.app import App

#: Seconds from the start until the store's gate is given up, so that an answer still comes in time; and the least wait.
_LAST, _LEAST = 0.7, 0.1

_ENVIRONMENT = (
    "CLAUDE_PROJECT_DIR",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_PID",
    "LANEWISE_LANE",
)


def answer_frame(app: App, frame: Mapping[str, Any]) -> Reply:
    """One hook call, from the client's words to the client's words. Raises KeyError for an unknown client."""
    dialect = DIALECTS[frame["client"]]
    call = parse(frame)
    try:
        outcome = hooks.answer(app, call)
    except NotManaged:
        outcome = NOTHING
    except StoreUnreadable as error:
        outcome = without_store(app.state, call, error.message)
    return dialect.render(call, outcome)


def parse(frame: Mapping[str, Any]) -> Call:
    """The frame's payload as a call; a payload that is no JSON object is a tool of unknown name, which counts as
    writing.
    """
    try:
        payload = json.loads(frame["stdin"])
    except ValueError:
        payload = {}
    environment = {**frame.get("env", {}), "PWD": frame.get("cwd", "")}
    return DIALECTS[frame["client"]].parse(
        str(frame.get("event", "")), payload if isinstance(payload, dict) else {}, environment
    )


def without_store(state: str, call: Call, why: str) -> Outcome:
    """The answer when the store cannot be read: a halt binds, another live lane closes, else it is open with a
    warning.
    """
    lane = sessions.live_lane(state, call.session)
    stopped = in_force(sentinel(state), lane)
    if stopped and call.moment == "prompt":
        return Stopped(stopped, verdict.halted("", stopped))
    if call.moment != "before_tool" or not call.writes or (call.command and shell.reads_only(call.command)):
        return NOTHING
    shown = call.paths[0] if call.paths else call.tool
    if stopped:
        return Stopped(stopped, verdict.halted(shown, stopped))
    if sessions.live_others(state, lane):
        text = f"lanewise cannot read its store ({why}) while another lane is at work. Nothing was written."
        return Denied(
            "lease", shown, text, "try again in a moment, and if it stays so ask the human to run `lanewise status`"
        )
    warning = f"lanewise cannot read its store ({why}); no other lane is live, so this passes unleased."
    return Told(agent=warning, human=warning)


def main(argv: list[str], begun: float) -> int:
    """Answer one call; the exit status of the hook process, which began at that monotonic second."""
    mode, state = argv[0], argv[-1]
    if mode == "direct":
        frame = json.loads(sys.stdin.buffer.read().decode("utf-8", "replace"))
    else:
        frame = _frame_of(argv[1], argv[2])
    repository = repository_of(os.path.dirname(state))
    if repository is None:
        return 0
    call, app = parse(frame), None
    try:
        app = open_app(repository, patience=max(_LEAST, begun + _LAST - time.monotonic()))
    except NotManaged:
        return 0
    except StoreUnreadable as error:
        reply = DIALECTS[frame["client"]].render(call, without_store(state, call, error.message))
    else:
        reply = answer_frame(app, frame)
    _say(reply)
    process.run_daemon(state)
    if app is not None:
        _close(app, reply.status)
    return reply.status


def _say(reply: Reply) -> None:
    sys.stdout.write(reply.stdout)
    sys.stderr.write(reply.stderr)
    sys.stdout.flush()
    sys.stderr.flush()


def _close(app: App, status: int) -> None:
    """The answer stands, whoever has the gate now: a connection that nobody closes makes no checkpoint outside it."""
    try:
        app.store.close()
    except StoreUnreadable:
        os._exit(status)


def _frame_of(client: str, event: str) -> dict[str, Any]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    payload = sys.stdin.buffer.read().decode("utf-8", "replace")
    return {"v": 1, "client": client, "event": event, "cwd": os.getcwd(), "env": environment, "stdin": payload}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], _BEGUN))
