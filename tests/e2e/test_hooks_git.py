"""git as agents use it: what moves others is refused before it runs, and what git itself writes is nobody's edit."""

from __future__ import annotations

import subprocess
from functools import partial

import pytest

MANY = 1000


@pytest.fixture(scope="module")
def agent(standing, standing_agents):
    return standing_agents(standing, "backend")


REFUSED = [
    "git stash",
    "git stash push -u",
    "git stash pop",
    "git stash drop",
    "git branch -D feature/frontend/start",
    "git branch -f main HEAD",
    "git branch -m feature/frontend/start x",
    "git update-ref refs/heads/main HEAD",
    "git config user.name x",
    "git config core.hooksPath /tmp",
    "git worktree remove ../naga-frontend",
    "git worktree add ../x",
    "git push --force origin main",
    "git push origin +HEAD:main",
    "git push origin :feature/frontend/start",
    "git -C ../naga commit -am x",
    "git -C ../naga-frontend commit -am x",
    "cd ../naga && git commit -am x",
    "git -c core.hooksPath=/dev/null commit -am x",
    "git --git-dir=../naga/.git --work-tree=. commit -am x",
    "GIT_DIR=../naga/.git git commit -am x",
    "git gc",
    "git reflog expire --all",
    "git remote set-url origin x",
    "echo ok && git stash",
    "bash -c 'git stash'",
    "git checkout -B main",
]
PASSING = [
    "git status",
    "git add -A && git commit -m x",
    "git commit --amend --no-edit",
    "git merge main",
    "git rebase main",
    "git cherry-pick HEAD",
    "git fetch",
    "git pull",
    "git push -u origin HEAD",
    "git switch -c feature/backend/next",
    "git checkout -b feature/backend/more",
    "git branch -D feature/backend/old",
    "git log --all",
    "git diff main",
    "git stash list",
    "git config --get user.name",
    "git worktree list",
    "git restore backend/manage.py",
    "git revert HEAD",
    "git -C ../naga log",
    "git -C . commit -am x",
    "git tag v1",
    "git show HEAD:frontend/package.json",
]


@pytest.mark.parametrize("command", REFUSED)
def test_a_git_command_that_moves_what_others_rely_on_is_refused(agent, command):
    refusal = agent.shell(command).refusal
    assert refusal, command
    assert "Next:" in refusal


@pytest.mark.parametrize("command", PASSING)
def test_ordinary_git_passes(agent, command):
    heard = agent.shell(command)
    assert heard.passes, heard.refusal


def test_a_refused_git_command_has_not_run(agent, standing):
    before = standing.git("for-each-ref"), standing.git("config", "--list", "--local")
    for command in REFUSED:
        assert agent.ran(command).refusal
    assert (standing.git("for-each-ref"), standing.git("config", "--list", "--local")) == before


def commit_many(lanes, folder="frontend/many"):
    """A thousand files on main, made without writing one."""
    git = partial(subprocess.run, cwd=lanes.root, check=True, capture_output=True, text=True)
    env = {**lanes.env, "GIT_INDEX_FILE": str(lanes.root / ".git" / "many")}
    blob = git(["git", "hash-object", "-w", "--stdin"], input="many\n").stdout.strip()
    names = tuple(f"{folder}/{number}.txt" for number in range(MANY))
    git(["git", "read-tree", "main"], env=env)
    git(["git", "update-index", "--index-info"], env=env, input="".join(f"100644 {blob}\t{name}\n" for name in names))
    tree = git(["git", "write-tree"], env=env).stdout.strip()
    commit = git(["git", "commit-tree", tree, "-p", "main", "-m", "many"]).stdout.strip()
    git(["git", "update-ref", "refs/heads/main", commit])
    return names


def no_alarm(lanes):
    events = lanes.events()
    assert [event for event in events if event["kind"] in {"edit.unleased", "edit.denied"}] == []
    assert [
        event for event in events if event["kind"] == "lease.granted" and event["path"].startswith("frontend")
    ] == []


