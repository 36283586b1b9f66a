from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise.core.shell import GitCall, read_command
from lanewise.core.shell_git import GitVerdict, judge_git

OWN = ("feature/backend", "feature/backend/*")
OTHERS = ("main", "feature/frontend", "feature/frontend/*")

laws = settings(max_examples=300, deadline=None)

ORDINARY = """
git add -A
git commit -m x
git commit --amend --no-edit
git commit --no-verify -am x
git merge main
git rebase main
git rebase -i --autosquash main
git rebase main feature/backend/x
git rebase --onto main HEAD~3
git cherry-pick abc
git revert HEAD
git fetch
git fetch --all --prune
git fetch origin main
git fetch origin feature/backend:feature/backend
git pull
git pull --rebase origin main
git push
git push origin HEAD
git push -u origin feature/backend/x
git push --force-with-lease
git push -f origin feature/backend/x
git push origin +feature/backend/x
git push origin --delete feature/backend/x
git push origin :feature/backend/x
git push origin main
git push origin v1.0 --tags
git checkout feature/backend/x
git checkout -b feature/backend/new
git checkout -B feature/backend/new main
git checkout -b brand-new
git checkout main -- src/a.py
git checkout -- stash
git switch -c feature/backend/new
git switch feature/backend/x
git switch --detach main
git restore --staged .
git restore --source main a
git reset --hard HEAD~1
git clean -fdx
git rm a
git mv a b
git tag v1
git diff main
git log --all
git branch
git branch feature/backend/y main
git branch -d feature/backend/y
git branch -D feature/backend/y
git branch -m feature/backend/z
git branch --list main
git branch --contains main
git branch -a --merged main
git stash list
git stash show -p
git worktree list --porcelain
git config --get user.name
git config user.name
git config -l --show-origin
git config get user.name
git config list
git config --global user.name x
git config -f .gitmodules submodule.x.branch main
git -c user.name=x commit -m y
git remote -v
git remote show origin
git remote get-url origin
git reflog
git reflog show main
git symbolic-ref HEAD
git symbolic-ref --short HEAD
git update-ref refs/heads/feature/backend/x abc
git update-ref HEAD abc
git submodule update --init
git submodule status
git bisect start
git apply x.diff
git am x.patch
git format-patch main
git --git-dir=/x log
GIT_DIR=/x git status
GIT_AUTHOR_NAME=x git commit -m y
GIT_EDITOR=true git rebase --continue
git
git --version
git -C ../frontend status
git grep stash
git commit -m 'git stash; git gc'
git rev-parse --git-dir
""".strip().splitlines()

REFUSED = {
    "stash": """
git stash
git stash -u
git stash push -m x
git stash save x
git stash pop
git stash apply
git stash drop
git stash clear
git stash create
git stash store abc
git stash branch x
git update-ref refs/stash abc
git update-ref -d refs/stash
""",
    "other-branch": """
git branch -d main
git branch -D feature/frontend/x
git branch --delete --force feature/frontend/x
git branch --del main
git branch -dr main
git branch -f main HEAD
git branch --force feature/frontend abc
git branch -m main old
git branch -M feature/backend/x main
git branch -M main
git branch -C feature/backend/x feature/frontend/y
git branch feature/frontend/new
git checkout -B main
git checkout -B refs/heads/main
git checkout -b feature/frontend/x
git checkout -Bmain
git checkout --orphan main
git checkout --ignore-other-worktrees main
git switch -C main
git switch --force-create=main abc
git switch -c feature/frontend/x
git update-ref refs/heads/main abc
git update-ref -d refs/heads/feature/frontend/x
git update-ref -m why refs/heads/main abc
git update-ref --stdin
git update-ref refs/lanewise/snap/frontend abc
git update-ref --no-deref HEAD abc
git symbolic-ref HEAD refs/heads/main
git symbolic-ref -d HEAD
git push --force origin main
git push -f origin feature/frontend/x
git push -uf origin feature/frontend/x
git push --force-with-lease=main:abc origin main
git push origin +main
git push origin +feature/backend/x:main
git push origin HEAD:main
git push origin feature/backend/x:refs/heads/main
git push origin :main
git push origin -d feature/frontend/x
git push --delete origin main
git push --mirror
git push --mirr origin
git push --all origin
git push origin :
git push -f origin refs/heads/*:refs/heads/*
git push --prune origin
git fetch origin +x:main
git fetch . feature/backend/x:feature/frontend/x
git pull origin x:main
git rebase main feature/frontend/x
git rebase -i --onto abc HEAD~3 main
git rebase --root main
""",
    "config": """
git config user.name x
git config --local user.name x
git config --add a.b c
git config --unset a.b
git config --unset-all a.b
git config --remove-section a
git config set a.b c
git config unset a.b
git config -e
git config --file .git/config a.b c
git config a.b -- -c
git remote add x y
git remote remove x
git remote -v rm x
git remote rename x y
git remote set-url origin y
git submodule deinit x
git branch -u origin/main
git branch --set-upstream-to=origin/main
git branch --unset-upstream
git branch --track x origin/x
git branch --edit-description
git checkout -b x --track origin/x
git checkout --track origin/x
git checkout -t origin/x
git switch -t origin/x
git pull --set-upstream origin x
""",
    "worktree": """
git worktree add ../x
git worktree remove ../x
git worktree move a b
git worktree prune
git worktree repair
git worktree lock x
git worktree unlock x
git worktree
""",
    "history": """
git gc
git gc --auto
git prune
git pack-refs --all
git repack -ad
git maintenance run
git filter-branch --all
git reflog expire --all
git reflog delete HEAD@{1}
git reflog --verbose expire
""",
    "hooks-bypass": """
git -c core.hooksPath=/dev/null commit -m x
git -c CORE.HOOKSPATH= commit -m x
git -c alias.s=stash s
git --config-env=core.hooksPath=X commit -m x
git --git-dir=/x --work-tree=. add .
git --git-dir /x commit -m x
GIT_DIR=/x git commit -m x
GIT_INDEX_FILE=i git add .
GIT_WORK_TREE=/x git checkout -- .
GIT_CONFIG_GLOBAL=/x git commit -m x
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=x git commit -m x
env GIT_CONFIG_PARAMETERS=x git push
export GIT_DIR=/x; git commit -m x
git config core.hooksPath x
git config --global core.hooksPath x
""",
}
REFUSALS = [(rule, command) for rule, block in REFUSED.items() for command in block.strip().splitlines()]


