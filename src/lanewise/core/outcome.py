"""What a hook call comes to: the union that every client's file renders in its own dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lanewise.core.verdict import Allowed, Denied

if TYPE_CHECKING:
    from lanewise.core.halt import Halt


@dataclass(frozen=True, slots=True)
class Told:
    """Nothing to decide: words for the agent, words for the human; both may be empty."""

    agent: str = ""
    human: str = ""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A halt is in force: the call is refused and the turn ends."""

    halt: Halt
    denied: Denied


@dataclass(frozen=True, slots=True)
class KeptSettings:
    """A settings change is not taken over by the running session."""

    reason: str


@dataclass(frozen=True, slots=True)
class Made:
    """The folder that the client asked for."""

    path: str


@dataclass(frozen=True, slots=True)
class NotMade:
    """The folder that the client asked for is not to be had."""

    reason: str


Outcome = Allowed | Denied | Told | Stopped | KeptSettings | Made | NotMade
NOTHING = Told()
