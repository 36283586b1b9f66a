"""Laws of `lanewise.toml`: what it means, and how each mistake in it is said."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise import settings as subject
from lanewise.settings import (
    Duration,
    Settings,
    SettingsTrouble,
    commands_hash,
    json_schema,
    load_settings,
    parse_settings,
)

WHOLE = """\
[project]
name = "naga"
main = "trunk"
policy = "calm"

[lane.backend]
domain = ["backend/**", "libs/shared/api-types/**"]
branch = "feature/backend/enrollment"
worktree = "../naga-monorepo-backend"
client = "codex"
good_at = ["Django models"]
copy = [".env"]
setup = ["python3 -m venv .venv"]
services = ["django:8000"]
env = { DJANGO_DEBUG = "1" }

[lane.frontend]
domain = ["frontend/**"]

[shared]
paths = ["package.json", "nx.json"]

[lease]
ttl = "1h30m"
delay = "5s"

[halt]
same_file = "note"
"""
LEAST = '[lane.backend]\ndomain = ["backend/**"]\n'


def mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsTrouble) as caught:
        parse_settings(text)
    return caught.value.mistakes


def mistake(text: str) -> str:
    (only,) = mistakes(text)
    return only


def test_every_key_arrives_as_it_was_written():
    found = parse_settings(WHOLE)
    backend = found.lanes["backend"]
    assert (found.project.name, found.project.main, found.project.policy) == ("naga", "trunk", "calm")
    assert backend.domain == ("backend/**", "libs/shared/api-types/**")
    assert (backend.branch, backend.worktree) == ("feature/backend/enrollment", "../naga-monorepo-backend")
    assert (backend.client, backend.good_at, backend.copy) == ("codex", ("Django models",), (".env",))
    assert (backend.setup, backend.services) == (("python3 -m venv .venv",), ("django:8000",))
    assert backend.env == {"DJANGO_DEBUG": "1"}
    assert found.shared.paths == ("package.json", "nx.json")
    assert (found.lease.ttl.seconds, found.lease.delay.seconds) == (5400.0, 5.0)
    assert found.halt.same_file == "note"


def test_one_lane_with_a_domain_is_enough():
    found = parse_settings(LEAST)
    assert (found.project.main, found.project.policy, found.lanes["backend"].client) == ("main", "calm", "claude")
    assert (found.lease.ttl, found.lease.delay, found.halt.same_file) == ("30m", "15s", "warn")


def test_branch_and_worktree_are_named_after_the_lane_unless_they_are_given():
    least, whole = parse_settings(LEAST), parse_settings(WHOLE)
    assert least.branch_of("backend") == "feature/backend/start"
    assert least.worktree_of("backend", "naga") == "../naga-backend"
    assert whole.branch_of("backend") == "feature/backend/enrollment"
    assert whole.worktree_of("backend", "x") == "../naga-monorepo-backend"


def test_a_lane_may_stay_in_the_main_worktree():
    assert parse_settings(LEAST + 'worktree = "."\n').worktree_of("backend", "naga") == "."


def test_the_seed_policy_halts_on_the_same_file_unless_told_otherwise():
    seed = LEAST + '[project]\npolicy = "seed"\n'
    assert parse_settings(seed).halt.same_file == "halt"
    assert parse_settings(seed + '[halt]\nsame_file = "note"\n').halt.same_file == "note"
    assert parse_settings(seed + "[halt]\n").halt.same_file == "halt"


def test_settings_survive_as_plain_values():
    found = parse_settings(WHOLE)
    plain = json.loads(json.dumps(msgspec.to_builtins(found, enc_hook=str)))
    assert plain["lease"]["ttl"] == "1h30m"
    assert msgspec.convert(plain, Settings, dec_hook=lambda kind, value: kind(value)) == found


def test_a_misspelt_key_is_said_with_its_line_and_the_nearest_word():
    text = '[project]\n\n[lane.backend]\ndomain = ["backend/**"]\n# a comment\n\ndomian = ["x"]\n'
    assert mistake(text) == 'lanewise.toml:7: [lane.backend] has no key "domian"; did you mean "domain"?'


def test_the_source_named_by_the_caller_stands_in_the_sentence():
    with pytest.raises(SettingsTrouble, match=r"^there\.toml:1: "):
        parse_settings("x = 1", source="there.toml")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, 'the file needs "lane", for example [lane.backend]'),
        ("[lane]\n", 1, "[lane] must have 1 to 50 tables, not 0"),
        ("lane = 3", 1, "[lane] must be a table, not a number"),
        ("[lane]\nbackend = true\n", 2, "[lane.backend] must be a table, not true or false"),
        ("\n[lane.x]\n", 2, '[lane.x] needs "domain", for example domain = ["backend/**"'),
        ("[lane.x]\ndomain = []", 2, "[lane.x] domain must not be empty"),
        ('[lane.x]\ndomain = "a"', 2, '[lane.x] domain must be a list, not text; write ["a"]'),
        ('[lane.x]\ndomain = ["a",\n# why\n3]', 4, "[lane.x] domain must be text in quotes, not a number"),
        ('[lane.x]\ndomain = [\n"a",\n"/b"]', 4, 'must be relative to the repository, as "/b" is not'),
        ('[lane.x]\ndomain = ["~/b"]', 2, "must be relative to the repository"),
        ('[lane.x]\ndomain = ["C:/b"]', 2, "must be relative to the repository"),
        ('[lane.x]\ndomain = ["a/../../b"]', 2, "must stay inside the repository"),
        ("[lane.x]\ndomain = ['a\\b']", 2, "must use / between folders"),
        ('[lane.x]\ndomain = [" "]', 2, "must name a path"),
        ('[lane.x]\ndomain = [".git/hooks"]', 2, "must not reach into .git"),
        (LEAST + '[shared]\npaths = ["../x"]', 4, "[shared] paths must stay inside the repository"),
        (LEAST + 'copy = ["/etc/x"]', 3, "[lane.backend] copy must be relative to the repository"),
        (LEAST + 'setup = ["a\\nb"]', 3, "[lane.backend] setup must be one line of text"),
        (LEAST + 'branch = "a b"', 3, "[lane.backend] branch must be a name that git takes for a branch"),
        (LEAST + 'branch = ""', 3, "[lane.backend] branch must be a name that git takes for a branch"),
        (LEAST + 'worktree = ""', 3, "[lane.backend] worktree must be one line of text"),
        (LEAST + 'client = "cluade"', 3, 'not "cluade"; did you mean "claude"?'),
        (LEAST + 'services = ["django"]', 3, 'must be a name and a port such as "django:8000", not "django"'),
        (LEAST + 'services = ["django:70000"]', 3, 'not "django:70000"'),
        (LEAST + 'env = { "A-B" = "1" }', 3, "must name a variable"),
        (LEAST + "env = { A = 1 }", 3, "[lane.backend] env.A must be text in quotes, not a number"),
        (LEAST + 'env = { A = "\\u0000" }', 3, "[lane.backend] env.A must not hold a NUL character"),
        (LEAST + '[project]\npolicy = "seeds"', 4, 'must be "calm" or "seed", not "seeds"; did you mean "seed"?'),
        (LEAST + "[project]\nname = 1979-05-27", 4, "[project] name must be text in quotes, not a date or time"),
        (LEAST + '[lease]\nttl = "soon"', 4, '[lease] ttl must be a duration such as "30m"'),
        (LEAST + "[lease]\nttl = 30", 4, "[lease] ttl must be text in quotes, not a number"),
        (LEAST + '[lease]\nttl = "59s"', 4, '[lease] ttl must be between 1m and 24h, not "59s"'),
        (LEAST + '[lease]\nttl = "24h1s"', 4, "[lease] ttl must be between 1m and 24h"),
        (LEAST + '[lease]\ndelay = "61s"', 4, "[lease] delay must be between 0s and 60s"),
        (LEAST + '[halt]\nsame_file = "stop"', 4, '[halt] same_file must be "halt", "note" or "warn", not "stop"'),
        (LEAST + "[halts]\n", 3, 'the file has no table "halts"; did you mean "halt"?'),
        (LEAST + "[contract.api]\n", 3, 'the file has no table "contract"; the valid words are "project", "lane"'),
        (LEAST + "[[shared]]\n", 3, "[shared] must be a table, not a list"),
        ('[lane.Back]\ndomain = ["a"]', 1, "[lane.Back] must be named with small letters"),
        ('[lane.1a]\ndomain = ["a"]', 1, "[lane.1a] must be named with small letters"),
        (f'[lane.{"a" * 33}]\ndomain = ["a"]', 1, "must be named with small letters"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(text, line, words):
    said = mistake(text)
    assert said.startswith(f"lanewise.toml:{line}: ")
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize("name", subject.rules.RESERVED_LANES)
def test_a_word_with_another_meaning_names_no_lane(name):
    assert f"[lane.{name}] is a word with another meaning" in mistake(f'[lane.{name}]\ndomain = ["a"]')


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines():
    text = '[project]\nnam = "x"\n[lane.a]\ndomian = ["a"]\n[lease]\nttl = "1s"\ndelay = 3\n'
    told = mistakes(text)
    assert [int(said.split(":")[1]) for said in told] == [2, 3, 4, 6, 7]
    with pytest.raises(SettingsTrouble) as caught:
        parse_settings(text)
    assert caught.value.message.splitlines() == list(told)
    assert (caught.value.exit, caught.value.code) == (2, "settings")


def test_two_lanes_cannot_have_one_branch_or_one_worktree():
    text = '[lane.a]\ndomain = ["a"]\n{0}\n[lane.b]\ndomain = ["b"]\n{0}\n'
    for line in ('branch = "x"', 'worktree = "."'):
        key = line.split()[0]
        assert f"lanewise.toml:6: [lane.b] {key} must differ from that of [lane.a]" in mistake(text.format(line))


def test_fifty_lanes_are_the_most():
    lanes = [f'[lane.l{number}]\ndomain = ["d{number}/**"]\n' for number in range(51)]
    assert len(parse_settings("".join(lanes[:50])).lanes) == 50
    assert "not 51" in mistake("".join(lanes))


def test_an_escaped_wildcard_is_an_ordinary_path():
    assert parse_settings("[lane.x]\ndomain = ['app/\\[id\\]/**']").lanes["x"].domain == ("app/\\[id\\]/**",)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = \n", 1), ("\n\n[lane\n", 3), ("x = 1\nx = 2\n", 2), ("\n\nx = '", 3), ("x = " + "[" * 9999, 1)],
)
def test_what_is_not_toml_is_said_with_its_line(text, line):
    assert mistake(text).startswith(f"lanewise.toml:{line}: this is not TOML: ")


def test_lines_are_right_whatever_way_the_toml_is_written():
    text = (
        "# [lane.fake]\n"
        'project.main = """tr#unk"""\n'
        "[lane]\n"
        '"b".domain = [ # ]\n'
        "  'a/**', [\"x\"],\n"
        '  "b]", # "\n'
        "  { c = 1 },\n"
        "]\n"
        "b.env = { A = '''\n"
        "=]''', B = 2 }\n"
        "[ lane . 'c' ]\n"
        "domian = 1\n"
    )
    lines = [int(said.split(":")[1]) for said in mistakes(text)]
    assert lines == [5, 7, 10, 11, 12]


