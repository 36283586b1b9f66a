"""Lanes on this host: `up` brings desired and actual together, `down` takes lanewise out and keeps all work."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise import VERSION
from lanewise.core import paths, reconcile
from lanewise.core.effect import StartDaemon
from lanewise.core.pattern import covers, parse
from lanewise.core.rows import Place
from lanewise.errors import Trouble
from lanewise.git import locate, worktree
from lanewise.git.status import dirty_paths
from lanewise.host import files, sockets
from lanewise.service import desired, installed, perform, trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lanewise.core.effect import Effect
    from lanewise.core.lane import Lane, Rules
    from lanewise.git.locate import Repository
    from lanewise.service.app import App
    from lanewise.settings import Settings


#: Paths of the main worktree that are no work of a lane.
OURS = ("lanewise.toml", installed.LOCAL)


@dataclass(frozen=True, slots=True)
class Plan:
    """What `up` would do."""

    rules: Rules
    body: str
    effects: tuple[Effect, ...]
    #: Uncommitted paths of the main worktree, which lanes do not see.
    stranded: tuple[str, ...]
    #: Set-up commands that wait for trust.
    untrusted: tuple[str, ...]
    #: Whether git tracks the settings file that the handlers are in.
    tracked: bool


def plan_up(repository: Repository, settings: Settings, places: dict[str, Place]) -> Plan:
    """Compare what the settings ask for with what is there. Raises Trouble when a worktree's place is taken."""
    if not worktree.head_exists(repository.root):
        raise Trouble("This repository has no commit yet, so no lane can start from one.", "git commit")
    rules = desired.rules_of(repository, settings)
    if not worktree.is_branch(repository.root, rules.main):
        raise Trouble(f"There is no branch {rules.main} to start lanes from.", "set [project] main in lanewise.toml")
    trusted = trust.is_trusted(repository, settings)
    actual = _look(repository, rules, places, trusted=trusted)
    _require_room(rules, actual)
    digests = {command: _digest(command) for lane in rules.lanes for command in lane.setup}
    adopted = repository.root in {lane.worktree for lane in rules.lanes}
    stranded = () if adopted else tuple(sorted(dirty_paths(repository.root)))
    stranded = tuple(path for path in stranded if path not in OURS)
    untrusted = () if trusted else tuple(command for lane in rules.lanes for command in lane.setup)
    effects = reconcile.reconcile(rules, actual, digests)
    tracked = worktree.is_tracked(repository.root, installed.LOCAL)
    return Plan(rules, desired.body_of(repository, settings), effects, stranded, untrusted, tracked)


def up(app: App, settings: Settings, say: Callable[[str], None]) -> Plan:
    """Do what is missing; safe to repeat, to interrupt, and to run many times at once."""
    with alone(app.state):
        places = {row.lane: row for row in app.store.take(lambda turn: turn.all(Place))}
        plan = plan_up(app.repository, settings, places)
        files.remove(os.path.join(app.state, "down"))
        if desired.save_revision(app, plan.body):
            say("take over the settings")
        if StartDaemon() in plan.effects:
            # One of another version would answer by its own rules; one at another door, nobody.
            stop_daemon(app.state, say)
        perform.perform(app, plan.effects, say)
        _await_daemon(app.state)
    return plan


def down(app: App, say: Callable[[str], None], *, dry_run: bool = False) -> tuple[Effect, ...]:
    """Take handlers and exclude lines out and stop the daemon; worktrees, branches, snapshots and the store stay."""
    rules = app.store.take(app.rules)
    effects = installed.uninstall(app.repository, rules)
    with alone(app.state):
        if not dry_run:
            # First, so that a running session's hook does not put back what is taken out.
            files.write_whole(os.path.join(app.state, "down"), b"")
        for effect in effects:
            if not dry_run:
                perform.perform(app, (effect,), say)
    if not dry_run:
        stop_daemon(app.state, say)
    return effects


def _await_daemon(state: str) -> None:
    """Until it answers, at most two seconds: without it everything works too, only slower."""
    path, end = sockets.door_of(state), time.monotonic() + 2.0
    while sockets.ask(path, {"v": 1, "ask": "who"}, 0.5) is None and time.monotonic() < end:
        time.sleep(0.02)


