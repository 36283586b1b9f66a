"""The hook client and the daemon: what is asked, what is passed on, and which daemons are not believed."""

import codecs
import contextlib
import os
import random
import socket
import struct

import pytest
from tests.native.hook_process import (
    HANG,
    NATIVE,
    PASSED_ON,
    TELL,
    answering,
    call,
    closing,
    daemon,
    frame,
    holding,
    trickling,
)

USELESS_DAEMONS = {
    "accepts and never answers": holding(b""),
    "garbage": answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "half a header": holding(b"\0\0"),
    "half a body": holding(frame(0, b"x" * 50)[:30]),
    "too short a body": answering(struct.pack(">I", 4) + b"\0\0\0\0"),
    "output longer than its frame": answering(struct.pack(">IBI", 5, 0, 1)),
    "too long": answering(frame(0, b"x" * (4 << 20))),
    "trickles": trickling,
    "closes": closing,
    "undecided": answering(frame(255, b"no")),
    "a status that is no verdict on an edit": answering(frame(1, b"no")),
}


@pytest.mark.parametrize(("status", "out", "err"), [(0, b"", b""), (0, b'{"a":1}\n', b"e"), (2, b"", b"held by b\n")])
def test_the_daemons_answer_is_passed_on_byte_for_byte(client, status, out, err):
    with daemon(client.socket, answering(frame(status, out, err))):
        outcome = client.run()
    assert (outcome.status, outcome.out, outcome.err) == (status, out, err)


def test_a_long_answer_arrives_whole(client):
    with daemon(client.socket, answering(frame(2, b"o" * 1_500_000, b"e" * 1_500_000))):
        outcome = client.run()
    assert (outcome.out, outcome.err) == (b"o" * 1_500_000, b"e" * 1_500_000)


def test_outside_of_edits_every_status_of_the_daemon_counts_but_undecided(client):
    with daemon(client.socket, answering(frame(7))):
        assert client.run(event="pre-commit").status == 7
    client.socket.unlink()
    with daemon(client.socket, answering(frame(255))):
        assert client.run(event="Stop").out == b'{"direct":1}\n'


def test_the_request_says_who_asks_from_where_and_nothing_else_of_the_environment(client, tmp_path):
    with daemon(client.socket, answering(frame(0))) as seen:
        client.run(event="Stop", client="gemini-cli", cwd=tmp_path, env=PASSED_ON | {"SECRET_TOKEN": "x"})
    assert seen == [
        {"v": 1, "client": "gemini-cli", "event": "Stop", "ppid": os.getpid(), "cwd": str(tmp_path.resolve()),
         "env": PASSED_ON, "stdin": call().decode()},
    ]  # fmt: skip


def test_valid_text_reaches_the_daemon_unchanged(client):
    rng = random.Random(7)
    alphabet = ['"', "\\", "\n", "\0", "\x1f", "\x7f", "/", "é", "\u0800", "\ud7ff", "\uffff", "😀", "\U0010ffff", "a"]
    texts = ["", 'say "hi" \\', "x" * (1 << 20), "é" * 300_000, '"' * 100_000]
    texts += ["".join(rng.choices(alphabet, k=rng.randrange(1, 300))) for _ in range(40)]
    with daemon(client.socket, answering(frame(0))) as seen:
        for text in texts:
            assert client.run(text.encode()).status == 0
    assert [request["stdin"] for request in seen] == texts


def test_bytes_that_are_no_utf8_arrive_as_replacement_characters(client):
    codecs.register_error("each-byte", lambda error: ("\ufffd" * (error.end - error.start), error.end))
    rng = random.Random(11)
    pieces = [b"\xff", b"\xc0\xaf", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x9f\x80", b"\xf0\x8f\x80\x80"]
    pieces += [b"\x80", b"\xe2\x82", b"\xf5\x80\x80\x80", b"ok", "é".encode(), b'"', b"\xf0\x9f\x98"]
    payloads = [b"".join(rng.choices(pieces, k=rng.randrange(1, 40))) for _ in range(40)] + pieces
    bad = os.fsdecode(b"\xff/x")
    with daemon(client.socket, answering(frame(0))) as seen:
        for payload in payloads:
            client.run(payload, env={"CLAUDE_PROJECT_DIR": bad})
    assert [request["stdin"] for request in seen] == [payload.decode(errors="each-byte") for payload in payloads]
    assert {request["env"]["CLAUDE_PROJECT_DIR"] for request in seen} == {"\ufffd/x"}


@pytest.mark.parametrize("behave", USELESS_DAEMONS.values(), ids=USELESS_DAEMONS.keys())
def test_without_a_useful_daemon_the_direct_turn_answers(client, behave):
    with daemon(client.socket, behave):
        outcome = client.run()
    assert (outcome.status, outcome.out, outcome.err) == (0, b'{"direct":1}\n', b"from direct\n")


@pytest.mark.parametrize("behave", [holding(b""), trickling], ids=["silent", "trickles"])
def test_when_the_daemon_and_the_direct_turn_hang_the_edit_is_refused_in_time(client, behave):
    client.direct(HANG)
    with daemon(client.socket, behave):
        outcome = client.run(call(big="x" * 2_000_000))
    assert outcome.is_refusal()


@contextlib.contextmanager
def full_backlog(path):
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
                waiting.setblocking(False)
                waiting.connect(str(path))
        yield


@pytest.mark.parametrize(("script", "status"), [(TELL, 0), (HANG, 2)])
def test_a_full_backlog_does_not_outlast_the_deadline(client, script, status):
    client.direct(script)
    with full_backlog(client.socket):
        assert client.run().status == status


def test_a_socket_path_that_is_too_long_is_never_cut(client):
    for path in ("s" * 120, "/".join(["s" * 200] * 10)):
        client.configure(socket=client.state / path)
        assert client.run().out == b'{"direct":1}\n'


def test_the_direct_turn_inherits_no_connection_to_the_daemon(client):
    client.direct(
        "import os, stat\n"
        "for fd in range(3, 30):\n"
        "    try: print(fd) if stat.S_ISSOCK(os.fstat(fd).st_mode) else None\n"
        "    except OSError: pass"
    )
    with daemon(client.socket, answering(frame(255))):
        assert client.run().is_silent_pass()


if os.geteuid() == 0:  # only root can listen as somebody else

    def test_another_users_daemon_is_not_believed(client):
        with daemon(client.socket, answering(frame(0)), uid=65534):
            assert client.run().out == b'{"direct":1}\n'


def test_the_client_stays_small_enough_to_be_read_at_once():
    lines = (NATIVE / "hook.c").read_text().splitlines()
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 120
