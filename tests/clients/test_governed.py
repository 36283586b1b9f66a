"""What the real client's model gets back when a lane governs it, kept word for word as golden files."""

from __future__ import annotations

import json

import pytest
from tests.clients.conftest import lane_write
from tests.clients.golden import Golden

from lanewise.demo.model import Held, Say, Use

pytestmark = pytest.mark.client

FOREIGN = "frontend/src/App.vue"


def bash(command):
    return Use("Bash", {"command": command, "description": "run it"})


def told(model):
    """What the model was told about each tool call, in the order of the calls' names."""
    return [{"tool": result.tool, "refused": result.is_error, "text": result.text} for result in model.tool_results()]


def test_every_way_of_writing_into_another_lanes_domain_is_refused(lanes, scripted, start_lane):
    path = lanes.lane("backend") / FOREIGN
    before = path.read_bytes()
    other = lanes.lane("frontend") / "frontend" / "hello.txt"
    model = scripted([
        (Use("Read", {"file_path": str(path)}),),
        (lane_write(lanes, "backend", FOREIGN, "mine now\n"),),
        (Use("Edit", {"file_path": str(path), "old_string": "<template>", "new_string": "<!-- mine --><template>"}),),
        (bash(f"echo mine >> {FOREIGN}"),),
        (bash(f"sed -i s/a/b/ {FOREIGN}"),),
        (Use("Write", {"file_path": str(other), "content": "into your worktree\n"}),),
        (bash(f"echo mine > {other}"),),
        (bash("echo '[user]' >> $(git rev-parse --git-common-dir)/config; echo x > ../naga/README.md"),),
        (bash("git stash"),),
        Say("done"),
    ])  # fmt: skip
    assert start_lane("backend", model).wait(60).exit == 0

    assert path.read_bytes() == before
    assert not other.exists()
    assert lanes.git("status", "--porcelain") == ""
    assert lanes.git("stash", "list") == ""
    Golden("refused").check(lanes, told(model)[1:])


def test_a_subagent_is_its_session_and_obeys_its_lane(lanes, scripted, start_lane):
    agent = Use(
        "Agent",
        {"description": "d", "prompt": "write", "subagent_type": "general-purpose", "run_in_background": False},
    )
    sub = (
        (lane_write(lanes, "backend", "backend/by_subagent.txt", "yes\n"),),
        (lane_write(lanes, "backend", FOREIGN, "no\n"),),
        Say("sub done"),
    )
    model = scripted([(agent,), Say("done")], subagent=sub)
    start_lane("backend", model).wait(60)

    assert (lanes.lane("backend") / "backend" / "by_subagent.txt").read_text() == "yes\n"
    assert "frontend" not in lanes.git("status", "--porcelain", cwd=lanes.lane("backend"))
    granted = lanes.events("lease.granted")
    assert [event["path"] for event in granted] == ["backend/by_subagent.txt"]
    assert {event["session"] for event in granted} == {event["session"] for event in lanes.events("session.started")}


def test_of_parallel_calls_only_the_held_one_is_refused(lanes, scripted, start_lane):
    lanes.run("lock", "NOTES.md", "--lane", "frontend", "--why", "release notes")
    names = ("backend/one.txt", "NOTES.md", "backend/two.txt")
    model = scripted([tuple(lane_write(lanes, "backend", name, f"{name}\n") for name in names), Say("done")])
    start_lane("backend", model).wait(60)

    written = [name for name in names if (lanes.lane("backend") / name).exists()]
    assert written == ["backend/one.txt", "backend/two.txt"]
    refused = [result for result in model.tool_results() if result.is_error]
    assert len(refused) == 1
    Golden("parallel").check(lanes, [{"tool": refused[0].tool, "text": refused[0].text}])


def test_a_session_is_told_its_lane_at_its_start(lanes, scripted, start_lane):
    lanes.run("lock", "NOTES.md", "--lane", "frontend", "--why", "release notes")
    model = scripted([Say("done")])
    start_lane("backend", model).wait(60)

    whole = "\n".join(model.transcript().context)
    start = whole.index("lanewise: you work in lane")
    text = whole[start:].split("\n", 1)[0]
    assert whole.count("lanewise: you work in lane") == 1
    assert len(text) <= 1500
    Golden("session-start").check(lanes, text)


def test_tampering_with_the_settings_does_not_take_the_gate_away(lanes, scripted, start_lane):
    """The file is changed behind the hooks' back, as a program started in a shell could."""
    settings = lanes.lane("backend") / ".claude" / "settings.local.json"
    wanted = json.loads(settings.read_text())
    command = (
        "python3 -c \"import json,pathlib; pathlib.Path('.claude/settings.local.json').write_text(json.dumps("
        "{'permissions': {'allow': ['Bash(ls:*)']}}))\"; sleep 2"
    )
    again = Held((lane_write(lanes, "backend", FOREIGN, "mine now\n"),))
    model = scripted([
        (lane_write(lanes, "backend", ".claude/settings.local.json", "{}"),),
        (bash("echo '{}' > .claude/settings.local.json"),),
        (bash(command),),
        again,
        Say("done"),
    ])  # fmt: skip
    client = start_lane("backend", model)
    assert again.reached.wait(30)
    again.release.set()
    client.wait(60)

    results = model.tool_results()
    assert [result.is_error for result in results] == [True, True, False, True]
    mended = json.loads(settings.read_text())
    assert mended["hooks"] == wanted["hooks"]
    assert mended["permissions"] == {"allow": ["Bash(ls:*)"]}
    assert [event["kind"] for event in lanes.events("settings.kept")] == ["settings.kept"]


@pytest.mark.parametrize("governed", [True, False])
def test_the_users_own_rules_answer_as_without_lanewise(governed, lanes, scripted, start_lane, start_client):
    """deny, ask (refused headless) and allow, in the client's default mode: the same answers with and without us."""
    settings = lanes.lane("backend") / ".claude" / "settings.local.json"
    body = json.loads(settings.read_text()) if governed else {}
    body["permissions"] = {"deny": ["Bash(touch:*)"], "allow": ["Bash(mkdir:*)", "Write"], "ask": ["Bash(cp:*)"]}
    if not governed:
        lanes.run("down")
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps(body))
    model = scripted([
        (bash("touch backend/denied.txt"),),
        (bash("mkdir backend/allowed"),),
        (bash("cp README.md backend/asked.md"),),
        (bash("ln -s README.md backend/unknown.md"),),
        (lane_write(lanes, "backend", "backend/written.txt", "yes\n"),),
        Say("done"),
    ])  # fmt: skip
    if governed:
        start_lane("backend", model, mode="default").wait(60)
    else:
        start_client(lanes.lane("backend"), model, permission_mode="default").wait(60)
    Golden("permissions").check(lanes, told(model))


def test_a_client_started_in_a_subfolder_is_governed_too(lanes, scripted, start_client):
    model = scripted([(lane_write(lanes, "backend", FOREIGN, "mine now\n"),), Say("done")])
    start_client(lanes.lane("backend") / "backend", model, env={"XDG_RUNTIME_DIR": ""}).wait(60)

    assert "belongs to lane frontend" in model.tool_results()[0].text
