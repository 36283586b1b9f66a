from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.stage import TTL, Desk, lane, pattern, rules

from lanewise.core import policy
from lanewise.core.halt import Halt
from lanewise.core.pattern import literal
from lanewise.core.policy import Asked, Target
from lanewise.core.verdict import Allowed, Denied
from lanewise.core.view import Decision

HALT = Halt("backend", "human", "two of us in one file", "ann", 1.0)
RULES = rules(
    lane("backend", "backend", "libs"), lane("frontend", "frontend", "libs/ui"), shared=["package.json", "locales"]
)


@pytest.fixture
def desk():
    return Desk(rules=RULES)


def own(path: str, **facts) -> Target:
    return Target(path, "own", pattern(path), **facts)


def judge(desk: Desk, *targets: Target, lane_name: str = "backend", halts=(), **facts) -> Allowed | Denied:
    view = replace(desk.view(), halts=tuple(halts))
    return desk.keep(policy.judge(view, Asked(lane_name, f"{lane_name}-1", targets, **facts)))


def rule_of(answer: Allowed | Denied) -> str:
    return answer.rule if isinstance(answer, Denied) else "allowed"


def test_an_edit_in_the_own_domain_takes_its_leases(desk):
    answer = judge(desk, own("backend/a.py"), own("backend/b.py"), why="tests", origin="shell")
    assert isinstance(answer, Allowed)
    assert answer.leases == desk.leases
    assert [(row.path, row.why, row.origin, row.mode) for row in desk.leases] == [
        ("backend/a.py", "tests", "shell", "exclusive"),
        ("backend/b.py", "tests", "shell", "exclusive"),
    ]


def test_an_unowned_path_is_leased_too(desk):
    assert isinstance(judge(desk, own("Makefile")), Allowed)
    assert rule_of(judge(desk, own("Makefile"), lane_name="frontend")) == "lease"


#: Each target breaks one rule; of two the rule that stands first here answers, whichever target is which.
RULES_IN_ORDER = [
    ("protected", Target("x", "guarded")),
    ("domain", Target("x", "main", pattern("backend/a.py"))),
    ("protected", own(".claude/settings.json", ignored=True)),
    ("shared", own("package.json")),
    ("domain", own("frontend/a.ts")),
]


def test_a_halt_answers_before_every_other_rule(desk):
    for _, target in RULES_IN_ORDER:
        assert rule_of(judge(desk, target, halts=[HALT])) == "halt"
    assert rule_of(judge(desk, own("backend/a.py"), halts=[HALT])) == "halt"
    assert rule_of(judge(desk, Target("x", "outside"), halts=[HALT])) == "halt"


def test_a_halt_stops_a_call_that_writes_nobody_knows_where(desk):
    assert rule_of(judge(desk, halts=[HALT])) == "halt"
    assert rule_of(judge(desk, halts=[HALT], writes=False)) == "allowed"
    assert rule_of(judge(desk, halts=[replace(HALT, scope="frontend")])) == "allowed"
    assert rule_of(judge(desk, halts=[replace(HALT, scope="all")])) == "halt"


def test_place_answers_before_protection():
    main = Target(".claude/settings.json", "main", pattern(".claude/settings.json"))
    assert rule_of(judge(Desk(rules=RULES), main)) == "domain"


def test_protection_answers_before_shared_and_domain():
    rules_ = rules(lane("backend", "backend"), lane("frontend", ".mcp.json"), shared=[".claude/settings.json"])
    desk = Desk(rules=rules_)
    assert rule_of(judge(desk, own(".claude/settings.json"))) == "protected"
    assert rule_of(judge(desk, own(".mcp.json"))) == "protected"


def test_shared_answers_before_domain():
    desk = Desk(rules=rules(lane("backend", "backend"), lane("frontend", "docs"), shared=["docs"]))
    assert rule_of(judge(desk, own("docs/a.md"))) == "shared"


def test_domain_answers_before_lease(desk):
    desk.grant("frontend/frontend-1", "frontend/a.ts")
    assert rule_of(judge(desk, own("frontend/a.ts"))) == "domain"


def test_a_lease_answers_last(desk):
    desk.grant("frontend/frontend-1", "Makefile")
    answer = judge(desk, own("Makefile"))
    assert rule_of(answer) == "lease"
    assert [row.session for row in answer.held_by] == ["frontend-1"]


@pytest.mark.parametrize(("rule", "target"), RULES_IN_ORDER)
def test_one_refused_target_refuses_the_call_and_takes_nothing(desk, rule, target):
    assert rule_of(judge(desk, own("backend/a.py"), target, own("backend/b.py"))) == rule
    assert desk.leases == ()
    assert desk.kinds == ["edit.denied"]


def test_an_ignored_file_needs_neither_domain_nor_lock_nor_lease(desk):
    desk.grant("frontend/frontend-1", "Makefile")
    for path in ("frontend/dist/a.js", "package.json", "Makefile", "backend/a.pyc"):
        assert judge(desk, own(path, ignored=True)) == Allowed()
    assert len(desk.leases) == 1


