"""What every client's file turns its payload into, and what it gives back (one line in `wire.DIALECTS` each)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.core.outcome import Outcome

Moment = Literal[
    "session_start", "prompt", "before_tool", "after_tool", "stop", "session_end", "subagent_start", "permission",
    "settings_change", "worktree_create", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One hook call, free of any dialect."""

    client: str
    moment: Moment
    #: `<client>:<the client's own session id>`.
    session: str
    #: The client's id of this tool call; empty when it has none.
    call: str = ""
    tool: str = ""
    #: Paths that the tool would write, as the client named them.
    paths: tuple[str, ...] = ()
    #: Text of a shell command, when the tool is a shell.
    command: str = ""
    #: The tool may write (a halt stops it), though perhaps nobody can say where.
    writes: bool = False
    cwd: str = ""
    #: The client's project directory: where an unknown session is bound from.
    project: str = ""
    pid: int = 0
    prompt: str = ""
    #: The turn is over, but tasks of it go on in the background.
    background: bool = False
    #: Why a session starts, which settings changed, the name of a worktree asked for.
    detail: str = ""
    #: A settings file that changed.
    file: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hook process prints and how it exits."""

    stdout: str = ""
    stderr: str = ""
    status: int = 0


class Dialect(Protocol):
    """A client's file."""

    NAME: str

    def parse(self, event: str, payload: Mapping[str, Any], env: Mapping[str, str]) -> Call:
        """The client's payload as a call."""

    def render(self, call: Call, outcome: Outcome) -> Reply:
        """An outcome in the client's words."""
