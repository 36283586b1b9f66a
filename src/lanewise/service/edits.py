"""May this be written? The hot path: resolve the paths, read what they can touch, judge, save, answer."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lanewise.core import domain, paths, policy, shell, shell_git, verdict
from lanewise.core.halt import Halt, in_force
from lanewise.core.outcome import Stopped
from lanewise.core.pattern import escaped, parse
from lanewise.core.rows import Replied, reply_key
from lanewise.core.shell_git_call import git_only_reads
from lanewise.core.verdict import Allowed, Denied
from lanewise.core.view import Decision, Event, View
from lanewise.git.status import ignored_paths
from lanewise.host import files
from lanewise.service import sessions, targets
from lanewise.service.liveness import dead_holders

if TYPE_CHECKING:
    from lanewise.clients.base import Call
    from lanewise.core.lane import Rules
    from lanewise.core.policy import Asked, Target
    from lanewise.core.session import Session
    from lanewise.core.verdict import Verdict
    from lanewise.service.app import App
    from lanewise.store.base import Turn

_ESCAPED = re.compile(r"\\([*?\[\]\\])")
_HOST = {"\\*": "[*]", "\\?": "[?]", "\\[": "[[]", "\\]": "]", "\\\\": "\\", "[^": "[!"}
_ESCAPED_OR_NOT = re.compile(r"\\[*?\[\]\\]|\[\^")


@dataclass(frozen=True, slots=True)
class NeedsGit:
    """The answer depends on whether git ignores these (worktree, repository path) pairs: asked outside the turn."""

    pairs: tuple[tuple[str, str], ...]


def may_edit(app: App, call: Call) -> Allowed | Denied | Stopped:
    """The answer to one tool call, before it runs."""
    reading = shell.read_command(call.command, call.cwd) if call.command else None
    first = app.store.take(lambda turn: _turn(app, turn, call, reading, None))
    if not isinstance(first, NeedsGit):
        return first
    ignored = _ignored(first)
    second = app.store.take(lambda turn: _turn(app, turn, call, reading, ignored))
    assert not isinstance(second, NeedsGit)  # noqa: S101 - the facts were given
    return second


def _turn(
    app: App, turn: Turn, call: Call, reading: shell.Reading | None, ignored: frozenset[tuple[str, str]] | None
) -> Allowed | Denied | Stopped | NeedsGit:
    repeated = turn.find(Replied, reply_key(call.session, call.call)) if call.call else None
    if repeated:
        return _recall(repeated.answer)
    rules = app.rules(turn)
    session = sessions.note_activity(turn, rules, sessions.bind(app, turn, rules, call))
    halts = app.halts(turn)
    stopped = in_force(halts, session.lane)
    if stopped and call.writes and not (call.command and shell.reads_only(call.command)):
        return _stop(turn, call, session, stopped)
    found = _targets(app, rules, session, call, reading)
    refused = _git_refusal(app, rules, session, reading)
    if refused:
        return _answer(turn, call, Decision(refused, (_denial(session, refused),)))
    marked = _mark(rules, session, found, ignored)
    asked = policy.Asked(
        session.lane, session.id, marked, session.task, "shell" if call.command else "edit", writes=False
    )
    decision = decide(turn, rules, asked)
    if ignored is None and decision.events and _asks_git(found, decision.answer):
        return NeedsGit(_pairs(rules, session, found))
    return _answer(turn, call, decision, marked)


def decide(turn: Turn, rules: Rules, asked: Asked) -> Decision[Verdict]:
    """Read what the targets can touch, and judge."""
    patterns = tuple(target.pattern for target in asked.targets if target.pattern and target.where == "own")
    near = turn.leases_near(patterns) if patterns else ()
    view = View(turn.now, turn.last_token(), rules, near, dead=dead_holders(turn, near))
    return policy.judge(view, asked)


def _targets(app: App, rules: Rules, session: Session, call: Call, reading: shell.Reading | None) -> tuple[Target, ...]:
    found = targets.resolve(app.repository, rules, session.lane, call.paths, call.cwd)
    if reading is None:
        return found
    for whole in (False, True):
        writes = [write for write in reading.writes if not write.glob and write.tree == whole]
        named = [write.path for write in writes]
        lie = targets.resolve(app.repository, rules, session.lane, named, call.cwd, whole=whole)
        made = zip(writes, lie, strict=True)
        found += tuple(t for w, t in made if w.verb != "mkdir" or not _is_empty_folder(rules, session, t))
    return (*found, *_shell_globs(app, rules, session, call, reading))


def _is_empty_folder(rules: Rules, session: Session, target: Target) -> bool:
    """`mkdir .claude` puts no settings in place, and git keeps no folders: there is nothing to protect or to hold."""
    if target.where != "own" or target.pattern is None or not domain.client_folder(target.pattern.text):
        return False
    above = target.pattern.text.rstrip("/").rpartition("/")[0]
    return _is_free(rules, session, above or paths.ROOT)


def _is_free(rules: Rules, session: Session, path: str) -> bool:
    owner = domain.owner_of(rules, path)
    return owner.kind == "unowned" or session.lane in owner.lanes


def _shell_globs(app: App, rules: Rules, session: Session, call: Call, reading: shell.Reading) -> tuple[Target, ...]:
    """`rm src/*.py` writes what is there now, each judged by itself, and stands for what may be there when it runs."""
    writes = [write for write in reading.writes if write.glob]
    split = [_split_glob(write.path) for write in writes]
    place = (app.repository, rules, session.lane)
    bases = targets.resolve(*place, [folder for folder, _ in split], call.cwd)
    limits = [(folder, rest, write.tree) for (folder, rest), write in zip(split, writes, strict=True)]
    result: list[Target] = []
    for write, (_, rest), base, reached in zip(
        writes, split, bases, targets.reached(*place, limits, call.cwd), strict=True
    ):
        there = files.matches(_host_glob(write.path))
        matched = targets.resolve(*place, there, call.cwd, whole=write.tree) if there else ()
        result += [*matched, *([reached] if reached else _unmatched(rules, session, base, rest, matched))]
    return tuple(result)


def _unmatched(
    rules: Rules, session: Session, base: Target, rest: str, matched: tuple[Target, ...]
) -> tuple[Target, ...]:
    """The glob beyond its matches: a lease of its own where that is in nobody's way; refused for what it may meet only
    while it matches nothing and begins in another's domain.
    """
    if base.pattern is None or base.where != "own":
        return (base,)
    text = f"{escaped(base.pattern.text.rstrip('/'))}/{rest}" if base.pattern.anchor else rest
    try:
        pattern = parse(text)
    except paths.BadPath:
        return (replace(base, tree=True),)
    glob = replace(base, shown=text, pattern=pattern, tree=False)
    if domain.is_protected(pattern.text):
        return (glob,)
    if any(t.where == "own" and t.pattern and not _is_free(rules, session, t.pattern.text) for t in matched):
        return ()
    if not _is_free(rules, session, pattern.text):
        return () if matched else (glob,)
    return () if domain.foreign_below(rules, session.lane, pattern) else (glob,)


def _split_glob(path: str) -> tuple[str, str]:
    parts = path.split("/")
    first = next((index for index, part in enumerate(parts) if any(char in part for char in "*?[")), len(parts) - 1)
    folder = _ESCAPED.sub(r"\1", "/".join(parts[:first]))
    return folder or ("/" if path.startswith("/") else "."), "/".join(parts[first:])


def _host_glob(path: str) -> str:
    r"""A shell's glob as the host reads it: `\*` is `[*]` there, `[^a]` is `[!a]`, and `~` is no folder."""
    return os.path.expanduser(_ESCAPED_OR_NOT.sub(lambda found: _HOST[found.group()], path))


