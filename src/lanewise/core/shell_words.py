"""Words of a shell command line as values, each character marked with where it came from, so that a glob is known from
a quoted star and a path from a variable; how they are found in a text is `shell_lexer`'s business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

_MOST_BRACES = 64  # words that one brace word becomes
_LONGEST_BRACES = 1024
_RANGE = re.compile(r"\w+\.\.\w+(?:\.\.\w+)?")


@dataclass(frozen=True, slots=True)
class Word:
    """`marks` tells of each character where it came from: u unquoted, q quoted, h home, d known only when run."""

    text: str
    marks: str
    inner: tuple[list[Token], ...] = ()  # commands substituted into it
    tree: bool = False  # what it names is written with all that lies below

    def part(self, start: int, stop: int | None = None) -> Word:
        return Word(self.text[start:stop], self.marks[start:stop])

    def plus(self, other: Word) -> Word:
        return Word(self.text + other.text, self.marks + other.marks)

    @property
    def bare(self) -> str:
        return self.text if self.marks.count("u") == len(self.text) else ""

    @property
    def name(self) -> Word:
        stem = self.part(0, len(self.text.rstrip("/")))
        return stem.part(stem.text.rfind("/") + 1)


@dataclass(slots=True)
class Redirect:
    operator: str
    target: Word
    body: str = ""


Token = Word | Redirect | str


@dataclass(slots=True)
class Making:
    """A word while it is put together."""

    texts: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    inner: list[list[Token]] = field(default_factory=list)

    def add(self, text: str, mark: str) -> None:
        self.texts.append(text)
        self.marks.append(mark * len(text))

    def word(self) -> Word:
        return Word("".join(self.texts), "".join(self.marks), tuple(self.inner))


def expand_braces(word: Word) -> tuple[list[Word], bool]:
    """The words that `a{b,c}` becomes, and whether some had to be left out; a range becomes a star."""
    if len(word.text) > _LONGEST_BRACES:
        return [], True
    done: list[Word] = []
    todo = [word]
    for _ in range(2 * _MOST_BRACES):
        if not todo or len(done) >= _MOST_BRACES:
            break
        item = todo.pop()
        alternatives = _alternatives(item)
        todo += reversed(alternatives[:_MOST_BRACES])
        done += [] if alternatives else [item]
    return done, bool(todo)


def _alternatives(word: Word) -> list[Word]:
    """The outermost first brace group resolved, or nothing when there is none."""
    found: list[int] = []
    stack: list[list[int]] = []
    for at, char in enumerate(word.text):
        if char not in "{},." or word.marks[at] != "u":
            continue
        if char == "{":
            stack.append([at])
        elif char == "," and stack:
            stack[-1].append(at)
        elif char == "}" and stack:
            group = [*stack.pop(), at]
            valid = len(group) > 2 or _RANGE.fullmatch(word.text, group[0] + 1, at)
            found = group if valid and (not found or group[0] < found[0]) else found
    if not found:
        return []
    before, after = word.part(0, found[0]), word.part(found[-1] + 1)
    if len(found) == 2:
        return [before.plus(Word("*", "u")).plus(after)]
    parts = [word.part(left + 1, right) for left, right in pairwise(found)]
    return [before.plus(part).plus(after) for part in parts]
