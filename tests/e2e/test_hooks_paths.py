"""However a path is spelled, the file that would be written decides; and no path breaks an answer."""

from __future__ import annotations

import json
import os
import unicodedata

import pytest
from tests.core import path_corpus
from tests.e2e.daemons import kill_daemon
from tests.e2e.hooked import ask, recorded

FOREIGN = "frontend/src/App.vue"
DOMAIN = "belongs to lane frontend"
CORPUS = sorted(
    {
        *(typed for typed, _ in path_corpus.CLEANED),
        *(typed for typed, _ in path_corpus.REFUSED),
        *(typed for typed, _ in path_corpus.GIT_INTERNAL),
        *(typed for typed, _ in path_corpus.SHOWN),
        *(name for pair in path_corpus.ONE_FILE for name in pair),
        *(name for pair in path_corpus.TWO_FILES for name in pair),
    }
)


@pytest.fixture(scope="module")
def agent(standing, standing_agents):
    return standing_agents(standing, "backend")


@pytest.fixture(scope="module")
def other(standing, standing_agents):
    return standing_agents(standing, "frontend")


def test_the_corpus_is_large():
    assert len(CORPUS) >= 200


SPELLINGS = {
    "dots": "backend/../frontend/src/App.vue",
    "many slashes": "frontend//src///App.vue",
    "up and down again": "../naga-backend/frontend/src/App.vue",
    "case": "Frontend/SRC/app.vue",
    "a new file": "frontend/src/new.vue",
    "a new folder": "frontend/none/such/new.vue",
    "invisible characters": "front\u200bend/src/App.vue",
}


@pytest.mark.parametrize("name", SPELLINGS.values(), ids=SPELLINGS)
def test_a_spelling_of_another_lanes_path_is_that_path(agent, name):
    assert DOMAIN in agent.write(name).refusal
    assert DOMAIN in agent.shell(f"echo x > {name}").refusal


def test_a_link_is_what_it_points_to(agent):
    links = agent.project / "backend" / "links"
    links.mkdir(exist_ok=True)
    for name, target in {
        "file": "../../frontend/src/App.vue",
        "folder": "../../frontend",
        "absent": "../../frontend/no",
    }.items():
        (links / name).unlink(missing_ok=True)
        (links / name).symlink_to(target)
    for name in ("file", "folder/x.vue", "folder/src/../y.vue", "absent"):
        assert DOMAIN in agent.write(f"backend/links/{name}").refusal
        assert DOMAIN in agent.shell(f"echo x >> backend/links/{name}").refusal


def test_a_link_out_of_the_worktree_leads_where_it_leads(agent, standing):
    link = agent.project / "backend" / "main"
    link.symlink_to(standing.root)
    assert "main worktree" in agent.write("backend/main/backend/a.txt").refusal
    assert agent.write("backend/main/.git/config").refusal
    link.unlink()
    link.symlink_to("/tmp")
    assert agent.write("backend/main/a.txt").passes
    link.unlink()


def test_a_loop_of_links_is_answered(agent):
    loop = agent.project / "backend" / "loop"
    loop.unlink(missing_ok=True)
    loop.symlink_to("loop")
    assert agent.write("backend/loop/x").status == 0


def test_the_two_forms_of_a_letter_are_one_path(agent, other):
    composed = unicodedata.normalize("NFC", "notés.md")
    assert agent.write(composed).passes
    assert "held by lane backend" in other.write(unicodedata.normalize("NFD", composed)).refusal
    assert "held by lane backend" in other.write(composed.upper()).refusal


def test_a_file_and_the_folder_above_it_are_one_claim(agent, other):
    assert agent.write("drafts/one.md").passes
    assert other.write("drafts/two.md").passes
    assert "held by lane backend" in other.shell("rm -r drafts").refusal
    assert "held by lane" in agent.shell("mv drafts texts").refusal


@pytest.mark.parametrize(
    "command",
    [
        "mv backend/manage.py frontend/manage.py",
        "mv frontend/package.json backend/",
        "cp backend/manage.py frontend/",
        "rm frontend/package.json",
        "rm -rf frontend",
        "rm -rf .",
        "rm -rf *",
        "rm -rf ./*",
        "cd frontend && touch a",
        "cd backend && rm -r ../frontend",
        "(cd frontend; sed -i s/a/b/ package.json)",
        "tee frontend/a < backend/manage.py",
        "rm frontend/src/*.vue",
        "git rm frontend/package.json",
        "git mv frontend/package.json frontend/p.json",
        "git apply /tmp/some.patch && echo x > frontend/a",
        "python3 manage.py < /dev/null > frontend/out.txt",
        "bash -c 'echo x > frontend/a'",
        "env FOO=1 sudo tee -a frontend/a",
    ],
)
def test_a_command_that_names_another_lanes_path_to_write_is_refused(agent, command):
    assert agent.shell(command).refusal, command


