r"""Sets of paths: a literal or a glob, whether it covers a path, whether two of them overlap; reads no disk.

What a pattern covers
    A literal covers its path and everything below it: a file and a directory of one name are one claim.
    `*` any characters of a name, `?` one character, `[a-z]` one of, `[!a-z]` or `[^a-z]` one not of; none matches `/`.
    `**` as a whole name stands for any number of names, also for none: `src/**` is `src` and everything below.
    A glob covers what it matches and everything below: `packages/*` covers `packages/a/b.ts`.
    A backslash before `*`, `?`, `[`, `]` or `\` takes their meaning away; before anything else it is a character.
    All of it is said of the comparison form: `*.PY` covers `a.py`, and `?` is one character of the folded name.

What overlaps
    `overlap` asks whether any path is covered by both. It never answers a false no. `src/*.py` and `src/a*` overlap in
    `src/a.py`; `src/*.py` and `src/*/t` in `src/x.py/t`, for a directory may be called `x.py`; `src/*.py` and
    `src/a/*` do not, since `a` does not end in `.py`. A yes is false only where each common path is no folded text or
    is longer than a file system takes: lengths of names and paths are not looked at.

How
    A pattern is a row of steps, each one name or "any number of names"; a name is a row of characters or "any number
    of characters". Both questions are whether two such rows have a common reading, at both levels; `_meet` answers in
    one pass over sets of reachable places, kept as bits: no backtracking, work below length x length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any, TypeAlias

from lanewise.core.paths import BadPath, clean, fold, key, quoted, storable, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MAX_GLOB_LENGTH = 1024
MAX_GLOB_NAMES = 32
MAX_GLOBSTARS = 8
MAX_CLASS_WIDTH = 1024

Chars: TypeAlias = "tuple[tuple[int, int], ...]"  # ranges of code points, both ends in
Token: TypeAlias = "str | Chars | None"  # noqa: S105 - a character, one of several, or any number of any
Name: TypeAlias = "str | tuple[Token, ...]"  # a name, or what a name must look like

_DOT: Chars = ((46, 46),)
_NOT_DOT: Chars = ((1, 45), (48, 0x10FFFF))  # nor slash nor NUL
_ANY: Chars = ((1, 46), (48, 0x10FFFF))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of paths. A literal and a glob may have one key (`literal("*")`, `parse("*")`): both fields name it."""

    text: str  # as shown, safe to store; `parse` reads a glob's back to the same pattern
    key: str  # folded, no trailing slash; a glob's in a canonical form that needs no more folding; '' is the root
    anchor: str  # folded path that everything covered is at or below; a literal's is its key
    glob: bool


def literal(path: str) -> Pattern:
    """The path and everything below, whatever characters are in its name: `[id].vue` is a file."""
    path = clean(path)
    folded = key(path)
    return Pattern(storable(path), folded, folded, glob=False)


def parse(text: str) -> Pattern:
    """What a person or the settings mean by this text: a glob if it holds an unescaped `*`, `?` or `[`."""
    if not any(char in text for char in "*?[\\"):
        return literal(text)
    if any(mark in "*?[" for mark in _marks().findall(text)):
        return _glob(text)
    return literal(_unescaped(text))


def _glob(text: str) -> Pattern:
    if len(text) > MAX_GLOB_LENGTH:
        raise BadPath(f"The glob {quoted(text)} is longer than {MAX_GLOB_LENGTH} characters.")
    if ".." in text.split("/"):
        raise BadPath(f"The glob {quoted(text)} holds '..', which has no meaning beside a wildcard.")
    path = clean(text)
    if storable(path) != path:  # its text could be stored only as other text, and must be readable again
        raise BadPath(f"The glob {quoted(text)} holds a byte that is not UTF-8; write '*' in its place.")
    names = path.rstrip("/").split("/")
    if len(names) > MAX_GLOB_NAMES:
        raise BadPath(f"The glob {quoted(text)} is deeper than {MAX_GLOB_NAMES} names.")
    if names.count("**") > MAX_GLOBSTARS:
        raise BadPath(f"The glob {quoted(text)} holds '**' more than {MAX_GLOBSTARS} times.")
    # `**/**` is `**`: two rows of steps meet only in rows without neighbouring stars.
    folded = [_folded_name(name) for at, name in enumerate(names) if name != "**" or names[at - 1 : at] != ["**"]]
    canonical = "/".join(folded)
    steps = _glob_steps(canonical)
    if not all(_names_meet(name, name) for name in steps if name is not None):
        raise BadPath(f"The glob {quoted(text)} matches only '.' or '..', which are no names.")
    anchor = "/".join(takewhile(lambda name: isinstance(name, str), steps))  # type: ignore[arg-type]
    return Pattern(path, canonical, anchor, glob=True)