def test_an_ignored_file_may_still_be_protected(desk):
    assert rule_of(judge(desk, own(".claude/settings.local.json", ignored=True))) == "protected"
    assert rule_of(judge(desk, own("a/.claude-sessions/x", ignored=True))) == "protected"


def test_the_session_file_may_be_edited(desk):
    assert rule_of(judge(desk, own(".claude-sessions/active-sessions.json"))) == "allowed"


def test_outside_of_every_repository_nothing_is_asked(desk):
    assert judge(desk, Target("/tmp/x", "outside")) == Allowed()
    assert desk.kinds == []


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        (Target("x", "lane", pattern("backend/a.py"), lane="frontend"), "domain"),
        (Target("x", "main", pattern("backend/a.py")), "domain"),
        (Target("x", "foreign"), "domain"),
        (Target("x", "guarded"), "protected"),
    ],
)
def test_only_the_own_worktree_is_written(desk, target, rule):
    assert rule_of(judge(desk, target)) == rule


def test_a_session_outside_every_lane_writes_in_no_worktree(desk):
    for target in (own("Makefile"), Target("x", "main", pattern("Makefile")), Target("x", "foreign")):
        assert rule_of(judge(desk, target, lane_name="")) == "domain"
    assert judge(desk, Target("/tmp/x", "outside"), lane_name="") == Allowed()


def test_a_shared_path_is_written_under_an_explicit_lock_only(desk):
    assert rule_of(judge(desk, own("package.json"))) == "shared"
    desk.grant("backend/backend-1", "package.json")
    assert rule_of(judge(desk, own("package.json"))) == "shared"
    desk.grant("backend/backend-2", "locales", origin="lock")
    assert rule_of(judge(desk, own("locales/de.json"))) == "lease"
    desk.dead.add("backend-2")
    assert rule_of(judge(desk, own("locales/de.json"))) == "allowed"
    desk.pass_time(TTL)
    assert rule_of(judge(desk, own("locales/de.json"))) == "shared"


def test_a_lock_opens_no_other_shared_path(desk):
    desk.grant("backend/backend-1", "package.json", "locales/de.json", origin="lock")
    assert rule_of(judge(desk, own("locales/en.json"))) == "shared"
    assert rule_of(judge(desk, own("locales"))) == "shared"
    assert rule_of(judge(desk, own("locales/de.json"))) == "allowed"


def test_a_persons_lock_opens_a_shared_path_to_the_lane_again_and_again(desk):
    desk.grant("backend/", "package.json", origin="lock")
    for _ in range(2):
        assert rule_of(judge(desk, own("package.json"))) == "allowed"
        desk.pass_time(TTL / 2 + 1)


def test_a_shared_lock_opens_a_shared_path_for_more_than_one_edit(desk):
    desk.grant("backend/backend-1", "package.json", origin="lock", mode="shared")
    assert [rule_of(judge(desk, own("package.json"))) for _ in range(2)] == ["allowed", "allowed"]


def test_another_lanes_lock_on_a_shared_path_is_named(desk):
    desk.grant("frontend/frontend-1", "package.json", origin="lock")
    answer = judge(desk, own("package.json"))
    assert rule_of(answer) == "lease"
    assert answer.held_by[0].lane == "frontend"


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        (own("libs", tree=True), "domain"),
        (own("libs"), "allowed"),
        (own("libs/core", tree=True), "allowed"),
        (Target(".", "own", literal("./"), tree=True), "domain"),
        (own("libs/*", tree=True), "domain"),
        (own("libs/*.py", tree=True), "allowed"),
    ],
)
def test_a_tree_that_holds_another_lanes_domain_is_refused(desk, target, rule):
    assert rule_of(judge(desk, target)) == rule


def test_a_shared_tree_that_holds_another_lanes_domain_is_refused_even_when_locked():
    desk = Desk(rules=rules(lane("backend", "backend"), lane("frontend", "docs/ui"), shared=["docs"]))
    desk.grant("backend/backend-1", "docs", origin="lock")
    assert rule_of(judge(desk, own("docs", tree=True))) == "domain"
    assert rule_of(judge(desk, own("docs/a.md"))) == "allowed"


def test_a_refusal_is_logged_with_its_rule(desk):
    decision = policy.judge(desk.view(), Asked("backend", "backend-1", (own("frontend/a.ts"),)))
    assert isinstance(decision, Decision)
    (event,) = decision.events
    assert (event.kind, event.lane, event.session, event.path) == (
        "edit.denied",
        "backend",
        "backend-1",
        "frontend/a.ts",
    )
    assert event.data["rule"] == "domain"


def test_a_call_that_writes_nothing_decides_nothing(desk):
    assert judge(desk) == Allowed()
    assert desk.kinds == []
