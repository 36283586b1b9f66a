"""The JSON shapes that commands and the daemon give out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lanewise.core.lease import Lease


def lease_json(lease: Lease) -> dict[str, Any]:
    """A lease as every command shows it."""
    return {
        "path": lease.path,
        "mode": lease.mode,
        "token": lease.token,
        "lane": lease.lane,
        "session": lease.session,
        "why": lease.why,
        "since": stamp(lease.since),
        "expires_at": stamp(lease.expires_wall),
    }


def stamp(wall: float) -> str:
    """UTC, whole seconds: what `jq` can read."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall))