def _git_refusal(app: App, rules: Rules, session: Session, reading: shell.Reading | None) -> Denied | None:
    """Why a git command in the shell text may not run: it moves what others rely on."""
    if reading is None or not reading.git:
        return None
    own = rules.find_lane(session.lane)
    mine = (own.branches, own.branch) if own else ()
    others = (rules.main, *(lane.branches for lane in rules.lanes if lane.name != session.lane))
    for call in reading.git:
        judged = shell_git.judge_git(call, own_branches=mine, other_branches=others)
        if judged:
            shown = paths.printable("git " + " ".join(call.argv[:3]), 60)
            return Denied("git", shown, f"`{shown}` is refused: {judged.reason}", judged.instead)
        away = _elsewhere(app, rules, session, call)
        if away:
            return away
    return None


def _elsewhere(app: App, rules: Rules, session: Session, call: shell.GitCall) -> Denied | None:
    """A git command that writes in another worktree of this repository."""
    if not call.cwd or git_only_reads(call.argv):
        return None
    target = targets.resolve(app.repository, rules, session.lane, [call.cwd], "/")[0]
    if target.where in {"lane", "main"}:
        place = (
            f"lane {target.lane}'s worktree" if target.where == "lane" else "the main worktree, a read-only reference"
        )
        shown = paths.printable("git " + " ".join(call.argv[:3]), 60)
        text = f"`{shown}` would work in {place}."
        return Denied("git", shown, text, "run it in your own worktree")
    return None