@pytest.mark.parametrize(
    "command",
    [
        "cat frontend/package.json",
        "cp frontend/package.json backend/copy.json",
        "grep -r x frontend | head",
        "mv backend/manage.py backend/manage2.py",
        "rm -rf backend/apps",
        "echo x > backend/a && echo y >> /tmp/lw-elsewhere",
        "npm test",
        "python3 -m pytest backend",
        "diff frontend/package.json backend/copy.json > /dev/null",
    ],
)
def test_a_command_that_writes_only_where_it_may_passes(agent, command):
    assert agent.shell(command).passes, command


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf $PWD/frontend",
        "find frontend -name '*.vue' -exec rm {} +",
        "python3 -c \"open('frontend/package.json', 'w')\"",
    ],
)
def test_a_command_whose_paths_only_running_it_would_tell_is_not_seen_before_it_runs(agent, command):
    """Rung 1 reads words. What such a command changed is reported after it ran, and refused at the commit."""
    assert agent.shell(command).passes


def test_a_submodules_paths_are_paths_of_the_lane(agent, standing):
    inner = standing.root.with_name("inner")
    inner.mkdir()
    standing.git("init", "-q", "-b", "main", cwd=inner)
    standing.git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "x", "--allow-empty", cwd=inner)
    lane = agent.project
    standing.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "backend/inner", cwd=lane
    )
    assert agent.write("backend/inner/a.txt").passes
    assert agent.write("backend/inner/.git").refusal
    standing.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "frontend/inner", cwd=lane
    )
    assert agent.write("frontend/inner/a.txt").refusal
    standing.git("rm", "-qf", "--cached", "backend/inner", "frontend/inner", ".gitmodules", cwd=lane)


HOSTILE = [
    "a\nb",
    "frontend/a\nb\x1b[31m",
    "\x1b]0;title\x07",
    "frontend/\u202egpj.exe",
    "frontend/\r\n\r\n",
    "x\u200by",
    "frontend/\x00",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_holds_no_control_characters(agent, other, name):
    agent.write(name)
    for heard in (agent.write(name), other.write(name), other.edit(name), agent.shell(f"echo x > '{name}'")):
        for text in (heard.refusal, heard.context, heard.message):
            assert all(char.isprintable() or char == "\n" for char in text)
            assert not set(text) & {"\x1b", "\u202e", "\u200b"}


def test_every_path_of_the_corpus_gets_an_answer(agent, standing):
    env = agent.client_env()
    hook = standing.state / "bin" / "lanewise-hook"
    for number, name in enumerate(CORPUS):
        for given in (name, f"{agent.project}/{name}"):
            payload = recorded("PreToolUse-Write") | {
                "session_id": agent.id,
                "cwd": str(agent.project),
                "tool_use_id": f"toolu_corpus{number}{len(given)}",
                "tool_input": {"file_path": given, "content": "x"},
            }
            heard = ask(hook, "PreToolUse", payload, env, agent.project)
            assert heard.status == 0, (given, heard.err)
            assert heard.passes or heard.refusal


def test_the_corpus_is_answered_the_same_without_the_daemon(agent, standing):
    """A dozen of the nastiest, since each costs an interpreter."""
    kill_daemon(standing.state)
    env = agent.client_env()
    hook = standing.state / "bin" / "lanewise-hook"
    for name in [name for name in CORPUS if not name.isprintable() or not name.isascii()][::4]:
        payload = recorded("PreToolUse-Write") | {
            "session_id": agent.id, "cwd": str(agent.project), "tool_use_id": f"toolu_{hash(name)}",
            "tool_input": {"file_path": name, "content": "x"},
        }  # fmt: skip
        heard = ask(hook, "PreToolUse", payload, env, agent.project)
        assert heard.status == 0, (name, heard.err)
        assert heard.out == "" or json.loads(heard.out)


def test_a_tool_that_nobody_knows_counts_by_the_paths_in_its_input(agent):
    given = {"target_path": agent.at(FOREIGN), "content": "x"}
    assert DOMAIN in agent.ask("PreToolUse-Write", tool_name="mcp__files__write_file", tool_input=given).refusal
    given = {"target_path": agent.at("backend/by_mcp.txt"), "content": "x"}
    assert agent.ask("PreToolUse-Write", tool_name="mcp__files__write_file", tool_input=given).passes
    assert os.environ.get("CLAUDECODE") is None
