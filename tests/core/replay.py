"""The log read from its start: the tables as its changes leave them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lanewise.core.rows import load, ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.rows import Row


def replay(changes: Iterable[str]) -> dict[tuple[str, str], Row]:
    tables: dict[tuple[str, str], Row] = {}
    for text in changes:
        entry = json.loads(text)
        for table, key in entry["drop"]:
            tables.pop((table, key), None)
        for table, data in entry["put"]:
            row = load(table, data)
            tables[ref(row)] = row
    return tables
