"""Every way in which a raw TOML tree differs from the wanted types, one sentence each; it knows no setting by name.

msgspec stops at the first error and says it in terms of paths such as `$.lane[...]`. A person who edits a file wants
all mistakes at once, in the file's own words. So this walks the tree beside msgspec's description of the types. What a
type cannot say is a rule: `Meta(extra={"rule": f})`, where `f(value)` is a complaint such as `must be ...`, or nothing.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lanewise.settings_lines import Path

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "a table"),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that does not fit, and where it stands in the tree."""

    path: Path
    sentence: str


def mistakes_in(raw: object, wanted: Any) -> list[Mistake]:
    """All mistakes of a parsed TOML document that should have the shape of the Struct `wanted`."""
    return list(_walk(raw, inspect.type_info(wanted), (), "the file"))


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The tail of a sentence that names the nearest valid word, or all of them when none is near."""
    known = list(words)
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f'; did you mean "{folded[near[0]]}"?'
    return f"; the valid words are {listed(known, 'and')}"


def listed(words: Iterable[str], last: str) -> str:
    """Words in quotes as a sentence has them: `"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def shown(value: object) -> str:
    """A value as the file has it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _walk(value: object, info: inspect.Type, path: Path, label: str) -> Iterator[Mistake]:
    rule = None
    if isinstance(info, inspect.Metadata):
        rule = (info.extra or {}).get("rule")
        info = info.type
    found = list(_by_kind(value, info, path, label))
    yield from found
    if rule is not None and not found and (complaint := rule(value)):
        yield Mistake(path, f"{label} {complaint}")


def _by_kind(value: object, info: inspect.Type, path: Path, label: str) -> Iterator[Mistake]:
    match info:
        case inspect.StructType():
            yield from _struct(value, info, path)
        case inspect.DictType():
            yield from _mapping(value, info, path, label)
        case inspect.VarTupleType():
            yield from _list(value, info, path, label)
        case inspect.LiteralType():
            yield from _word(value, info, path, label)
        case _ if not isinstance(value, str):  # every other setting is text
            yield _wrong_kind(value, "text in quotes", path, label)


def _struct(value: object, info: inspect.StructType, path: Path) -> Iterator[Mistake]:
    label = f"[{_dotted(path)}]" if path else "the file"
    if not isinstance(value, dict):
        yield _wrong_kind(value, "a table", path, label)
        return
    fields = {field.encode_name: field for field in info.fields}
    for key, inner in value.items():
        if key in fields:
            inner_label = f"{label} {key}" if path else f"[{key}]"
            yield from _walk(inner, fields[key].type, (*path, key), inner_label)
        else:
            kind = "key" if path else "table"
            yield Mistake((*path, key), f'{label} has no {kind} "{key}"{did_you_mean(key, fields)}')
    for key, field in fields.items():
        if field.required and key not in value:
            yield Mistake(path, f'{label} needs "{key}"{_example(key, field.type)}')


def _mapping(value: object, info: inspect.DictType, path: Path, label: str) -> Iterator[Mistake]:
    if not isinstance(value, dict):
        yield _wrong_kind(value, "a table", path, label)
        return
    if not (info.min_length or 0) <= len(value) <= (info.max_length or len(value)):
        yield Mistake(path, f"{label} must have {info.min_length} to {info.max_length} tables, not {len(value)}")
    for key, inner in value.items():
        yield from _walk(key, info.key_type, (*path, key), f"[{_dotted((*path, key))}]" if len(path) == 1 else label)
        yield from _walk(inner, info.value_type, (*path, key), f"{label}.{key}")


def _list(value: object, info: inspect.VarTupleType, path: Path, label: str) -> Iterator[Mistake]:
    if not isinstance(value, list):
        hint = f"; write [{shown(value)}]" if isinstance(value, str) else ""
        yield Mistake(path, f"{label} must be a list, not {_kind(value)}{hint}")
        return
    if len(value) < (info.min_length or 0):
        yield Mistake(path, f"{label} must not be empty")
    for index, inner in enumerate(value):
        yield from _walk(inner, info.item_type, (*path, index), label)


def _word(value: object, info: inspect.LiteralType, path: Path, label: str) -> Iterator[Mistake]:
    words = [str(each) for each in info.values]
    if not isinstance(value, str):
        yield _wrong_kind(value, listed(words, "or"), path, label)
    elif value not in words:
        near = did_you_mean(value, words)
        tail = near if "did you mean" in near else ""  # the sentence lists the words already
        yield Mistake(path, f"{label} must be {listed(words, 'or')}, not {shown(value)}{tail}")


def _wrong_kind(value: object, wanted: str, path: Path, label: str) -> Mistake:
    return Mistake(path, f"{label} must be {wanted}, not {_kind(value)}")


def _kind(value: object) -> str:
    return next((word for kind, word in _KINDS if isinstance(value, kind)), "a date or time")


def _example(key: str, info: inspect.Type) -> str:
    examples = (info.extra_json_schema or {}).get("examples") if isinstance(info, inspect.Metadata) else None
    if not examples:
        return ""
    if isinstance(examples[0], dict):
        return f", for example [{key}.{next(iter(examples[0]))}]"
    return f", for example {key} = {shown(examples[0])}"


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)
