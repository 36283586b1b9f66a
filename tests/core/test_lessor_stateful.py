from __future__ import annotations

from itertools import combinations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from tests.core.lease_model import CELLS, DELAY, NAMES, TTL, UNIVERSE, Model
from tests.core.replay import replay
from tests.core.stage import WALL, lane, pattern

from lanewise.core import lessor
from lanewise.core.lane import Rules
from lanewise.core.lease import Lease
from lanewise.core.pattern import covers, overlap
from lanewise.core.rows import TABLES, HighWater, ref
from lanewise.core.view import EPOCH, Moment, View
from lanewise.store.memory import MemoryStore

RULES = Rules("demo", "/repo", "main", (lane("one", "src"), lane("two", "lib")), ttl=TTL, delay=DELAY)
names = st.lists(st.sampled_from(sorted(NAMES)), min_size=1, max_size=3)
lanes = st.sampled_from(["one", "two"])
#: A person asks for a lane, as no session.
people = st.tuples(lanes, st.just(""))


def test_the_universe_is_rich_enough_to_show_every_overlap_and_every_containment():
    for a in NAMES:
        assert CELLS[a] == {path for path in UNIVERSE if covers(pattern(a), path)}
        for b in NAMES:
            assert bool(CELLS[a] & CELLS[b]) == overlap(pattern(a), pattern(b)), (a, b)


class LessorMachine(RuleBasedStateMachine):
    """Any order of claims, time, deaths and hand-overs, on the product and on the model side by side."""

    sessions = Bundle("sessions")

    @initialize(target=sessions)
    def open(self):
        self.mono = 1000.0
        self.model = Model(self.mono)
        self.store = MemoryStore(lambda: Moment("boot-1", self.mono, WALL + self.mono))
        self.started = 2
        self.tokens: list[int] = []
        return multiple(("one", "session-1"), ("two", "session-2"))

    @rule(target=sessions, lane=lanes)
    def start(self, lane):
        self.started += 1
        return (lane, f"session-{self.started}")

    @rule(
        who=sessions | people,
        asked=names,
        mode=st.sampled_from(["exclusive", "exclusive", "shared"]),
        lock=st.booleans(),
    )
    def acquire(self, who, asked, mode, lock):
        origin = "lock" if lock else "edit"
        claim = lessor.Claim(*who, tuple(map(pattern, asked)), mode, origin=origin)
        answer = self.turn(lambda view: lessor.acquire(view, claim), claim.patterns)
        granted = isinstance(answer, lessor.Granted)
        assert granted == self.model.claim(*who, asked, mode, origin)
        if granted:
            stored = set(self.leases())
            assert set(answer.leases) <= stored
            for asked_pattern in claim.patterns:
                assert any(lessor.contains(lease, asked_pattern) and lease.lane == who[0] for lease in answer.leases)

    @rule(seconds=st.sampled_from([1.0, DELAY, TTL / 2, TTL / 2 + 1, TTL - 1, TTL]))
    def pass_time(self, seconds):
        self.mono += seconds
        self.model.now = self.mono

    @rule(who=consumes(sessions))
    def die(self, who):
        self.model.dead.add(who[1])

    @rule(who=consumes(sessions))
    def end(self, who):
        """A session that ends gives back what it holds."""
        self.release(who)
        self.model.dead.add(who[1])

    @precondition(lambda self: self.model.dead)
    @rule(who=sessions | people)
    def adopt(self, who):
        left = [
            row for row in self.leases() if row.lane == who[0] and row.session in self.model.dead and self.live(row)
        ]
        self.turn(lambda view: lessor.adopt(view, left, who[1]))
        found = [row for row in self.model.records if row.lane == who[0] and row.session in self.model.dead]
        self.model.hand_over([row for row in found if self.model.live(row)], who[1])

    @rule(who=sessions)
    def release(self, who):
        mine = [row for row in self.leases() if row.session == who[1]]
        self.turn(lambda _: lessor.release(mine))
        gone = self.model.of(who[1])
        self.model.records = [row for row in self.model.records if row not in gone]

    @rule(who=sessions)
    def touch(self, who):
        mine = [row for row in self.leases() if row.session == who[1]]
        self.turn(lambda view: lessor.touch(view.now, mine, TTL))
        self.model.touch(who[1])

    @rule(who=sessions)
    def renew(self, who):
        mine = [row for row in self.leases() if row.session == who[1]]
        self.turn(lambda view: lessor.renew(view.now, mine, TTL))
        self.model.renew(who[1])

    @invariant()
    def no_two_lanes_hold_one_path_unless_both_share_it(self):
        live = [row for row in self.leases() if self.live(row)]
        for a, b in combinations(live, 2):
            if a.lane != b.lane and "exclusive" in {a.mode, b.mode}:
                assert not CELLS[a.path] & CELLS[b.path], (a, b)

    @invariant()
    def no_two_live_sessions_of_a_lane_hold_one_path(self):
        live = [row for row in self.leases() if self.live(row) and row.session not in {"", *self.model.dead}]
        for a, b in combinations(live, 2):
            if a.session != b.session and "exclusive" in {a.mode, b.mode}:
                assert not CELLS[a.path] & CELLS[b.path], (a, b)

    @invariant()
    def the_tables_are_the_models(self):
        stored = [
            (row.lane, row.session, row.mode, row.path, row.origin, row.expires, row.touched) for row in self.leases()
        ]
        assert sorted(stored) == sorted(row.facts() for row in self.model.records)

    @invariant()
    def tokens_rise_and_never_repeat(self):
        assert self.tokens == sorted(set(self.tokens))
        assert all(EPOCH < token <= self.store.take(lambda turn: turn.last_token()) for token in self.tokens)

    @invariant()
    def no_token_is_above_its_high_water_mark(self):
        marks = {row.anchor: row.token for row in self.rows(HighWater)}
        assert all(row.token <= marks[row.anchor] for row in self.leases())

    @invariant()
    def the_log_replayed_gives_the_tables(self):
        log = self.store.take(lambda turn: turn.events(0, 10_000))
        tables = {ref(row): row for table in TABLES for row in self.rows(table.type)}
        assert replay(entry.changes for entry in log) == tables

    def turn(self, decide, patterns=()):
        def inside(turn):
            near = turn.leases_near(patterns)
            decision = decide(View(turn.now, turn.last_token(), RULES, near, dead=frozenset(self.model.dead)))
            new = [row.token for event in decision.events for row in event.puts if isinstance(row, HighWater)]
            return turn.save(decision), new

        answer, new = self.store.take(inside)
        self.tokens += new
        return answer

    def rows(self, kind):
        return self.store.take(lambda turn: turn.all(kind))

    def leases(self):
        return self.rows(Lease)

    def live(self, lease):
        return self.mono < lease.expires


TestLessorMachine = LessorMachine.TestCase
TestLessorMachine.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
