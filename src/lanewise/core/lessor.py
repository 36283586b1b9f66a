"""The lessor: grants, renews, adopts and releases leases. First holder wins; a claim on several paths is all or
nothing.

Within one lane a lease serves every session of that lane except against another *live* session of it (two are
allowed, and
exclusive per path). A lease taken by a person (empty session) serves its lane's sessions. A dead or ended
session's leases are
adopted by the next session of the lane, with new tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lanewise.core.lease import Lease, Mode, Origin
from lanewise.core.pattern import Pattern, covers, overlap
from lanewise.core.rows import HighWater, ref
from lanewise.core.view import Decision, Event, next_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanewise.core.view import Moment, View


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody wants to hold."""

    lane: str
    session: str
    patterns: tuple[Pattern, ...]
    mode: Mode = "exclusive"
    why: str = ""
    origin: Origin = "edit"


@dataclass(frozen=True, slots=True)
class Granted:
    """Every asked path is held now."""

    leases: tuple[Lease, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing was granted: these leases are in the way."""

    #: The first asked path that is held, as it was asked.
    path: str
    by: tuple[Lease, ...]


def acquire(view: View, claim: Claim) -> Decision[Granted | Held]:
    """Grant every pattern of the claim, or none."""
    for pattern in claim.patterns:
        blockers = tuple(lease for lease in view.leases if _blocks(view, claim, lease) and _meets(lease, pattern))
        if blockers:
            return _refuse(claim, pattern, blockers)
    kept: dict[int, Lease] = {}
    left_behind: dict[int, Lease] = {}
    missing: list[Pattern] = []
    for pattern in claim.patterns:
        found = next((lease for lease in view.leases if _serves(view, claim, lease) and contains(lease, pattern)), None)
        if found is None:
            missing.append(pattern)
        elif found.session in view.dead:
            left_behind[found.token] = found
        else:
            kept[found.token] = found
    renewed = renew(view.now, kept.values(), view.rules.ttl)
    adopted = adopt(view, left_behind.values(), claim.session)
    others = tuple(lease for lease in view.leases if lease.token not in left_behind)
    after = replace(view, token=view.token + len(adopted.answer), leases=(*others, *adopted.answer))
    granted = _grant(after, claim, _widest(missing))
    # What a wider pattern of the same claim has replaced is not held any more.
    gone = {key for event in granted.events for key in event.drops}
    leases = tuple(lease for lease in (*renewed.answer, *adopted.answer, *granted.answer) if ref(lease) not in gone)
    return Decision(Granted(leases), (*renewed.events, *adopted.events, *granted.events))


def renew(now: Moment, leases: Iterable[Lease], ttl: float) -> Decision[tuple[Lease, ...]]:
    """The same leases, with a fresh TTL where less than half of it is left."""
    leases = tuple(leases)
    fresh = tuple(_extended(lease, now, ttl) if lease.stale(now, ttl) else lease for lease in leases)
    changed = tuple(new for old, new in zip(leases, fresh, strict=True) if old is not new)
    if not changed:
        return Decision(fresh)
    event = Event("lease.renewed", lane=changed[0].lane, session=changed[0].session, puts=changed)
    return Decision(fresh, (event,))


def carry_over(now: Moment, leases: Iterable[Lease], ttl: float) -> Decision[tuple[Lease, ...]]:
    """After a reboot: leases under which something was changed stay their lane's with a fresh TTL, the others end."""
    old = tuple(lease for lease in leases if lease.boot != now.boot)
    kept = tuple(_extended(lease, now, ttl) for lease in old if lease.touched)
    ended = release(
        (lease for lease in old if not lease.touched), kind="lease.expired", text="the machine was restarted"
    )
    if not kept:
        return Decision(kept, ended.events)
    return Decision(kept, (Event("lease.renewed", text="the machine was restarted", puts=kept), *ended.events))


def touch(now: Moment, leases: Iterable[Lease], ttl: float) -> Decision[tuple[Lease, ...]]:
    """Mark leases as having changed something, and renew them."""
    leases = tuple(leases)
    marked = tuple(replace(lease, touched=True) for lease in leases)
    fresh = tuple(_extended(lease, now, ttl) if lease.stale(now, ttl) else lease for lease in marked)
    changed = tuple(new for old, new in zip(leases, fresh, strict=True) if old != new)
    if not changed:
        return Decision(fresh)
    return Decision(fresh, (Event("lease.touched", lane=changed[0].lane, session=changed[0].session, puts=changed),))


def release(leases: Iterable[Lease], *, kind: str = "lease.released", text: str = "") -> Decision[tuple[Lease, ...]]:
    """End leases: given back, expired or taken over."""
    leases = tuple(leases)
    events = tuple(
        Event(kind, lane=lease.lane, session=lease.session, path=lease.path, text=text, drops=(ref(lease),))
        for lease in leases
    )
    return Decision(leases, events)


def adopt(view: View, leases: Iterable[Lease], session: str) -> Decision[tuple[Lease, ...]]:
    """The same leases under new tokens, held by `session` of the same lane."""
    old = tuple(leases)
    events: list[Event] = []
    new: list[Lease] = []
    for token, lease in zip(next_token(view.token, len(old)), old, strict=True):
        taken = _extended(replace(lease, token=token, session=session), view.now, view.rules.ttl)
        new.append(taken)
        puts = (taken, HighWater(taken.anchor, token))
        events.append(Event("lease.adopted", taken.lane, session, taken.path, puts=puts, drops=(ref(lease),)))
    return Decision(tuple(new), tuple(events))


def _refuse(claim: Claim, pattern: Pattern, blockers: tuple[Lease, ...]) -> Decision[Granted | Held]:
    holder = blockers[0]
    event = Event(
        "lease.refused",
        lane=claim.lane,
        session=claim.session,
        path=pattern.text,
        text=f"held by {holder.lane}",
        data={"held_by": holder.lane, "token": holder.token},
    )
    return Decision(Held(pattern.text, blockers), (event,))


def _grant(view: View, claim: Claim, patterns: tuple[Pattern, ...]) -> Decision[tuple[Lease, ...]]:
    events: list[Event] = []
    leases: list[Lease] = []
    gone: set[int] = set()
    for token, pattern in zip(next_token(view.token, len(patterns)), patterns, strict=True):
        lease = _new_lease(view, claim, pattern, token)
        replaced = [old for old in view.leases if old.token not in gone and _gives_way(view, claim, old, lease)]
        gone.update(old.token for old in replaced)
        # What the narrower one has changed is changed under the wider one: such a lease is kept alive.
        lease = replace(lease, touched=any(old.touched for old in replaced if old.lane == claim.lane))
        leases.append(lease)
        events.append(
            Event(
                "lease.granted",
                claim.lane,
                claim.session,
                lease.path,
                claim.why,
                data={"token": token, "mode": claim.mode},
                puts=(lease, HighWater(lease.anchor, token)),
                drops=tuple(ref(old) for old in replaced),
            )
        )
    return Decision(tuple(leases), tuple(events))


def _new_lease(view: View, claim: Claim, pattern: Pattern, token: int) -> Lease:
    return Lease(
        token=token,
        path=pattern.text,
        anchor=pattern.anchor,
        glob=pattern.glob,
        mode=claim.mode,
        lane=claim.lane,
        session=claim.session,
        why=claim.why,
        origin=claim.origin,
        since=view.now.wall,
        boot=view.now.boot,
        expires=view.now.mono + view.rules.ttl,
        expires_wall=view.now.wall + view.rules.ttl,
    )


def _extended(lease: Lease, now: Moment, ttl: float) -> Lease:
    return replace(lease, boot=now.boot, expires=now.mono + ttl, expires_wall=now.wall + ttl)


def _own(view: View, claim: Claim, lease: Lease) -> bool:
    """Whether the lease belongs to the claimant: its lane's, and no other live session's."""
    if lease.lane != claim.lane:
        return False
    return lease.session in {"", claim.session} or not claim.session or lease.session in view.dead


def _blocks(view: View, claim: Claim, lease: Lease) -> bool:
    if _own(view, claim, lease) or (lease.mode == claim.mode == "shared"):
        return False
    if lease.lane == claim.lane:
        return lease.live(view.now)
    return lease.blocks(view.now, view.rules.delay, dead=lease.session in view.dead)


def _serves(view: View, claim: Claim, lease: Lease) -> bool:
    """Whether a lease of the claimant's lane is good enough for the claim."""
    return _own(view, claim, lease) and lease.live(view.now) and (lease.mode == "exclusive" or claim.mode == "shared")


def _gives_way(view: View, claim: Claim, old: Lease, new: Lease) -> bool:
    """Whether a stored lease ends with this grant: it has run out, or the claimant's lane held it and the new one
    covers it and is no weaker: an exclusive lease stays beside a shared one, an explicit lock beside an edit's.
    """
    if not overlap(old.pattern, new.pattern):
        return False
    if not old.live(view.now):
        return True
    weaker = (new.mode == "shared" and old.mode == "exclusive") or (new.origin != "lock" and old.origin == "lock")
    return _own(view, claim, old) and contains(new, old.pattern) and not weaker


def _meets(lease: Lease, pattern: Pattern) -> bool:
    return overlap(lease.pattern, pattern)


def contains(lease: Lease, pattern: Pattern) -> bool:
    """Whether all of `pattern` lies under the lease."""
    if lease.glob:
        held = lease.pattern
        return held.key == pattern.key if pattern.glob else covers(held, pattern.text)
    return pattern.anchor == lease.anchor or pattern.anchor.startswith(f"{lease.anchor}/") or not lease.anchor


def _widest(patterns: list[Pattern]) -> tuple[Pattern, ...]:
    """Without repetitions, and without literals that lie under another literal of the list."""
    unique = {(pattern.glob, pattern.key): pattern for pattern in patterns}
    literals = [pattern.key for pattern in unique.values() if not pattern.glob]
    return tuple(
        pattern
        for pattern in unique.values()
        if pattern.glob or not any(pattern.key.startswith(f"{other}/") for other in literals if other != pattern.key)
    )
