"""The hook client without a daemon: the direct turn, and what is refused or passes when that fails too; in C and sh."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest
from tests.native.hook_process import (
    HANG,
    LAW_SECONDS,
    NATIVE,
    PASSED_ON,
    TELL,
    answering,
    call,
    daemon,
    frame,
    install,
    start,
)  # fmt: skip

READERS = "Read Glob Grep LS NotebookRead TodoWrite WebFetch WebSearch ToolSearch".split()


@pytest.mark.parametrize("status", [0, 2])
def test_the_direct_turns_answer_is_passed_on(either, status):
    either.direct(TELL + f"sys.exit({status})")
    outcome = either.run()
    assert (outcome.status, outcome.out, outcome.err) == (status, b'{"direct":1}\n', b"from direct\n")


def test_the_direct_turn_gets_the_object_the_daemon_would_have_got(client):
    argv = ["direct", str(client.state)]
    client.direct(f"import sys; assert sys.argv[1:] == {argv}; print(sys.stdin.buffer.read().decode())")
    direct = json.loads(client.run(env=PASSED_ON).out)
    with daemon(client.socket, answering(frame(0))) as seen:
        client.run(env=PASSED_ON)
    assert seen == [direct]


def test_without_a_compiled_client_the_direct_turn_gets_the_payload_and_the_callers_id(state):
    installed = install(state, NATIVE / "hook.sh")
    installed.direct(
        "import json, os, sys; text = sys.stdin.buffer.read().decode();"
        "print(json.dumps([sys.argv[1:], text, os.environ['LANEWISE_HOOK_PPID']]))"
    )
    payload = call(prompt='é ā 😀 "\\" %s $HOME `x` \x81' * 200)
    answer = json.loads(installed.run(payload, event="Stop").out)
    assert answer == [["stdin", "claude-code", "Stop", str(state)], payload.decode(), str(os.getpid())]


def test_much_output_and_a_left_behind_process_do_not_hold_the_direct_turn(client):
    client.direct(
        "import os, signal, sys; sys.stdin.buffer.read()\n"
        "pid = os.fork()\n"
        "if pid == 0: signal.alarm(3); signal.pause()\n"
        "sys.stdout.write('o' * 3_000_000); sys.stderr.write('e' * 3_000_000)"
    )
    outcome = client.run()
    assert (outcome.status, len(outcome.out), len(outcome.err)) == (0, 3_000_000, 3_000_000)


FAILING_TURNS = {
    "exits 1": TELL + "sys.exit(1)",
    "raises": "raise SystemError",
    "is killed": "import os; os.kill(os.getpid(), 9)",
    "hangs": HANG,
}


@pytest.mark.parametrize("script", FAILING_TURNS.values(), ids=FAILING_TURNS.keys())
def test_a_failing_direct_turn_refuses_edits_and_lets_reads_and_other_events_pass(either, script):
    either.direct(script)
    edit = either.run()
    assert edit.status == 2
    assert b"lanewise could not check this edit (" in edit.err
    assert b"Ask the human to run: lanewise status\n" in edit.err
    assert either.run(call("Read")).status == 0
    assert [either.run(event=event).status for event in ("UserPromptSubmit", "Stop")] == [0, 0]


def test_a_failing_turns_own_output_is_never_shown(client):
    client.direct(TELL + "sys.exit(1)")
    assert client.run().is_refusal()
    outcome = client.run(event="UserPromptSubmit")
    assert (outcome.is_silent_pass(), outcome.err) == (True, b"")


def test_a_python_that_cannot_be_started_refuses_edits(either):
    either.configure(python=either.state / "hook.py")
    assert either.run().status == 2


def test_a_hanging_direct_turn_is_killed(client):
    client.direct(f"import os; open({str(client.state / 'pid')!r}, 'w').write(str(os.getpid())); {HANG}")
    outcome = client.run()
    assert (outcome.is_refusal(), outcome.seconds < 1.3) == (True, True)
    with pytest.raises(ProcessLookupError):
        os.kill(int((client.state / "pid").read_text()), 0)


@pytest.mark.parametrize("tool", READERS)
@pytest.mark.parametrize("space", ["", " ", "\n  "])
def test_tools_that_read_pass_when_nothing_works(either, tool, space):
    either.configure(socket=None, state=None)
    payload = f'{{"cwd":"/a","tool_name"{space}:{space}"{tool}","tool_input":{{}}}}'.encode()
    assert either.run(payload).is_silent_pass()


@pytest.mark.parametrize(
    "payload",
    [
        *map(call, ("Edit", "mcp__x__Read", "ReadWrite", "", 'Read"')),
        *(b"", b"not json", b'"tool_name"'),
        b'{"tool_input":{"content":"x","tool_name":"Read"},"tool_name":"Edit"}',
        b'{"tool_input":{},"tool_name":"Read"}',
        json.dumps({"prompt": '"tool_name":"Read"', "tool_name": "Edit", "tool_input": {}}).encode(),
        json.dumps({"key": "tool_name", "other": "Read", "tool_input": {}}).encode(),
    ],
)
def test_nothing_but_a_reading_tools_own_name_passes_as_a_read(either, payload):
    either.configure(state=None)
    assert either.run(payload).is_refusal()


def test_a_broken_hook_conf_refuses_edits(client):
    for changes in ({"python": None}, {"hook": "relative.py"}, {"socket": ""}, {"extra": "x" * 9000}):
        client.configure(**changes)
        assert client.run().is_refusal()
    client.configure(unknown="is ignored")
    assert client.run().status == 0


@pytest.mark.parametrize("missing", ["hook", "python", "hook.conf"])
def test_when_lanewise_is_uninstalled_everything_passes_and_the_human_is_told_once(either, missing):
    either.configure(**{missing: either.state / "not-there"})
    if missing == "hook.conf":
        (either.program.parent / "hook.conf").unlink()
    first, second = either.run(), either.run()
    message = json.loads(first.out)["systemMessage"]
    assert message.startswith("lanewise: ")
    assert "pip install lanewise" in message
    assert ".claude/settings.local.json" in message
    assert (first.status, first.err) == (0, b"")
    assert (second.is_silent_pass(), second.err) == (True, b"")


def test_other_clients_learn_on_stderr_that_lanewise_is_gone(either):
    either.configure(hook="/not/there")
    outcome = either.run(client="codex")
    assert (outcome.is_silent_pass(), outcome.err[:10]) == (True, b"lanewise: ")


def test_a_program_started_without_its_path_refuses(client):
    begun = subprocess.run(
        ["lanewise-hook", "claude-code", "PreToolUse"], executable=client.program, input=call(), capture_output=True,
        check=False,
    )  # fmt: skip
    assert begun.returncode == 2


def test_a_payload_over_16_mib_is_refused_and_one_below_is_not(client):
    with daemon(client.socket, answering(frame(0))) as seen:
        assert client.run(b" " * (16 << 20)).status == 0
        assert client.run(b" " * (16 << 20) + b" ").is_refusal()
    assert [len(request["stdin"]) for request in seen] == [16 << 20]


def test_a_payload_that_never_ends_is_refused_in_time(client):
    begun = time.monotonic()
    with start(client) as process:
        process.stdin.write(b'{"tool_name":')
        process.stdin.flush()
        assert process.wait(10) == 2
        assert time.monotonic() - begun <= LAW_SECONDS


def test_an_answer_that_nobody_reads_is_a_refusal_and_no_signal(client):
    with daemon(client.socket, answering(frame(0, b"x" * 100))), start(client) as process:
        process.stdout.close()
        process.stdin.write(call())
        process.stdin.close()
        assert process.wait(10) == 2


def test_a_client_that_stops_reading_cannot_hold_the_program(client):
    begun = time.monotonic()
    with daemon(client.socket, answering(frame(0, b"x" * 1_000_000))), start(client) as process:
        process.stdin.write(call())
        process.stdin.close()
        assert process.wait(10) == 2
        assert time.monotonic() - begun <= LAW_SECONDS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGSEGV])
def test_a_program_that_is_stopped_or_crashes_refuses_the_edit(client, number):
    asked = threading.Event()

    def behave(_connection, stop):
        asked.set()
        stop.wait()

    with daemon(client.socket, behave), start(client) as process:
        process.stdin.write(call())
        process.stdin.close()
        assert asked.wait(5)
        process.send_signal(number)
        assert process.wait(10) == 2


def test_without_memory_the_edit_is_refused(client):
    shell = ["sh", "-c", 'ulimit -v 30000; exec "$0" "$@"']
    with start(client, *shell) as process:
        _, err = process.communicate(b'"' * (15 << 20))
        assert (process.returncode, b"(no memory)" in err) == (2, True)
