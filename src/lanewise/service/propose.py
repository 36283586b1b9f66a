"""Proposes a `lanewise.toml` for a repository from what its files show; it reads nothing but what it is given.

`look` turns file names and the few small files it asks for into `Facts`; `propose` turns facts into a text that
needs no edit. Neither runs a command, so `lanewise init --dry-run` is the same work without the last write.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from lanewise.service.propose_around import databases, missing_files, shared_paths
from lanewise.service.propose_compose import ports_of
from lanewise.service.propose_facts import Facts
from lanewise.service.propose_lanes import Lane, groups_of, lanes_of, shared_of
from lanewise.service.propose_libraries import libraries_of
from lanewise.service.propose_node import root_install
from lanewise.service.propose_owners import owned_paths
from lanewise.service.propose_parts import parts_of, tops_of
from lanewise.service.propose_toml import settings_text
from lanewise.service.propose_tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lanewise.service.propose_facts import Part


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of a `lanewise.toml`, and what a person should know about it."""

    toml: str
    notes: tuple[str, ...]


def look(
    root: str,
    tracked: Sequence[str],
    ignored: Sequence[str],
    read: Callable[[str], str | None],
    *,
    main: str = "main",
) -> Facts:
    """What a repository shows: `tracked` and `ignored` as git lists them, `read` gives a small tracked file's text."""
    tree = tree_of(tracked, read)
    parts = parts_of(tree, ignored)
    return Facts(
        name=_plain_name(PurePath(root).name),
        main=main,
        parts=parts,
        libraries=libraries_of(tree, parts),
        tops=tops_of(tree, parts),
        shared=shared_paths(tree, parts),
        ports=ports_of(tree),
        owned=owned_paths(tree),
        missing=missing_files(ignored),
        root_setup=root_install(tree),
        databases=databases(ignored),
    )


def propose(facts: Facts) -> Proposal:
    """The lanes that suit the facts, as a complete and commented file."""
    groups, left_out = groups_of(facts)
    lanes = lanes_of(facts, groups)
    toml = settings_text(facts.name, facts.main, lanes, shared_of(facts, lanes))
    return Proposal(toml, (*_lane_notes(lanes, left_out), *_other_notes(facts, lanes)))


def _plain_name(folder: str) -> str:
    name = "".join(char if char.isprintable() else " " for char in folder).strip()
    return name or "repository"


def _lane_notes(lanes: Sequence[Lane], left_out: Sequence[Part]) -> list[str]:
    count = len(lanes)
    found = [f"Lane {lane.name}: {lane.why}" for lane in lanes]
    if count == 1:
        found.append("There is one project, so there is one lane; add a second lane when two agents work at once.")
    if count > 2:
        pairs = count * (count - 1) // 2
        found.append(
            f"{count} lanes make {pairs} pairs to coordinate (n(n-1)/2), two lanes make one; "
            "two also spare your attention, so merge lanes that you will not use at once."
        )
    if left_out:
        names = ", ".join(part.folder for part in left_out)
        found.append(f"Only the {count} largest projects have a lane; these stay unowned: {names}.")
    return found


def _other_notes(facts: Facts, lanes: Sequence[Lane]) -> list[str]:
    found: list[str] = []
    libraries = ", ".join(each.pattern for each in facts.libraries if each.side == "backend")
    provider = next((lane.name for lane in lanes if any(n.text in libraries for n in lane.domain)), "")
    if libraries and provider and len(lanes) > 1:
        found.append(f"Shared code goes to the lane that provides it, {provider}: {libraries}.")
    if any(lane.setup for lane in lanes):
        found.append("The set-up commands run only after `lanewise trust`.")
    if any("CODEOWNERS" in named.why for lane in lanes for named in lane.domain):
        found.append("CODEOWNERS decided about some paths.")
    if facts.databases:
        found.append(f"Database files are not carried into the lanes: {', '.join(facts.databases)}.")
    return found
