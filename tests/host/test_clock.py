from __future__ import annotations

import subprocess
import sys
import time

from lanewise.host.clock import boot_id, moment


def test_a_moment_reads_all_clocks_together():
    before, now, after = time.monotonic(), moment(), time.monotonic()
    assert before <= now.mono <= after
    assert abs(now.wall - time.time()) < 5
    assert now.boot == boot_id()


def test_two_processes_of_one_boot_share_boot_and_monotonic_clock():
    code = "from lanewise.host.clock import moment; now = moment(); print(now.boot, now.mono)"
    before = moment()
    boot, mono = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert boot == before.boot != ""
    assert before.mono < float(mono) < time.monotonic()
