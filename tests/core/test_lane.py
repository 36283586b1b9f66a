from __future__ import annotations

import json

from lanewise.core.lane import load_rules

STORED = {
    "project": "demo",
    "root": "/repo",
    "main": "main",
    "lanes": {
        "backend": {
            "domain": ["backend", "**/*.py"],
            "branch": "feature/backend/work",
            "worktree": "/repo-backend",
            "client": "claude",
            "good_at": ["django"],
            "copy": [".env"],
            "setup": ["make"],
            "services": ["api"],
            "env": {"B": "2", "A": "1"},
        }
    },
    "shared": ["package.json"],
    "ttl": 60.0,
    "delay": 5.0,
    "same_file": "halt",
    "guarded": ["/opt/venv"],
}


def test_a_stored_revision_becomes_rules():
    rules = load_rules(json.loads(json.dumps(STORED)))
    lane = rules.find_lane("backend")
    assert [pattern.text for pattern in lane.domain] == ["backend", "**/*.py"]
    assert [pattern.glob for pattern in lane.domain] == [False, True]
    assert (lane.worktree, lane.setup, lane.env) == ("/repo-backend", ("make",), (("A", "1"), ("B", "2")))
    assert (rules.ttl, rules.delay, rules.same_file, rules.guarded) == (60.0, 5.0, "halt", ("/opt/venv",))
    assert [pattern.text for pattern in rules.shared] == ["package.json"]


def test_an_unknown_lane_is_not_found():
    assert load_rules(STORED).find_lane("Backend") is None


def test_a_lanes_own_branches_lie_below_its_name():
    assert load_rules(STORED).find_lane("backend").branches == "feature/backend/*"
