from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise.core.halt import Halt
from lanewise.core.lease import Lease
from lanewise.core.rows import (
    BY_NAME,
    BY_TYPE,
    TABLES,
    HighWater,
    Overlap,
    Place,
    Replied,
    Revision,
    Row,
    changes,
    dump,
    load,
    ref,
    reply_key,
)
from lanewise.core.session import Notice, Session

laws = settings(max_examples=200, deadline=None)

text = st.text(max_size=20)
number = st.integers(1, 2**53)
seconds = st.floats(0, 2e9)
texts = st.lists(text, max_size=3).map(tuple)
BY_FIELD = {"str": text, "int": number, "float": seconds, "bool": st.booleans(), "tuple[str, ...]": texts}


def rows_of(kind):
    drawn = {item.name: BY_FIELD.get(str(item.type), text) for item in fields(kind)}
    return st.builds(kind, **drawn)


any_row = st.one_of([rows_of(table.type) for table in TABLES])


def test_every_kind_of_row_has_one_table():
    assert {table.type for table in TABLES} == set(get_args(Row))
    assert len({table.name for table in TABLES}) == len(TABLES)
    assert all(BY_NAME[table.name] is table and BY_TYPE[table.type] is table for table in TABLES)


@laws
@given(any_row)
def test_a_row_comes_back_from_json_as_it_was(row):
    assert load(ref(row)[0], json.loads(json.dumps(dump(row)))) == row


@laws
@given(any_row, text)
def test_changes_hold_every_put_row_and_every_dropped_key(row, key):
    entry = json.loads(changes((row,), (("leases", key),)))
    assert [load(table, data) for table, data in entry["put"]] == [row]
    assert entry["drop"] == [["leases", key]]


@pytest.mark.parametrize("bad", ["\ud83d", "a\udcffb", "\ud83d\ude00"])
def test_text_that_no_store_takes_is_spelled_out(bad):
    data = dump(Notice(1, "backend", bad, 0.0))
    data["text"].encode()
    assert load("notices", data).text == data["text"]


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (HighWater("src/a.py", 7), "src/a.py"),
        (Revision(3, "{}", 0.0), "3"),
        (Place("backend", "/w", "b", "ready"), "backend"),
        (Replied("s", "c", "", 0.0), reply_key("s", "c")),
        (Halt("all", "human", "", "", 0.0), "all"),
        (Notice(4, "backend", "", 0.0), "4"),
    ],
)
def test_a_rows_key_is_made_of_the_row(row, key):
    assert ref(row) == (BY_TYPE[type(row)].name, key)


def test_two_tool_calls_and_two_overlaps_never_share_a_key():
    assert ref(Replied("a", "b\nc", "", 0.0)) != ref(Replied("a\nx", "c", "", 0.0))
    assert ref(Overlap("a", ("b", "c"), 0.0)) != ref(Overlap("a", ("b",), 0.0))


def test_tables_name_what_they_keep():
    assert (BY_NAME["leases"].type, BY_NAME["sessions"].type) == (Lease, Session)
