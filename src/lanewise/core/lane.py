"""Lanes and the rules between them, as compiled from `lanewise.toml` into plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lanewise.core.pattern import Pattern, parse

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Lane:
    """A named place to work."""

    name: str
    domain: tuple[Pattern, ...]
    branch: str
    #: Absolute path of its worktree.
    worktree: str
    client: str = "claude"
    good_at: tuple[str, ...] = ()
    copy: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()

    @property
    def branches(self) -> str:
        """The glob of branch names that are this lane's own."""
        return f"feature/{self.name}/*"


@dataclass(frozen=True, slots=True)
class Rules:
    """One settings revision: what hooks and turns obey."""

    project: str
    #: Absolute path of the main worktree, and its branch.
    root: str
    main: str
    lanes: tuple[Lane, ...]
    shared: tuple[Pattern, ...] = ()
    #: Seconds a lease lives without activity, and seconds more when its holder is not proven dead.
    ttl: float = 1800.0
    delay: float = 15.0
    #: Action of the same-file trigger.
    same_file: str = "warn"
    #: Paths of lanewise's own installation and state: no agent may write there.
    guarded: tuple[str, ...] = ()

    def find_lane(self, name: str) -> Lane | None:
        """The lane of that name."""
        return next((lane for lane in self.lanes if lane.name == name), None)


def load_rules(data: Mapping[str, Any]) -> Rules:
    """Rules from a stored revision."""
    return Rules(
        project=data["project"],
        root=data["root"],
        main=data["main"],
        lanes=tuple(_load_lane(name, body) for name, body in data["lanes"].items()),
        shared=tuple(parse(text) for text in data["shared"]),
        ttl=data["ttl"],
        delay=data["delay"],
        same_file=data["same_file"],
        guarded=tuple(data["guarded"]),
    )


def _load_lane(name: str, body: Mapping[str, Any]) -> Lane:
    return Lane(
        name=name,
        domain=tuple(parse(text) for text in body["domain"]),
        branch=body["branch"],
        worktree=body["worktree"],
        client=body["client"],
        good_at=tuple(body["good_at"]),
        copy=tuple(body["copy"]),
        setup=tuple(body["setup"]),
        services=tuple(body["services"]),
        env=tuple(sorted(body["env"].items())),
    )
