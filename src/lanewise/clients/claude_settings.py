"""Claude Code's settings files, edited by structure: our handlers in, our handlers out, everything else as it was."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from lanewise.clients.claude_code import EVENTS, NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How a handler of ours is told from the user's: nobody else's hook lies there.
TAIL = "/lanewise/bin/lanewise-hook"


def handler(hook: str, event: str) -> dict[str, object]:
    """One handler: exec form, so that no shell and no shell prefix stands before it; no matcher, so that every
    tool is seen.
    """
    body: dict[str, object] = {"type": "command", "command": hook, "args": [NAME, event], "timeout": EVENTS[event]}
    if event == "PreToolUse":
        body["onFailure"] = "block"
    return body


def with_handlers(settings: Mapping[str, Any], hook: str) -> dict[str, Any]:
    """The settings with every handler of ours, once each, and nothing else changed."""
    result = without_handlers(settings)
    hooks = result.setdefault("hooks", {})
    for event in EVENTS:
        hooks.setdefault(event, []).append({"hooks": [handler(hook, event)]})
    return result


def without_handlers(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without any handler of ours; lists and tables that only we had filled go too."""
    result = copy.deepcopy(dict(settings))
    hooks = result.get("hooks")
    if not isinstance(hooks, dict):
        return result
    for event in list(hooks):
        if isinstance(hooks[event], list):
            groups = [_without(group) for group in hooks[event]]
            hooks[event] = [group for group in groups if group is not None]
            if not hooks[event]:
                del hooks[event]
    if not hooks:
        del result["hooks"]
    return result


def missing_events(settings: Mapping[str, Any], hook: str) -> tuple[str, ...]:
    """Events whose handler of ours is absent or changed; all of them when hooks are switched off."""
    if settings.get("disableAllHooks") is True:
        return tuple(EVENTS)
    hooks = settings.get("hooks")
    hooks = hooks if isinstance(hooks, dict) else {}
    return tuple(event for event in EVENTS if not _has(hooks.get(event), handler(hook, event)))


def carry_permissions(settings: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the user's own permission rules of another worktree added."""
    result = copy.deepcopy(dict(settings))
    given = source.get("permissions")
    if not isinstance(given, dict):
        return result
    mine = result.setdefault("permissions", {})
    for key, value in given.items():
        if isinstance(value, list):
            have = mine.get(key) if isinstance(mine.get(key), list) else []
            mine[key] = [*have, *(entry for entry in value if entry not in have)]
        else:
            mine.setdefault(key, value)
    return result


def alone(hook: str) -> dict[str, Any]:
    """Settings that hold nothing but our handlers: what `run` adds on the command line."""
    return with_handlers({}, hook)


def to_text(settings: Mapping[str, Any]) -> str:
    """As the client itself writes it."""
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def _without(group: Any) -> Any:
    """A matcher group without our handlers; None when nothing of it is left."""
    if not isinstance(group, dict) or not isinstance(group.get("hooks"), list):
        return group
    kept = [entry for entry in group["hooks"] if not _ours(entry)]
    if len(kept) == len(group["hooks"]):
        return group
    return {**group, "hooks": kept} if kept else None


def _ours(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("command"), str) and entry["command"].endswith(TAIL)


def _has(groups: Any, wanted: Mapping[str, object]) -> bool:
    if not isinstance(groups, list):
        return False
    return any(
        wanted in group["hooks"]
        for group in groups
        if isinstance(group, dict) and not group.get("matcher") and isinstance(group.get("hooks"), list)
    )
