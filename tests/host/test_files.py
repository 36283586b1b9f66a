from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading

import pytest

from lanewise.errors import Trouble
from lanewise.host import files


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_file_is_written_with_its_content_and_its_mode_whatever_the_umask(tmp_path, mode):
    path = tmp_path / "a"
    for umask in (0o077, 0o000):
        before = os.umask(umask)
        try:
            files.write_whole(str(path), b"text", mode)
        finally:
            os.umask(before)
        assert path.read_bytes() == b"text"
        assert mode_of(path) == mode
    assert os.listdir(tmp_path) == ["a"]


def test_a_rewritten_file_takes_the_new_mode(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o666)
    files.write_whole(str(path), b"new", 0o600)
    assert (path.read_bytes(), mode_of(path)) == (b"new", 0o600)


def test_a_write_that_fails_leaves_the_old_content_and_no_scrap(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def disk_full(_descriptor, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", disk_full)
        with pytest.raises(OSError, match="No space"):
            files.write_whole(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_disk_that_takes_a_few_bytes_at_a_time_gets_all_of_them(tmp_path, monkeypatch):
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:7]))
        files.write_whole(str(tmp_path / "a"), b"0123456789" * 10)
    assert (tmp_path / "a").read_bytes() == b"0123456789" * 10


def test_a_reader_sees_the_old_or_the_new_and_never_a_part(tmp_path):
    path = str(tmp_path / "a")
    contents = {bytes([48 + n]) * 200_000 for n in range(2)}
    files.write_whole(path, min(contents))
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            with open(path, "rb") as file:
                seen.add(file.read())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        for content in contents:
            files.write_whole(path, content)
    stop.set()
    reader.join()
    assert seen <= contents


WRITER = """
import sys
from lanewise.host.files import write_whole
print("go", flush=True)
while True:
    for letter in (b"a", b"b"):
        write_whole(sys.argv[1], letter * 300_000)
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path):
    path = tmp_path / "file"
    for writes in (1, 2, 5, 20):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            seen = set()
            while len(seen) <= writes:
                seen.add(os.stat(path).st_mtime_ns if path.exists() else 0)
            process.kill()
        content = path.read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1


def test_a_private_folder_is_made_ours_alone_with_what_is_above_it(tmp_path):
    before = os.umask(0)
    try:
        path = files.private_folder(str(tmp_path / "a" / "b"))
    finally:
        os.umask(before)
    assert mode_of(path) == 0o700


def test_a_folder_of_ours_that_others_could_enter_is_closed_to_them(tmp_path):
    path = tmp_path / "a"
    path.mkdir()
    path.chmod(0o777)
    files.private_folder(str(path))
    assert mode_of(path) == 0o700


def foreign_folder(tmp_path):
    """A folder of another user: given away by root, else the root folder."""
    if os.geteuid() != 0:
        return "/"
    path = tmp_path / "foreign"
    path.mkdir()
    os.chown(path, 12345, 12345)
    return str(path)


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    path = foreign_folder(tmp_path)
    before = mode_of(path)
    with pytest.raises(Trouble, match="not a folder of this user"):
        files.private_folder(path)
    assert mode_of(path) == before


def test_a_link_or_a_file_in_the_place_of_a_private_folder_is_refused(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "file").write_bytes(b"kept")
    for name in ("link", "dangling", "file"):
        with pytest.raises(Trouble):
            files.private_folder(str(tmp_path / name))
    assert (tmp_path / "file").read_bytes() == b"kept"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("name", ["missing", "folder", "file/below"])
def test_what_is_no_file_has_no_text(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    assert files.find_text(str(tmp_path / name)) is None
    assert files.find_json(str(tmp_path / name)) is None


def test_text_is_read_up_to_its_cap_and_survives_bytes_that_are_none(tmp_path):
    (tmp_path / "a").write_bytes(b"ab\xffcd")
    assert files.find_text(str(tmp_path / "a")) == "ab\ufffdcd"
    assert files.find_text(str(tmp_path / "a"), 2) == "ab"


@pytest.mark.parametrize(
    ("data", "value"), [(b'{"a": [1]}', {"a": [1]}), (b"{", None), (b"", None), (b"\xff\xfe", None), (b"null", None)]
)
def test_json_is_read_and_garbage_is_nothing(tmp_path, data, value):
    (tmp_path / "a").write_bytes(data)
    assert files.find_json(str(tmp_path / "a")) == value
    assert files.parse_json(data) == value


def test_removing_what_is_gone_is_no_trouble(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    files.remove(str(tmp_path / "a"))
    files.remove(str(tmp_path / "a"))
    assert os.listdir(tmp_path) == []


def test_user_state_lies_where_the_user_says(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert files.user_state() == str(tmp_path / "state" / "lanewise")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert files.user_state() == str(tmp_path / "home" / ".local" / "state" / "lanewise")
    assert mode_of(files.user_state()) == 0o700


@pytest.mark.parametrize("given", [0o600, 0o644, 0o755])
def test_a_file_that_is_rewritten_keeps_its_mode(tmp_path, given):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(given)
    files.rewrite(str(tmp_path / "a"), b"new", 0o640)
    assert ((tmp_path / "a").read_bytes(), mode_of(tmp_path / "a")) == (b"new", given)
    files.rewrite(str(tmp_path / "b"), b"new")
    assert mode_of(tmp_path / "b") == 0o600


def test_a_free_name_is_nobodys(tmp_path):
    (tmp_path / "a-1").write_bytes(b"")
    (tmp_path / "a-2").symlink_to("/nowhere")
    assert files.free_name(str(tmp_path / "a")) == str(tmp_path / "a-3")


def test_bytes_are_read_to_the_last(tmp_path):
    (tmp_path / "a").write_bytes(b"\xff" * (2 << 20))
    assert files.find_bytes(str(tmp_path / "a")) == b"\xff" * (2 << 20)
    assert files.find_bytes(str(tmp_path)) is None
    assert files.find_bytes(str(tmp_path / "b")) is None


def digest(path, cap=100):
    return files.find_digest(str(path), cap)


def test_a_digest_tells_contents_apart(tmp_path):
    for name, data in {"a": b"1", "b": b"1", "c": b"2", "empty": b"", "big": b"x" * 101}.items():
        (tmp_path / name).write_bytes(data)
    for name, target in {"link": "a", "other": "b", "nowhere": "missing"}.items():
        (tmp_path / name).symlink_to(target)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    told = [digest(tmp_path / name) for name in ("a", "c", "empty", "link", "other", "nowhere", "missing")]
    assert len(set(told)) == len(told)
    assert digest(tmp_path / "missing") == digest(tmp_path) == digest(tmp_path / "a" / "below") == ""
    assert digest(tmp_path / "big") is None


def test_a_file_is_read_once_for_each_of_its_states(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_COARSE", -1.0)
    path = tmp_path / "a"
    path.write_bytes(b"one")
    first = digest(path)
    monkeypatch.setattr("builtins.open", None)
    assert digest(path) == first
    monkeypatch.undo()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert digest(path) != first


def test_a_file_changed_a_moment_ago_is_read_again(tmp_path):
    """Two writes within one tick of the clock leave the same times."""
    path = tmp_path / "a"
    path.write_bytes(b"one")
    same_tick = path.stat()
    first = files._digest(str(path), same_tick)
    path.write_bytes(b"two")
    assert files._digest(str(path), same_tick) != first