def _mark(
    rules: Rules, session: Session, found: tuple[Target, ...], ignored: frozenset[tuple[str, str]] | None
) -> tuple[Target, ...]:
    if not ignored:
        return found
    return tuple(
        replace(target, ignored=True)
        if target.pattern and target.where == "own" and _pair(rules, session, target) in ignored
        else target
        for target in found
    )


def _asks_git(found: tuple[Target, ...], answer: Verdict) -> bool:
    """Whether being ignored by git could change the answer."""
    if isinstance(answer, Denied) and answer.rule in {"halt", "protected", "git"}:
        return False
    return any(target.where == "own" for target in found)


def _pairs(rules: Rules, session: Session, found: tuple[Target, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(_pair(rules, session, target) for target in found if target.where == "own" and target.pattern)


def _pair(rules: Rules, session: Session, target: Target) -> tuple[str, str]:
    lane = rules.find_lane(session.lane)
    assert lane is not None  # noqa: S101 - only a lane's session has own targets
    assert target.pattern is not None  # noqa: S101 - asked by the callers
    return lane.worktree, target.pattern.text


def _ignored(needs: NeedsGit) -> frozenset[tuple[str, str]]:
    result: set[tuple[str, str]] = set()
    for worktree in {tree for tree, _ in needs.pairs}:
        names = [path for tree, path in needs.pairs if tree == worktree]
        if os.path.isdir(worktree):
            gone = ignored_paths(worktree, names)
            result.update((worktree, name) for name in names if name.rstrip("/") in gone)
    return frozenset(result)


def _stop(turn: Turn, call: Call, session: Session, stopped: Halt) -> Stopped:
    shown = call.paths[0] if call.paths else call.tool
    refused = verdict.halted(shown, stopped)
    turn.save(Decision(None, (_denial(session, refused),)))
    return Stopped(stopped, refused)


def _denial(session: Session, refused: Denied) -> Event:
    return Event("edit.denied", session.lane, session.id, refused.path, refused.text, data={"rule": refused.rule})


def _answer(turn: Turn, call: Call, decision: Decision[Verdict], found: tuple[Target, ...] = ()) -> Verdict:
    """Save what was decided, and remember the call: its answer for a repetition, its paths until it has ended.

    A call that writes is remembered even when its lease is fresh: else a commit beside it would give the lease back.
    """
    anchors = tuple(sorted({t.pattern.anchor for t in found if t.pattern and t.where == "own" and not t.ignored}))
    if not decision.events and not anchors:
        return decision.answer
    remembered = (sessions.remember(turn, call, _note(decision.answer), anchors),) if call.call else ()
    return turn.save(Decision(decision.answer, (*decision.events, *remembered)))


def _note(answer: Verdict) -> str:
    """What has to be known to answer the same again: agents are shown nothing but these texts."""
    if isinstance(answer, Allowed):
        return ""
    return json.dumps([answer.rule, answer.path, answer.text, answer.hint])


def _recall(note: str) -> Verdict:
    return Denied(*json.loads(note)) if note else Allowed()
