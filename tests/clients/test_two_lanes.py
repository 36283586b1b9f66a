"""The main job with the real client: two lanes, started together, and neither overwrites the other."""

from __future__ import annotations

import pytest
from tests.clients.harness import LiveClient
from tests.clients.lanes import LANEWISE, make_lanes

from lanewise.demo.claude import claude_argv, claude_env
from lanewise.demo.model import Say, Use

pytestmark = pytest.mark.client


@pytest.fixture
def lanes(tmp_path):
    made = make_lanes(tmp_path)
    yield made
    made.down()


@pytest.fixture
def start_lane(claude, lanes, tmp_path):
    """Starts a lane's client through `lanewise run`."""
    clients = []

    def start(lane, model, prompt="work", *, mode="bypassPermissions", extra=()):
        env = claude_env(str(tmp_path / "home"), model.url, lanes.env["PATH"]) | {"XDG_RUNTIME_DIR": ""}
        argv = [LANEWISE, "run", lane, "--", *claude_argv(prompt, program=claude, permission_mode=mode, extra=extra)]
        client = LiveClient(argv, lanes.root, env, tmp_path / f"run{len(clients)}")
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.end()


def test_two_clients_share_a_repository_and_neither_overwrites_the_other(lanes, scripted, start_lane):
    def script(lane, folder):
        def play(talk):
            files = [(f"{folder}/new_{number}.txt", f"{lane} {number}\n") for number in range(10)]
            files.append(("CHANGELOG.md", f"changed by {lane}\n"))
            if talk.turns == 0:
                return (Use("Bash", {"command": "cat CHANGELOG.md", "description": "look"}), Use("Read", {"file_path": str(lanes.lane(lane) / "CHANGELOG.md")}))
            if talk.turns <= len(files):
                name, text = files[talk.turns - 1]
                return (Use("Write", {"file_path": str(lanes.lane(lane) / name), "content": text}),)
            if talk.turns == len(files) + 1:
                return (Use("Bash", {"command": "git add -A && git commit -qm work", "description": "commit"}),)
            return Say("done")

        return play

    models = {lane: scripted(script(lane, folder)) for lane, folder in (("backend", "backend"), ("frontend", "frontend"))}
    clients = [start_lane(lane, model) for lane, model in models.items()]
    runs = [client.wait(60) for client in clients]
    for run in runs:
        print(run.exit, run.stderr[-500:], run.result)
    for lane, model in models.items():
        for result in model.tool_results():
            print(lane, result)
    print(lanes.run("log", "-n", "200"))
    assert [run.exit for run in runs] == [0, 0]
