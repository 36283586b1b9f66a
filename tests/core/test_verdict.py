from __future__ import annotations

import re
import shlex
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.stage import WALL, at, lease

from lanewise.core import verdict
from lanewise.core.halt import Halt

laws = settings(max_examples=300, deadline=None)

DESTRUCTIVE = [
    "rm -rf .",
    "rm -r src",
    "rmdir src",
    "git reset --hard",
    "git reset HEAD~1",
    "git clean -fdx",
    "git checkout -- .",
    "git restore .",
    "git stash drop",
    "git -C /x reset --hard",
    "git push --force",
    "git push -f origin main",
    "git push origin +main",
    "git branch -D main",
    "git worktree remove x",
    "git update-ref -d refs/heads/x",
    "shred -u x",
    "truncate -s 0 x",
    "dd if=/dev/zero of=x",
    "mkfs.ext4 /dev/sda",
    "find . -delete",
    "DROP TABLE users",
    "drop database main",
]
wild = st.text(st.characters(exclude_categories=[]), max_size=300)
hostile = st.one_of(
    wild,
    st.sampled_from(DESTRUCTIVE),
    st.builds("{}{}{}".format, wild, st.sampled_from(DESTRUCTIVE), wild),
    st.text("'\"`$();|&\\\n\x1b\u202e -rmgit", max_size=300),
)


def verdicts(path: str, why: str, session: str) -> list[verdict.Denied]:
    holder = replace(lease(why=why, session=session), path=path, anchor=path)
    return [
        verdict.held(path, (holder,), at(60.0)),
        verdict.held("src/a.py", (holder,), at(60.0)),
        verdict.halted(path, Halt("all", "human", why, "ann", WALL)),
        verdict.halted(path, Halt("backend", "human", why, "ann", WALL)),
        verdict.domain(path, "backend", "frontend"),
        verdict.other_worktree(path, "backend", "lane frontend's worktree"),
        verdict.no_lane(path),
        verdict.shared(path),
        verdict.protected(path),
    ]


def names_a_destructive_command(text: str) -> bool:
    flat = " ".join(text.lower().split())
    return any(re.search(rf"(?<!\w){re.escape(command.lower())}(?!\w)", flat) for command in DESTRUCTIVE)


@laws
@given(hostile, hostile, st.builds("claude:{}".format, hostile) | hostile)
def test_no_words_of_others_put_a_destructive_command_or_a_control_into_an_agents_text(path, why, session):
    for denied in verdicts(path, why, session):
        for text in (denied.text, denied.hint):
            assert not names_a_destructive_command(text), text
            assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for char in text), text


@laws
@given(hostile, hostile, hostile)
def test_an_agents_text_and_hint_are_short(path, why, session):
    for denied in verdicts(path, why, session):
        assert len(denied.text) <= 700
        assert len(denied.hint) <= 400


@laws
@given(hostile)
def test_the_command_in_a_hint_is_one_plain_command_whatever_the_path(path):
    hint = verdict.shared(path).hint
    command = re.fullmatch(r"run `(.*)`, then edit it", hint, re.DOTALL).group(1)
    words = shlex.split(command)
    assert words[:2] + words[3:] == ["lanewise", "lock", "--why", "REASON"]
    assert words[2] in {path, f"./{path}", "PATH"}
    assert not words[2].startswith("-")


@pytest.mark.parametrize("path", ["src/a.py", "src/a b.py", "it's", "-rf", "[id].vue", "$HOME/`id`", "größe.py"])
def test_the_command_in_a_hint_names_an_ordinary_path_as_it_is(path):
    command = verdict.shared(path).hint.partition("`")[2].rpartition("`")[0]
    assert shlex.split(command)[2] in {path, f"./{path}"}


@pytest.mark.parametrize("path", ["a\nb", "a" * 201, "\x1b[31m", "\u202eevil", "'" * 200, ""])
def test_a_path_that_cannot_be_shown_as_it_is_is_not_put_into_a_command(path):
    assert "lanewise lock PATH " in verdict.shared(path).hint


def test_a_held_path_says_who_since_when_what_for_and_until_when():
    holder = lease("src/", why="rename the field", session="claude:0123456789")
    denied = verdict.held("src/a.py", (holder,), at(600.0))
    assert denied.rule == "lease"
    assert denied.held_by == (holder,)
    assert "lane backend (session claude:0123456" in denied.text
    assert 'took src/ 10 min ago for "rename the field"; 20 min left' in denied.text
    assert "lanewise check src/a.py" in denied.hint


def test_a_persons_lock_on_the_very_path_names_no_session_and_no_second_path():
    denied = verdict.held("Src/A.py", (lease("src/a.py", session=""),), at(0.0))
    assert "is held by lane backend, which took it 0 s ago; 30 min left" in denied.text


def test_each_rule_has_its_own_words():
    rules = [denied.rule for denied in verdicts("a", "b", "c:d")]
    assert rules == ["lease", "lease", "halt", "halt", "domain", "domain", "domain", "shared", "protected"]


def test_an_ordinary_reason_is_shown():
    assert "(clean up the farm)" in verdict.halted("", Halt("all", "human", "clean up the farm", "ann", 0.0)).text
