"""What the lessor should do, said a second time and simply: sets of paths of a small universe, and no pattern code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TTL, DELAY = 100.0, 15.0
UNIVERSE = (
    "src src/a.py src/a.py/below src/b.ts src/b.ts/q.py src/c.py src/z src/z/q.py src/sub src/sub/x.py "
    "src/sub/x.py/below src/sub/z src/sub/z/q.py lib lib/y.py lib/y.py/below lib/z lib/z/q.py docs"
).split()
#: Name -> (expression of what it covers, whether it is a glob).
NAMES: dict[str, tuple[str, bool]] = {
    "src/a.py": (r"src/a\.py(/.*)?", False),
    "src/b.ts": (r"src/b\.ts(/.*)?", False),
    "src": (r"src(/.*)?", False),
    "src/sub": (r"src/sub(/.*)?", False),
    "src/sub/x.py": (r"src/sub/x\.py(/.*)?", False),
    "lib/y.py": (r"lib/y\.py(/.*)?", False),
    "lib": (r"lib(/.*)?", False),
    "src/*.py": (r"src/[^/]*\.py(/.*)?", True),
    "src/sub/*": (r"src/sub/[^/]+(/.*)?", True),
    "**/*.py": (r"(.*/)?[^/]*\.py(/.*)?", True),
    "*/z": (r"[^/]*/z(/.*)?", True),
}
CELLS = {
    name: frozenset(path for path in UNIVERSE if re.fullmatch(expression, path))
    for name, (expression, _) in NAMES.items()
}


@dataclass
class Record:
    """A lease."""

    lane: str
    session: str
    mode: str
    name: str
    origin: str
    expires: float
    touched: bool = False

    def facts(self) -> tuple[str, str, str, str, str, float, bool]:
        return self.lane, self.session, self.mode, self.name, self.origin, self.expires, self.touched


@dataclass
class Model:
    """All leases, oldest grant first."""

    now: float = 0.0
    dead: set[str] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)

    def claim(self, lane: str, session: str, names: list[str], mode: str, origin: str) -> bool:
        asker = (lane, session)
        if any(
            CELLS[old.name] & CELLS[name] and self._stops(old, asker, mode) for old in self.records for name in names
        ):
            return False
        missing: list[str] = []
        dead_ones: list[Record] = []
        for name in names:
            found = next((old for old in self.records if self._serves(old, asker, name, mode)), None)
            if found is None:
                missing.append(name)
            elif found.session in self.dead and found not in dead_ones:
                dead_ones.append(found)
            elif found.session not in self.dead:
                self._renew(found)
        self.hand_over(dead_ones, session)
        fresh = [Record(lane, session, mode, name, origin, self.now + TTL) for name in self._widest(missing)]
        for new in fresh:
            replaced = [old for old in self.records if self._gives_way(old, asker, new)]
            new.touched = any(old.touched for old in replaced if old.lane == lane)
            self.records = [old for old in self.records if old not in replaced]
        self.records += fresh
        return True

    def hand_over(self, records: list[Record], session: str) -> None:
        """Adoption is a new grant: the leases become the youngest."""
        self.records = [old for old in self.records if old not in records] + records
        for record in records:
            record.session, record.expires = session, self.now + TTL

    def touch(self, session: str) -> None:
        for record in self.of(session):
            record.touched = True
            self._renew(record)

    def renew(self, session: str) -> None:
        for record in self.of(session):
            self._renew(record)

    def of(self, session: str) -> list[Record]:
        return [record for record in self.records if record.session == session]

    def live(self, record: Record) -> bool:
        return self.now < record.expires

    def _renew(self, record: Record) -> None:
        if record.expires - self.now < TTL / 2:
            record.expires = self.now + TTL

    def _own(self, old: Record, asker: tuple[str, str]) -> bool:
        lane, session = asker
        return old.lane == lane and (not session or old.session in {"", session} or old.session in self.dead)

    def _stops(self, old: Record, asker: tuple[str, str], mode: str) -> bool:
        if self._own(old, asker) or (old.mode == "shared" and mode == "shared"):
            return False
        grace = 0.0 if old.lane == asker[0] or old.session in self.dead else DELAY
        return self.now < old.expires + grace

    def _serves(self, old: Record, asker: tuple[str, str], name: str, mode: str) -> bool:
        strong = old.mode == "exclusive" or mode == "shared"
        return self._own(old, asker) and self.live(old) and strong and _holds(old.name, name)

    def _gives_way(self, old: Record, asker: tuple[str, str], new: Record) -> bool:
        if not CELLS[old.name] & CELLS[new.name]:
            return False
        stronger = (old.mode == "exclusive" and new.mode == "shared") or (old.origin == "lock" and new.origin == "edit")
        return not self.live(old) or (self._own(old, asker) and _holds(new.name, old.name) and not stronger)

    @staticmethod
    def _widest(names: list[str]) -> list[str]:
        literals = [name for name in names if not NAMES[name][1]]
        return [
            name
            for name in dict.fromkeys(names)
            if NAMES[name][1] or not any(CELLS[name] < CELLS[other] for other in literals)
        ]


def _holds(outer: str, inner: str) -> bool:
    """A glob holds no other glob: whether it does is not asked."""
    return outer == inner if NAMES[outer][1] and NAMES[inner][1] else CELLS[outer] >= CELLS[inner]
