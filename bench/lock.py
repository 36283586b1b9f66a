"""A durable lock by 1 and 64 clients through the daemon's store, next to `fdatasync` and to one commit per request.

    python bench/lock.py [--seconds 3] [--json]

Figure of merit: operations per second x seconds of one fdatasync (dimensionless; 1 = one operation per sync).
Clients are threads, as in the daemon: this measures the store and its group commit, not processes or sockets.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from lanewise.core import lessor
from lanewise.core.lane import Lane, Rules
from lanewise.core.pattern import literal
from lanewise.core.view import View
from lanewise.host import clock
from lanewise.store.group import GroupStore
from lanewise.store.sqlite import SqliteStore

RULES = Rules("bench", "/", "main", (Lane("backend", (), "b", "/b"),))


def fdatasync(folder: str, count: int = 300) -> float:
    """Median seconds of a 4 KiB append made durable."""
    samples = []
    with (Path(folder) / "floor").open("ab", buffering=0) as file:
        for _ in range(count):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            samples.append(time.perf_counter() - start)
    return statistics.median(samples)


def acquire(store: object, name: str) -> None:
    """One grant of a path that nobody holds."""
    claim = lessor.Claim("backend", "", (literal(name),), origin="lock")

    def turn_(turn: object) -> object:
        view = View(turn.now, turn.last_token(), RULES, turn.leases_near(claim.patterns))
        return turn.save(lessor.acquire(view, claim))

    store.take(turn_)


def load(store: object, clients: int, seconds: float) -> dict[str, float]:
    """A closed loop of `clients` threads."""
    counts = [0] * clients
    waits: list[list[float]] = [[] for _ in range(clients)]
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        while (start := time.perf_counter()) < end:
            acquire(store, f"client{number}/file{counts[number]}")
            waits[number].append(time.perf_counter() - start)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flat = sorted(wait for mine in waits for wait in mine)
    return {
        "ops_per_s": sum(counts) / seconds,
        "p50_ms": 1000 * statistics.median(flat),
        "p99_ms": 1000 * flat[int(len(flat) * 0.99)],
        "fairness_min_max": min(counts) / max(counts),
    }


class OneByOne:
    """The peer: the same store, one commit per request."""

    def __init__(self, store: SqliteStore) -> None:
        self._store, self._alone = store, threading.Lock()

    def take(self, turn: object) -> object:
        with self._alone:
            return self._store.take(turn)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        floor = fdatasync(folder)
        for clients in (1, 64):
            for name, wrap in (("group commit", GroupStore), ("commit per request", OneByOne)):
                place = Path(folder) / f"{name}-{clients}".replace(" ", "-")
                place.mkdir()
                store = SqliteStore(str(place), clock.moment)
                row = load(wrap(store), clients, args.seconds)
                store.close()
                result[f"{name}, {clients}"] = {**row, "ops_x_fdatasync": row["ops_per_s"] * floor}
        after = fdatasync(folder)
    if args.json:
        print(json.dumps({"fdatasync_ms": [floor * 1000, after * 1000], **result}))
        return 0
    print(f"fdatasync p50: {floor * 1000:.3f} ms before, {after * 1000:.3f} ms after")
    for name, row in result.items():
        speed = f"{row['ops_per_s']:8.0f} /s  {row['ops_x_fdatasync']:5.2f} x fdatasync"
        waits = f"p50 {row['p50_ms']:7.2f} ms  p99 {row['p99_ms']:7.2f} ms"
        print(f"{name:<24} {speed}  {waits}  min/max {row['fairness_min_max']:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
