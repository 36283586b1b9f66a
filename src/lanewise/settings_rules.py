"""What a text in the settings must look like: one function per rule, which answers a complaint or nothing.

A complaint continues a sentence that begins with the place in the file, so it begins with `must`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lanewise.settings_mistakes import shown

if TYPE_CHECKING:
    from collections.abc import Callable

#: Words that the session file or the command line already uses for something else.
RESERVED_LANES = ("metadata", "coordination", "monitoring", "file_locks", "main", "all", "shared")

LANE = r"^[a-z][a-z0-9-]{0,31}$"
DURATION = r"^(?=[0-9])([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,7}s)?$"
SERVICE = r"^[A-Za-z0-9][A-Za-z0-9_.-]*:[0-9]{1,5}$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|^[-/.]|/\.|[/.]$|\.lock(/|$)|^$")


class Duration(str):
    """A length of time as the file has it (`1h30m`), and in seconds."""

    __slots__ = ()

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        found = re.fullmatch(DURATION, self)
        if found is None:
            raise ValueError(f"not a duration: {str(self)!r}")
        hours, minutes, seconds = (int(part[:-1]) if part else 0 for part in found.groups())
        return float(hours * 3600 + minutes * 60 + seconds)


def no_lane(name: str) -> str:
    if name in RESERVED_LANES:
        return "is a word with another meaning here; choose another name for the lane"
    if not re.fullmatch(LANE, name):
        return "must be named with small letters, digits and hyphens, at most 32, beginning with a letter"
    return ""


def no_pattern(text: str) -> str:
    """What is wrong with a path or glob in the file; the full grammar of patterns is not this layer's."""
    if not text.strip() or text != text.strip():
        return f"must name a path, not {shown(text)}"
    if re.search(r"\\(?![*?\[\]\\])", text) or any(ord(char) < 32 for char in text):  # an escape is a backslash too
        return f"must use / between folders, as {shown(text)} does not"
    if text.startswith(("/", "~")) or re.match(r"[A-Za-z]:", text):
        return f"must be relative to the repository, as {shown(text)} is not"
    if ".." in text.split("/"):
        return f"must stay inside the repository, as {shown(text)} does not"
    return f"must not reach into .git, as {shown(text)} does" if f"{text}/".startswith(".git/") else ""


def no_branch(text: str) -> str:
    return f"must be a name that git takes for a branch, as {shown(text)} is not" if _NO_BRANCH.search(text) else ""


def no_service(text: str) -> str:
    if re.fullmatch(SERVICE, text) and 1 <= int(text.rpartition(":")[2]) <= 65535:
        return ""
    return f'must be a name and a port such as "django:8000", not {shown(text)}'


def no_variable(text: str) -> str:
    return "" if re.fullmatch(VARIABLE, text) else f"must name a variable such as DJANGO_DEBUG, not {shown(text)}"


def no_value(text: str) -> str:
    return "must not hold a NUL character" if "\0" in text else ""


def no_line(text: str) -> str:
    bad = not text.strip() or any(ord(char) < 32 and char != "\t" for char in text)
    return f"must be one line of text, not {shown(text)}" if bad else ""


def between(least: str, most: str) -> Callable[[str], str]:
    low, high = Duration(least).seconds, Duration(most).seconds

    def complaint(text: str) -> str:
        if not re.fullmatch(DURATION, text):
            return f'must be a duration such as "30m", "15s" or "1h30m", not {shown(text)}'
        inside = low <= Duration(text).seconds <= high
        return "" if inside else f"must be between {least} and {most}, not {shown(text)}"

    return complaint
