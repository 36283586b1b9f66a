"""The main job with the real client: two lanes, started together, and neither overwrites the other."""

from __future__ import annotations

import threading

import pytest
from tests.clients.conftest import lane_write
from tests.clients.golden import Golden

from lanewise.demo.model import Held, Say, Use

pytestmark = pytest.mark.client

BOTH = "CHANGELOG.md"


class Agent:
    """A scripted agent of one lane: ten files of its own, the file that both want, a commit, a merge of main."""

    def __init__(self, lanes, lane, start, met):
        self.lanes, self.lane = lanes, lane
        self.files = [f"{lane}/made_{number}.txt" for number in range(10)]
        self._start, self._met = start, met
        self.steps = [
            *((lane_write(lanes, lane, name, f"{lane}\n"),) for name in self.files),
            (lane_write(lanes, lane, BOTH, f"changed by {lane}\n"),),
            (Use("Bash", {"command": "git add -A && git commit -qm 'ten files'", "description": "commit"}),),
            (Use("Bash", {"command": "git merge --no-edit main", "description": "take main in"}),),
            Say("done"),
        ]

    def __call__(self, talk):
        if talk.turns == 0:
            # Write wants the file read first.
            return (Use("Read", {"file_path": str(self.lanes.lane(self.lane) / BOTH)}),)
        if talk.turns == 1:
            self._start.wait(20)
        if talk.turns == len(self.files) + 2:
            # Neither commits, which gives leases back, before both have tried the common file.
            self._met.wait(20)
        return self.steps[talk.turns - 1]


def test_two_clients_started_together_never_write_without_a_live_lease(lanes, scripted, start_lane):
    """Done-when 2: the loser is told holder, reason, time left, next step; both commit; a merge of main passes."""
    start, met = threading.Barrier(2), threading.Barrier(2)
    agents = {lane: Agent(lanes, lane, start, met) for lane in ("backend", "frontend")}
    models = {lane: scripted(agent) for lane, agent in agents.items()}
    (lanes.root / "docs" / "from-main.md").write_text("from main\n")
    lanes.git("add", "-A")
    lanes.git("commit", "-qm", "main goes on")

    clients = {lane: start_lane(lane, model, f"work on {lane}") for lane, model in models.items()}
    runs = {lane: client.wait(90) for lane, client in clients.items()}

    assert {lane: run.exit for lane, run in runs.items()} == {"backend": 0, "frontend": 0}
    tried = {lane: _result_of(model, BOTH, lanes) for lane, model in models.items()}
    losers = [lane for lane, result in tried.items() if result.is_error]
    assert len(losers) == 1
    loser = losers[0]
    winner = next(lane for lane in tried if lane != loser)
    text = tried[loser].text
    assert f"is held by lane {winner} (session claude-code:" in text
    assert f'for "work on {winner}"' in text
    assert "30 min left" in text
    assert "Next: work on something else now and try again later" in text
    assert (lanes.lane(loser) / BOTH).read_text() == (lanes.root / BOTH).read_text()
    _assert_every_write_was_leased(lanes, agents, loser)
    for lane in agents:
        assert lanes.git("status", "--porcelain", cwd=lanes.lane(lane)) == ""
        log = lanes.git("log", "--format=%s", cwd=lanes.lane(lane))
        assert "ten files" in log
        assert "main goes on" in log
    assert lanes.events("edit.unleased") == []
    assert lanes.json("locks") == []


def _result_of(model, name, lanes):
    """The outcome of the one Write of `name`, found by the id of its call."""
    for request in model.requests:
        for message in request["messages"]:
            for block in message["content"] if isinstance(message["content"], list) else ():
                if block.get("name") == "Write" and block["input"]["file_path"].endswith(name):
                    return next(result for result in model.tool_results() if result.tool_use_id == block["id"])
    raise AssertionError(f"nobody tried {name}")


def _assert_every_write_was_leased(lanes, agents, loser):
    granted = {(event["lane"], event["path"]) for event in lanes.events("lease.granted")}
    for lane, agent in agents.items():
        for name in agent.files:
            assert (lanes.lane(lane) / name).read_text() == f"{lane}\n"
            assert (lane, name) in granted
    assert (loser, BOTH) not in granted


def test_a_halt_in_the_middle_of_a_turn_stops_the_next_write_and_ends_the_turn(lanes, scripted, start_lane):
    """Done-when 3."""
    path = lanes.lane("backend") / "backend" / "halted.txt"
    held = Held((Use("Write", {"file_path": str(path), "content": "no\n"}),))
    model = scripted([(lane_write(lanes, "backend", "backend/before.txt", "yes\n"),), held, Say("never said")])
    client = start_lane("backend", model)
    assert held.reached.wait(30)

    lanes.run("halt", "--reason", "let me look")
    held.release.set()
    run = client.wait(30)

    assert (lanes.lane("backend") / "backend" / "before.txt").exists()
    assert not path.exists()
    assert run.terminal_reason == "hook_stopped"
    assert len(model.requests) == 2
    Golden("halt-mid-turn").check(lanes, run.permission_denials)

    refused = scripted([Say("never asked")])
    start_lane("backend", refused, "go on").wait(30)
    assert refused.requests == []

    lanes.run("resume")
    model = scripted([(lane_write(lanes, "backend", "backend/halted.txt", "yes\n"),), Say("done")])
    assert start_lane("backend", model).wait(30).exit == 0
    assert path.read_text() == "yes\n"


def test_an_agent_that_resumes_is_refused(lanes, scripted, start_lane):
    """Done-when 3: the halt is set after the agent's shell has begun, so that nothing but the rule refuses it."""
    command = "lanewise halt --reason mine >/dev/null; lanewise resume; echo status $?"
    model = scripted([(Use("Bash", {"command": command, "description": "halt, then resume"}),), Say("done")])
    start_lane("backend", model).wait(30)

    assert "Only a human may resume" in model.tool_results()[0].text
    assert "status 3" in model.tool_results()[0].text
    assert lanes.json("status")["halts"][0]["reason"] == "mine"
