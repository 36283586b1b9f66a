"""The demo from its opening to its last line: who acts, where, and that all is put away at the end."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import lanewise
from lanewise.demo import ending, script
from lanewise.demo.actors import ScriptedActor
from lanewise.demo.claude_actor import ClaudeActor, find_program
from lanewise.demo.ledger import Ledger
from lanewise.demo.stage import open_stage
from lanewise.demo.story import NotAsTold, Story
from lanewise.demo.timeline import Timeline
from lanewise.errors import Trouble

if TYPE_CHECKING:
    from lanewise.demo.actors import Actor
    from lanewise.demo.stage import Stage

Agents = Literal["auto", "claude", "scripts"]


@dataclass(frozen=True, slots=True)
class Cast:
    """Which agents act, and why these."""

    kind: Literal["claude", "scripts"]
    program: str
    why: str


def choose(wanted: Agents) -> Cast:
    """The real client when it can be had and is not declined. Raises Trouble when it is demanded and absent."""
    if wanted == "scripts":
        return Cast("scripts", "", "scripts that speak Claude Code's hook protocol, as --agents asks")
    found = find_program(Path(os.path.dirname(lanewise.__file__)).parents[1])
    if found:
        program, version = found
        return Cast(
            "claude", program, f"two real Claude Code {version}; only their model is scripted (no key, no network)"
        )
    if wanted == "claude":
        raise Trouble("No Claude Code 2.1.295 or later was found.", "lanewise demo --agents scripts")
    return Cast(
        "scripts", "", "scripts that speak Claude Code's hook protocol, since no Claude Code 2.1.295 or later was found"
    )


def play(cast: Cast, out: TextIO, *, as_json: bool, keep: bool) -> Trouble | None:
    """Show it all; what was not as told, or None. Raises Trouble when it cannot even begin."""
    timeline = Timeline(out, as_json=as_json)
    with open_stage(keep=keep) as stage, ExitStack() as closing:
        kept = "it stays" if keep else "removed at the end"
        timeline.opening({"agents": cast.why, "repository": f"{stage.root}: Django and Vue, {kept}"})
        ledger = closing.enter_context(Ledger(stage))
        actors: dict[str, Actor] = {}
        for lane in script.LANES:
            actors[lane] = _actor(cast, stage, lane)
            closing.callback(actors[lane].end, 0)
        story = Story(stage, ledger, timeline, actors)
        summary: dict[str, object] = {"agents": cast.kind, "folder": stage.folder if keep else ""}
        try:
            story.tell()
            ending.show_screens(stage, timeline)
            for actor in actors.values():
                actor.end()
            counts, edits = ending.prevented(ledger), ending.require_work(stage, story)
        except (Trouble, TimeoutError) as error:
            failure = error if isinstance(error, Trouble) else NotAsTold(str(error), "lanewise demo --keep")
            body = {"ok": False, **summary, "failure": failure.message, "seconds": timeline.seconds}
            timeline.closing(body, [])
            return failure
        body = {"ok": True, **summary, "prevented": counts, "edits": edits, "lost": 0, "seconds": timeline.seconds}
        timeline.closing(
            body, [ending.in_one_line(counts), *([f"kept: cd {stage.root} && lanewise log"] if keep else [])]
        )
        return None


def _actor(cast: Cast, stage: Stage, lane: str) -> Actor:
    return ClaudeActor(stage, lane, cast.program) if cast.kind == "claude" else ScriptedActor(stage, lane)
