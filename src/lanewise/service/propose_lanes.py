"""Which lanes a repository gets, and what belongs to each: two for a backend and a frontend, else one per project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import basename
from typing import TYPE_CHECKING

from lanewise.service.propose_around import LOCKFILES
from lanewise.service.propose_facts import Named
from lanewise.service.propose_tree import inside, join
from lanewise.settings_rules import RESERVED_LANES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lanewise.service.propose_facts import Facts, Owned, Part, Port, Side

MOST_PROPOSED = 6
_SIDES: tuple[Side, Side] = ("backend", "frontend")
_FRONTEND_SERVICES = frozenset({"frontend", "ui", "web-ui", "webapp", "client", "vite"})
_EVERYTHING = Named("**", "One lane works in the whole repository.")


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane as it will be written."""

    name: str
    why: str
    domain: tuple[Named, ...]
    good_at: tuple[Named, ...] = ()
    copy: tuple[Named, ...] = ()
    setup: tuple[Named, ...] = ()
    services: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The parts that one lane will own."""

    name: str
    side: Side
    parts: tuple[Part, ...]


def groups_of(facts: Facts) -> tuple[tuple[Group, ...], tuple[Part, ...]]:
    """The parts of each lane, and the parts that get none because there are too many."""
    pair = _pair(facts)
    if pair:
        return pair, ()
    parts = [part for part in facts.parts if part.folder or _root_domain(facts, part)]
    if len(parts) < 2:
        return (), ()
    large = sorted(parts, key=lambda part: (not part.serves, -part.size, part.folder))
    kept = sorted(large[:MOST_PROPOSED], key=lambda part: (part.side, part.folder))
    names = _names(kept, facts.name)
    groups = tuple(Group(name, part.side, (part,)) for name, part in zip(names, kept, strict=True))
    return groups, tuple(large[MOST_PROPOSED:])


def lanes_of(facts: Facts, groups: Sequence[Group]) -> tuple[Lane, ...]:
    """Each lane with its domain and all that a fresh worktree needs."""
    if not groups:
        return (_single(facts),)
    copies = _copies(facts, groups)
    return tuple(_lane(facts, groups, group, copies[group.name]) for group in groups)


def is_pair(lanes: Sequence[Lane] | Sequence[Group]) -> bool:
    """Whether these are the two lanes of a repository with one backend and one frontend."""
    return tuple(lane.name for lane in lanes) == _SIDES


def shared_of(facts: Facts, lanes: Sequence[Lane]) -> tuple[Named, ...]:
    """The shared paths that no lane was given; a single lane shares with nobody."""
    given = {each.text for lane in lanes for each in lane.domain}
    return tuple(each for each in facts.shared if each.text not in given) if len(lanes) > 1 else ()


def _pair(facts: Facts) -> tuple[Group, ...]:
    """The two lanes of a repository with one backend and one frontend; plain packages join their language's side."""
    mains: dict[Side, Part] = {}
    for side in _SIDES:
        here = [part for part in facts.parts if part.side == side]
        serving = [part for part in here if part.serves] or [part for part in here if part.language == "python"]
        if len(serving) != 1 or not (serving[0].folder or _root_domain(facts, serving[0])):
            return ()
        mains[side] = serving[0]
    rest = [part for part in facts.parts if part not in mains.values()]
    return tuple(
        Group(side, side, (mains[side], *(part for part in rest if part.folder and part.side == side)))
        for side in _SIDES
    )


def _names(parts: Sequence[Part], repository: str) -> list[str]:
    """A name per part, after its folder, each different and each one that the settings take."""
    found: list[str] = []
    for part in parts:
        short = _clean(basename(part.folder) or repository)
        name = short if short not in found else _clean(part.folder.replace("/", "-"))
        while name in found:
            name = f"{name[:29]}-{len(found)}"
        found.append(name)
    return found


