"""On which line of a TOML text each table, key and list item stands; the text is known to be valid TOML."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

#: Where a value stands in the parsed tree: keys, and indexes of list items.
Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|\n|[\[\]{}=,]"
    r"""|[^\s\[\]{}=,#"']+""",
    re.DOTALL,
)
_CLOSING = frozenset({"\n", ",", "]", "}"})


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table header, key and list item of a valid TOML text."""
    scan = _Scan(_tokens(text))
    table: Path = ()
    while scan.more():
        if scan.peek() == "\n":
            scan.take()
        elif scan.peek() == "[":
            line = scan.line()
            table = scan.key(until="]")
            scan.note(table, line)
        else:
            scan.pair(table)
    return scan.lines


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of the value at `path`, else of the nearest table around it, else the first."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 1


def _tokens(text: str) -> list[tuple[str, int]]:
    """Tokens with their lines; comments are left out."""
    found: list[tuple[str, int]] = []
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        if not match.group().startswith("#"):
            found.append((match.group(), line))
    return found


@dataclass(slots=True)
class _Scan:
    """A walk over the tokens, which notes lines as it goes."""

    tokens: list[tuple[str, int]]
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.more() else "\n"

    def line(self) -> int:
        return self.tokens[self.at][1] if self.more() else 0

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def note(self, path: Path, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def key(self, until: str) -> Path:
        """The dotted key before the next `until`, with its quotes undone."""
        words: list[str] = []
        while self.more() and self.peek() != until:
            words.append(self.take())
        while self.peek() == until:  # one for a key or a table, two for an array of tables
            self.take()
        return _key_parts("".join(words).lstrip("["))

    def pair(self, table: Path) -> None:
        line = self.line()
        path = table + self.key(until="=")
        self.note(path, line)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.peek() == "[":
            self.items(path)
        elif self.peek() == "{":
            self.members(path)
        else:
            while self.more() and self.peek() not in _CLOSING:
                self.take()

    def items(self, path: Path) -> None:
        self.take()
        index = 0
        while self.more() and self.peek() != "]":
            if self.peek() in _CLOSING:
                self.take()
                continue
            self.note((*path, index), self.line())
            self.value((*path, index))
            index += 1
        self.take()

    def members(self, path: Path) -> None:
        self.take()
        while self.more() and self.peek() != "}":
            if self.peek() in _CLOSING:
                self.take()
            else:
                self.pair(path)
        self.take()


def _key_parts(dotted: str) -> Path:
    """The parts of a dotted key, read by the TOML parser itself so that quotes and escapes come out right."""
    try:
        tree: object = tomllib.loads(f"{dotted} = 0")
    except ValueError:
        return (dotted,)
    parts: list[str] = []
    while isinstance(tree, dict):
        ((part, tree),) = tree.items()
        parts.append(part)
    return tuple(parts)
