"""`lanewise demo` with scripted agents: it tells its story, believes nothing, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from lanewise.demo import play, script
from lanewise.demo.actors import ScriptedActor
from lanewise.demo.timeline import WIDTH, Timeline

EXAMPLE = Path(__file__).parents[2] / "examples" / "monorepo"
DEMO = [sys.executable, "-m", "lanewise", "demo"]
LIMIT = 60


def short_folder():
    """A socket's path has to fit below it."""
    return Path(tempfile.mkdtemp(prefix="lw-")).resolve()


def environment(folder):
    """A user without anything: an empty home, no identity for git, and a temporary folder of its own."""
    home, temporary = folder / "home", folder / "t"
    home.mkdir()
    temporary.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary), "LANG": "C.UTF-8"}


def left_behind(folder):
    """Folders of a demo, and processes that work in one."""
    folders = list((folder / "t").glob("lanewise-demo-*"))
    return folders + [process for process in psutil.process_iter(["cmdline"]) if _is_below(process, folder)]


def _is_below(process, folder):
    try:
        words = [process.cwd(), *process.cmdline()]
    except psutil.Error:
        return False
    return process.pid != os.getpid() and any(str(folder) in word for word in words)


@pytest.fixture(scope="module")
def told():
    """Two demos at once, of two users' making: one for a program, one for a person who keeps it."""
    folders = [short_folder(), short_folder()]
    options = [["--json"], ["--keep"]]
    demos = [
        subprocess.Popen(
            [*DEMO, "--agents", "scripts", *extra], cwd=folder, env=environment(folder), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for folder, extra in zip(folders, options, strict=True)
    ]  # fmt: skip
    yield [
        (folder, *demo.communicate(timeout=LIMIT), demo.returncode) for folder, demo in zip(folders, demos, strict=True)
    ]
    for folder in folders:
        shutil.rmtree(folder)


def test_a_demo_goes_as_told_and_counts_what_was_prevented(told):
    _, out, err, status = told[0]
    lines = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (0, "")
    assert [line["number"] for line in lines if line["type"] == "chapter"] == [*range(1, len(script.CHAPTERS) + 1)]
    assert (
        lines[-1].items()
        >= {
            "type": "summary",
            "ok": True,
            "agents": "scripts",
            "prevented": {"lease": 1, "domain": 2, "git": 1, "halt": 2},
            "lost": 0,
        }.items()
    )


def test_every_lease_that_a_demo_shows_has_a_token_of_its_own(told):
    events = [line for line in map(json.loads, told[0][1].splitlines()) if line["type"] == "event"]
    tokens = [event["detail"] for event in events if event["result"] == "leased"]
    assert len(tokens) == 12
    assert len(set(tokens)) == 12


def test_the_loser_of_a_race_is_told_who_won_and_gets_the_file_after_the_winners_commit(told):
    events = [line for line in map(json.loads, told[0][1].splitlines()) if line["type"] == "event"]
    changelog = [event for event in events if event["what"] == "edit CHANGELOG.md"]
    by = {event["result"]: event for event in changelog[:2]}
    winner, loser = by["leased"]["who"], by["refused"]["who"]
    assert f"held by lane {winner}" in by["refused"]["told"]
    assert (changelog[2]["who"], changelog[2]["result"]) == (loser, "leased")
    commits = [event["at"] for event in events if event["who"] == winner and event["what"].startswith("commit")]
    assert commits[0] <= changelog[2]["at"]


def test_a_demo_leaves_no_folder_and_no_process(told):
    folder, *_ = told[0]
    assert left_behind(folder) == []
    assert list((folder / "home").iterdir()) == []


def test_a_demo_that_is_kept_leaves_its_repository_and_no_process(told):
    folder, out, _, status = told[1]
    (kept,) = left_behind(folder)
    assert (status, out.splitlines()[-1]) == (0, f"kept: cd {kept}/naga && lanewise log")
    log = subprocess.run(
        ["git", "log", "--format=%s", "--all"], cwd=kept / "naga", capture_output=True, text=True, check=True
    )
    assert {*script.COMMITS.values(), script.LATE_COMMIT, script.HUMANS_COMMIT} <= set(log.stdout.splitlines())


def test_a_person_reads_a_demo_in_narrow_lines_without_colour_codes_in_a_pipe(told):
    out = told[1][1]
    assert "\x1b" not in out
    assert [line for line in out.splitlines() if len(line) > WIDTH] == []
    assert "prevented: 1 overwrite of CHANGELOG.md, 2 writes to another lane, 1 stash, 2 edits in a halt" in out


@pytest.mark.parametrize(("wish", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_that_wants_them_sees_colours(monkeypatch, wish, coloured):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in ({"TERM": "xterm"} | wish).items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    Timeline(screen).show("backend", "edit a.py", "leased", "token 1")
    assert ("\x1b[" in screen.getvalue()) is coloured


def test_every_change_of_the_script_fits_the_example_once():
    ours = (*script.NEWS.values(), *script.INSTEAD.values(), *script.HALTED.values(), *script.HUMANS)
    firsts = [change for changes in script.FIRST.values() for change in changes]
    for change in (*firsts, *ours, script.FOREIGN, script.MEANWHILE):
        path = EXAMPLE / change.path
        assert (path.read_text().count(change.old) if change.old else not path.exists()) == 1, change


@pytest.fixture
def failure_with(monkeypatch):
    """Plays the demo with agents that the test has made; what its summary says was wrong."""
    folder = short_folder()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def play_with(actor):
        monkeypatch.setattr(play, "ScriptedActor", actor)
        out = io.StringIO()
        failure = play.play(play.choose("scripts"), out, as_json=True, keep=False)
        summary = json.loads(out.getvalue().splitlines()[-1])
        assert failure is not None
        assert (summary["type"], summary["ok"], summary["failure"]) == ("summary", False, failure.message)
        assert list(folder.iterdir()) == []
        return failure.message

    yield play_with
    shutil.rmtree(folder)


def test_a_demo_fails_when_nothing_checks_its_edits(failure_with):
    class Unchecked(ScriptedActor):
        def start(self, task):
            told = super().start(task)
            empty = Path(f"{self._stage.hook}.{self.lane}")
            empty.symlink_to(shutil.which("true"))  # a file just written may be busy when it is started
            empty.replace(self._stage.hook)
            return told

    assert re.search("part 2, .*(without a lease|not told its lane)", failure_with(Unchecked))


def test_a_demo_fails_when_an_agent_writes_what_it_was_refused(failure_with):
    class Disobedient(ScriptedActor):
        def _ask(self, call):
            refused = super()._ask(call)
            wanted = call["tool_input"].get("file_path", "")
            return None if self.lane == "frontend" and wanted.endswith(".py") else refused

    assert re.search("part 4, .*lane frontend was let edit backend/", failure_with(Disobedient))


def test_a_demo_that_is_ended_in_the_middle_leaves_nothing_behind():
    folder = short_folder()
    demo = subprocess.Popen(
        [*DEMO, "--agents", "scripts"], cwd=folder, env=environment(folder), text=True, stdout=subprocess.PIPE
    )
    next(line for line in demo.stdout if "leased" in line)
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=LIMIT)
    assert demo.returncode == 130
    assert left_behind(folder) == []
    shutil.rmtree(folder)


def test_a_real_client_that_is_demanded_and_absent_is_named_in_one_sentence():
    folder = short_folder()
    done = subprocess.run(
        [*DEMO, "--agents", "claude"], cwd=folder, env=environment(folder) | {"LANEWISE_CLAUDE": "/nonexistent/claude"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "lanewise: No Claude Code 2.1.295 or later was found.",
        "hint: lanewise demo --agents scripts",
    ]
    shutil.rmtree(folder)
