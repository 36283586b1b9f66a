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
    text, found, hook = files.find_text(path), files.find_json(path), hook_path(app.state)
    if not text or not text.strip():
        found = {}
    # Half-written text is somebody's: it is not written over.
    if not _is_kept(app, path) or not isinstance(found, dict) or not claude_settings.missing_events(found, hook):
        return
    found = {key: value for key, value in found.items() if key != "disableAllHooks"}
    mended = claude_settings.to_text(claude_settings.with_handlers(found, hook))
    files.rewrite(path, mended.encode())


def _is_kept(app: App, path: str) -> bool:
    """Whether `up` puts our handlers into this file: the main worktree's and each lane's, and no subfolder's."""
    rules = app.store.take(app.rules)
    roots = (app.repository.root, *(lane.worktree for lane in rules.lanes))
    return files.real(path) in {files.real(os.path.join(root, ".claude", "settings.local.json")) for root in roots}


def _loss(app: App, call: Call) -> str:
    """What the changed file would take away; empty when nothing."""
    name = os.path.basename(call.file)
    if not call.file:
        return ""
    found = files.find_json(call.file)
    settings = found if isinstance(found, dict) else {}
    if settings.get("disableAllHooks") is True:
        return f"{name} switches all hooks off."
    if _is_kept(app, call.file) and claude_settings.missing_events(settings, hook_path(app.state)):
        return f"{name} no longer has lanewise's hooks."
    return ""
