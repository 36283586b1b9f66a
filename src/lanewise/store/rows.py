"""How rows of `core` lie in SQL columns: one text key, then the row's fields in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lanewise.core.paths import storable
from lanewise.core.rows import BY_TYPE, TABLES, dump, names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.core.rows import Row


def _columns(kind: type[Any], *before: str) -> str:
    return ", ".join(f'"{name}"' for name in (*before, *names(kind)))


#: The statement that puts a row, by its type.
PUT: Mapping[type[Any], str] = {
    table.type: f"INSERT OR REPLACE INTO {table.name} ({_columns(table.type, 'key_')}) "
    f"VALUES ({', '.join('?' * (len(names(table.type)) + 1))})"
    for table in TABLES
}
#: The start of a statement that reads rows, by their type.
SELECT: Mapping[type[Any], str] = {table.type: f"SELECT {_columns(table.type)} FROM {table.name}" for table in TABLES}


def to_columns(row: Row) -> list[object]:
    """Key and fields; tuples as JSON, booleans as 0 and 1."""
    values = dump(row).values()
    return [storable(BY_TYPE[type(row)].key(row)), *(json.dumps(v) if isinstance(v, tuple) else v for v in values)]


def from_columns(kind: type[Any], values: tuple[Any, ...]) -> Any:
    """The row whose fields were read in order."""
    tuples, booleans = _SPECIAL[kind]
    fixed = list(values)
    for index in tuples:
        fixed[index] = tuple(json.loads(fixed[index]))
    for index in booleans:
        fixed[index] = bool(fixed[index])
    return kind(*fixed)


def _special(kind: type[Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which fields are tuples, which are booleans; annotations are text, so they are compared as text."""
    hints = [str(kind.__dataclass_fields__[name].type) for name in names(kind)]
    tuples = tuple(index for index, hint in enumerate(hints) if hint.startswith("tuple"))
    booleans = tuple(index for index, hint in enumerate(hints) if hint == "bool")
    return tuples, booleans


_SPECIAL = {table.type: _special(table.type) for table in TABLES}