# --- the questions ---


def covers(pattern: Pattern, path: str) -> bool:
    """Is this clean path in the set?"""
    asked = key(path)
    if not pattern.glob or not _within(asked, pattern.anchor):
        return _within(asked, pattern.anchor)
    return _meet(_glob_steps(pattern.key), asked.split("/") if asked else [], _names_meet)


def overlap(a: Pattern, b: Pattern) -> bool:
    """Is any path in both sets?"""
    if not (_within(a.anchor, b.anchor) or _within(b.anchor, a.anchor)):
        return False
    if not (a.glob or b.glob):
        return True
    return _meet(_steps(a), _steps(b), _names_meet)


def probe_keys(pattern: Pattern) -> tuple[tuple[str, ...], str]:
    """Where every pattern that overlaps this one has its anchor: at one of these keys, or beginning with this prefix.

    The keys are the anchor and all above it, root included. A prefix that ends in '/' is the range up to the same text
    with '0' for its last character; '' is everything.
    """
    anchor = pattern.anchor
    if not anchor:
        return ("",), ""
    above = tuple(anchor[:at] for at, char in enumerate(anchor) if char == "/")
    return ("", *above, anchor), anchor + "/"


def specificity(pattern: Pattern) -> int:
    """Who owns a path that several cover: the longer anchor, then a literal, then more fixed characters."""
    fixed = len(pattern.key) - sum(map(pattern.key.count, "*?[]")) if pattern.glob else 0
    return ((len(pattern.anchor) * 2 + (not pattern.glob)) << 16) + min(fixed, 0xFFFF)


def _within(path: str, top: str) -> bool:
    return not top or path == top or path.startswith(top + "/")


# --- two rows with a common reading ---


def _meet(
    a: Sequence[Any],
    b: Sequence[Any],
    share: Callable[[Any, Any], bool],
    starts: Iterable[tuple[int, int]] = ((0, 0),),
) -> bool:
    """Can both rows be read to their ends side by side? None is any number of anything and has no None beside it."""
    stars = sum(1 << at for at, item in enumerate(b) if item is None)
    places: dict[Any, int] = {}
    for at, item in enumerate(b):
        if item is not None:
            places[item] = places.get(item, 0) | 1 << at
    reached = [0] * (len(a) + 1)  # for each place in a, the places in b one can be at, as bits
    for i, j in starts:
        reached[i] |= 1 << j
    for i, wanted in enumerate(a):
        row = reached[i]
        if wanted is None:  # stays or goes on, over any part of b
            reached[i + 1] |= -(row & -row) & ((2 << len(b)) - 1)
            continue
        row |= (row & stars) << 1
        fits = sum(spots for item, spots in places.items() if spots & row and share(wanted, item))
        reached[i + 1] |= (row & stars) | (row & fits) << 1
    end = reached[-1] | (reached[-1] & stars) << 1
    return bool(end >> len(b) & 1)


def _names_meet(a: Name, b: Name) -> bool:
    if isinstance(a, str):
        return a == b if isinstance(b, str) else _meet(b, a, _chars_meet)
    if isinstance(b, str):
        return _meet(a, b, _chars_meet)
    return _meet(a, b, _chars_meet, _after_dots(a, b))


def _after_dots(a: tuple[Token, ...], b: tuple[Token, ...]) -> set[tuple[int, int]]:
    # `?` and `.*` share only '.', which is no name: begin where the reading can no longer be '', '.' or '..'.
    starts: set[tuple[int, int]] = set()
    dots = {(0, 0)}
    for allowed in (_NOT_DOT, _NOT_DOT, _ANY):
        starts |= _after_one(dots, a, b, allowed)
        dots = _after_one(dots, a, b, _DOT)
    return starts


def _after_one(
    places: set[tuple[int, int]], a: tuple[Token, ...], b: tuple[Token, ...], allowed: Chars
) -> set[tuple[int, int]]:
    return {
        (i + (a[i] is not None), j + (b[j] is not None))
        for x, y in places
        for i in range(x, min(x + (a[x : x + 1] == (None,)) + 1, len(a)))
        for j in range(y, min(y + (b[y : y + 1] == (None,)) + 1, len(b)))
        if _common(_common(_chars(a[i]), _chars(b[j])), allowed)
    }


def _chars_meet(a: str | Chars, b: str | Chars) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    return bool(_common(_chars(a), _chars(b)))


def _chars(token: Token) -> Chars:
    if token is None:
        return _ANY
    return ((ord(token), ord(token)),) if isinstance(token, str) else token


def _common(a: Chars, b: Chars) -> Chars:
    pairs = ((max(low, other_low), min(high, other_high)) for low, high in a for other_low, other_high in b)
    return tuple((low, high) for low, high in pairs if low <= high)


