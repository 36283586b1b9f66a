"""Laws of the words a user meets: what must not be said is nowhere, neither in the docs nor in what agents are told."""

from __future__ import annotations

import ast
import re
import subprocess
from typing import TYPE_CHECKING

from tests.docs.pages import ROOT, SOURCE, tree_of

from lanewise import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ALL = ("docs", "src", "native", "changes", "README.md", "GLOSSARY.md", "CONTRIBUTING.md")
_TEXTS = ("*.md", "*.py", "*.c", "*.sh", "*.toml", "*.svg", "*.sql", "*.yml", "Makefile", "run")


def _texts(*folders: str) -> Iterator[tuple[Path, str]]:
    """Text files that git would carry, below the folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    if not listed:  # no git checkout
        listed = "\0".join(str(path.relative_to(ROOT)) for each in folders for path in ROOT.glob(f"{each}/**/*"))
    for name in listed.split("\0"):
        path = ROOT / name
        if path.is_file() and any(path.match(pattern) for pattern in _TEXTS):
            yield path, path.read_text(encoding="utf-8")


def test_no_text_holds_a_path_of_somebodys_machine_or_a_registry():
    machine = re.compile(r"/root/|/work/|/Users/(?!you\b)|/home/(?!you\b|user\b|USER\b)\w+")
    registry = re.compile(r"https?://[\w.-]*(?:pypi|npmjs|registry|artifact|nexus|mirror|proxy)[\w.-]*", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path, text in _texts(*_ALL, "Makefile", ".ci")
        for hit in (*machine.finditer(text), *registry.finditer(text))
    ]
    assert found == []


#: The words that the glossary replaces, and where they are somebody else's name for something.
_FORBIDDEN = re.compile(r"\b(?:workspaces?|agent-locks?|reservations?|managers?|helpers?)\b", re.IGNORECASE)
_ALLOWED = (
    r"^Not used: .*$",  # the glossary's own list
    r"context manager",  # Python's
    r"(?:pnpm-|uv\.)workspace",  # file and table names of package tools
    r"[\"'`]workspaces?[\"'`]",  # a key of package.json, of the session file
    r"`utils/common/helpers/manager`",
)


def test_no_text_uses_a_word_that_the_glossary_replaces():
    found = []
    for path, text in _texts(*_ALL):
        kept = re.sub("|".join(_ALLOWED), "", text, flags=re.MULTILINE)
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in _FORBIDDEN.finditer(kept)]
    assert found == []


def test_the_glossary_defines_each_word_once():
    words = re.findall(
        r"^\| ((?:\*\*[^*]+\*\*(?:, )?)+) \|", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    terms = [term for cell in words for term in re.findall(r"\*\*([^*]+)\*\*", cell)]
    assert len(terms) == len(set(terms))
    design = "lane session domain lease waiter ask pass halt snapshot radar contract slot sync landing trigger action"
    assert {*design.split(), "worktree", "fencing token"} <= set(terms)


_DESTRUCTIVE = re.compile(
    r"\brm -|\breset --(?:hard|merge|keep)|\bclean -\w*[fdx]|\bbranch (?:-D|--delete)|worktree (?:remove|prune)"
    r"|stash (?:drop|clear|pop)|checkout (?:--|-f|\.)|restore \.|switch -f|push (?:-f|--force|\S+ :)"
    r"|update-ref -d|gc --prune|\bkill -9|\bunlink |rmtree"
)


def test_no_sentence_that_an_agent_can_see_names_a_destructive_command():
    """Every string of the package but docstrings and tables of words; and every sentence of the hook clients."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "_examples" in path.parts:
            continue
        tree = tree_of(path)
        told = _strings(tree) - _docstrings(tree)
        found += [f"{path.relative_to(ROOT)}: {text}" for text in told if _DESTRUCTIVE.search(text)]
    for name in ("hook.c", "hook.sh"):
        text = (ROOT / "native" / name).read_text(encoding="utf-8")
        found += [
            f"{name}: {said}" for said in re.findall(r"[\"']([^\"'\n]{20,})[\"']", text) if _DESTRUCTIVE.search(said)
        ]
    assert found == []


def _strings(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _docstrings(tree: ast.Module) -> set[str]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {ast.get_docstring(node, clean=False) or "" for node in ast.walk(tree) if isinstance(node, owners)}


#: The sentences in which a command is named to people or agents: `lanewise WORD` in backticks or after `hint:`.
_NAMED = re.compile(r"`lanewise ([a-z][a-z-]*)[^`]*`|^hint: lanewise ([a-z][a-z-]*)", re.MULTILINE)


def test_no_text_tells_a_user_to_run_a_command_that_does_not_exist():
    found = []
    for path, text in _texts(*_ALL):
        names = {first or second for first, second in _NAMED.findall(text)} - set(cli.COMMANDS)
        found += [f"{path.relative_to(ROOT)}: lanewise {name}" for name in sorted(names)]
    assert found == []