def stop_daemon(state: str, say: Callable[[str], None]) -> None:
    """Tell the daemon to leave, and wait until it has: it holds its lock until its last turn is committed."""
    pid, _ = _daemon_of(state)
    if not pid:
        return
    say("stop the daemon")
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 10.0
    while _daemon_of(state)[0] == pid:
        if time.monotonic() > end:
            raise Trouble(f"The daemon (pid {pid}) does not leave.", f"ps -fp {pid}")
        time.sleep(0.02)


def _daemon_of(state: str) -> tuple[int, str]:
    """Pid and version of the daemon that holds the lock; (0, "") when none does."""
    try:
        with open(os.path.join(state, "daemon.lock"), encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                words = lock.read(100).split()
                return (int(words[0]), words[1]) if len(words) == 2 and words[0].isdigit() else (0, "")
    except FileNotFoundError:
        pass
    return 0, ""


@contextmanager
def alone(state: str) -> Iterator[None]:
    """One at a time per repository: making worktrees is serialised."""
    with open(os.path.join(state, "up.lock"), "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _door(state: str) -> str:
    """Where the daemon is to listen: where it does, else where this environment would have it. Another run-time folder
    moves no daemon that serves.
    """
    now, wanted = sockets.door_of(state), sockets.socket_path(state)
    if now == wanted:
        return wanted
    who = files.parse_json(sockets.ask(now, {"v": 1, "ask": "who"}, 1.0) or b"")
    pid, _ = _daemon_of(state)
    return now if pid and isinstance(who, dict) and who.get("pid") == pid else wanted


def _look(repository: Repository, rules: Rules, places: dict[str, Place], *, trusted: bool) -> reconcile.Actual:
    door = _door(repository.state)
    moved = door != sockets.door_of(repository.state)
    return reconcile.Actual(
        worktrees={tree.path: tree.branch for tree in locate.worktrees(repository) if os.path.isdir(tree.path)},
        branches=worktree.branches(repository.root),
        places=places,
        uncopied={lane.name: _uncopied(repository, lane) for lane in rules.lanes},
        outdated=installed.outdated(repository, rules, door),
        upstreams=worktree.upstreams(repository.root),
        remote=worktree.remote(repository.root),
        trusted=trusted,
        daemon=_daemon_of(repository.state)[1] == VERSION and not moved,
    )


def _require_room(rules: Rules, actual: reconcile.Actual) -> None:
    """A folder that is no worktree of this repository, or a branch checked out elsewhere, is named, never touched."""
    for lane in rules.lanes:
        if lane.worktree in actual.worktrees:
            continue
        if os.path.lexists(lane.worktree) and (not os.path.isdir(lane.worktree) or os.listdir(lane.worktree)):
            raise Trouble(
                f"{lane.worktree} is there already and is no worktree of this repository.",
                f'set [lane.{lane.name}] worktree = "../ANOTHER" in lanewise.toml',
            )
        branch = reconcile.branch_in(lane, actual)
        holder = next((path for path, name in actual.worktrees.items() if name == branch), None)
        if holder:
            raise Trouble(
                f"Branch {branch} of lane {lane.name} is checked out in {holder}.",
                f'set [lane.{lane.name}] worktree = "{os.path.relpath(holder, rules.root)}" to adopt it',
            )


def _uncopied(repository: Repository, lane: Lane) -> tuple[tuple[str, str], ...]:
    """(source, target) of ignored files that the lane asks for, or `.worktreeinclude` names, and lacks."""
    if lane.worktree == repository.root:
        return ()
    included = (files.find_text(os.path.join(repository.root, ".worktreeinclude")) or "").splitlines()
    wanted = [*lane.copy, *(line.strip().lstrip("/") for line in included if line.strip() and line[0] not in "#!")]
    named = [name for text in wanted if (name := _find_name(text))]
    if not named:
        return ()
    patterns = [parse(name) for name in named]
    candidates = {name for name in named if os.path.isfile(os.path.join(repository.root, name))}
    candidates |= {name for name in worktree.list_ignored(repository.root) if not name.endswith("/")}
    return tuple(
        (os.path.join(repository.root, name), os.path.join(lane.worktree, name))
        for name in sorted(candidates)
        if any(covers(pattern, name) for pattern in patterns)
        and not os.path.lexists(os.path.join(lane.worktree, name))
        and not os.path.islink(os.path.join(repository.root, name))
    )


def _find_name(text: str) -> str:
    """A line of somebody's file as a path of the repository; empty when it leads out of it or is none."""
    try:
        return paths.clean(text)
    except paths.BadPath:
        return ""


def _digest(command: str) -> str:
    return hashlib.sha256(command.encode()).hexdigest()[:16]
