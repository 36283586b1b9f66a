from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.shell_corpus import GIT, GIT_WRITES, OPAQUE, READ, READS, TREES, WRITES

from lanewise.core.shell import ShellWrite, read_command, reads_only

laws = settings(max_examples=300, deadline=None)


def said(command: str) -> set[str]:
    return {f"{write.verb} {write.path}{'%' * write.glob}" for write in read_command(command, "/r").writes}


def split(expected: str) -> set[str]:
    return set(expected.split("; ")) - {""}


def test_the_tables_hold_a_hundred_and_twenty_commands():
    assert len({command for command, _ in READ + OPAQUE}) == len(READ) + len(OPAQUE) >= 120


@pytest.mark.parametrize(("command", "expected"), [row for row in READ + OPAQUE if row[1] is not None])
def test_a_command_writes_what_its_words_say(command, expected):
    assert said(command) == split(expected)


@pytest.mark.parametrize(("command", "expected"), READ)
def test_a_readable_command_is_not_opaque(command, expected):
    assert not read_command(command, "/r").opaque


@pytest.mark.parametrize(("command", "expected"), OPAQUE)
def test_what_cannot_be_read_is_opaque(command, expected):
    assert read_command(command, "/r").opaque


@pytest.mark.parametrize(("command", "expected"), TREES)
def test_what_is_written_with_all_below_says_so(command, expected):
    writes = read_command(command, "/r").writes
    assert {f"{w.verb} {w.path}{'%' * w.glob}{'/' * w.tree}" for w in writes} == split(expected)


@pytest.mark.parametrize(("command", "expected", "more"), GIT_WRITES)
def test_git_writes_the_paths_it_is_given(command, expected, more):
    assert said(command) == split(expected)
    assert read_command(command, "/r").opaque == more


def test_a_patch_may_be_full_of_spaces():
    spaces = " " * 100_000
    reading = read_command(f"apply_patch <<'EOF'\n*** Add File: a{spaces}\n*** Add File: b{spaces}x\nEOF", "/r")
    assert reading.writes == (ShellWrite("/r/a", "apply_patch", glob=False),)  # the other's name is too long
    assert reading.opaque


def test_words_of_an_array_are_no_commands():
    assert read_command("a=(rm x)", "/r").programs == ()


def test_too_many_braces_are_cut_off():
    reading = read_command("rm {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "/r")
    assert len(reading.writes) == 64


def test_a_relative_path_in_an_unknown_directory_is_no_write():
    reading = read_command("rm a /b", "")
    assert reading.writes == (ShellWrite("/b", "rm", glob=False),)
    assert reading.opaque


def test_a_glob_below_an_odd_directory_means_that_directory():
    assert read_command("cd 'app/[id]' && rm *.ts", "/r").writes == (
        ShellWrite("/r/app/\\[id\\]/*.ts", "rm", glob=True),
    )


def test_programs_are_named_by_their_base_name():
    assert read_command("sudo /usr/bin/make x | tee y; $z", "/r").programs == ("make", "tee")


@pytest.mark.parametrize(("command", "argv", "cwd", "overrides"), GIT)
def test_a_git_call_is_taken_apart(command, argv, cwd, overrides):
    reading = read_command(command, "/r")
    (call,) = reading.git
    assert (call.argv, call.cwd, call.overrides) == (argv, cwd, overrides)
    assert not reading.opaque


def test_a_git_call_in_an_unknown_directory_says_so():
    reading = read_command('git -C "$x" add .', "/r")
    assert [call.cwd for call in reading.git] == [""]
    assert reading.opaque


def test_an_unreadable_git_subcommand_is_opaque():
    assert read_command("git $verb x", "/r").opaque
    assert read_command("git -c $x add y", "/r").opaque


@pytest.mark.parametrize("command", READS)
def test_a_reading_command_only_reads(command):
    assert reads_only(command)


@pytest.mark.parametrize("command", WRITES)
def test_a_doubtful_command_does_not_only_read(command):
    assert not reads_only(command)


@laws
@given(st.sampled_from(READS))
def test_what_only_reads_writes_nothing(command):
    assert not reads_only(command) or (said(command) == set() and not read_command(command, "/r").opaque)


PIECES = [
    *(
        "rm",
        "x",
        "> y",
        "cd",
        "a",
        "sed -i",
        "mv",
        "bash -c",
        "git",
        "-C",
        "find . -exec",
        "xargs",
        "env",
        "eval",
        "tar xf",
    ),
    *(
        "$(",
        ")",
        "`",
        "'",
        '"',
        "\\",
        "$",
        "${",
        "}",
        "((",
        "))",
        "[[",
        "]]",
        "{",
        ",",
        "<<EOF",
        "<<-'A'",
        "\nEOF\n",
        "\nA\n",
    ),
    *(
        "case x in",
        "esac",
        ";;",
        "|",
        "&",
        "&&",
        ";",
        "\n",
        " ",
        "#",
        "*",
        "~",
        "=",
        "$HOME/",
        "<(",
        ">(",
        "2>&1",
        "a=(",
        "\x00",
    ),
]
command_lines = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
)


@laws
@given(command_lines, st.sampled_from(["/r", "", "~", "/"]))
def test_any_text_is_read_without_raising(command, cwd):
    reading = read_command(command, cwd)
    assert reads_only(command) in (True, False)
    assert len(reading.writes) <= 1000
    assert all(write.path[0] in "/~" for write in reading.writes)


@laws
@given(command_lines)
def test_what_reads_only_by_its_words_has_no_write_in_its_reading(command):
    reading = read_command(command, "/r")
    assert not (reads_only(command) and (reading.writes or reading.opaque))


mentions = st.text(st.characters(exclude_characters="'\"`$\\\n", exclude_categories=["Cs"]), max_size=30).map(
    lambda text: text + " rm x > y; sed -i s/a/b/ z " + text
)


@laws
@given(
    mentions,
    st.sampled_from(["echo '{}'", 'git commit -m "{}"', "cat <<'E0F'\n{}\nE0F\n", "cat <<E0F\n{}\nE0F", "true #{}"]),
)
def test_a_text_that_mentions_a_command_writes_nothing(mention, frame):
    reading = read_command(frame.replace("{}", mention), "/r")
    assert reading.writes == ()
    assert "rm" not in reading.programs


HARD = [
    *(
        "$(",
        "`",
        "((",
        "{a,b}",
        "{",
        "(",
        "cd a;",
        "eval ",
        "<<a ",
        "bash -c '",
        'x"${',
        "case x in a) ",
        "find . -exec ",
        "a=(",
    ),
    *(
        "$((a(b)",
        "touch {,}{,}{,}{,}{,}{,}{,} ",
        "cat <<A\nA\n",
        "\\",
        "env A=1 ",
        "mv a b/ ",
        "[[ ",
        "xargs ",
        "'",
        "f() ",
    ),
]


@pytest.mark.parametrize("piece", HARD)
def test_a_hundred_kilobytes_are_read_in_bounded_time(piece):
    command = piece * (100_000 // len(piece))
    begun = time.perf_counter()
    reading = read_command(command, "/r")
    reads_only(command)
    assert time.perf_counter() - begun < 10  # linear work takes well below one second; quadratic takes minutes
    assert sum(len(write.path) for write in reading.writes) <= 5_000_000
