"""A client's settings changed while it runs: our handlers stay, permission changes pass."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lanewise.clients import claude_settings
from lanewise.core.outcome import NOTHING, KeptSettings, Outcome
from lanewise.core.view import Decision, Event
from lanewise.host import files
from lanewise.service import sessions

if TYPE_CHECKING:
    from lanewise.clients.base import Call
    from lanewise.service.app import App
    from lanewise.store.base import Turn


def hook_path(state: str) -> str:
    """Where the hook client lies: one absolute path for every worktree, so that handlers are byte-identical."""
    return os.path.join(state, "bin", "lanewise-hook")


def judge_change(app: App, call: Call) -> Outcome:
    """Keep the running session's hooks when a change would take ours away or switch hooks off."""
    reason = _loss(app, call)
    # After `down` the handlers are meant to go.
    if not reason or os.path.exists(os.path.join(app.state, "down")):
        return NOTHING

    def turn_(turn: Turn) -> None:
        session = sessions.bind(app, turn, app.rules(turn), call)
        event = Event("settings.kept", session.lane, session.id, call.file, reason)
        turn.save(Decision(None, (event,)))

    app.store.take(turn_)
    _restore(app, call.file)
    return KeptSettings(f"lanewise: {reason} This session keeps them; `lanewise down` is the way to take them out.")


def _restore(app: App, path: str) -> None:
    """Mend the worktree's own file by structure: a refused change comes in with the next accepted one otherwise."""
    found = files.find_json(path)
    hook = hook_path(app.state)
    if os.path.basename(path) != "settings.local.json" or not claude_settings.missing_events(found or {}, hook):
        return
    if found is None or isinstance(found, dict):
        found = {key: value for key, value in (found or {}).items() if key != "disableAllHooks"}
        text = claude_settings.to_text(claude_settings.with_handlers(found or {}, hook))
        files.write_whole(path, text.encode(), 0o644)


def _loss(app: App, call: Call) -> str:
    """What the changed file would take away; empty when nothing."""
    name = os.path.basename(call.file)
    if not call.file:
        return ""
    found = files.find_json(call.file)
    settings = found if isinstance(found, dict) else {}
    if settings.get("disableAllHooks") is True:
        return f"{name} switches all hooks off."
    if name == "settings.local.json" and claude_settings.missing_events(settings, hook_path(app.state)):
        return f"{name} no longer has lanewise's hooks."
    return ""
