"""The words for what went wrong: one tree, each with a code, a hint and an exit status.

Trouble (1)
├── BadInput (2)        the caller's words do not fit
├── Refused (3)         somebody else holds it, or the caller may not: a normal answer
├── NotManaged          no lanewise here
├── StoreUnreadable     the store cannot be had now
└── GitTrouble          git refused
"""

from __future__ import annotations


class Trouble(Exception):  # noqa: N818 - the tree's words are the glossary's
    """Something went wrong."""

    code = "trouble"
    exit = 1

    def __init__(self, message: str = "", hint: str = "") -> None:
        """Say what happened in one sentence; the hint is a command that can be pasted."""
        self.message = message or (self.__class__.__doc__ or "").strip()
        self.hint = hint
        super().__init__(self.message)


class BadInput(Trouble):
    """These words do not fit."""

    code = "bad_input"
    exit = 2


class Refused(Trouble):
    """This is not allowed now."""

    code = "refused"
    exit = 3


class NotManaged(Trouble):
    """This repository is not managed by lanewise."""

    code = "not_managed"


class StoreUnreadable(Trouble):
    """The store cannot be read now."""

    code = "store_unreadable"


class GitTrouble(Trouble):
    """Git refused."""

    code = "git"
