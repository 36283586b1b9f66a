"""What a check costs as leases grow: exact path, directory, anchored glob at 10^3 … 10^6 stored leases.

    python bench/check.py [--most 1000000] [--json]

Goal: t(most) / t(1000) <= 4 for each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time

from lanewise.core import lessor
from lanewise.core.lane import Lane, Rules
from lanewise.core.lease import Lease
from lanewise.core.pattern import parse
from lanewise.core.rows import HighWater
from lanewise.core.view import Decision, Event, View
from lanewise.host import clock
from lanewise.store.sqlite import SqliteStore

QUESTIONS = {"exact": "pkg7/mod3/file5.py", "directory": "pkg7/mod3/", "anchored glob": "pkg7/mod3/*.py"}
BATCH = 20_000


def fill(store: SqliteStore, have: int, want: int) -> None:
    """Leases of another lane on other paths: 1 % of them below pkg7."""
    now = clock.moment()
    for start in range(have, want, BATCH):
        numbers = range(start, min(want, start + BATCH))
        rows = []
        for number in numbers:
            path = f"pkg{number % 1000}/mod{number // 1000 % 100}/f{number}.ts"
            times = {"since": now.wall, "expires": now.mono + 9e6, "expires_wall": now.wall + 9e6, "boot": now.boot}
            holder = {"lane": "frontend", "session": "", "why": "", "origin": "lock", "mode": "exclusive"}
            rows.append(Lease(token=(1 << 32) + number + 1, path=path, anchor=path, glob=False, **holder, **times))
        puts = (*rows, HighWater("x", (1 << 32) + numbers[-1] + 1))
        store.take(lambda turn, puts=puts: turn.save(Decision(None, (Event("bench", puts=puts),))))


def ask(store: SqliteStore, rules: Rules, text: str) -> float:
    """Seconds of one check: a turn that reads what the claim can touch and decides; nothing is saved."""
    claim = lessor.Claim("backend", "", (parse(text),))

    def turn_(turn: object) -> object:
        view = View(turn.now, turn.last_token(), rules, turn.leases_near(claim.patterns))
        return lessor.acquire(view, claim)

    start = time.perf_counter()
    store.take(turn_)
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rules = Rules("bench", "/", "main", (Lane("backend", (), "b", "/b"), Lane("frontend", (), "f", "/f")))
    result: dict[str, dict[str, float]] = {name: {} for name in QUESTIONS}
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(folder, clock.moment)
        have = 0
        for size in (10**power for power in range(3, 7)):
            if size > args.most:
                break
            fill(store, have, size)
            have = size
            for name, text in QUESTIONS.items():
                samples = [ask(store, rules, text) for _ in range(400)]
                result[name][str(size)] = statistics.median(samples[50:]) * 1e6
        store.close()
    if args.json:
        print(json.dumps(result))
    for name, by_size in result.items():
        first, last = next(iter(by_size.values())), list(by_size.values())[-1]
        shown = "  ".join(f"{int(size):>9,}: {us:7.0f} us" for size, us in by_size.items())
        print(f"{name:<14} {shown}   ratio {last / first:4.2f}", file=sys.stderr if args.json else sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
