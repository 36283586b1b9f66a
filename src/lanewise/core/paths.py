"""Names of files in a repository: how a path is spelled, compared and shown; knows no file system and no glob.

A path has three forms. As *typed* it is anything; `clean` gives the one spelling that is stored and handed to git;
`key` gives what is compared. The comparison form is deliberately coarse: whatever some file system takes for one file
has one key, so two lanes are never let into one file. The price is that two names that differ only in case or in
invisible characters are never leased apart, not even where the file system would keep them apart.

`clean` is lexical. Through a symbolic link `link/../x` is not `x`: who can see the disk resolves links before asking.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

MAX_PATH_BYTES = 4096
MAX_NAME_BYTES = 255
ROOT = "./"

# Unicode's Default_Ignorable_Code_Point. Comparing names, HFS+ skips some of them and ext4's casefold all of them, and
# a person sees none of them.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_NO_NAME = frozenset({"", ".", ".."})


class BadPath(ValueError):  # noqa: N818 - named for what it is about, like the tree in `errors`
    """This text names no path in the repository; the message is one sentence and safe to show."""

    def __init__(self, message: str) -> None:
        """Say in one sentence what is wrong."""
        super().__init__(printable(message, 300))


def clean(text: str) -> str:
    r"""The one spelling of a path below the repository's root; a trailing slash marks a directory, `./` is the root.

    A name is anything a POSIX file system takes: `-rf`, `C:\x`, `..foo` and a name with a newline are ordinary names.
    """
    raw = _encoded(text)
    # Bytes smuggled in one by one as surrogates that together are a good character name the same file as it does.
    names = raw.decode("utf-8", "surrogateescape").split("/")
    _require_fit(text, raw, names)
    kept: list[str] = []
    for name in names:
        if name == "..":
            if not kept:
                raise BadPath(f"{quoted(text)} leads out of the repository.")
            kept.pop()
        elif name not in _NO_NAME:
            kept.append(name)
    if not kept:
        return ROOT
    return "/".join(kept) + ("/" if names[-1] in _NO_NAME else "")


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise BadPath(f"{quoted(text)} holds half of a surrogate pair, which no file name can.") from None


def _require_fit(text: str, raw: bytes, names: list[str]) -> None:
    if not raw:
        raise BadPath("A path is empty; the repository's root is written './'.")
    if raw.startswith(b"/"):
        raise BadPath(f"{quoted(text)} is absolute; a path starts at the repository's root.")
    if b"\0" in raw:
        raise BadPath(f"{quoted(text)} holds a NUL character.")
    if len(raw) > MAX_PATH_BYTES:
        raise BadPath(f"{quoted(text)} is longer than {MAX_PATH_BYTES} bytes.")
    if len(raw) > MAX_NAME_BYTES and any(
        len(name.encode("utf-8", "surrogateescape")) > MAX_NAME_BYTES for name in names
    ):
        raise BadPath(f"{quoted(text)} holds a name longer than {MAX_NAME_BYTES} bytes.")


def fold(text: str) -> str:
    """The comparison form: names that some file system takes for one file fold to one text, fit for any store."""
    if text.isascii():
        return text.lower()
    text = _without_ignorable(storable(text))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def key(path: str) -> str:
    """The comparison form of a clean path, the same for a file and a directory of that name; the root's is ''."""
    return "" if path == ROOT else fold(path).rstrip("/")


def storable(text: str) -> str:
    r"""Text that SQLite and JSON take: a byte that is no UTF-8 is spelled `\xff`, all else is kept."""
    if text.isascii():
        return text
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, out of some JSON: it names no file, but may be in a reason or a message
        raw = text.encode("utf-8", "backslashreplace")
    return raw.decode("utf-8", "backslashreplace")


def visible(text: str) -> str:
    """The text without the characters that some file systems skip when they compare names."""
    return text if text.isascii() else _ignorable().sub("", text)


def _without_ignorable(text: str) -> str:
    if visible(text) == text:
        return text
    return "/".join(map(_bare_name, text.split("/")))


def _bare_name(name: str) -> str:
    # A name of nothing but invisible characters must neither vanish nor turn into '..': one of them is spelled out.
    bare = visible(name)
    return f"\\u200b{bare}" if bare in _NO_NAME and bare != name else bare


@cache
def _ignorable() -> re.Pattern[str]:
    return re.compile(f"[{_IGNORABLE}]")


def printable(text: str, cap: int = 200) -> str:
    r"""Text that a terminal or a reader may be shown, whoever wrote it: at most `cap` characters, all of them visible.

    Controls, escape sequences, direction overrides and zero-width characters are spelled out (`\x1b`, `\u202e`): what
    was there is seen and does nothing.
    """
    if cap < 1:
        return ""
    shown = text[: cap + 1]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(map(_shown, storable(shown)))
    return shown if len(shown) <= cap else shown[: cap - 1] + "…"


def _shown(char: str) -> str:
    if (char.isprintable() and visible(char)) or unicodedata.category(char) == "Zs":
        return char
    return char.encode("unicode_escape").decode("ascii")


def quoted(text: str) -> str:
    """The text as a sentence names it: shown, short, in quotes."""
    return f"'{printable(text, 80)}'"


def is_git_internal(path: str) -> bool:
    r"""True when any name on the way may be git's own directory to some file system.

    HFS+ skips invisible characters and case; NTFS also trailing dots and spaces and what follows a `:`, takes `\` for a
    slash and `git~1` for the short name.
    """
    for name in fold(path).replace("\\", "/").split("/"):
        if name.partition(":")[0].rstrip(" .") in {".git", "git~1"}:
            return True
    return False
