"""The host's clocks, read together."""

from __future__ import annotations

import time
from functools import cache

from lanewise.core.view import Moment
from lanewise.host.kernel import LINUX


def moment() -> Moment:
    """Boot id, monotonic seconds (not counting suspend) and wall seconds, now."""
    return Moment(boot_id(), time.monotonic(), time.time())


@cache
def boot_id() -> str:
    """What tells one boot of this machine from the next."""
    if LINUX:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    import psutil

    return str(int(psutil.boot_time()))
