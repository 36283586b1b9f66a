from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from lanewise.host import process
from lanewise.host.process import Ancestor

WAITS = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]


@pytest.fixture
def child():
    with subprocess.Popen(WAITS, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        yield running
        running.stdin.close()


def test_a_running_process_is_alive_under_its_start_time_only(child):
    started = process.start_time(child.pid)
    assert started > 0
    assert process.alive(child.pid, started)
    assert not process.alive(child.pid, started + 1)
    assert not process.alive(child.pid, started - 1)


def test_a_process_whose_start_was_not_known_is_alive_while_its_pid_runs(child):
    assert process.alive(child.pid, 0.0)


def test_a_process_that_ended_is_not_alive_even_before_it_is_waited_for(child):
    started = process.start_time(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{child.pid}/stat", encoding="ascii") as file:
        assert file.read().rpartition(")")[2].split()[0] == "Z"
    assert process.start_time(child.pid) == 0.0
    assert not process.alive(child.pid, started)
    child.wait()
    assert process.start_time(child.pid) == 0.0
    assert not process.alive(child.pid, started)
    assert not process.alive(child.pid, 0.0)


@pytest.mark.parametrize("pid", [0, 1 << 22, 4_000_000_000])
def test_a_pid_of_nobody_is_not_alive(pid):
    assert not process.alive(pid, 0.0)
    assert process.start_time(pid) == 0.0


def test_a_start_time_is_read_past_a_name_full_of_brackets_and_blanks(tmp_path):
    odd = tmp_path / "a) Z 0 (b"
    odd.symlink_to("/bin/cat")
    with subprocess.Popen([str(odd)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        running.stdin.write(b"up\n")
        running.stdin.flush()
        assert running.stdout.readline() == b"up\n"
        assert process.start_time(running.pid) >= process.start_time(os.getpid())
        running.stdin.close()


def test_two_processes_have_start_times_in_the_order_of_their_starts(child):
    assert process.start_time(os.getpid()) <= process.start_time(child.pid)


def test_the_group_of_a_process(child):
    assert process.group_of(child.pid) == os.getpgrp()
    assert process.group_of(0) == 0
    assert process.group_of(1 << 22) == 0


def test_the_processes_above_come_nearest_first():
    code = textwrap.dedent("""
        from lanewise.host.process import ancestors
        for one in ancestors(): print(one.pid, one.cwd)
    """)
    lines = subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()
    assert lines[0] == f"{os.getpid()} {os.getcwd()}"


@pytest.mark.parametrize(
    ("name", "argv", "client"),
    [
        ("claude", (), True),
        ("node", ("node", "/usr/lib/claude.js"), True),
        ("python", ("python", "/opt/bin/codex"), True),
        ("bash", ("bash", "-c", "claude"), False),
        ("vim", ("vim", "/x/claude.md"), False),
        ("claudette", (), False),
        ("", (), False),
    ],
)
def test_a_client_is_known_by_its_program_or_its_script(name, argv, client):
    assert process.is_client(Ancestor(1, name, argv, "")) is client


# --- running ---


def test_a_program_is_run_to_its_end_without_a_shell(tmp_path):
    code = "import sys, os; print(sys.stdin.read(), sys.argv[1], os.getcwd(), end=''); sys.exit(3)"
    ran = process.run([sys.executable, "-c", code, "$HOME; `id`"], cwd=str(tmp_path), stdin="in\udcff")
    assert (ran.status, ran.stdout) == (3, f"in\udcff $HOME; `id` {os.path.realpath(tmp_path)}")


def test_a_program_that_takes_too_long_or_is_not_there_is_told():
    with pytest.raises(TimeoutError, match=r"did not end in 0\.2 s"):
        process.run([sys.executable, "-c", "import sys, time; time.sleep(60)"], timeout=0.2)
    with pytest.raises(FileNotFoundError):
        process.run(["/no/such/program"])


def test_logged_output_is_appended(tmp_path):
    log = tmp_path / "log"
    for text in ("one", "two"):
        argv = ["/bin/sh", "-c", f"echo {text}; echo {text} >&2; exit 4"]
        assert process.run_logged(argv, cwd=str(tmp_path), env=os.environ, log=str(log)) == 4
    assert log.read_text() == "one\none\ntwo\ntwo\n"


def test_a_detached_program_has_a_session_of_its_own_and_a_private_log(tmp_path):
    log = tmp_path / "log"
    code = "import os; print(os.getsid(0) == os.getpid(), os.read(0, 1))"
    pid = process.run_detached([sys.executable, "-c", code], log=str(log))
    os.waitpid(pid, 0)
    assert log.read_text() == "True b''\n"
    assert log.stat().st_mode & 0o777 == 0o600


# --- in the foreground ---

RUNNER = """
import os, sys
from lanewise.host.process import run_foreground
status = run_foreground(sys.argv[1:], cwd="/", env=dict(os.environ), note=lambda pid: print("pid", pid, flush=True))
print("status", status, flush=True)
"""


def foreground(*argv):
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_a_foreground_program_hands_on_its_exit_status(script, status):
    with foreground("/bin/sh", "-c", script) as runner:
        assert runner.stdout.read().splitlines()[-1] == f"status {status}"


TRAPS = """
import os, signal, subprocess, sys
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, lambda number, frame: sys.exit(40 + number))
print("up", os.getpid() == os.getpgrp(), flush=True)
while True: signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_reaches_us_is_passed_on_to_the_programs_own_group(number):
    with foreground(sys.executable, "-c", TRAPS) as runner:
        lines = {runner.stdout.readline(), runner.stdout.readline()}
        assert "up True\n" in lines
        runner.send_signal(number)
        assert runner.stdout.readline() == f"status {40 + number}\n"


def test_after_a_foreground_program_our_own_signal_handlers_are_back():
    before = signal.getsignal(signal.SIGTERM)
    status = process.run_foreground(["/bin/sh", "-c", "exit 5"], cwd="/", env=os.environ, note=lambda _pid: None)
    assert status == 5
    assert signal.getsignal(signal.SIGTERM) is before


ON_TERMINAL = """
import os, sys
from lanewise.host.process import run_foreground
asks = "import os; print('owns', os.tcgetpgrp(0) == os.getpgrp(), os.getpgrp() == os.getpid(), flush=True)"
run_foreground([sys.executable, "-c", asks], cwd="/", env=dict(os.environ), note=lambda pid: None)
print("back", os.tcgetpgrp(0) == os.getpgrp(), flush=True)
"""


def test_a_foreground_program_owns_the_terminal_and_gives_it_back():
    ours, theirs = os.openpty()
    code = f"import os, fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{ON_TERMINAL}"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=theirs, stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as runner:
        assert runner.stdout.read() == "owns True True\nback True\n"
    os.close(ours)
    os.close(theirs)


# --- beside this one ---


def test_a_background_program_is_a_group_of_its_own_and_its_status_is_found(tmp_path):
    beside = process.start_background(["/bin/sh", "-c", "exit 6"], cwd="/", env=os.environ, out=str(tmp_path / "o"))
    assert beside.end() == 6
    assert beside.find_status() == 6


STARTS_ANOTHER = """
import signal, subprocess, sys
print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
sys.stdin.read()
signal.pause()
"""


def test_ending_a_background_program_ends_what_it_started(tmp_path):
    out = tmp_path / "out"
    beside = process.start_background(
        [sys.executable, "-c", STARTS_ANOTHER], cwd="/", env=os.environ, out=str(out), leashed=True
    )
    while not out.read_text().endswith("\n"):
        os.sched_yield()
    below = int(out.read_text())
    assert process.alive(below, 0.0)
    assert beside.find_status() is None
    beside.end(0.1)
    assert not process.alive(beside.pid, 0.0)
    for _ in range(2000):
        if not process.alive(below, 0.0):
            break
        os.sched_yield()
    assert not process.alive(below, 0.0)


# --- the daemon ---


def test_no_daemon_is_started_beside_one_that_holds_the_lock_or_a_fresh_stamp(tmp_path, monkeypatch):
    import fcntl

    started = []
    monkeypatch.setattr(process, "run_detached", lambda argv, log: started.append(argv))
    with open(tmp_path / "daemon.lock", "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not process.run_daemon(str(tmp_path))
    assert process.run_daemon(str(tmp_path))
    assert not process.run_daemon(str(tmp_path))
    assert [argv[1:] for argv in started] == [["-m", "lanewise.daemon", str(tmp_path)]]
    os.utime(tmp_path / "daemon.started", (0, 0))
    assert process.run_daemon(str(tmp_path))
    assert not process.run_daemon(str(tmp_path / "missing"))
