"""Whose path it is: a lane's, shared, protected or nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lanewise.core import paths
from lanewise.core.pattern import Pattern, covers, overlap, specificity

if TYPE_CHECKING:
    from lanewise.core.lane import Rules

Kind = Literal["lane", "shared", "protected", "unowned"]

#: The one file below `.claude-sessions/` that may be edited: its edits are read as commands.
SESSION_FILE = ".claude-sessions/active-sessions.json"

#: What no agent may write or create, at any depth: an absent settings file that appears is as strong as a changed one.
_PROTECTED_TAILS = (
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".mcp.json",
    ".codex/config.toml",
    ".codex/hooks.json",
    ".gemini/settings.json",
    ".cursor/hooks.json",
    "opencode.json",
    "opencode.jsonc",
)
_PROTECTED_FOLDERS = (
    ".claude/hooks",
    ".codex/hooks",
    ".gemini/hooks",
    ".github/hooks",
    ".copilot/hooks",
    ".opencode/plugin",
    ".opencode/plugins",
    ".claude-sessions",
)


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom a path belongs."""

    kind: Kind
    #: The owning lanes when kind is `lane`: several only when their domains tie.
    lanes: tuple[str, ...] = ()


#: A whole client folder cannot be put in place, moved or linked either: settings could come with it.
_CLIENT_FOLDERS = frozenset({".claude", ".codex", ".gemini", ".cursor", ".copilot", ".opencode"})


#: The same below the user's home, for clients that keep theirs elsewhere than in a folder of the repository's kind.
_USERS_OWN = tuple(f".config/opencode/{name}" for name in ("opencode.json", "opencode.jsonc", "plugin", "plugins"))


def user_settings() -> tuple[str, ...]:
    """What no agent may write below the user's home: settings and hook folders of the clients, for all repositories."""
    kept = (name for name in (*_PROTECTED_TAILS, *_PROTECTED_FOLDERS) if name.partition("/")[0] in _CLIENT_FOLDERS)
    return (*kept, *_USERS_OWN)


def client_folder(path: str) -> bool:
    """Whether it is a client's whole folder, protected only for what may come with it."""
    above, _, name = paths.fold(path).rstrip("/").rpartition("/")
    return name in _CLIENT_FOLDERS and not (above and is_protected(above))


def is_protected(path: str) -> bool:
    """Whether no agent may write this repository path."""
    if paths.is_git_internal(path):
        return True
    key = paths.fold(path).rstrip("/")
    if key == "lanewise.toml" or key.rpartition("/")[2] in _CLIENT_FOLDERS:
        return True
    if key == SESSION_FILE:
        return False
    slashed = f"/{key}"
    if any(slashed.endswith(f"/{tail}") for tail in _PROTECTED_TAILS):
        return True
    return any(f"/{folder}/" in f"{slashed}/" for folder in _PROTECTED_FOLDERS)


def owner_of(rules: Rules, path: str) -> Owner:
    """Whose path it is; the most specific domain pattern wins, `shared` beats a domain of equal rank."""
    if is_protected(path):
        return Owner("protected")
    ranked = [(specificity(pattern), "", "shared") for pattern in rules.shared if covers(pattern, path)]
    ranked += [
        (specificity(pattern), lane.name, "lane")
        for lane in rules.lanes
        for pattern in lane.domain
        if covers(pattern, path)
    ]
    if not ranked:
        return Owner("unowned")
    best = max(rank for rank, _, _ in ranked)
    kinds = {kind for rank, _, kind in ranked if rank == best}
    if "shared" in kinds:
        return Owner("shared")
    return Owner("lane", tuple(sorted({name for rank, name, _ in ranked if rank == best})))


def foreign_below(rules: Rules, lane: str, tree: Pattern) -> str | None:
    """The lane whose domain lies inside `tree` although `tree` itself is not its own; None when there is none.

    Only a pattern more specific than the best of `lane`'s own (or shared) that covers all of the tree owns part of it.
    """
    found = rules.find_lane(lane)
    own = (*(found.domain if found else ()), *rules.shared)
    covering = [pattern for pattern in own if covers(pattern, tree.text)]
    rank = max(map(specificity, covering), default=-1)
    for other in rules.lanes:
        if other.name == lane:
            continue
        foreign = [pattern for pattern in other.domain if pattern not in own and specificity(pattern) > rank]
        if any(overlap(pattern, tree) for pattern in foreign):
            return other.name
    return None