def test_lines_are_right_with_windows_line_ends():
    assert mistake(LEAST.replace("\n", "\r\n") + '\r\nclient = "x"\r\n').startswith("lanewise.toml:4: ")


def test_a_file_is_read_from_disk_and_called_by_its_name(tmp_path):
    file = tmp_path / "lanewise.toml"
    file.write_text(WHOLE, encoding="utf-8")
    assert load_settings(file) == parse_settings(WHOLE)
    file.write_text("x = 1", encoding="utf-8")
    with pytest.raises(SettingsTrouble, match=r"^lanewise\.toml:1: "):
        load_settings(str(file))


def test_a_missing_file_points_to_init(tmp_path):
    with pytest.raises(SettingsTrouble) as caught:
        load_settings(tmp_path / "lanewise.toml")
    assert caught.value.hint == "lanewise init"


def test_a_file_that_is_no_text_is_a_mistake_not_a_crash(tmp_path):
    file = tmp_path / "lanewise.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsTrouble, match="UTF-8"):
        load_settings(file)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800.0), ("15s", 15.0), ("1h30m", 5400.0), ("2h0m1s", 7201.0), ("0s", 0.0)]
)
def test_a_duration_counts_in_seconds_and_keeps_its_text(text, seconds):
    assert Duration(text).seconds == seconds
    assert Duration(text) == text


