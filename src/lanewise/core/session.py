"""A session: one live run of an agent client, bound to a lane."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asking; the binding to a lane is made once and never follows a `cd`."""

    #: `<client>:<the client's own session id>`.
    id: str
    #: Lane name; empty for a session that was started outside every lane.
    lane: str
    client: str
    #: Process, its start time (clock ticks since boot) and boot id: together they outlive pid reuse. 0 = not known.
    pid: int
    started: float
    boot: str
    host: str
    #: The client's project directory.
    project: str
    #: Wall seconds of the first and the latest call.
    since: float
    seen: float
    ended: bool = False
    #: Number of the newest notice it was told.
    told: int = 0
    #: First line of the latest prompt.
    task: str = ""
    #: Process group when `lanewise run` started it, else 0.
    group: int = 0
    #: A turn is running: between a prompt and its end.
    working: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A piece of news for the agents of one lane."""

    id: int
    lane: str
    text: str
    at: float
