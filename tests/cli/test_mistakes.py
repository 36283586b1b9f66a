"""A mistake is one sentence, a hint that can be pasted, and the exit status of its kind."""

from __future__ import annotations

import os
import subprocess

import pytest
from tests.clients.lanes import LANEWISE

from lanewise.cli import COMMANDS


def said(done, status):
    """The sentence and the hint of a command that went wrong."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].startswith("lanewise: ")
    assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("hint: "))
    return done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(standing, name):
    text = standing.run(name, "--help")
    assert text.startswith(f"usage: lanewise {name}")
    assert "example: " in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_the_help_names_every_command(standing):
    for argv in ((), ("--help",), ("help",)):
        text = standing.run(*argv)
        assert all(f"  {name} " in text for name in COMMANDS)
    assert standing.run("--version").startswith("lanewise ")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("stauts",), ("no command", "hint: lanewise status")),
        (("nosuch",), ("no command", "hint: lanewise --help")),
        (("status", "--nosuch"), ("--nosuch", "hint: lanewise status --help")),
        (("lock",), ("PATH", "hint: lanewise lock --help")),
        (("lock", "x", "--lane", "nobody"), ("nobody", "backend, frontend", "hint:")),
        (("lock", "../x", "--lane", "backend"), ("leads out", "hint:")),
        (("lock", "/etc/passwd", "--lane", "backend"), ("absolute", "hint:")),
        (("lock", "x"), ("Which lane?", "--lane LANE")),
        (("lock", "x", "--session", "nobody"), ("no session", "hint:")),
        (("check", "", "--lane", "backend"), ("empty", "hint:")),
        (("check", "x", "--lane", "nobody"), ("nobody", "hint:")),
        (("unlock", "x", "--lane", "nobody"), ("nobody", "hint:")),
        (("halt", "nobody"), ("nobody", "hint:")),
        (("resume", "nobody"), ("nobody", "hint:")),
        (("task", "nobody", "x"), ("nobody", "hint:")),
        (("task", "backend", "Not A Name"), ("no name for a task", "hint:")),
        (("run", "nobody"), ("nobody", "hint:")),
        (("log", "-n", "0"), ("from 1", "hint:")),
        (("log", "-n", "x"), ("int", "hint:")),
        (("log", "--lane", "nobody"), ("nobody", "hint:")),
        (("up", "--bring", "nobody"), ("nobody", "hint:")),
        (("hook", "nobody"), ("no client", "hint:")),
        (("completion", "tcsh"), ("tcsh", "hint:")),
    ],
)
def test_wrong_words_are_exit_status_2(standing, argv, words):
    text = said(standing.try_run(*argv), 2)
    for word in words:
        assert word in text


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "x" * 500])
def test_hostile_words_are_shown_harmless(standing, name):
    for argv in ((name,), ("run", name), ("lock", "x", "--lane", name), ("task", "backend", name)):
        done = standing.try_run(*argv)
        assert done.returncode == 2
        assert "\x1b" not in done.stderr
        assert len(done.stderr) < 600


@pytest.mark.parametrize("command", ["status", "locks", "log", "up", "halt", "down", "init", "lock x --lane backend"])
def test_outside_every_repository(standing, command, tmp_path):
    done = standing.try_run(*command.split(), cwd=tmp_path)
    assert "not inside a git repository" in said(done, 1)


@pytest.mark.parametrize(
    "command", ["status", "locks", "log", "halt", "resume", "down", "run backend", "task backend x"]
)
def test_in_a_repository_that_is_not_managed(standing, command, tmp_path):
    standing.git("init", "-q", cwd=tmp_path)
    text = said(standing.try_run(*command.split(), cwd=tmp_path), 1)
    assert "not up in this repository" in text
    assert "hint: lanewise up" in text


def test_up_without_settings(standing, tmp_path):
    standing.git("init", "-q", cwd=tmp_path)
    for argv in (("up",), ("up", "--dry-run"), ("trust", "--show")):
        assert "hint: lanewise init" in said(standing.try_run(*argv, cwd=tmp_path), 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[lane.backend\n", ("lanewise.toml",)),
        ("[lane.backend]\ndomian = ['x']\n", ("domian", "domain", "2")),
        ("[lane.backend]\ndomain = 3\n", ("domain", "2")),
        ("[lane.Main]\ndomain = ['x']\n", ("Main",)),
        ("", ("lane",)),
    ],
)
def test_broken_settings_are_said_with_their_line(standing, tmp_path, text, words):
    standing.git("init", "-q", cwd=tmp_path)
    standing.git(
        "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "x", "--allow-empty", cwd=tmp_path
    )
    (tmp_path / "lanewise.toml").write_text(text)
    done = standing.try_run("up", "--dry-run", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / ".git" / "lanewise").exists()


def test_init_never_overwrites(standing):
    before = (standing.root / "lanewise.toml").read_text()
    assert "never overwrites" in said(standing.try_run("init"), 3)
    assert (standing.root / "lanewise.toml").read_text() == before


@pytest.mark.parametrize(
    "argv", [("--help",), ("log", "--all"), ("status",), ("schema-json",), ("completion", "bash"), ("locks", "--help")]
)
def test_a_reader_that_left_is_no_error(standing, argv):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [LANEWISE, *argv],
        cwd=standing.root,
        env=standing.env,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bug_names_its_log_file_and_is_exit_status_70(standing, tmp_path):
    broken = "from lanewise.service import leases; leases.board = None"
    script = f"import sys; {broken}; from lanewise.cli import run; sys.exit(run(['locks']))"
    done = subprocess.run(
        [os.path.join(os.path.dirname(LANEWISE), "python"), "-c", script],
        cwd=standing.root, env=standing.env | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "this is a bug in lanewise" in done.stderr
    (log,) = tmp_path.glob("lanewise-bug-*.log")
    assert str(log) in done.stderr
    assert "TypeError" in log.read_text()


def test_an_interrupted_command_is_exit_status_130(standing):
    import signal

    process = subprocess.Popen(
        [LANEWISE, "log", "--follow"],
        cwd=standing.root,
        env=standing.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_commands_and_lanes(standing, shell):
    text = standing.run("completion", shell)
    assert all(name in text for name in COMMANDS)
    if shell == "bash":
        script = f"{text}\nCOMP_WORDS=(lanewise run ''); COMP_CWORD=2; _lanewise; echo ${{COMPREPLY[@]}}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=standing.root, env=standing.env, capture_output=True, text=True, check=True
        )
        assert {"backend", "frontend"} <= set(done.stdout.split())