@pytest.mark.parametrize("text", ["", "30", "m", "30 m", "1m1h", "-1s", "1.5h", "٣m", "9" * 400 + "h", "1m\n"])
def test_what_is_no_duration_has_no_seconds(text):
    with pytest.raises(ValueError, match="not a duration"):
        _ = Duration(text).seconds
    assert "must be a duration" in mistake(f"{LEAST}[lease]\nttl = {json.dumps(text)}")


def test_the_hash_follows_the_commands_and_the_environment_only():
    base = commands_hash(parse_settings(WHOLE))
    assert re.fullmatch(r"[0-9a-f]{64}", base)
    assert commands_hash(parse_settings(WHOLE.replace('"Django models"', '"x"').replace("1h30m", "2h"))) == base
    assert commands_hash(parse_settings(WHOLE.replace(".venv", "venv"))) != base
    assert commands_hash(parse_settings(WHOLE.replace('DEBUG = "1"', 'DEBUG = "2"'))) != base


def test_the_hash_does_not_depend_on_the_order_of_the_lanes():
    one = '[lane.a]\ndomain = ["a"]\nsetup = ["x", "y"]\n'
    two = '[lane.b]\ndomain = ["b"]\nsetup = ["z"]\n'
    assert commands_hash(parse_settings(one + two)) == commands_hash(parse_settings(two + one))


