"""Whether a session is alive: by what it said, and by what the host knows of its process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.core.session import Session
from lanewise.host import process

if TYPE_CHECKING:
    from lanewise.core.lease import Lease
    from lanewise.store.base import Turn


def is_dead(session: Session | None, now_boot: str) -> bool:
    """Whether a session has ended or its process is proven gone; one on another host is alive as far as anybody
    knows.
    """
    if session is None:
        return False
    if session.ended:
        return True
    if session.host != process.host_name() or not session.pid:
        return False
    return session.boot != now_boot or not process.alive(session.pid, session.started)


def dead_holders(turn: Turn, leases: tuple[Lease, ...]) -> frozenset[str]:
    """Ids of the sessions among the leases' holders that are dead."""
    ids = {lease.session for lease in leases if lease.session}
    return frozenset(name for name in ids if is_dead(turn.find(Session, name), turn.now.boot))
