"""A clock that tests set."""

from __future__ import annotations

from lanewise.core.view import Moment


class Clock:
    """Reads what `mono` says."""

    def __init__(self) -> None:
        self.mono = 100.0

    def __call__(self) -> Moment:
        return Moment("boot-1", self.mono, 1_700_000_000.0 + self.mono)