# --- reading a glob ---


def _steps(pattern: Pattern) -> tuple[Name | None, ...]:
    if pattern.glob:
        return _glob_steps(pattern.key)
    return (*pattern.key.split("/"), None) if pattern.key else (None,)


@lru_cache(maxsize=1024)
def _glob_steps(canonical: str) -> tuple[Name | None, ...]:
    # Everything below is covered too, so each row ends in any number of names.
    steps = tuple(None if name == "**" else _compiled_name(name) for name in canonical.split("/"))
    return steps if steps[-1] is None else (*steps, None)


def _compiled_name(name: str) -> Name:
    lexemes = list(_lexemes(name))
    if all(kind == "" for kind, _ in lexemes):
        return "".join(text for _, text in lexemes)
    tokens: list[Token] = []
    for kind, text in lexemes:
        if kind == "[":
            tokens.append(_class(text))
        elif kind:
            tokens.append(None if kind == "*" else _ANY)
        else:
            tokens.extend(text)
    return tuple(tokens)


def _class(body: str) -> Chars:
    negated, spans = _spans(body)
    if not negated:
        return _common(tuple(spans), _ANY)
    edges = [-1, *(edge for low, high in spans for edge in (low, high)), 0x110000]
    gaps = ((low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True))
    return _common(tuple(gaps), _ANY)


def _folded_name(name: str) -> str:
    """The canonical form of one name of a glob: it means the same to `_compiled_name`, and all in it is folded."""
    if name == "**":
        return name
    lexemes = list(_lexemes(name))
    if all(kind == "" for kind, _ in lexemes):
        return escaped(fold("".join(text for _, text in lexemes)))
    folded: list[str] = []
    for kind, text in lexemes:
        part = escaped(fold(visible(text))) if not kind else _folded_class(text) if kind == "[" else kind
        if part and (part != "*" or folded[-1:] != ["*"]):  # stars may meet where an invisible character was
            folded.append(part)
    return "".join(folded)


def _folded_class(body: str) -> str:
    negated, spans = _spans(body)
    members = sorted({_folded_member(code) for low, high in spans for code in range(low, high + 1)})
    text = "!" if negated else ""
    low = members[0]
    for code, following in pairwise([*members, 0x110001]):
        if following != code + 1:
            text += _member(low) + (f"-{_member(code)}" if code > low else "")
            low = following
    return f"[{text}]"


def _folded_member(code: int) -> int:
    folded = fold(chr(code))
    if len(folded) != 1:
        raise BadPath(
            f"In brackets {quoted(chr(code))} cannot be used, for it is not one character when case is ignored."
        )
    return ord(folded)


def _member(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "[]\\-!^" else chr(code)


def _spans(body: str) -> tuple[bool, list[tuple[int, int]]]:
    negated = body[0] in "!^"
    members = re.findall(r"(?s)\\.|.", body[negated:])
    if ("[", ":") in pairwise(members):
        raise BadPath(f"Named classes as in {quoted(f'[{body}]')} are not known; write a range like '[a-z]'.")
    spans = []
    while members:
        low = high = ord(members.pop(0)[-1])
        if members[:1] == ["-"] and len(members) > 1:
            high = ord(members[1][-1])
            del members[:2]
        if not low <= high < low + MAX_CLASS_WIDTH:
            raise BadPath(
                f"A range in {quoted(f'[{body}]')} runs backwards or is wider than {MAX_CLASS_WIDTH} characters."
            )
        spans.append((low, high))
    return negated, spans


def _lexemes(name: str) -> Iterator[tuple[str, str]]:
    """Pairs of a kind ('*', '?', '[' or '' for plain text) and, for brackets and text, what they hold."""
    run = ""
    for lexeme in _lexer().findall(name):
        if lexeme[0] not in "*?[":
            run += lexeme[-1] if lexeme[0] == "\\" else lexeme
            continue
        if run:
            yield "", run
            run = ""
        if lexeme == "[":
            raise BadPath(f"In the glob name {quoted(name)} a '[' is never closed; write '\\[' for the character.")
        yield lexeme[0], lexeme[1:-1]
    if run:
        yield "", run


@cache
def _lexer() -> re.Pattern[str]:
    return re.compile(r"(?s)\\[*?\[\]\\]|\*+|\?|\[[!^]?+(?:\\.|[^\\])(?:\\.|[^\]\\])*+\]|\[|[^*?\[\\]+|\\")


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(r"\\[*?\[\]\\]|[*?\[]")


def _unescaped(text: str) -> str:
    return re.sub(r"\\([*?\[\]\\])", r"\1", text)


def escaped(text: str) -> str:
    """The text as part of a glob, all its characters ordinary ones."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)
