from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import path_corpus as corpus

from lanewise.core.paths import BadPath, clean, key
from lanewise.core.pattern import Pattern, covers, escaped, literal, overlap, parse, probe_keys, specificity

laws = settings(max_examples=300, deadline=None)

# --- an oracle that shares no code with the product: each part is (glob text, regular expression) ---

CHARACTERS = (("a", "a"), ("b", "b"), (".", r"\."), ("A", "a"))
WILDCARDS = (("*", ".*"), ("?", "."), ("[ab]", "[ab]"), ("[!a]", "[^a]"), ("[.-a]", "[.-a]"), ("[^.]", "[^.]"))
PARTS = CHARACTERS + WILDCARDS
# Two names of two fixed characters each have a common reading of four at most, five where '.' and '..' are ruled out.
NAMES = ["".join(word) for size in range(1, 6) for word in product("ab.", repeat=size)]
NAMES = [name for name in NAMES if name not in {".", ".."}]


@st.composite
def names(draw: st.DrawFn) -> tuple[str, str]:
    parts = draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4))
    fixed = [at for at, part in enumerate(parts) if part[0] != "*"]
    kept = [part for at, part in enumerate(parts) if at not in fixed[2:]]
    return "".join(text for text, _ in kept), "".join(expression for _, expression in kept)


@cache
def read_by(expression: str) -> frozenset[str]:
    wanted = re.compile(expression, re.DOTALL | re.IGNORECASE)
    return frozenset(name for name in NAMES if wanted.fullmatch(name))


# For rows of names: every two of these that share a name share one of `FEW`. (`[!a]` and `[!b]` need a third letter.)
STEPS = (
    ("**", None),
    ("a", "a"),
    ("b", "b"),
    ("*", ".*"),
    ("a*", "a.*"),
    ("*b", ".*b"),
    ("?", "."),
    ("[!a]", "[^a]"),
    ("[!b]", "[^b]"),
)
FEW = ("a", "b", "c", "ab")
# Two rows of two names each have a common path of four names at most.
PATHS = [path for depth in range(5) for path in product(FEW, repeat=depth)]


@st.composite
def rows(draw: st.DrawFn) -> tuple[tuple[str, str | None], ...]:
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
    fixed = [at for at, step in enumerate(steps) if step[1] is not None]
    return tuple(step for at, step in enumerate(steps) if at not in fixed[2:])


def is_covered(steps: tuple[tuple[str, str | None], ...], path: tuple[str, ...]) -> bool:
    if not steps:
        return True  # all below is covered too
    expression = steps[0][1]
    if expression is None:
        return any(is_covered(steps[1:], path[at:]) for at in range(len(path) + 1))
    return bool(path) and re.fullmatch(expression, path[0]) is not None and is_covered(steps[1:], path[1:])