def _clean(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if not name or not name[0].isalpha() or name in RESERVED_LANES:
        name = f"lane-{name}".rstrip("-")
    return name[:32].rstrip("-")


def _single(facts: Facts) -> Lane:
    parts = facts.parts
    why = f"The one project here is {_where(parts[0])}." if len(parts) == 1 else "No two projects could be told apart."
    return Lane(
        name="work",
        why=why,
        domain=(_EVERYTHING,),
        good_at=_unique(each for part in parts for each in part.good_at),
        copy=tuple(_carried(file) for file in facts.missing),
        setup=_unique([*(each for part in parts for each in part.setup), *facts.root_setup]),
        services=_services([each for part in parts for each in part.services], facts.ports),
    )


def _lane(facts: Facts, groups: Sequence[Group], group: Group, copies: Iterable[str]) -> Lane:
    is_provider = group is _provider(groups, group.side)
    domain = [named for part in group.parts for named in _own_domain(facts, part)]
    if is_provider:
        sides = {each.side for each in groups}
        others = {named.text for each in groups if each is not group for named in _teams_paths(facts, groups, each)}
        domain += [
            Named(each.pattern, each.why)
            for each in facts.libraries
            if (each.side == group.side or each.side not in sides) and each.pattern not in others
        ]
    given = [named.text.removesuffix("/**") for named in domain]
    domain += [each for each in _teams_paths(facts, groups, group) if not any(inside(each.text, g) for g in given)]
    ports = [port for port in facts.ports if _taker(groups, port) is group]
    return Lane(
        name=group.name,
        why=_why(groups, group),
        domain=_unique(domain),
        good_at=_unique(each for part in group.parts for each in part.good_at),
        copy=tuple(_carried(file) for file in copies),
        setup=_unique([*(each for part in group.parts for each in part.setup), *facts.root_setup]),
        services=_services([each for part in group.parts for each in part.services], ports),
    )


def _why(groups: Sequence[Group], group: Group) -> str:
    has = f"This lane has {', '.join(_where(part) for part in group.parts)}"
    if is_pair(groups):
        return f"{has}."
    return f"{has}: each top-level project has a lane, since this is no pair of one backend and one frontend."


def _own_domain(facts: Facts, part: Part) -> list[Named]:
    why = f"{part.what} lives here ({part.evidence})." if part.serves else f"A plain package ({part.evidence})."
    if not part.folder:
        return _root_domain(facts, part)
    files = [Named(file, f"It belongs to {part.what} in {part.folder}/.") for file in part.files]
    return [Named(f"{part.folder}/**", why), *files]


def _root_domain(facts: Facts, part: Part) -> list[Named]:
    """The real top folders that a part at the root is made of, so that new folders belong to nobody by accident."""
    if part.folder:
        return []
    tops = [top.folder for top in facts.tops if top.side == part.side]
    if not tops:
        return []
    folders = [
        Named(f"{top}/**", f"A folder of {part.what}, which lies at the root ({part.evidence}).") for top in tops
    ]
    return [*folders, *(Named(file, f"It belongs to {part.what} at the root.") for file in part.files)]


def _teams_paths(facts: Facts, groups: Sequence[Group], group: Group) -> list[Named]:
    """What CODEOWNERS gives to the team of this lane's folder and to no other lane's team."""
    teams = {each.name: _team(facts.owned, each) for each in groups}
    team = teams[group.name]
    if not team or any(team == other for name, other in teams.items() if name != group.name):
        return []
    taken = [part.folder for each in groups for part in each.parts if part.folder]
    return [
        Named(owned.pattern, "CODEOWNERS gives it to this lane's team.")
        for owned in facts.owned
        if owned.owners == team
        and basename(owned.path) not in LOCKFILES
        and not any(inside(owned.path, folder) or inside(folder, owned.path) for folder in taken)
    ]


def _team(owned: Iterable[Owned], group: Group) -> frozenset[str]:
    folders = {part.folder for part in group.parts}
    return next((each.owners for each in owned if each.path in folders), frozenset())


def _provider(groups: Sequence[Group], side: Side) -> Group:
    """The lane that is given what its side provides: the first of that side, else the first of all."""
    return next((group for group in groups if group.side == side), groups[0])


def _copies(facts: Facts, groups: Sequence[Group]) -> dict[str, list[str]]:
    """Which ignored files each lane needs: those in its folders; those elsewhere go to every lane."""
    found: dict[str, list[str]] = {group.name: [] for group in groups}
    for file in facts.missing:
        owners = [g.name for g in groups if any(part.folder and inside(file, part.folder) for part in g.parts)]
        for name in owners or found:
            found[name].append(file)
    return found


def _carried(file: str) -> Named:
    return Named(file)


def _taker(groups: Sequence[Group], port: Port) -> Group:
    """The lane that serves a port of a compose file: the one whose folder it is built from, else the backend."""
    for group in groups:
        folders = [part.folder for part in group.parts if part.folder]
        if any((port.context and inside(port.context, f)) or port.service in {f, basename(f)} for f in folders):
            return group
    return _provider(groups, "frontend" if port.service.lower() in _FRONTEND_SERVICES else "backend")


def _services(usual: Iterable[Named], ports: Iterable[Port]) -> tuple[Named, ...]:
    """Names with ports, each port once: a framework's own name wins, unless compose gives that name another port."""
    ports = list(ports)
    told = {port.service for port in ports}
    agreed = {f"{port.service}:{port.port}" for port in ports}
    kept = [named for named in usual if named.text in agreed or named.text.partition(":")[0] not in told]
    found = {named.text.rpartition(":")[2]: named for named in kept}
    for port in ports:
        name = re.sub(r"[^A-Za-z0-9_.-]", "", port.service).lstrip("_.-")
        if name:
            found.setdefault(str(port.port), Named(f"{name}:{port.port}", f"A port that {port.file} opens."))
    return tuple(found.values())


def _where(part: Part) -> str:
    return f"{part.what} in {join(part.folder, '')}" if part.folder else f"{part.what} at the repository's root"


def _unique(named: Iterable[Named]) -> tuple[Named, ...]:
    found: dict[str, Named] = {}
    for each in named:
        found.setdefault(each.text, each)
    return tuple(found.values())
