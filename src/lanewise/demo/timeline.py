"""What the demo shows: one line per event as it happens, as text for people or as JSON lines for programs."""

from __future__ import annotations

import json
import os
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

from lanewise.core import paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

WIDTH = 110
_BEFORE, _WHO, _WHAT = 8, 10, 54
_DIM, _BOLD = "2", "1"
_WHOSE = {"backend": "36", "frontend": "35", "human": "33", "lanewise": "34"}
_RESULTS = {"leased": "32", "done": "32", "passes": "32", "refused": "1;31", "stopped": "1;31"}


class Timeline:
    """Writes to one stream, from several threads."""

    def __init__(self, out: TextIO, *, as_json: bool = False) -> None:
        """Begin now; colours only for a terminal that wants them."""
        self._out = out
        self._as_json = as_json
        self._colours = out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._lock = threading.RLock()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return round(time.monotonic() - self._began, 2)

    def opening(self, facts: Mapping[str, str]) -> None:
        """What is about to be seen."""
        width = max(map(len, facts))
        lines = [self._paint(_BOLD, "lanewise demo: two coding agents work on one repository at the same time"), ""]
        for name, text in facts.items():
            lines += textwrap.wrap(f"{name:<{width}}  {text}", WIDTH, subsequent_indent=" " * (width + 2))
        self._write({"type": "opening", **facts}, lines)

    def chapter(self, number: int, text: str, moral: str) -> None:
        """A new part of the story, and what there is to learn from it."""
        body = {"type": "chapter", "number": number, "text": text, "moral": moral}
        self._write(body, ["", self._paint(_BOLD, f"{number}  {text}"), self._paint(_DIM, f"   {moral}")])

    def show(self, who: str, what: str, result: str, detail: str = "", *, told: str = "") -> None:
        """One event: who did what, what came of it, and the very words that the actor was answered."""
        name = self._paint(_WHOSE.get(who, ""), f"{who:<{_WHO}}")
        outcome = self._paint(_RESULTS.get(result, ""), f"{result:<8}")
        with self._lock:  # the times of two agents rise together
            at = self.seconds
            line = f"{at:{_BEFORE - 2}.2f}  {name}{what:<{_WHAT}}  {outcome} {self._paint(_DIM, detail)}"
            body = {
                "type": "event",
                "at": at,
                "who": who,
                "what": what,
                "result": result,
                "detail": detail,
                "told": told,
            }
            self._write(body, [line.rstrip(), *self._quoted(told)])

    def block(self, command: str, text: str) -> None:
        """A command of a person, and the screen it answers with."""
        shown = [paths.printable(line, WIDTH - 2) for line in text.rstrip().splitlines()]
        lines = ["", self._paint(_BOLD, f"$ {command}"), *(f"  {line}".rstrip() for line in shown)]
        self._write({"type": "screen", "command": command, "text": text}, lines)

    def closing(self, body: Mapping[str, Any], lines: Sequence[str]) -> None:
        """What it came to."""
        self._write({"type": "summary", **body}, ["", *(self._paint(_BOLD, line) for line in lines)])

    def _quoted(self, told: str) -> list[str]:
        indent = " " * (_BEFORE + _WHO)
        room = WIDTH - len(indent) - 2
        wrapped = [part for line in told.splitlines() for part in textwrap.wrap(line, room, break_on_hyphens=False)]
        return [f"{indent}{self._paint(_DIM, f'│ {line}')}" for line in wrapped]

    def _write(self, body: Mapping[str, Any], lines: Sequence[str]) -> None:
        text = json.dumps(body, ensure_ascii=False) if self._as_json else "\n".join(lines)
        with self._lock:
            print(text, file=self._out, flush=True)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours and code and text else text
