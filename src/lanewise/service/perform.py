"""Performs effects, one after the other; each is recorded, and each can be done again after a crash."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, assert_never

from lanewise.core import paths
from lanewise.core.effect import (
    AddWorktree,
    CompleteWorktree,
    CopyFile,
    Effect,
    InstallHook,
    NotePlace,
    RunSetup,
    SetUpstream,
    StartDaemon,
    WriteFile,
)
from lanewise.core.rows import Place
from lanewise.core.view import Decision, Event
from lanewise.errors import Trouble
from lanewise.git import worktree
from lanewise.host import files, process

if TYPE_CHECKING:
    from collections.abc import Callable

    from lanewise.service.app import App
    from lanewise.store.base import Turn


def perform(app: App, effects: tuple[Effect, ...], say: Callable[[str], None]) -> None:
    """Do every effect in order, saying each first."""
    for effect in effects:
        say(str(effect))
        _one(app, effect, say)


def _one(app: App, effect: Effect, say: Callable[[str], None]) -> None:
    match effect:
        case AddWorktree():
            worktree.add_worktree(app.repository.root, effect.path, effect.branch, effect.start)
        case CompleteWorktree():
            _complete(app, effect, say)
        case NotePlace():
            _note_place(app, effect)
        case CopyFile():
            _copy(effect)
        case WriteFile():
            write_file(effect)
        case InstallHook():
            _install_hook(effect)
        case SetUpstream():
            worktree.set_upstream(app.repository.root, effect.branch, effect.remote)
        case RunSetup():
            _run_setup(app, effect)
        case StartDaemon():
            # The pause after a start is for hooks; here somebody asks for it.
            files.remove(os.path.join(app.state, "daemon.started"))
            process.run_daemon(app.state)
        case _:
            assert_never(effect)


def write_file(effect: WriteFile) -> None:
    """Write a file of ours whole; an empty text takes it away."""
    # A file that is a link stays one: what it points to is written.
    if effect.text or os.path.islink(effect.path):
        os.makedirs(os.path.dirname(effect.path), exist_ok=True)
        data = effect.text.encode() if isinstance(effect.text, str) else effect.text
        files.rewrite(files.real(effect.path), data, effect.mode)
    else:
        files.remove(effect.path)
        if os.path.basename(os.path.dirname(effect.path)) == ".claude":
            # Made by us for that file alone, or the user's and not empty.
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(effect.path))


def _complete(app: App, effect: CompleteWorktree, say: Callable[[str], None]) -> None:
    """What is kept aside goes into a folder of its own, so that no run writes over what an earlier one kept."""
    kept = files.free_name(os.path.join(app.state, "kept", effect.lane))
    broken = worktree.complete_worktree(app.repository.root, effect.path, effect.branch, kept)
    if not broken:
        return
    shown = ", ".join(paths.printable(path, 60) for path in broken[:5]) + (", …" if len(broken) > 5 else "")
    text = f"{len(broken)} path(s) that differed from {effect.branch} were kept in {kept}: {shown}"
    say(text)
    app.store.take(lambda turn: turn.save(Decision(None, (Event("lane.noted", effect.lane, text=text),))))


def _note_place(app: App, effect: NotePlace) -> None:
    def turn_(turn: Turn) -> None:
        old = turn.find(Place, effect.lane)
        done = old.done if old and old.worktree == effect.worktree else ()
        row = Place(effect.lane, effect.worktree, effect.branch, effect.state, done)
        turn.save(Decision(None, (Event("lane.noted", effect.lane, text=effect.state, puts=(row,)),)))

    app.store.take(turn_)


def _copy(effect: CopyFile) -> None:
    os.makedirs(os.path.dirname(effect.target), exist_ok=True)
    fresh = f"{effect.target}.lanewise-new"
    shutil.copy2(effect.source, fresh)
    # link() refuses to replace what appeared meanwhile, unlike rename().
    try:
        os.link(fresh, effect.target)
    except FileExistsError:
        pass
    finally:
        files.remove(fresh)


def _install_hook(effect: InstallHook) -> None:
    """By rename: a hook that is running keeps its old file."""
    os.makedirs(os.path.dirname(effect.target), mode=0o700, exist_ok=True)
    with open(effect.source, "rb") as file:
        files.write_whole(effect.target, file.read(), 0o755)


def _run_setup(app: App, effect: RunSetup) -> None:
    folder = files.private_folder(os.path.join(app.state, "log"))
    log = os.path.join(folder, f"setup-{effect.lane}.log")
    environment = process.environment()
    environment.pop("VIRTUAL_ENV", None)
    environment |= dict(effect.env)
    status = process.run_logged(["/bin/sh", "-c", effect.command], cwd=effect.cwd, env=environment, log=log)
    if status != 0:
        raise Trouble(f"Set-up of lane {effect.lane} stopped at `{effect.command}` (status {status}).", f"less {log}")

    def turn_(turn: Turn) -> None:
        place = turn.find(Place, effect.lane)
        if place is not None:
            row = Place(place.lane, place.worktree, place.branch, place.state, (*place.done, effect.digest))
            turn.save(Decision(None, (Event("lane.set-up", effect.lane, text=effect.command, puts=(row,)),)))

    app.store.take(turn_)
