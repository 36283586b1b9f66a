"""The text of a proposed `lanewise.toml`: every line says in one sentence why it stands there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lanewise.service.propose_facts import Named
    from lanewise.service.propose_lanes import Lane

_HEAD = """\
# Lanewise reads this file in the main worktree; `lanewise up` takes up a change.
# Each lane is a place for one agent: a worktree, a branch, and a domain, the paths it may write.
"""
_TAIL = """\
# How long a claim on a path lives.
[lease]
ttl = "30m"    # A lease ends this long after its session last renewed it.
delay = "15s"  # Others wait this much longer when the holder may still be alive.

# What happens when lanes get into each other's way.
[halt]
same_file = "warn"  # One file has different content in two lanes: "note", "warn" or "halt".
"""


def settings_text(name: str, main: str, lanes: Sequence[Lane], shared: Sequence[Named]) -> str:
    """The whole file."""
    return "\n".join([_HEAD, _project(name, main), *(_lane(lane, name) for lane in lanes), _shared(shared), _TAIL])


def _project(name: str, main: str) -> str:
    lines = _pairs(
        ("name", name, "The name of the main worktree's folder."),
        ("main", main, "Lanes start from this branch and land in it."),
        ("policy", "calm", 'Lanewise warns first; "seed" halts instead.'),
    )
    return f"# What the repository is called, and how strict lanewise is.\n[project]\n{lines}"


def _lane(lane: Lane, repository: str) -> str:
    head = f"# {_one_line(lane.why)}\n[lane.{lane.name}]\n"
    domain = _list("domain", "What this lane may write.", lane.domain, "Other lanes ask before they edit here.")
    pairs = _pairs(
        ("branch", f"feature/{lane.name}/start", "The lane's first branch."),
        ("worktree", f"../{repository}-{lane.name}", "The worktree lies beside the main one."),
        ("client", "claude", 'Or "codex", "gemini", "opencode", "copilot".'),
    )
    rest = [
        _list("good_at", "Free words that tell other sessions what to ask this lane about.", lane.good_at, ""),
        _list("copy", "Git ignores these, so they are carried into the fresh worktree.", lane.copy, ""),
        _list("setup", "Run at the fresh worktree's root.", lane.setup, "Nothing runs before `lanewise trust`."),
        _list("services", "What the lane serves, with the usual ports.", lane.services, "Add what else it serves."),
    ]
    return head + domain + pairs + "".join(rest)


def _shared(shared: Sequence[Named]) -> str:
    head = "# What belongs to no lane and is edited by agreement.\n[shared]\n"
    if not shared:
        return head + "paths = []  # Nothing is shared as long as there is one lane.\n"
    end = "A path in no domain and not here is unowned: an edit takes its lease by itself."
    return head + _list("paths", "Each needs `lanewise lock PATH --why`.", shared, end)


def _pairs(*rows: tuple[str, str, str]) -> str:
    texts = [f"{key} = {_quoted(value)}" for key, value, _ in rows]
    return _aligned(texts, [why for _, _, why in rows])


def _list(key: str, meaning: str, items: Sequence[Named], end: str) -> str:
    if not items:
        return _aligned([f"{key} = []"], [meaning])
    if not any(item.why for item in items):
        return f"# {meaning}\n{key} = [{', '.join(_quoted(item.text) for item in items)}]\n"
    texts = [f"{key} = [", *(f"  {_quoted(item.text)}," for item in items), "]"]
    return _aligned(texts, [meaning, *(item.why for item in items), end])


def _aligned(texts: Sequence[str], whys: Sequence[str]) -> str:
    width = min(76, max(len(text) for text in texts))
    lines = (f"{text:<{width}}  # {_one_line(why)}\n" for text, why in zip(texts, whys, strict=True))
    return "".join(lines)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes all that TOML asks for but DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(why: str) -> str:
    return "".join(char if char.isprintable() else " " for char in why)
