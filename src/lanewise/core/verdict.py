"""The answer to "may I write this?", and the sentences that tell an agent what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from lanewise.core import paths
from lanewise.core.wording import short, span

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


def held(path: str, leases: tuple[Lease, ...], now: Moment, dead: frozenset[str] = frozenset()) -> Denied:
    """Somebody else holds it; `dead` names sessions that have ended."""
    first = leases[0]
    gone = ". That session has ended, and its lane has uncommitted work there" if first.session in dead else ""
    who = f"lane {first.lane}" + (f" (session {said(short(first.session))})" if first.session else "")
    what = first.path if paths.fold(first.path).rstrip("/") != paths.fold(path).rstrip("/") else "it"
    why = f' for "{said(first.why, 80)}"' if first.why else ""
    text = (
        f"{said(path)} is held by {who}, which took {said(what)} "
        f"{span(now.wall - first.since)} ago{why}; {span(first.seconds_left(now))} left unless renewed{gone}. "
        "Nothing was written."
    )
    hint = f"work on something else now and try again later; `lanewise check {_quoted(path)}` says when it is free"
    return Denied("lease", path, text, hint, leases)


def halted(path: str, halt: Halt) -> Denied:
    """Editing is stopped."""
    scope = "in every lane" if halt.scope == "all" else f"in lane {halt.scope}"
    text = f"HALT: editing is stopped {scope} ({said(halt.reason)}). Nothing was written."
    return Denied("halt", path, text, "stop here and wait: only a human can resume")


def domain(path: str, owner: str, lane: str) -> Denied:
    """It belongs to another lane."""
    text = f"{said(path)} belongs to lane {owner}, not to lane {lane}. Nothing was written."
    return Denied("domain", path, text, f"leave it to lane {owner} and tell the human what you need there")


def other_worktree(path: str, lane: str, place: str) -> Denied:
    """It lies in somebody else's worktree."""
    text = f"{said(path)} lies in {place}, which lane {lane} does not write. Nothing was written."
    return Denied("domain", path, text, "edit your own worktree's copy of it")


def no_lane(path: str) -> Denied:
    """The session was started outside every lane."""
    text = f"{said(path)} is in a repository shared by lanes, and this session is in none. Nothing was written."
    return Denied("domain", path, text, "ask the human to start you with `lanewise run LANE`")


def shared(path: str) -> Denied:
    """A shared path needs an explicit lock."""
    text = f"{said(path)} is shared between lanes and needs an explicit lock first. Nothing was written."
    return Denied("shared", path, text, f'run `lanewise lock {_quoted(path)} --why "REASON"`, then edit it')


def protected(path: str) -> Denied:
    """No agent may write it."""
    text = f"{said(path)} is protected: it governs the agents themselves. Nothing was written."
    return Denied("protected", path, text, "ask the human to change it")


def _quoted(path: str) -> str:
    """A path as one shell word, harmless whatever it holds; `PATH` for one that cannot be shown as it is."""
    if not path or said(path) != path:
        return "PATH"
    word = f"./{path}" if path.startswith("-") else path
    if not all(char.isalnum() or char in "-_./@+" for char in word):
        word = "'" + word.replace("'", "'\\''") + "'"
    return word if len(word) <= 300 else "PATH"


def said(text: str, cap: int = 200) -> str:
    """Somebody else's words as an agent may see them: short, visible, and never a command that destroys work."""
    shown = paths.printable(text, cap)
    return "(words left out)" if _destructive().search(shown) else shown


@cache
def _destructive() -> re.Pattern[str]:
    return re.compile(
        r"(?i)\b(rm|rmdir|unlink|shred|truncate|mkfs\S*|dd)\s|\s-delete|--hard|\bdrop\s+(table|database|schema)\b"
        r"|\bgit\s.*\b(reset|clean|restore|checkout|stash|rebase|filter-branch|prune|gc|update-ref|worktree\s+remove)\b"
        r"|\bpush\s.*(-f\b|--force|--delete|--mirror|\s\+)|\bbranch\s.*(-d\b|--delete)"
    )
