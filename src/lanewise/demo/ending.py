"""What the demo came to: that no accepted edit is lost, the screens a person would look at, and what was prevented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.demo import script
from lanewise.demo.story import NotAsTold
from lanewise.git.run import run_git

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.demo.ledger import Ledger
    from lanewise.demo.stage import Stage
    from lanewise.demo.story import Story
    from lanewise.demo.timeline import Timeline

#: What each rule prevents, for one and for many; in the order in which the story tells it.
_PREVENTED: Mapping[str, tuple[str, str]] = {
    "lease": ("overwrite of CHANGELOG.md", "overwrites of CHANGELOG.md"),
    "domain": ("write to another lane", "writes to another lane"),
    "git": ("stash", "stashes"),
    "halt": ("edit in a halt", "edits in a halt"),
}
_AS_TOLD: Mapping[str, int] = {"lease": 1, "domain": 2, "git": 1, "halt": 2}


def show_screens(stage: Stage, timeline: Timeline) -> None:
    """Both branches, and `lanewise status`."""
    for lane in script.LANES:
        branch = stage.branch(lane)
        timeline.block(f"git log --oneline {branch}", run_git(stage.root, "log", "--oneline", "--no-decorate", branch))
    timeline.block("lanewise status", stage.run_lanewise("status").stdout)


def prevented(ledger: Ledger) -> dict[str, int]:
    """How often each rule refused something, by the event log. Raises NotAsTold when it is not as the story went."""
    rules = [rule for _, rule in ledger.refusals()]
    counts = {rule: rules.count(rule) for rule in dict.fromkeys((*_AS_TOLD, *rules))}
    if counts != _AS_TOLD:
        raise NotAsTold(f"The event log counts other refusals than were seen: {counts}.", "lanewise demo --keep")
    return counts


def require_work(stage: Stage, story: Story) -> int:
    """How many edits were let through, each of which its lane has committed. Raises NotAsTold when one is lost."""
    lost = []
    for lane, edits in story.edits.items():
        branch = stage.branch(lane)
        texts = {path: run_git(stage.root, "show", f"{branch}:{path}") for path in {edit.path for edit in edits}}
        lost += [f"{branch}:{edit.path}" for edit in edits if edit.new not in texts[edit.path]]
    if lost:
        raise NotAsTold(f"Work was lost: {', '.join(lost)}.", "lanewise demo --keep")
    return sum(map(len, story.edits.values()))


def in_one_line(counts: Mapping[str, int]) -> str:
    """What was prevented; it is told only after `require_work`."""
    parts = [f"{count} {_PREVENTED[rule][count != 1]}" for rule, count in counts.items()]
    return f"prevented: {', '.join(parts)}; lost work: none"
