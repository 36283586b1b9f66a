"""One process of many that want the same few paths: `python worker.py FOLDER NAME COUNT PATHS`.

For each lease it had, one line: path, token, the monotonic seconds when it had it and just before it gave it back.
"""

from __future__ import annotations

import random
import sys
import time

from lanewise.core import lessor
from lanewise.core.lane import Lane, Rules
from lanewise.core.pattern import literal
from lanewise.core.view import View
from lanewise.host.clock import moment
from lanewise.store.sqlite import SqliteStore


def main(folder: str, name: str, count: int, paths: int) -> None:
    store = SqliteStore(folder, moment, 60.0)
    rules = Rules("race", "/repo", "main", (Lane(name, (), "b", "/w"),))
    choice = random.Random(name)
    print("ready", flush=True)
    sys.stdin.read()
    had = 0
    while had < count:
        asked = literal(f"src/{choice.randrange(paths)}.py")
        claim = lessor.Claim(name, f"session-{name}", (asked,))

        def take(turn, claim=claim):
            view = View(turn.now, turn.last_token(), rules, turn.leases_near(claim.patterns))
            decision = lessor.acquire(view, claim)
            return turn.save(decision) if isinstance(decision.answer, lessor.Granted) else decision.answer

        answer = store.take(take)
        if isinstance(answer, lessor.Held):
            continue
        since = time.monotonic()
        had += 1
        # Something between having and giving back, so that others come while it is held.
        sum(range(choice.randrange(20_000)))
        until = time.monotonic()
        (lease,) = answer.leases
        store.take(lambda turn, lease=lease: turn.save(lessor.release((lease,))))
        print(lease.path, lease.token, repr(since), repr(until))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
