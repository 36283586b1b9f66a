"""The files that lanewise keeps in a repository: hook client and its settings, clients' handlers, exclude lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import lanewise
from lanewise.clients import claude_settings
from lanewise.core.effect import InstallHook, WriteFile
from lanewise.errors import Trouble
from lanewise.host import files
from lanewise.service.client_settings import hook_path

if TYPE_CHECKING:
    from lanewise.core.effect import Effect
    from lanewise.core.lane import Rules
    from lanewise.git.locate import Repository

_BEGIN, _END = b"# >>> lanewise", b"# <<< lanewise"
#: Without a trailing slash, since `.claude-sessions` is a link in every lane.
_EXCLUDED = (b".claude-sessions", b".claude/settings.local.json", b".claude/worktrees")
#: Where the handlers lie in a worktree, as git names it.
LOCAL = ".claude/settings.local.json"


def outdated(repository: Repository, rules: Rules, door: str) -> tuple[Effect, ...]:
    """What has to be written so that every file of ours is as it should be; the daemon listens at `door`."""
    return (
        *_hook_client(repository, door),
        *_exclude(repository),
        *_main_settings(repository),
        *(effect for lane in rules.lanes for effect in _lane_settings(repository, lane.worktree)),
    )


def installed_hook() -> str:
    """The hook client that came with this installation: the compiled one, else the shell script."""
    folder = os.path.join(os.path.dirname(os.path.abspath(lanewise.__file__)), "_bin")
    for name in ("lanewise-hook", "lanewise-hook.sh"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    raise Trouble("This installation of lanewise has no hook client.", "pip install --force-reinstall lanewise")


def uninstall(repository: Repository, rules: Rules) -> tuple[Effect, ...]:
    """What has to be written so that no handler and no exclude line of ours is left."""
    effects: list[Effect] = []
    for root in dict.fromkeys((repository.root, *(lane.worktree for lane in rules.lanes))):
        path = os.path.join(root, LOCAL)
        before = _settings(path)
        after = claude_settings.without_handlers(before)
        if after != before:
            # A link is somebody's, and what it points to may serve others: it is emptied and stays.
            text = claude_settings.to_text(after) if after or os.path.islink(path) else ""
            effects.append(WriteFile(path, text, "take lanewise's handlers out"))
    path = _exclude_path(repository)
    lines = files.find_bytes(path) or b""
    if _BEGIN in lines:
        effects.append(WriteFile(path, _without_block(lines), "take lanewise's lines out"))
    return tuple(effects)


def _hook_client(repository: Repository, door: str) -> list[Effect]:
    effects: list[Effect] = []
    target, source = hook_path(repository.state), installed_hook()
    if not os.access(target, os.X_OK) or files.find_bytes(target) != files.find_bytes(source):
        effects.append(InstallHook(source, target))
    conf = os.path.join(os.path.dirname(target), "hook.conf")
    package = os.path.dirname(os.path.abspath(lanewise.__file__))
    text = (
        f"socket={door}\npython={sys.executable}\nhook={os.path.join(package, 'hook.py')}\nstate={repository.state}\n"
    )
    if files.find_text(conf) != text:
        effects.append(WriteFile(conf, text, "where the hook client finds lanewise", 0o600))
    return effects


def _main_settings(repository: Repository) -> list[Effect]:
    """The main worktree's file governs linked worktrees and their subfolders too."""
    path = os.path.join(repository.root, LOCAL)
    return _with_handlers(path, _settings(path), repository)


def _lane_settings(repository: Repository, worktree: str) -> list[Effect]:
    if worktree == repository.root:
        return []
    path = os.path.join(worktree, LOCAL)
    carried = claude_settings.carry_permissions(_settings(path), _settings(os.path.join(repository.root, LOCAL)))
    return _with_handlers(path, carried, repository)


def _with_handlers(path: str, wanted: dict[str, Any], repository: Repository) -> list[Effect]:
    current = _settings(path)
    hook = hook_path(repository.state)
    if wanted == current and not claude_settings.missing_events(current, hook):
        return []
    text = claude_settings.to_text(claude_settings.with_handlers(wanted, hook))
    return [WriteFile(path, text, "Claude Code's handlers")]


def _settings(path: str) -> dict[str, Any]:
    """A client's settings file; one that is no JSON object is the user's to mend: nothing of ours is written over
    it.
    """
    text = files.find_text(path)
    if text is None or not text.strip():
        return {}
    found = files.find_json(path)
    if not isinstance(found, dict):
        raise Trouble(f"{path} is no JSON object, so lanewise leaves it alone.", f"python3 -m json.tool {path}")
    return found


def _exclude(repository: Repository) -> list[Effect]:
    path = _exclude_path(repository)
    before = files.find_bytes(path) or b""
    block = b"\n".join((_BEGIN, *_EXCLUDED, _END)) + b"\n"
    if block in before:
        return []
    rest = _without_block(before)
    text = rest + (b"" if not rest or rest.endswith(b"\n") else b"\n") + block
    return [WriteFile(path, text, "keep lanewise's files out of git's sight", 0o644)]


def _exclude_path(repository: Repository) -> str:
    return os.path.join(repository.common, "info", "exclude")


def _without_block(text: bytes) -> bytes:
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END + b"\n")
    return before + after if begin and end else text
