"""The answer to "may I write this?", and the sentences that tell an agent what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lanewise.core import paths

if TYPE_CHECKING:
    from lanewise.core.halt import Halt
    from lanewise.core.lease import Lease
    from lanewise.core.view import Moment

Rule = Literal["own", "lease", "domain", "shared", "protected", "halt", "git"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Go ahead; the leases that cover it."""

    leases: tuple[Lease, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """No, with everything the asker needs to act on it."""

    rule: Rule
    path: str
    #: One or two sentences for an agent or a person.
    text: str
    #: A command or step that works.
    hint: str
    held_by: tuple[Lease, ...] = ()


Verdict = Allowed | Denied


def held(path: str, leases: tuple[Lease, ...], now: Moment) -> Denied:
    """Somebody else holds it."""
    first = leases[0]
    who = f"lane {first.lane}" + (f" (session {short(first.session)})" if first.session else "")
    what = first.path if paths.fold(first.path).rstrip("/") != paths.fold(path).rstrip("/") else "it"
    why = f' for "{paths.printable(first.why, 80)}"' if first.why else ""
    text = (
        f"{paths.printable(path)} is held by {who}, which took {paths.printable(what)} "
        f"{span(now.wall - first.since)} ago{why}; {span(first.seconds_left(now))} left unless renewed. "
        "Nothing was written."
    )
    hint = f"work on something else now and try again later; `lanewise check {_quoted(path)}` says when it is free"
    return Denied("lease", path, text, hint, leases)


def halted(path: str, halt: Halt) -> Denied:
    """Editing is stopped."""
    scope = "in every lane" if halt.scope == "all" else f"in lane {halt.scope}"
    text = f"HALT: editing is stopped {scope} ({paths.printable(halt.reason)}). Nothing was written."
    return Denied("halt", path, text, "stop here and wait: only a human can resume")


def domain(path: str, owner: str, lane: str) -> Denied:
    """It belongs to another lane."""
    text = f"{paths.printable(path)} belongs to lane {owner}, not to lane {lane}. Nothing was written."
    return Denied("domain", path, text, f"leave it to lane {owner} and tell the human what you need there")


def other_worktree(path: str, lane: str, place: str) -> Denied:
    """It lies in somebody else's worktree."""
    text = f"{paths.printable(path)} lies in {place}, which lane {lane} does not write. Nothing was written."
    return Denied("domain", path, text, "edit your own worktree's copy of it")


def no_lane(path: str) -> Denied:
    """The session was started outside every lane."""
    text = (
        f"{paths.printable(path)} is in a repository shared by lanes, and this session is in none. Nothing was written."
    )
    return Denied("domain", path, text, "ask the human to start you with `lanewise run LANE`")


def shared(path: str) -> Denied:
    """A shared path needs an explicit lock."""
    text = f"{paths.printable(path)} is shared between lanes and needs an explicit lock first. Nothing was written."
    return Denied("shared", path, text, f'run `lanewise lock {_quoted(path)} --why "REASON"`, then edit it')


def protected(path: str) -> Denied:
    """No agent may write it."""
    text = f"{paths.printable(path)} is protected: it governs the agents themselves. Nothing was written."
    return Denied("protected", path, text, "ask the human to change it")


def short(session: str) -> str:
    """A session's name as people read it: the client and the start of its id."""
    client, _, rest = session.partition(":")
    return f"{client}:{paths.printable(rest, 8).rstrip('…')}" if rest else paths.printable(session, 20)


def span(seconds: float) -> str:
    """A duration for people: `40 s`, `12 min`, `3 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _quoted(path: str) -> str:
    """A path as one shell word, harmless whatever it holds."""
    clean = paths.printable(path)
    if clean and all(char.isalnum() or char in "-_./@+" for char in clean) and not clean.startswith("-"):
        return clean
    return "'" + clean.replace("'", "'\\''") + "'"