def test_the_hash_tells_where_a_command_ends_and_whose_it_is():
    def lanes(first: str, second: str) -> str:
        text = f'[lane.a]\ndomain = ["a"]\nsetup = [{first}]\n[lane.b]\ndomain = ["b"]\nsetup = [{second}]\n'
        return commands_hash(parse_settings(text))

    hashes = {lanes('"x", "y"', ""), lanes('"x"', '"y"'), lanes('"x y"', ""), lanes('"y", "x"', "")}
    assert len(hashes) == 4


def test_the_schema_is_closed_and_describes_every_key():
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    json.dumps(schema)
    for name, table in schema["$defs"].items():
        assert table["additionalProperties"] is False, name
        assert table["description"]
        for key, value in table["properties"].items():
            target = schema["$defs"][value["$ref"].removeprefix("#/$defs/")] if "$ref" in value else value
            assert target.get("description"), f"{name}.{key}"


def test_the_schema_refers_to_nothing_outside_itself():
    schema = json_schema()
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema)):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def test_the_defaults_in_the_schema_are_those_of_the_types():
    plain = msgspec.to_builtins(parse_settings(LEAST), enc_hook=str)
    tables = {"ProjectTable": plain["project"], "LeaseTable": plain["lease"], "HaltTable": plain["halt"]}
    tables["LaneTable"] = {key: list(v) if isinstance(v, tuple) else v for key, v in plain["lane"]["backend"].items()}
    for name, values in tables.items():
        for key, value in json_schema()["$defs"][name]["properties"].items():
            if "default" in value:
                assert value["default"] == values[key], f"{name}.{key}"


_KEYS = st.sampled_from(["project", "lane", "shared", "lease", "halt", "backend", "domain", "ttl", "env", "name", "x"])
_VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text(max_size=4), st.sampled_from(["30m", "calm", "a/**"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=8,
)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_any_toml_gives_settings_or_sentences_with_lines_that_exist(tree):
    text = "".join(f"{key} = {_toml(value)}\n" for key, value in tree.items())
    try:
        assert isinstance(parse_settings(text), Settings)
    except SettingsTrouble as trouble:
        last = text.count("\n") + 1
        for said in trouble.mistakes:
            found = re.match(r"lanewise\.toml:(\d+): \S", said)
            assert found, said
            assert 1 <= int(found.group(1)) <= last


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_gives_settings_or_trouble(text):
    try:
        outcome: object = parse_settings(text)
    except SettingsTrouble as trouble:
        outcome = trouble.mistakes
    assert outcome
