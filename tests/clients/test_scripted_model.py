"""The scripted model, and what the real Claude Code does with it when nothing of lanewise is there."""

from __future__ import annotations

import json
import subprocess
import urllib.request

import psutil
import pytest
from tests.clients.harness import write_settings
from tests.clients.record_payloads import FOLDER, record

from lanewise.demo.claude import claude_argv, claude_env, claude_version, find_claude
from lanewise.demo.model import Held, Say, ScriptedModel, Use

client = pytest.mark.client


def write(path, content="1"):
    return Use("Write", {"file_path": str(path), "content": content})


def bash(command):
    return (Use("Bash", {"command": command}),)


def denial(reason, **more):
    verdict = {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": reason}
    return {"hookSpecificOutput": verdict, **more}


def ask(model, *, retry=0, agent="", stream=False, messages=1, tools=True):
    """One turn as the client sends it, without the client."""
    texts = [{"role": "user", "content": "hi"}] * messages
    body = {"model": "m", "messages": texts, "stream": stream, "tools": [{"name": "Write"}] if tools else []}
    headers = {"x-stainless-retry-count": str(retry), "x-claude-code-agent-id": agent}
    request = urllib.request.Request(f"{model.url}/v1/messages", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        raw = answer.read().decode()
    return raw if stream else [block.get("text") or block["name"] for block in json.loads(raw)["content"]]


# the model alone


def test_a_request_without_tools_plays_no_step(scripted):
    model = scripted([Say("first")])
    assert ask(model, tools=False) == ["ok"]
    assert ask(model) == ["first"]
    assert (len(model.side_requests), len(model.requests)) == (1, 1)


def test_a_retried_request_gets_the_answer_it_missed(scripted):
    model = scripted([Say("first"), Say("second")])
    assert [ask(model), ask(model, retry=1), ask(model, messages=3)] == [["first"], ["first"], ["second"]]


def test_each_subagent_plays_the_subagent_script_from_its_start(scripted):
    model = scripted([Say("main")], subagent=[Say("part 1"), Say("part 2")])
    assert [ask(model, agent=name) for name in ("a1", "a2", "a1")] == [["part 1"], ["part 1"], ["part 2"]]
    assert ask(model) == ["main"]


def test_a_script_played_out_says_done(scripted):
    assert ask(scripted([])) == ["done"]


def test_a_script_that_raises_fails_its_user():
    def broken(so_far):
        raise LookupError(so_far.prompt)

    with pytest.raises(LookupError, match="hi"), ScriptedModel(broken) as model:
        ask(model)


def test_a_stream_ends_with_its_stop_reason(scripted):
    raw = ask(scripted([(write("x"), write("y"))]), stream=True)
    events = [json.loads(line.removeprefix("data: ")) for line in raw.splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events[-2:]] == ["message_delta", "message_stop"]
    assert events[-2]["delta"]["stop_reason"] == "tool_use"
    assert sum(event["type"] == "content_block_start" for event in events) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_anything_else_gets_a_small_valid_answer(scripted, method):
    request = urllib.request.Request(f"{scripted([]).url}/api/hello", method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


# finding and starting the client, without it


def test_the_environment_holds_nothing_of_the_callers(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "secret")
    monkeypatch.setenv("CLAUDECODE", "1")
    env = claude_env("/home", "http://127.0.0.1:1", "/bin")
    assert "secret" not in env.values()
    assert (env["HOME"], env["PATH"], "CLAUDECODE" in env) == ("/home", "/bin", False)


def test_only_bypass_mode_skips_permissions():
    assert "--dangerously-skip-permissions" in claude_argv("p")
    assert claude_argv("p", permission_mode="default")[-2:] == ["--permission-mode", "default"]


@pytest.mark.parametrize(
    ("said", "version"),
    [("2.1.330 (Claude Code)\n", (2, 1, 330)), ("git version 2.39", None), ("2.1.330", None), ("", None)],
)
def test_a_version_is_read_only_from_claude_code(said, version):
    assert claude_version("claude", lambda argv: said) == version


def test_a_client_that_does_not_run_is_not_found(monkeypatch, tmp_path):
    def refuse(argv):
        raise PermissionError(argv[0])

    monkeypatch.setenv("LANEWISE_CLAUDE", "/somewhere/claude")
    assert find_claude(refuse, checkout=tmp_path) is None


def test_the_newest_pinned_client_comes_before_the_one_on_path(monkeypatch, tmp_path):
    monkeypatch.delenv("LANEWISE_CLAUDE", raising=False)
    for version in ("2.1.99", "2.1.330", "2.1.400.part"):
        home = tmp_path / ".cache" / "clients" / f"claude-code@{version}"
        home.mkdir(parents=True)
        (home / "claude").touch()
    found = find_claude(lambda argv: "2.1.330 (Claude Code)", checkout=tmp_path)
    assert found == str(tmp_path / ".cache/clients/claude-code@2.1.330/claude")


# the real client


@client
def test_what_the_script_writes_is_on_disk(repo, scripted, run_claude):
    edit = Use("Edit", {"file_path": str(repo / "a.txt"), "old_string": "one", "new_string": "two"})
    read = Use("Read", {"file_path": str(repo / "a.txt")})
    model = scripted([(write(repo / "w.txt", "w"),), (read,), (edit,), bash("echo b > b.txt"), Say("bye")])
    run = run_claude(repo, model)
    assert [(repo / name).read_text() for name in ("w.txt", "a.txt", "b.txt")] == ["w", "two\n", "b\n"]
    assert (run.exit, run.terminal_reason, run.result["result"]) == (0, "completed", "bye")
    assert [(result.tool, result.is_error) for result in model.tool_results()] == [
        (tool, False) for tool in ("Write", "Read", "Edit", "Bash")
    ]
    assert len(model.requests) == 5


@client
def test_one_of_three_parallel_calls_can_be_denied(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("PreToolUse"))
    recorder.reply({"event": "PreToolUse", "contains": "p2", "stdout": denial("p2 is held")})
    model = scripted([tuple(write(repo / name) for name in ("p1", "p2", "p3")), Say("bye")])
    run = run_claude(repo, model)
    assert sorted(path.name for path in repo.glob("p?")) == ["p1", "p3"]
    assert [result.is_error for result in model.tool_results()] == [False, True, False]
    assert [denied["tool_input"]["file_path"] for denied in run.permission_denials] == [str(repo / "p2")]


@client
def test_a_subagent_writes_by_its_own_script_and_its_hooks_name_it(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("PreToolUse", "SubagentStart", "SubagentStop"))
    task = {"description": "d", "prompt": "write s", "subagent_type": "general-purpose", "run_in_background": False}
    model = scripted([(Use("Agent", task),), Say("bye")], subagent=[(write(repo / "s.txt"),), Say("written")])
    run_claude(repo, model)
    (writing,) = recorder.seen("PreToolUse", "Write")
    (begun,) = recorder.seen("SubagentStart")
    assert (repo / "s.txt").exists()
    assert writing.payload["agent_id"] == begun.payload["agent_id"]
    assert "written" in model.tool_results()[0].text
    assert (len(model.requests), len(model.subagent_requests)) == (2, 2)


@client
def test_the_model_hears_why_it_was_refused_and_can_do_something_else(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("PreToolUse"))
    recorder.reply({"event": "PreToolUse", "contains": "held.txt", "stdout": denial("frontend holds held.txt")})

    def agent(so_far):
        if so_far.last is None:
            return (write(repo / "held.txt"),)
        return (write(repo / "own.txt"),) if "frontend holds held.txt" in so_far.last.text else Say("bye")

    model = scripted(agent)
    run_claude(repo, model)
    assert not (repo / "held.txt").exists()
    assert (repo / "own.txt").exists()
    assert model.tool_results()[0].text == "PreToolUse:Write hook error: frontend holds held.txt"


@client
def test_a_denial_that_does_not_continue_ends_the_turn(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("PreToolUse"))
    recorder.reply({"event": "PreToolUse", "stdout": denial("HALT", **{"continue": False, "stopReason": "HALT"})})
    model = scripted([(write(repo / "x"),), (write(repo / "y"),)])
    run = run_claude(repo, model)
    assert (run.exit, run.terminal_reason, len(model.requests)) == (0, "hook_stopped", 1)
    assert not (repo / "x").exists()


@client
def test_a_handler_gets_its_arguments_verbatim_and_knows_its_session(repo, recorder, scripted, start_client):
    arguments = ["claude-code", "PreToolUse", "a b", "$HOME", ""]
    handlers = [{"hooks": [recorder.handler(*arguments)]}]
    write_settings(repo, {"hooks": {"PreToolUse": handlers, "SessionStart": handlers}})
    live = start_client(repo, scripted([(write(repo / "x"),)]))
    run = live.wait()
    start, call = recorder.seen()
    assert call.argv == arguments
    assert call.env["CLAUDE_CODE_SESSION_ID"] == call.payload["session_id"] == run.session_id
    assert (call.env["CLAUDE_PID"], call.env["CLAUDE_PROJECT_DIR"]) == (str(live.pid), str(repo))
    assert ("CLAUDE_ENV_FILE" in start.env, "CLAUDE_ENV_FILE" in call.env) == (True, False)


@client
def test_the_project_directory_is_where_the_client_was_started_not_the_root(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("PreToolUse"))
    lane = repo.with_name("lane")
    subprocess.run(["git", "worktree", "add", "-q", "-b", "lane", str(lane)], cwd=repo, check=True)
    (lane / "sub").mkdir()
    run_claude(lane / "sub", scripted([(write(lane / "x"),)]))
    (call,) = recorder.seen("PreToolUse")
    assert call.env["CLAUDE_PROJECT_DIR"] == str(lane / "sub")


@client
def test_one_handler_in_main_lane_and_flag_fires_once(repo, recorder, scripted, run_claude):
    settings = recorder.settings("PreToolUse")
    lane = repo.with_name("lane")
    subprocess.run(["git", "worktree", "add", "-q", "-b", "lane", str(lane)], cwd=repo, check=True)
    for root in (repo, lane):
        write_settings(root, settings)
    run_claude(lane, scripted([(write(lane / "x"),)]), extra=("--settings", json.dumps(settings)))
    assert len(recorder.seen("PreToolUse")) == 1


@client
@pytest.mark.parametrize(
    ("reply", "governed"), [({"exit": 2}, True), ({"stdout": {"decision": "block"}}, True), ({"exit": 1}, False)]
)
def test_a_settings_change_is_undone_only_by_a_block(repo, recorder, scripted, run_claude, reply, governed):
    write_settings(repo, recorder.settings("PreToolUse", "ConfigChange"))
    recorder.reply({"event": "ConfigChange", **reply})
    empty = "echo '{}' > .claude/settings.local.json; sleep 2"
    run_claude(repo, scripted([bash(empty), (write(repo / "x"),)]))
    assert bool(recorder.seen("PreToolUse", "Write")) is governed
    assert [call.payload["source"] for call in recorder.seen("ConfigChange")] == ["local_settings"]


@client
def test_a_blocked_settings_change_comes_in_with_the_next_one_that_is_let_through(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("PreToolUse", "ConfigChange"))
    recorder.reply({"event": "ConfigChange", "contains": "local_settings", "exit": 2})
    ours, users = "echo '{}' > .claude/settings.local.json; sleep 2", "echo '{ }' > ~/.claude/settings.json; sleep 2"
    run_claude(repo, scripted([bash(ours), bash(users), (write(repo / "x"),)]))
    assert not recorder.seen("PreToolUse", "Write")


@client
@pytest.mark.parametrize(("place", "blocked"), [("handler", True), ("group", False), ("hooks", False), ("top", False)])
def test_on_failure_counts_in_the_handler_only(repo, scripted, run_claude, place, blocked):
    handler = {"type": "command", "command": str(repo / "missing"), "args": []}
    group = {"hooks": [handler]}
    settings = {"hooks": {"PreToolUse": [group]}}
    {"handler": handler, "group": group, "hooks": settings["hooks"], "top": settings}[place]["onFailure"] = "block"
    write_settings(repo, settings)
    run_claude(repo, scripted([(write(repo / "x"),)]))
    assert (repo / "x").exists() is not blocked


@client
def test_a_system_message_is_shown_to_the_person_and_kept_from_the_model(repo, recorder, scripted, run_claude):
    events = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop")
    write_settings(repo, recorder.settings(*events))
    recorder.reply(*({"event": event, "stdout": {"systemMessage": f"note {event}"}} for event in events))
    model = scripted([(write(repo / "x"),)])
    run = run_claude(repo, model)
    shown = [event["content"] for event in run.events if event.get("subtype") == "informational"]
    assert shown == [
        "UserPromptSubmit says: note UserPromptSubmit",
        "PreToolUse:Write says: note PreToolUse",
        "PostToolUse:Write says: note PostToolUse",
        "Stop says: note Stop",
    ]  # not at SessionStart: headless, its message stays in the hook's own event
    assert "note " not in json.dumps(model.requests)


@client
def test_a_held_step_keeps_the_turn_open_until_it_is_released(repo, scripted, start_client):
    held = Held((write(repo / "late"),))
    live = start_client(repo, scripted([(write(repo / "early"),), held, Say("bye")]))
    assert held.reached.wait(20)
    assert ((repo / "early").exists(), (repo / "late").exists(), live.process.poll()) == (True, False, None)
    held.release.set()
    assert live.wait().terminal_reason == "completed"
    assert (repo / "late").exists()


@client
def test_two_clients_play_against_two_models_at_once(repo, scripted, start_client):
    steps = {name: Held((write(repo / name),)) for name in ("one", "two")}
    models = {name: scripted([step, Say(name)]) for name, step in steps.items()}
    running = {name: start_client(repo, model, f"do {name}") for name, model in models.items()}
    assert all(step.reached.wait(20) for step in steps.values())
    for step in steps.values():
        step.release.set()
    assert {name: live.wait().result["result"] for name, live in running.items()} == {"one": "one", "two": "two"}
    assert [models[name].transcript().prompt for name in models] == ["do one", "do two"]


@client
def test_nothing_a_client_started_outlives_its_limit(repo, recorder, scripted, start_client):
    write_settings(repo, recorder.settings("PreToolUse"))
    live = start_client(repo, scripted([bash("echo $$ > pid; exec sleep 300")]))
    run = live.wait(4)
    assert run.timed_out
    assert not psutil.pid_exists(int((repo / "pid").read_text()))


@client
def test_a_resumed_session_keeps_its_id_and_a_cleared_one_does_not(repo, recorder, scripted, run_claude):
    write_settings(repo, recorder.settings("SessionStart"))
    session = run_claude(repo, scripted([Say("hi")])).session_id
    assert run_claude(repo, scripted([Say("hi")]), extra=("--resume", session)).session_id == session
    assert run_claude(repo, scripted([]), "/clear", extra=("--resume", session)).session_id != session
    assert [call.payload["source"] for call in recorder.seen()] == ["startup", "resume", "resume", "clear"]


@client
def test_the_payload_fixtures_have_the_fields_the_client_sends(claude, tmp_path):
    kept = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
    sent = record(claude, tmp_path)
    # The client's own file watcher is not in time every time.
    assert kept.keys() - sent.keys() <= {"FileChanged"}
    assert {kind: sorted(kept[kind]) for kind in sent} == {kind: sorted(payload) for kind, payload in sent.items()}
    inputs = [kind for kind in kept if "tool_input" in kept[kind]]
    assert {kind: sorted(kept[kind]["tool_input"]) for kind in inputs} == {
        kind: sorted(sent[kind]["tool_input"]) for kind in inputs
    }
