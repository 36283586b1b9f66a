"""What one hook call costs as a process, beside the floor of a static program that does nothing (goals: B1).

All candidates take turns in one run, with the same payload on stdin, against one server in this process that allows
everything. Times move by a factor of two between runs on a shared machine; the ratio to the floor of one run does not.
"""

import argparse
import importlib.util
import json
import os
import platform
import random
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOOP, HOOK = ROOT / "bench" / "noop.c", ROOT / "native" / "hook.c"
FLAGS = ["-std=c11", "-O2", "-s", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-static"]
CC = ["cc"]
ZIG = [sys.executable, "-m", "ziglang", "cc", "-target", f"{platform.machine()}-linux-musl"]
ALLOW = struct.pack(">IBI", 5, 0, 0)
WARM_UP = 5
FLOOR = "no-op"
GOALS = {"hook client, zig static": 2.5, "hook client, cc static": 6.0}
PAYLOAD = {
    "session_id": "00000000-0000-4000-8000-000000000000",
    "cwd": "/repo/lanes/backend",
    "hook_event_name": "PreToolUse",
    "tool_name": "Edit",
    "tool_input": {"file_path": "/repo/lanes/backend/app.py", "old_string": "a" * 300, "new_string": "b" * 300},
}


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    size: int | None
    p50_ms: float
    p99_ms: float
    ratio: float
    goal: float | None


def compiled(compiler, source, target):
    target.parent.mkdir(parents=True)
    subprocess.run([*compiler, *FLAGS, "-o", target, source], check=True)
    return target


def candidates(folder):
    """Each candidate's command; the hook clients find hook.conf beside them, as installed."""
    commands = {FLOOR: [compiled([*CC, "-nostdlib"], NOOP, folder / "noop" / "noop")]}
    clients = {"hook client, cc static": CC}
    if importlib.util.find_spec("ziglang"):
        clients["hook client, zig static"] = ZIG
    for name, compiler in clients.items():
        program = compiled(compiler, HOOK, folder / Path(compiler[-1]).name / "lanewise-hook")
        conf = {"socket": folder / "s", "python": sys.executable, "hook": __file__, "state": folder}
        (program.parent / "hook.conf").write_text("".join(f"{key}={value}\n" for key, value in conf.items()))
        commands[name] = [program, "claude-code", "PreToolUse"]
    commands["python -I -S -c pass"] = [Path(sys.executable).resolve(), "-I", "-S", "-c", "pass"]
    return {name: [os.fspath(word) for word in command] for name, command in commands.items()}


def receive(connection, size):
    parts = b""
    while len(parts) < size and (part := connection.recv(size - len(parts))):
        parts += part
    return parts


def answer(connection):
    with connection:
        (length,) = struct.unpack(">I", receive(connection, 4))
        receive(connection, length)
        connection.sendall(ALLOW)


def serve(listener):
    """A thread for each connection, until the listener is shut down."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(connection,)).start()


def spawn_ms(command, payload):
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, payload, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    ]
    begun = time.perf_counter()
    _, status = os.waitpid(os.posix_spawn(command[0], command, os.environ, file_actions=actions), 0)
    taken = time.perf_counter() - begun
    if status:
        raise SystemExit(f"{command[0]} ended with wait status {status}: the figures would mean nothing")
    return taken * 1000


def measured(commands, payload, samples):
    times = {name: [] for name in commands}
    order, rng = list(commands), random.Random(1)
    for turn in range(samples + WARM_UP):
        rng.shuffle(order)  # who comes after Python finds cold caches: that must not always be the same one
        for name in order:
            taken = spawn_ms(commands[name], payload)
            if turn >= WARM_UP:
                times[name].append(taken)
    return times


def rows(commands, times):
    floor = statistics.median(times[FLOOR])
    for name, taken in times.items():
        p50, p99 = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
        size = None if name.startswith("python") else Path(commands[name][0]).stat().st_size
        yield Row(name, size, round(p50, 3), round(p99, 3), round(p50 / floor, 2), GOALS.get(name))


def table(result):
    lines = ["| candidate | bytes | p50 ms | p99 ms | x no-op | goal |", "|---|---|---|---|---|---|"]
    for row in result:
        goal = "" if row.goal is None else f"<= {row.goal} {'met' if row.ratio <= row.goal else 'MISSED'}"
        lines.append(f"| {row.name} | {row.size or ''} | {row.p50_ms} | {row.p99_ms} | {row.ratio} | {goal} |")
    if not any(row.name == "hook client, zig static" for row in result):
        lines.append("\nziglang is not importable here: the client that ships in wheels was not measured.")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lw"))
    listener = socket.socket(socket.AF_UNIX)
    try:
        commands = candidates(folder)
        listener.bind(os.fspath(folder / "s"))
        listener.listen(64)
        threading.Thread(target=serve, args=(listener,)).start()
        (folder / "payload").write_text(json.dumps(PAYLOAD))
        result = list(rows(commands, measured(commands, os.fspath(folder / "payload"), options.samples)))
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        shutil.rmtree(folder)
    print(json.dumps([asdict(row) for row in result], indent=1) if options.json else table(result))


if __name__ == "__main__":
    main()
