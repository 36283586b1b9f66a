"""The daemon's door and log bear what comes: no descriptors left, clients that drip, a log that would grow for ever."""

from __future__ import annotations

import errno
import logging
import os
import socket
import tempfile
import threading
from types import SimpleNamespace

import pytest

from lanewise.daemon import main
from lanewise.host import sockets


@pytest.fixture
def place():
    """A short folder: a socket's path has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="lw") as folder:
        yield os.path.join(folder, "a", "b", "socket")


class Door:
    """A listening socket that is out of file descriptors at first."""

    def __init__(self, true, failures):
        self.true, self.failures = true, failures

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.true.close()

    def settimeout(self, seconds):
        self.true.settimeout(seconds)

    def accept(self):
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return self.true.accept()


@pytest.fixture
def serving(place, monkeypatch):
    """A server with no store behind it, in a thread; told to stop at the end."""
    listen = sockets.listen
    monkeypatch.setattr(main.sockets, "listen", lambda path: Door(listen(path), 3))
    monkeypatch.setattr(main.signal, "signal", lambda *_: None)
    ticker = SimpleNamespace(start=lambda: None, join=lambda: None, note_call=lambda: None)
    monkeypatch.setattr(main, "Ticker", lambda *_: ticker)
    app = SimpleNamespace(store=SimpleNamespace(close=lambda: None), repository=SimpleNamespace(root="here"))
    server = main.Server(app, place)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield place, server
    server._stop.set()
    thread.join(10)
    assert not thread.is_alive()


def answer(path):
    """Whether it answers, once it listens."""
    for _ in range(100):
        if os.path.exists(path):
            return sockets.ask(path, {"v": 1, "ask": "who"}, 5.0)
        threading.Event().wait(0.02)
    return None


def test_a_door_without_file_descriptors_opens_again(serving, caplog):
    assert answer(serving[0])
    said = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert sum("could not be let in" in record.message for record in said) == 3


def test_clients_that_drip_hold_nobody_up_for_long(serving, monkeypatch):
    path, _ = serving
    monkeypatch.setattr(main, "_PATIENCE", 0.3)
    assert answer(path)
    stop, slow = threading.Event(), [socket.socket(socket.AF_UNIX) for _ in range(16)]
    for one in slow:
        one.connect(path)
        one.sendall(b"\0\1\0\0")

    def drip():
        while not stop.wait(0.05):
            for one in list(slow):
                try:
                    one.sendall(b"x")
                except OSError:
                    slow.remove(one)

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        assert answer(path)
    finally:
        stop.set()
        thread.join()
        for one in slow:
            one.close()


def test_the_log_begins_anew_and_keeps_one_old_file(tmp_path, monkeypatch):
    path = tmp_path / "daemon.log"
    with path.open("ab") as past:
        copy = os.dup(past.fileno())
    monkeypatch.setattr(main, "_LONGEST_LOG", 1000)
    monkeypatch.setattr(main, "_PAST_LOGGING", (copy,))
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        main._log_to(str(path))
        for number in range(100):
            main._LOG.info("line %d", number)
            os.write(copy, b"past\n")
        assert sorted(os.listdir(tmp_path)) == ["daemon.log", "daemon.log.1"]
        assert all(os.path.getsize(tmp_path / name) <= 2000 for name in os.listdir(tmp_path))
        os.write(copy, b"the last words\n")
        assert path.read_text().endswith("the last words\n")
        assert "line 99" in path.read_text()
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
        root.setLevel(level)
        os.close(copy)
