"""Laws of `docs/reference/settings.md`: it has every key, no other, and its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from lanewise import settings as subject
from lanewise.settings import Settings, parse_settings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def test_every_key_is_in_the_reference_with_meaning_and_example():
    text = REFERENCE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `\[([a-z]+)[^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    for table in msgspec.structs.fields(Settings):
        struct = subject.LaneTable if table.encode_name == "lane" else table.type
        for key in msgspec.structs.fields(struct):
            row = rf"^\| `{key.encode_name}` \| [^|]{{10,}} \| [^|]+ \| `[^|]+` \|$"
            assert re.search(row, sections[table.encode_name], re.MULTILINE), f"[{table.encode_name}] {key.encode_name}"


def test_the_reference_names_no_key_that_does_not_exist():
    text = REFERENCE.read_text(encoding="utf-8")
    tables = (subject.ProjectTable, subject.LaneTable, subject.SharedTable, subject.LeaseTable, subject.HaltTable)
    known = {field.encode_name for table in tables for field in msgspec.structs.fields(table)}
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == known


def test_the_examples_in_the_reference_are_settings():
    text = REFERENCE.read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        parse_settings(block)
    for example in re.findall(r"^\| `\w+` \| .* \| `(\w+ = [^|]+)` \|$", text, re.MULTILINE):
        key = example.split()[0]
        table = next(t for t, keys in _keys().items() if key in keys)
        whole = f"[{table}]\n{example}\n" + ("" if table == "lane.x" else '[lane.x]\ndomain = ["x"]\n')
        parse_settings(whole if key == "domain" or table != "lane.x" else f'{whole}domain = ["x"]\n')


def _keys() -> dict[str, set[str]]:
    structs = {
        "project": subject.ProjectTable,
        "lane.x": subject.LaneTable,
        "shared": subject.SharedTable,
        "lease": subject.LeaseTable,
        "halt": subject.HaltTable,
    }
    return {name: {field.encode_name for field in msgspec.structs.fields(each)} for name, each in structs.items()}
