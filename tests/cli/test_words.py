"""No text that an agent can see names a command that destroys work."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import lanewise

SOURCE = Path(lanewise.__file__).parent
DESTROYS = re.compile(
    r"\brm -|\brm [a-z./]|reset --hard|clean -[a-z]*f|push (--force|-f)|branch -D|worktree remove|stash (drop|clear)"
    r"|checkout -- |restore \.|gc --prune|reflog expire|update-ref -d|lanewise (resume|down)\b"
)
#: Everything that an agent may be shown: verdicts, briefings, outcomes, hints of the command line.
SEEN = [
    *(
        "core/verdict.py",
        "core/wording.py",
        "core/shell_git.py",
        "service/edits.py",
        "service/leases.py",
        "service/briefing.py",
    ),
    *(
        "service/hooks.py",
        "service/sessions.py",
        "service/same_file.py",
        "service/worktree_request.py",
        "service/tasks.py",
    ),
    *("hook.py", "errors.py", "cli/surface.py", "cli/lease.py", "clients/claude_code.py"),
]
#: What the human is told at a settings change, and how a refused verb is named.
EXCUSED = {"service/client_settings.py"}


def texts(path):
    """Every string of a module but its docstrings."""
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    skipped = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


@pytest.mark.parametrize("name", SEEN)
def test_no_module_that_speaks_to_agents_names_one(name):
    path = SOURCE / name
    found = [text for text in texts(path) if DESTROYS.search(text)]
    assert found == []


def test_the_rule_finds_what_it_looks_for():
    for text in (
        "run `rm -rf x`",
        "git reset --hard",
        "git clean -fd",
        "git push --force",
        "git branch -D x",
        "git stash drop",
        "git worktree remove",
    ):
        assert DESTROYS.search(text), text
    assert not DESTROYS.search("work on something else now; `lanewise check x` says when it is free")


def test_what_agents_are_told_when_refused_names_none(standing, standing_agents):
    agent, other = standing_agents(standing, "backend"), standing_agents(standing, "frontend")
    other.write("held.txt")
    heard = [
        agent.start(),
        agent.write("frontend/x"),
        agent.write("held.txt"),
        agent.write("package.json"),
        agent.write(".mcp.json"),
        agent.write(standing.root / "x"),
        agent.ask("SubagentStart"),
        *(
            agent.shell(command)
            for command in ("git stash", "git branch -D main", "git config a.b c", "git worktree add x", "git gc")
        ),
    ]
    standing.run("halt", "--reason", "look")
    heard += [agent.write("backend/x"), agent.prompt(), agent.shell("make")]
    standing.run("resume")
    for one in heard:
        text = one.refusal + one.context
        shown = re.sub(r"`git (stash|branch|config|worktree|gc)[^`]*` is refused", "", text)
        assert text
        assert not DESTROYS.search(shown), text


def test_what_agents_are_told_when_refused_by_a_command_names_none(standing):
    env = {"CLAUDECODE": "1"}
    for argv in (
        ("lock", "x"),
        ("lock", "backend/x", "--lane", "frontend"),
        ("status", "--x"),
        ("task", "nobody", "x"),
        ("run", "nobody"),
    ):
        done = standing.try_run(*argv, env=env)
        assert done.returncode in {2, 3}
        assert not DESTROYS.search(done.stderr)