def judged(command: str, own=OWN, others=OTHERS) -> GitVerdict | None:
    (call,) = read_command(command, "/r").git
    return judge_git(call, own_branches=own, other_branches=others)


def test_the_tables_hold_eighty_commands():
    commands = ORDINARY + [command for _, command in REFUSALS]
    assert len(set(commands)) == len(commands) >= 80


@pytest.mark.parametrize("command", ORDINARY)
def test_ordinary_work_passes_without_a_word(command):
    assert judged(command) is None


@pytest.mark.parametrize(("rule", "command"), REFUSALS)
def test_what_touches_other_lanes_is_refused_under_its_rule(rule, command):
    verdict = judged(command)
    assert verdict is not None
    assert verdict.rule == rule


DESTRUCTIVE = re.compile(
    r"--(force|hard|delete|mirror|prune|no-verify)|\s-[DdfMC]\b"
    r"|\b(rm|clean|reset|drop|clear|gc|prune|expire|checkout --)\b"
)


@pytest.mark.parametrize(("rule", "command"), REFUSALS)
def test_a_refusal_is_one_sentence_and_names_no_destructive_command(rule, command):
    verdict = judged(command)
    assert re.fullmatch(r"[^.]*(?:\.[^. ]+)*[^.]*\.", verdict.reason)
    assert not DESTRUCTIVE.search(verdict.reason + " " + verdict.instead)
    assert len(verdict.reason) + len(verdict.instead) <= 400


@pytest.mark.parametrize(("rule", "command"), REFUSALS)
def test_what_is_offered_instead_is_not_refused_itself(rule, command):
    verdict = judged(command)
    offered = re.findall(r"`([^`]*)`", verdict.instead) or [verdict.instead]
    calls = [call for text in offered for call in read_command(text, "/r").git]
    assert all(judge_git(call, own_branches=OWN, other_branches=OTHERS) is None for call in calls)


def test_one_lanes_branch_is_anothers_foreign_branch():
    assert judged("git branch -D feature/backend/x") is None
    assert judged("git branch -D feature/backend/x", own=OTHERS[1:], others=OWN).rule == "other-branch"


def test_an_own_pattern_wins_over_anothers():
    assert judged("git branch -D feature/backend/x", others=("feature/*",)) is None


def test_a_long_branch_name_does_not_make_a_long_answer():
    assert len(judged("git branch -D feature/frontend/" + "x" * 5000).reason) < 250


WORDS = [
    *(
        "stash",
        "branch",
        "push",
        "config",
        "checkout",
        "-b",
        "-D",
        "--force",
        "origin",
        "main",
        "+:",
        ":",
        "--",
        "-",
        "--=",
        "-c",
    ),
    *(
        "update-ref",
        "symbolic-ref",
        "worktree",
        "remote",
        "reflog",
        "fetch",
        "-C",
        "--git-dir",
        "refs/heads/[",
        "*",
        "",
        "\x00",
        "-u",
    ),
]
words = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=10)


@laws
@given(words, words)
def test_any_call_is_judged_without_raising(argv, overrides):
    verdict = judge_git(GitCall(tuple(argv), "", tuple(overrides)), own_branches=OWN, other_branches=OTHERS)
    assert verdict is None or verdict.rule in REFUSED


@laws
@given(words)
def test_a_reading_call_is_never_refused(argv):
    call = GitCall(("log", *argv), "/r", ())
    assert judge_git(call, own_branches=OWN, other_branches=OTHERS) is None
