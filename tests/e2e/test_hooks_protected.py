"""What governs the agents is written by none of them, whatever tool they use."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import lanewise

INSTALLED = Path(lanewise.__file__).parent


@pytest.fixture(scope="module")
def agent(standing, standing_agents):
    return standing_agents(standing, "backend")


def places(lanes):
    return {
        "settings": ".claude/settings.local.json",
        "shared settings": ".claude/settings.json",
        "settings below a folder": "backend/.claude/settings.local.json",
        "hooks of a client": ".claude/hooks/x.sh",
        "mcp": ".mcp.json",
        "lanewise.toml": "lanewise.toml",
        "session files": ".claude-sessions/x.json",
        "git configuration": str(lanes.root / ".git" / "config"),
        "git hooks": str(lanes.root / ".git" / "hooks" / "pre-commit"),
        "a lane's git directory": str(lanes.root / ".git" / "worktrees" / "naga-backend" / "HEAD"),
        "the pointer to it": ".git",
        "the store": str(lanes.state / "store.sqlite"),
        "the sentinel": str(lanes.state / "halt"),
        "the hook client": str(lanes.state / "bin" / "lanewise-hook"),
        "its settings": str(lanes.state / "bin" / "hook.conf"),
        "the installation": str(INSTALLED / "hook.py"),
        "its environment": f"{sys.prefix}/lib/python3/site-packages/x.py",
        "main's settings": str(lanes.root / ".claude" / "settings.local.json"),
        "the other lane's settings": str(lanes.lane("frontend") / ".claude" / "settings.local.json"),
    }


WAYS = {
    "redirect": "echo x > '{}'",
    "append": "echo x >> '{}'",
    "tee": "echo x | tee -a '{}'",
    "sed -i": "sed -i s/a/b/ '{}'",
    "cp": "cp backend/manage.py '{}'",
    "mv away": "mv '{}' /tmp/lw-away",
    "mv there": "mv backend/manage.py '{}'",
    "rm": "rm -f '{}'",
    "ln": "ln -sf /tmp/x '{}'",
    "truncate": "truncate -s 0 '{}'",
    "chmod": "chmod 777 '{}'",
    "dd": "dd if=/dev/zero of='{}'",
    "touch": "touch '{}'",
    "install": "install -m 644 backend/manage.py '{}'",
}
NAMES = list(places(type("None", (), {"root": Path(), "state": Path(), "lane": lambda _self, _name: Path()})()))


@pytest.mark.parametrize("name", NAMES)
def test_no_tool_writes_or_creates_it(agent, standing, name):
    path = places(standing)[name]
    for heard in (agent.write(path), agent.edit(path)):
        assert heard.refusal, path
    for way, command in WAYS.items():
        assert agent.shell(command.format(path)).refusal, (way, path)


@pytest.mark.parametrize("name", NAMES)
def test_reading_it_is_free(agent, standing, name):
    path = places(standing)[name]
    assert agent.read(path).passes
    assert agent.shell(f"cat '{path}'").passes


def test_a_program_that_opens_files_by_itself_is_not_seen_before_it_runs(agent):
    """Rung 1 reads commands, not programs: rungs 2 to 5 are for these."""
    assert agent.shell("python3 -c \"open('.mcp.json', 'w').write('{}')\"").passes
    assert agent.shell("node -e \"require('fs').writeFileSync('lanewise.toml', '')\"").passes


def test_its_notebook_and_unknown_tools_are_no_way_round(agent, standing):
    path = agent.at(".mcp.json")
    assert agent.ask("PreToolUse-NotebookEdit", tool_input={"notebook_path": path, "new_source": "x"}).refusal
    assert agent.ask("PreToolUse-Write", tool_name="mcp__fs__move", tool_input={"destination": path}).refusal
    assert agent.ask("PreToolUse-Monitor", tool_input={"command": f"echo x > {path}", "description": "m"}).refusal


@pytest.mark.parametrize(
    "name", [".claude/skills/x/SKILL.md", ".claude/commands/x.md", ".claude/agents/x.md", "backend/.gitignore"]
)
def test_ordinary_files_beside_it_are_ordinary(agent, name):
    assert agent.write(name).passes


def test_a_refusal_says_that_it_is_protected_and_who_may_change_it(agent):
    refusal = agent.write(".mcp.json").refusal
    assert "protected" in refusal
    assert "ask the human" in refusal


def test_nothing_was_changed(agent, standing):
    assert standing.git("status", "--porcelain") == ""
