from __future__ import annotations

import json
import os
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import path_corpus as corpus

from lanewise.core.paths import BadPath, clean, fold, is_git_internal, key, printable, storable, visible

laws = settings(max_examples=300, deadline=None)

# Letters that case, composition and byte escapes make trouble with, beside everything else.
TRICKY = (
    "aA/.\\-* \n\x1b\u0301\u0307\u0323\u0345\u034f"
    "\u00df\u0130\u0131\u03b1\u1fb3\u0390\u1e9e\u212a\u200b\u202e\udcc3\udca9\udcff"
)
texts = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=[])), max_size=30)
typed_paths = st.lists(st.one_of(st.sampled_from(["..", ".", "", "a", "..a"]), texts), max_size=6).map("/".join)


def cleaned_or_none(text: str) -> str | None:
    try:
        return clean(text)
    except BadPath:
        return None


def test_the_corpus_holds_two_hundred_cases():
    tables = (corpus.CLEANED, corpus.REFUSED, corpus.GIT_INTERNAL, corpus.SHOWN, corpus.ONE_FILE, corpus.TWO_FILES)
    assert sum(map(len, tables)) >= 200
    assert all(len(set(table)) == len(table) for table in tables)


@pytest.mark.parametrize(("typed", "cleaned"), corpus.CLEANED)
def test_a_path_has_one_spelling(typed, cleaned):
    assert clean(typed) == cleaned


@pytest.mark.parametrize(("typed", "why"), corpus.REFUSED)
def test_what_names_no_path_in_the_repository_is_refused_with_a_reason(typed, why):
    with pytest.raises(BadPath, match=why) as caught:
        clean(typed)
    message = str(caught.value)
    assert message.endswith(".")
    assert message.isprintable()
    assert len(message) <= 200


@pytest.mark.parametrize(("path", "internal"), corpus.GIT_INTERNAL)
def test_git_s_own_directory_is_known_in_every_disguise(path, internal):
    assert is_git_internal(path) is internal


@pytest.mark.parametrize(("text", "shown"), corpus.SHOWN)
def test_what_is_shown_is_visible_and_short(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(("one", "other"), corpus.ONE_FILE)
def test_names_of_one_file_have_one_key(one, other):
    assert key(clean(one)) == key(clean(other))


@pytest.mark.parametrize(("one", "other"), corpus.TWO_FILES)
def test_names_of_two_files_have_two_keys(one, other):
    assert key(clean(one)) != key(clean(other))


def test_the_root_s_key_is_empty_and_no_other_s_is():
    assert key("./") == ""
    assert key(clean("\u200b")) != ""
    assert key(clean("a/..")) == ""


def test_no_single_character_folds_into_structure_or_folds_twice():
    # A name must not gain a slash, a dot or a glob's mark by being compared, whatever letters it is made of.
    structure = set("/.*?[]\\\0")
    for start in range(0, sys.maxunicode + 1, 0x1000):
        block = [
            chr(code) for code in range(start, start + 0x1000) if not 0xD800 <= code < 0xE000 and visible(chr(code))
        ]
        folded = [fold(char) for char in block]
        assert [char for char, seen in zip(block, folded, strict=True) if structure & set(seen) - {char}] == []
        assert [seen for seen in folded if not seen.isascii() and fold(seen) != seen] == []


@laws
@given(texts)
def test_fold_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@laws
@given(texts)
def test_case_and_composition_never_change_a_key(text):
    whole = storable(text)  # half pairs have no other forms
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, whole)) == fold(text)
    assert fold(whole.casefold()) == fold(text)


@laws
@given(texts)
def test_invisible_characters_never_change_a_key(text):
    assert fold("a" + text) == fold("\u200ba\u2060" + text)
    assert visible(fold(text)) == fold(text)


@laws
@given(texts)
def test_folded_text_can_be_stored_and_sent(text):
    for form in (fold(text), storable(text), printable(text)):
        assert json.loads(json.dumps(form).encode()) == form
        form.encode()


@laws
@given(typed_paths)
def test_clean_is_idempotent(text):
    cleaned = cleaned_or_none(text)
    assert cleaned is None or clean(cleaned) == cleaned


@laws
@given(typed_paths)
def test_a_clean_path_never_leaves_the_repository(text):
    cleaned = cleaned_or_none(text)
    if cleaned is None or cleaned == "./":
        return
    assert not {"", ".", ".."} & set(cleaned.removesuffix("/").split("/"))
    assert not {"", ".", ".."} & set(key(cleaned).split("/"))
    # What the kernel would make of it, asked of somebody else's code.
    assert os.path.normpath(os.path.join("/repo", cleaned)).startswith("/repo/")


@laws
@given(typed_paths)
def test_clean_and_the_standard_library_agree_on_the_place(text):
    cleaned = cleaned_or_none(text)
    if cleaned is not None:
        raw = os.fsencode(text)
        assert os.path.normpath(os.fsencode(cleaned)) == os.path.normpath(raw)


@laws
@given(typed_paths)
def test_a_refusal_is_deserved(text):
    if cleaned_or_none(text) is not None:
        return
    half = any(0xD800 <= ord(char) < 0xDC80 or 0xDD00 <= ord(char) < 0xE000 for char in text)
    outside = os.path.normpath(os.path.join("x" * 9, text)).split("/")[0] != "x" * 9
    long = any(len(os.fsencode(name)) > 255 for name in text.split("/")) if not half else True
    assert half or outside or long or not text or "\0" in text


@laws
@given(texts, st.integers(0, 40))
def test_nothing_invisible_is_ever_shown(text, cap):
    shown = printable(text, cap)
    assert len(shown) <= cap
    assert visible(shown) == shown
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not hidden & {unicodedata.category(char) for char in shown}
    assert printable(shown, cap) == shown


@laws
@given(texts)
def test_a_refusal_shows_nothing_harmful(text):
    message = str(BadPath(f"{text} is wrong."))
    assert printable(message, 300) == message


@laws
@given(typed_paths, typed_paths)
def test_git_s_directory_is_found_anywhere_on_the_way(before, after):
    assert is_git_internal(f"{before}/.GiT\u200c. /{after}")