OPERATIONS = {
    "fast-forward": "git merge --ff-only main",
    "merge": "git merge --no-edit main",
    "rebase": "git rebase main",
    "cherry-pick": "git cherry-pick main",
    "checkout": "git checkout -b feature/backend/other main",
    "reset": "git reset -q --hard main",
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_thousand_foreign_files_brought_by_git_raise_no_alarm(lanes, backend, operation):
    if operation != "fast-forward":
        backend.wrote("backend/own.txt")
        lanes.git("add", "-A", cwd=backend.project)
        lanes.git("commit", "-qm", "own", cwd=backend.project)
    changed = commit_many(lanes)
    heard = backend.ran(OPERATIONS[operation], changed)
    assert heard.passes
    assert (backend.project / changed[-1]).exists()
    no_alarm(lanes)
    backend.stop()
    assert lanes.json("locks") == []


def test_a_thousand_foreign_files_beside_a_conflict_raise_no_alarm(lanes, backend):
    lane = backend.project
    (lane / "backend" / "clash.txt").write_text("lane\n")
    lanes.git("add", "-A", cwd=lane)
    lanes.git("commit", "-qm", "lane", cwd=lane)
    (lanes.root / "backend" / "clash.txt").write_text("main\n")
    lanes.git("add", "-A")
    lanes.git("commit", "-qm", "main")
    changed = commit_many(lanes)
    heard = backend.ran("git merge main", (*changed, "backend/clash.txt"))
    assert heard.passes
    assert "UU" in lanes.git("status", "--porcelain", cwd=lane) or "AA" in lanes.git("status", "--porcelain", cwd=lane)
    no_alarm(lanes)
    assert lanes.json("locks") == []
    assert backend.ran("ls frontend/many | wc -l", changed).passes
    no_alarm(lanes)
    (lane / "backend" / "clash.txt").write_text("both\n")
    assert backend.ran("git add -A && git commit -qm merged", ("backend/clash.txt",)).passes
    no_alarm(lanes)
    assert lanes.json("locks") == []


def test_a_conflict_in_another_lanes_file_raises_no_alarm(lanes, backend):
    """git wrote the markers, not the agent."""
    lane = backend.project
    (lane / "frontend" / "clash.txt").write_text("lane\n")
    lanes.git("add", "-A", cwd=lane)
    lanes.git("commit", "-qm", "lane", cwd=lane)
    (lanes.root / "frontend" / "clash.txt").write_text("main\n")
    lanes.git("add", "-A")
    lanes.git("commit", "-qm", "main")
    assert backend.ran("git merge main", ("frontend/clash.txt",)).passes
    no_alarm(lanes)


def test_what_a_command_changed_takes_its_lease_silently(lanes, backend, frontend):
    heard = backend.ran("echo x > CHANGELOG.md; echo y > backend/new.txt", ("CHANGELOG.md", "backend/new.txt"))
    assert (heard.passes, heard.out) == (True, "")
    assert sorted(lease["path"] for lease in lanes.json("locks")) == ["CHANGELOG.md", "backend/new.txt"]
    unseen = "python3 -c \"open('backend/unseen.txt', 'w').write('x')\""
    assert backend.ran(unseen, ("backend/unseen.txt",)).out == ""
    assert "backend/unseen.txt" in [lease["path"] for lease in lanes.json("locks")]
    assert "held by lane backend" in frontend.write("CHANGELOG.md").refusal
    assert lanes.events("edit.unleased") == []


def test_what_a_command_changed_of_another_lane_is_reported(lanes, backend, frontend):
    frontend.write("NOTES.md")
    python = (
        "python3 -c \"for n in ('frontend/x.txt', 'NOTES.md', 'package.json', '.mcp.json'): open(n, 'w').write('x')\""
    )
    assert backend.ran(python, ("frontend/x.txt", "NOTES.md", "package.json", ".mcp.json")).passes
    reported = {event["path"]: event["data"]["rule"] for event in lanes.events("edit.unleased")}
    assert reported == {
        "frontend/x.txt": "domain",
        "NOTES.md": "lease",
        "package.json": "shared",
        ".mcp.json": "protected",
    }
    assert [lease["lane"] for lease in lanes.json("locks")] == ["frontend"]


def test_what_git_ignores_needs_nothing(lanes, backend):
    with (lanes.root / ".git" / "info" / "exclude").open("a") as exclude:
        exclude.write("*.log\n")
    assert backend.ran("echo x > frontend/a.log", ("frontend/a.log",)).passes
    assert backend.write("frontend/b.log").passes
    assert lanes.json("locks") == []
    assert lanes.events("edit.unleased") == []


def test_a_commit_of_a_merge_gives_back_what_the_merge_took(lanes, backend):
    backend.wrote("backend/mine.txt")
    assert backend.ran("git add -A && git commit -qm mine").passes
    assert lanes.json("locks") == []
