"""Start-up of the commands: CPU of each next to `python -c pass` of the same interpreter, interleaved, in one run.

    python bench/commands.py [--rounds N] [--json]

Goals: `--help` of everything within 3 x, `status` (daemon up) within 5 x.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.clients.lanes import LANEWISE, make_lanes

from lanewise.cli import COMMANDS

GOALS = {"help": 3.0, "status": 5.0}


def cpu(argv: list[str], cwd: Path, env: dict[str, str]) -> float:
    """User and system milliseconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    floor = [sys.executable, "-c", "pass"]
    candidates = {"python -c pass": floor, "--help": [LANEWISE, "--help"], "status": [LANEWISE, "status"]}
    candidates |= {f"{name} --help": [LANEWISE, name, "--help"] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        lanes = make_lanes(Path(folder))
        env = {**lanes.env, "PATH": os.environ["PATH"]}
        for argv in candidates.values():
            cpu(argv, lanes.root, env)
        samples: dict[str, list[float]] = {name: [] for name in candidates}
        for _ in range(args.rounds):
            for name, argv in candidates.items():
                samples[name].append(cpu(argv, lanes.root, env))
        lanes.down()
    base = statistics.median(samples["python -c pass"])
    rows = {name: (statistics.median(values), statistics.median(values) / base) for name, values in samples.items()}
    if args.json:
        print(
            json.dumps({name: {"cpu_ms": round(ms, 2), "ratio": round(ratio, 2)} for name, (ms, ratio) in rows.items()})
        )
    else:
        for name, (ms, ratio) in rows.items():
            print(f"{name:<22} {ms:7.1f} ms  {ratio:5.2f} x")
    missed = [name for name, (_, ratio) in rows.items() if ratio > GOALS["status" if name == "status" else "help"]]
    print(f"over its goal: {', '.join(missed)}" if missed else "every command is within its goal", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
