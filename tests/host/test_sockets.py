from __future__ import annotations

import json
import os
import socket
import stat
import struct
import tempfile
import threading
import time

import pytest

from lanewise.errors import Trouble
from lanewise.host import sockets


@pytest.fixture
def place():
    """A short folder: a socket's path has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="lw") as folder:
        yield os.path.join(folder, "a", "b", "socket")


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def answer_once(door, reply):
    """Serve one connection in a thread; the frame that it brought."""
    heard = []

    def serve():
        connection, _ = door.accept()
        with connection:
            heard.append(sockets.read_frame(connection))
            reply(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return heard, thread


def test_one_listens_for_oneself_alone(place):
    with sockets.listen(place) as door:
        mode = os.stat(place).st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
        assert stat.S_IMODE(os.stat(os.path.dirname(place)).st_mode) == 0o700
        assert stat.S_IMODE(os.stat(os.path.dirname(os.path.dirname(place))).st_mode) == 0o700
        assert os.listdir(os.path.dirname(place)) == ["socket"]
        heard, thread = answer_once(door, lambda c: sockets.write_reply(c, 0, b'{"ok": 1}', b"aside"))
        assert sockets.ask(place, {"ping": True}) == b'{"ok": 1}'
        thread.join()
        assert json.loads(heard[0]) == {"ping": True}


def test_a_dead_socket_is_replaced(place):
    sockets.listen(place).close()
    with sockets.listen(place) as door:
        assert os.listdir(os.path.dirname(place)) == ["socket"]
        _, thread = answer_once(door, lambda c: sockets.write_reply(c, 0, b"again"))
        assert sockets.ask(place, {}) == b"again"
        thread.join()


def test_a_squatting_file_folder_or_link_is_moved_aside_with_its_content(place):
    os.makedirs(os.path.dirname(place))
    with open(place, "w", encoding="ascii") as file:
        file.write("mine")
    sockets.listen(place).close()
    os.unlink(place)
    os.mkdir(place)
    with open(os.path.join(place, "inside"), "w", encoding="ascii") as file:
        file.write("mine too")
    sockets.listen(place).close()
    os.unlink(place)
    os.symlink("/nowhere", place)
    sockets.listen(place).close()
    with open(f"{place}.taken-1", encoding="ascii") as file:
        assert file.read() == "mine"
    with open(f"{place}.taken-2/inside", encoding="ascii") as file:
        assert file.read() == "mine too"
    assert os.readlink(f"{place}.taken-3") == "/nowhere"
    assert stat.S_ISSOCK(os.stat(place).st_mode)


def test_a_place_that_is_too_long_or_not_ours_is_told(place):
    with pytest.raises(Trouble, match="cannot listen"):
        sockets.listen(os.path.join(os.path.dirname(place), "x" * 120))
    os.symlink("/tmp", os.path.join(os.path.dirname(os.path.dirname(place)), "link"))
    with pytest.raises(Trouble):
        sockets.listen(os.path.join(os.path.dirname(os.path.dirname(place)), "link", "socket"))


def repository(folder):
    state = os.path.join(folder, "repo", ".git", "lanewise")
    os.makedirs(state, exist_ok=True)
    return state


def test_the_socket_lies_in_the_run_time_folder_else_in_the_temporary_one(place, monkeypatch):
    base = os.path.dirname(os.path.dirname(os.path.dirname(place)))
    state = repository(base)
    monkeypatch.setenv("XDG_RUNTIME_DIR", base)
    path = sockets.socket_path(state)
    assert path.startswith(f"{base}/lanewise/")
    assert path == sockets.socket_path(f"{base}/repo/../repo/.git/lanewise")
    other = repository(os.path.join(base, "other"))
    assert sockets.socket_path(other) != path
    monkeypatch.setenv("TMPDIR", base)
    for unusable in ("", "/no/such/folder"):
        monkeypatch.setenv("XDG_RUNTIME_DIR", unusable)
        assert sockets.socket_path(state).startswith(f"{base}/lanewise-{os.geteuid()}/")


def test_every_path_in_the_run_time_folder_can_be_listened_at(place, monkeypatch):
    """The longest that is chosen, since the socket is made under a longer name first."""
    base = os.path.dirname(os.path.dirname(os.path.dirname(place)))
    state = repository(base)
    chosen = 0
    for length in range(60, 110):
        folder = os.path.join(base, "r" * max(1, length - len(base)))
        os.makedirs(folder, exist_ok=True)
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        path = sockets.socket_path(state)
        if path.startswith(folder):
            chosen += 1
            sockets.listen(path).close()
    assert 0 < chosen < 50


# --- frames ---


@pytest.mark.parametrize("body", [b"x", b"\0" * 70_000])
def test_a_frame_comes_whole_however_it_is_cut(pair, body):
    left, right = pair
    data = struct.pack(">I", len(body)) + body
    pieces = [data[:2], data[2:5], data[5:]]
    sender = threading.Thread(target=lambda: [left.sendall(piece) for piece in pieces])
    sender.start()
    assert sockets.read_frame(right) == body
    sender.join()


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0", b"\0\0\0\5abc", b"\0\0\0\0", struct.pack(">I", sockets.CAP + 1) + b"x", b"GET / HTTP/1.1\r\n"],
)
def test_what_is_no_frame_is_nothing(pair, data):
    left, right = pair
    left.sendall(data)
    left.shutdown(socket.SHUT_WR)
    assert sockets.read_frame(right) is None


def test_a_reply_holds_status_output_and_error_output(pair):
    left, right = pair
    sockets.write_reply(left, 2, b"out", b"err")
    assert sockets.read_frame(right) == b"\x02" + struct.pack(">I", 3) + b"outerr"


def test_this_user_is_an_own_peer(pair):
    assert sockets.is_own_peer(pair[0])


def test_nobody_answers_where_nobody_listens(place):
    assert sockets.ask(place, {}) is None
    sockets.listen(place).close()
    assert sockets.ask(place, {}) is None


def test_one_who_never_answers_or_hangs_up_is_given_up(place):
    with sockets.listen(place) as door:
        assert sockets.ask(place, {}, timeout=0.1) is None
        door.accept()[0].close()
        _, thread = answer_once(door, lambda _connection: None)
        assert sockets.ask(place, {}) is None
        thread.join()


@pytest.mark.parametrize("size", [b"", b"\0\0\1\0"])
def test_one_who_drips_bytes_gets_no_more_time_than_others(pair, size):
    left, right = pair
    left.sendall(size)
    stop = threading.Event()

    def drip():
        while not stop.wait(0.02):
            left.sendall(b"\0")

    thread = threading.Thread(target=drip)
    if size:
        thread.start()
    begun = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            sockets.read_frame(right, 0.2)
    finally:
        stop.set()
        if size:
            thread.join()
    assert time.monotonic() - begun < 2


# --- the door ---


def conf(state, socket_path, whose):
    os.makedirs(os.path.join(state, "bin"), exist_ok=True)
    with open(os.path.join(state, "bin", "hook.conf"), "w", encoding="ascii") as file:
        file.write(f"socket={socket_path}\npython=/p\nhook=/h\nstate={whose}\n")


def test_the_door_is_where_the_hook_clients_go_whatever_the_environment_says(place, monkeypatch):
    state = os.path.realpath(repository(os.path.dirname(os.path.dirname(os.path.dirname(place)))))
    assert sockets.door_of(state) == sockets.socket_path(state)
    conf(state, "/old/socket", state)
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.path.dirname(state))
    assert sockets.door_of(state) == "/old/socket"


def test_a_copied_repository_does_not_go_to_its_originals_door(place):
    state = repository(os.path.dirname(os.path.dirname(os.path.dirname(place))))
    conf(state, "/old/socket", "/elsewhere/.git/lanewise")
    assert sockets.door_of(state) == sockets.socket_path(state)