@cache
def covered_by(steps: tuple[tuple[str, str | None], ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(path for path in PATHS if is_covered(steps, path))


def row_pattern(steps: tuple[tuple[str, str | None], ...]) -> Pattern:
    return parse("/".join(text for text, _ in steps))


def parse_or_none(text: str) -> Pattern | None:
    try:
        return parse(text)
    except BadPath:
        return None


# --- the corpus ---


def test_a_pattern_corpus_holds_a_hundred_cases():
    assert len(corpus.COVERS) + len(corpus.OVERLAPS) + len(corpus.BAD_GLOBS) >= 100


@pytest.mark.parametrize(("text", "path", "covered"), corpus.COVERS)
def test_a_pattern_covers_what_its_text_says(text, path, covered):
    assert covers(parse(text), clean(path)) is covered


@pytest.mark.parametrize(("a", "b", "shared"), corpus.OVERLAPS)
def test_two_patterns_overlap_where_a_path_is_in_both(a, b, shared):
    assert overlap(parse(a), parse(b)) is shared
    assert overlap(parse(b), parse(a)) is shared


@pytest.mark.parametrize(("text", "why"), corpus.BAD_GLOBS)
def test_a_glob_without_meaning_is_refused_with_a_reason(text, why):
    with pytest.raises(BadPath, match=re.escape(why)) as caught:
        parse(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("path", [typed for typed, _ in corpus.CLEANED])
def test_a_literal_covers_exactly_its_path_and_below(path):
    pattern = literal(path)
    assert not pattern.glob
    assert pattern.anchor == pattern.key == key(clean(path))
    assert covers(pattern, clean(path))
    if 0 < len(pattern.key) < 250:
        top = clean(path).rstrip("/")
        assert covers(pattern, f"{top}/below")
        assert not covers(pattern, f"{top}-beside")


def test_a_file_and_a_directory_of_one_name_are_one_claim():
    assert literal("src").key == literal("src/").key
    assert overlap(literal("src"), literal("src/"))
    assert literal("./").key == ""


@pytest.mark.parametrize("name", ["[id].vue", "(x)*", "what?", "*", "**", "a[", "\\*", "[[:x:]]", "[z-a]"])
def test_a_file_may_be_called_like_a_glob(name):
    pattern = literal(name)
    assert covers(pattern, name)
    assert not covers(pattern, "i.vue")
    assert not covers(pattern, "x")
    assert pattern.text == name
    escaped = parse(re.sub(r"([*?\[\]\\])", r"\\\1", name))
    assert (escaped.key, escaped.glob, escaped.text) == (pattern.key, False, name)


def test_limits_are_where_they_are_said_to_be():
    assert parse("/".join(["a" * 200] * 5) + "/" + "b" * 18 + "*").glob  # 1024 characters
    assert parse("/".join(["**", "a"] * 8)).glob
    assert parse("/".join(["a"] * 31) + "/*").glob
    assert covers(parse("[\u4e00-\u51ff]"), "\u5000")
    assert not literal("a*/" * 100).glob


def test_the_anchor_is_the_last_directory_before_a_wildcard():
    shown = {
        "src/app/*.py": "src/app",
        "SRC/**": "src",
        "*": "",
        "**/a": "",
        "a/[bc]/d": "a",
        "a/\\*x/y/?": "a/*x/y",
        "src/a*": "src",
    }
    assert {text: parse(text).anchor for text in shown} == shown


def test_undecodable_bytes_can_be_stored_in_every_field():
    pattern = literal("a\udcff")
    for field in (pattern.text, pattern.key, pattern.anchor):
        field.encode()


# --- exactness, by brute force ---


@laws
@given(names())
def test_a_name_covers_what_its_regular_expression_reads(name):
    text, expression = name
    pattern = parse_or_none(text)
    if pattern is None or pattern.key == "":  # '.', '..', or a glob that reads nothing else: no names
        assert not read_by(expression)
        return
    assert {name for name in NAMES if covers(pattern, name)} == read_by(expression)


@laws
@given(names(), names())
def test_two_names_overlap_exactly_when_some_name_is_read_by_both(a, b):
    first, second = parse_or_none(a[0]), parse_or_none(b[0])
    if first is None or second is None or "" in {first.key, second.key}:
        return
    assert overlap(first, second) == bool(read_by(a[1]) & read_by(b[1]))


@laws
@given(rows())
def test_a_row_covers_what_its_names_read_and_all_below(steps):
    pattern = row_pattern(steps)
    assert {path for path in PATHS if covers(pattern, "/".join(path))} == covered_by(steps)


@laws
@given(rows(), rows())
def test_two_rows_overlap_exactly_when_some_path_is_covered_by_both(a, b):
    assert overlap(row_pattern(a), row_pattern(b)) == bool(covered_by(a) & covered_by(b))


# --- laws ---

letters = st.text(st.sampled_from("aB.\u00e9\u0301\u00df\u200b\udcff[]*?\\!-~ \n"), min_size=1, max_size=6)
real_paths = st.lists(letters.filter(lambda name: name not in {".", ".."}), min_size=1, max_size=5).map("/".join)


@st.composite
def globs_over(draw: st.DrawFn, path: str) -> Pattern:
    """A glob made out of a path by blurring its key: it must cover that path."""
    blurred = []
    for name in key(clean(path)).split("/"):
        marks = draw(st.lists(st.sampled_from("=?*#"), min_size=len(name), max_size=len(name)))
        text = "".join(_blurred(char, mark) for char, mark in zip(name, marks, strict=True))
        blurred.append(draw(st.sampled_from([text, text, "*", "**"])))
        if blurred.count("**") < 3 and draw(st.booleans()):  # five names and these stay within the limit
            blurred.append("**")
    kept = blurred[: draw(st.integers(1, len(blurred)))]
    return parse("/".join(kept))


def _blurred(char: str, mark: str) -> str:
    escaped = f"\\{char}" if char in "*?[]\\" else char
    if mark == "#" and char.isascii():
        return f"[\\{char}z]"
    return {"=": escaped, "#": escaped}.get(mark, mark)


@laws
@given(st.data(), real_paths)
def test_what_two_patterns_cover_they_overlap_in(data, path):
    a, b = data.draw(globs_over(path)), data.draw(globs_over(path))
    assert covers(a, clean(path))
    assert covers(b, clean(path))
    assert overlap(a, b)
    assert overlap(a, literal(path))
    assert overlap(literal(path), b)


any_pattern = st.one_of(
    rows().map(row_pattern),
    real_paths.map(literal),
    st.sampled_from([parse(text) for text in {text for a, b, _ in corpus.OVERLAPS for text in (a, b)}]),
    st.lists(st.sampled_from(["a", "b", "a b", "ab", "a0", "A", "a*", "*", "?b"]), min_size=1, max_size=3)
    .map("/".join)
    .map(parse),
)


@laws
@given(any_pattern, any_pattern)
def test_overlap_is_symmetric(a, b):
    assert overlap(a, b) == overlap(b, a)


@laws
@given(any_pattern)
def test_a_pattern_overlaps_itself_and_the_root(pattern):
    assert overlap(pattern, pattern)
    assert overlap(pattern, literal("./"))


@laws
@given(any_pattern, any_pattern)
def test_an_index_lookup_finds_every_overlapping_pattern(stored, asked):
    exact, prefix = probe_keys(asked)
    if overlap(asked, stored):
        assert stored.anchor in exact or stored.anchor.startswith(prefix)


@laws
@given(any_pattern, real_paths)
def test_everything_covered_is_at_or_below_the_anchor(pattern, path):
    if covers(pattern, clean(path)):
        assert covers(Pattern(pattern.text, pattern.anchor, pattern.anchor, glob=False), clean(path))


def test_probe_keys_are_the_anchor_and_all_above_it():
    assert probe_keys(parse("src/app/*.py")) == (("", "src", "src/app"), "src/app/")
    assert probe_keys(literal("a")) == (("", "a"), "a/")
    assert probe_keys(literal("./")) == (("",), "")
    assert probe_keys(parse("**/x")) == (("",), "")


@laws
@given(any_pattern)
def test_a_stored_key_means_what_it_meant(pattern):
    if pattern.glob:
        again = parse(pattern.key)
        assert (again.key, again.anchor, again.glob) == (pattern.key, pattern.anchor, True)
        assert parse(pattern.text) == pattern


@laws
@given(letters, letters)
def test_a_canonical_glob_stays_canonical(before, after):
    pattern = parse_or_none(f"{before}*{after}")
    if pattern is not None and pattern.glob:
        assert parse(pattern.key).key == pattern.key
        assert parse(pattern.text) == pattern


@laws
@given(letters)
def test_an_escaped_name_is_that_name_only(name):
    folded = key(clean(f"x{name}"))
    pattern = parse(f"{escaped(folded)}/*")
    assert pattern.anchor == folded
    assert overlap(pattern, literal(folded))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a/**/**/b", "a/**/b"),
        ("a***b", "a*b"),
        ("*\u200b*x", "*x"),
        ("\\**", "\\**"),
        ("[cba]", "[a-c]"),
        ("[^A-C!]*", "[!\\!a-c]*"),
        ("./A//*/", "a/*"),
    ],
)
def test_spellings_of_one_set_have_one_key(text, canonical):
    assert parse(text).key == canonical


def test_the_nearer_domain_owns_a_path():
    order = ["./", "src/*", "src/*.py", "src", "src/a/**", "src/a", "src/a/b.py"]
    ranks = [specificity(parse(text)) for text in order]
    assert specificity(parse("*")) > specificity(parse("**/*")) - (1 << 16)
    assert ranks == sorted(set(ranks))


def test_a_hostile_glob_is_answered_at_once():
    # With backtracking either of these takes longer than the universe has.
    stars = parse("*a" * 100 + "*c")
    assert not covers(stars, "a" * 255)
    assert not overlap(stars, parse("*a" * 100 + "*b"))
    deep = parse("/".join(["**", "*a*a"] * 8 + ["c"]))
    assert not covers(deep, "/".join(["aa"] * 1000))
    assert overlap(deep, parse("/".join(["**", "*a*b"] * 8 + ["d"])))
