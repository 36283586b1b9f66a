"""An installed hook client with the daemon and the direct turn of a test's choice: what the native tests start."""

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

NATIVE = Path(__file__).parents[2] / "native"
LAW_SECONDS = 1.6
TELL = "import sys; sys.stdin.buffer.read(); print('{\"direct\":1}'); print('from direct', file=sys.stderr); "
HANG = "import signal, sys; sys.stdin.buffer.read(); signal.pause()"
PASSED_ON = {
    "CLAUDE_PROJECT_DIR": "/p é",
    "CLAUDE_PID": "42",
    "LANEWISE_LANE": 'back"end',
    "CLAUDE_CODE_SESSION_ID": "",
}


def call(tool="Edit", **more):
    return json.dumps({"session_id": "s", **more, "tool_name": tool, "tool_input": {"file_path": "/x"}}).encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int
    out: bytes
    err: bytes
    seconds: float

    def is_refusal(self):
        return self.status == 2 and self.err.startswith(b"lanewise could not check this edit (") and self.out == b""

    def is_silent_pass(self):
        return (self.status, self.out) == (0, b"")


@dataclass(frozen=True, slots=True)
class Installed:
    """A state folder as `up` leaves it, with a direct turn of the test's choice."""

    state: Path

    @property
    def program(self):
        return self.state / "bin" / "lanewise-hook"

    @property
    def socket(self):
        return self.state / "s"

    def configure(self, **changes):
        conf = {"socket": self.socket, "python": sys.executable, "hook": self.state / "hook.py", "state": self.state}
        lines = [f"{key}={value}\n" for key, value in (conf | changes).items() if value is not None]
        (self.program.parent / "hook.conf").write_text("".join(lines))

    def direct(self, script):
        (self.state / "hook.py").write_text(script)

    def run(self, payload=None, event="PreToolUse", client="claude-code", **options):
        begun = time.monotonic()
        done = subprocess.run(
            [self.program, client, event], input=call() if payload is None else payload, capture_output=True,
            check=False, timeout=10, **options,
        )  # fmt: skip
        outcome = Outcome(done.returncode, done.stdout, done.stderr, time.monotonic() - begun)
        assert outcome.seconds <= LAW_SECONDS
        return outcome


def install(state, program):
    installed = Installed(state)
    installed.program.parent.mkdir()
    shutil.copy(program, installed.program)
    installed.configure()
    installed.direct(TELL)
    return installed


def start(client, *prefix):
    argv = [*prefix, client.program, "claude-code", "PreToolUse"]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def frame(status, out=b"", err=b""):
    body = bytes([status]) + struct.pack(">I", len(out)) + out + err
    return struct.pack(">I", len(body)) + body


def receive(connection):
    """One request's body, decoded as strictly as JSON and UTF-8 allow."""
    with connection.makefile("rb") as stream:
        (length,) = struct.unpack(">I", stream.read(4))
        return json.loads(stream.read(length).decode("utf-8"))


@contextlib.contextmanager
def daemon(path, behave, uid=None):
    """A listener whose every connection is handed to `behave(connection, stop)`; yields what came of each."""
    seen, stop = [], threading.Event()

    def accept():
        while True:
            connection, _ = listener.accept()
            if stop.is_set():
                return connection.close()
            with connection, contextlib.suppress(OSError):
                try:
                    seen.append(behave(connection, stop))
                except (ValueError, struct.error) as error:
                    seen.append(repr(error))

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        own = os.geteuid()
        os.seteuid(own if uid is None else uid)
        listener.listen(16)
        os.seteuid(own)
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield seen
        finally:
            stop.set()
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(str(path))
            thread.join()


def answering(reply):
    def behave(connection, _stop):
        got = receive(connection)
        connection.sendall(reply)
        return got

    return behave


def holding(first):
    """Sends something that is no answer, then keeps the connection open until the test ends."""

    def behave(connection, stop):
        connection.sendall(first)
        stop.wait()

    return behave


def trickling(connection, stop):
    for byte in frame(0, b"late" * 100):
        connection.sendall(bytes([byte]))
        stop.wait(0.02)


def closing(connection, _stop):
    receive(connection)
