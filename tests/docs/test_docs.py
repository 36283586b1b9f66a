"""Laws of the words a user meets: they are complete, they are true, and every link leads somewhere."""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from lanewise import cli, errors, settings
from lanewise.clients import claude_code
from lanewise.core import verdict
from tests.docs.conftest import ROOT, Shell, prepare

SOURCE = ROOT / "src" / "lanewise"
COMMANDS = ROOT / "docs" / "reference" / "commands.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md")])
BLOCK = re.compile(r"^<!-- run -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHAPE = re.compile(r"^<!-- shape: (.*?) -->\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_PAGES = [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))]
NAMES = [str(page.relative_to(ROOT)) for page in RUN_PAGES]


# --------------------------------------------------------------------------------------------------- what must be told


def _sections() -> dict[str, str]:
    text = COMMANDS.read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def _options(command: str) -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"lanewise.cli.{cli.COMMANDS[command][0]}").configure(command, parser)
    return {name for action in parser._actions for name in action.option_strings if name.startswith("--")}


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_has_a_section_that_names_each_of_its_options(command):
    section = _sections()[command]
    assert {option for option in _options(command) if not re.search(rf"`{option}[` ]", section) and option != "--json"} == set()
    assert "--json" not in _options(command) or "--json" in section


def test_no_section_names_an_option_that_does_not_exist():
    for command, section in _sections().items():
        if command in cli.COMMANDS:
            listed = {name for row in re.findall(r"^\| (`-.*?) \|", section, re.MULTILINE) for name in re.findall(r"--[a-z-]+", row)}
            assert listed <= _options(command), command


def _errors(kind: type[errors.Trouble] = errors.Trouble) -> Iterator[type[errors.Trouble]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _errors(below)


def test_every_error_stands_in_the_reference_with_its_code_and_status():
    assert settings.SettingsTrouble in set(_errors())
    for kind in (kind for kind in _errors() if kind.__module__.startswith("lanewise.")):
        row = rf"^\| `{kind.code}` \| {kind.__name__} \| {kind.exit} \|"
        assert re.search(row, COMMANDS.read_text(encoding="utf-8"), re.MULTILINE), kind


def test_every_exit_status_stands_in_the_reference():
    known = {"0", *(str(kind.exit) for kind in _errors()), str(cli.INTERRUPTED), str(cli.BUG), str(cli.USAGE)}
    table = COMMANDS.read_text(encoding="utf-8").partition("## Exit status")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE)) == known


def test_every_rule_word_is_explained():
    text = (ROOT / "docs" / "enforcement.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(get_args(verdict.Rule))


def test_every_kind_of_event_is_in_the_reference_and_no_other():
    rows = re.findall(r"^\| (`[a-z]+\.[a-z-]+`.*?) \|", _sections()["log"], re.MULTILINE)
    listed = {kind for row in rows for kind in re.findall(r"`([a-z-]+\.[a-z-]+)`", row)}
    assert listed == _event_kinds()


def _event_kinds() -> set[str]:
    families = "call edit halt lane lease overlap run session settings task worktree".split()
    kind = re.compile(rf"(?:{'|'.join(families)})\.[a-z]+(?:-[a-z]+)*")
    trees = (_tree(path) for folder in ("core", "service") for path in (SOURCE / folder).glob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call | ast.FunctionDef))
    words = (word for node in calls for word in _direct_strings(node))
    return {word for word in words if kind.fullmatch(word)}


def _direct_strings(node: ast.Call | ast.FunctionDef) -> list[str]:
    """Of a call its arguments, of a function the defaults of its own."""
    if isinstance(node, ast.Call):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
    else:
        given = [value for value in (*node.args.defaults, *node.args.kw_defaults) if value is not None]
    return [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def test_every_event_of_the_client_is_in_the_hook_reference_and_no_other():
    text = (ROOT / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")
    table = text.partition("## Events")[2].partition("\n## ")[0]
    listed = {name for row in re.findall(r"^\| (`[A-Z].*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert listed == set(claude_code.EVENTS)


def test_the_oldest_governed_client_is_named_where_users_look():
    oldest = ".".join(map(str, claude_code.OLDEST))
    for page in ("README.md", "docs/tutorial.md", "docs/enforcement.md"):
        assert oldest in (ROOT / page).read_text(encoding="utf-8"), page


def test_every_decision_and_how_to_is_listed():
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    pages = [page.name for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert pages
    assert [page for page in pages if f"({page})" not in index] == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    guides = [page.name for page in (ROOT / "docs" / "how-to").glob("*.md")]
    assert [page for page in guides if f"how-to/{page})" not in readme] == []


def test_a_decision_has_context_decision_alternatives_and_consequences():
    for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        headings = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Alternatives", "Consequences"], page.name
        assert page.read_text(encoding="utf-8").startswith(f"# {page.name[:4]}: "), page.name


def test_a_change_fragment_is_named_by_issue_and_kind():
    names = [page.name for page in (ROOT / "changes").iterdir() if page.name != "README.md"]
    wrong = [name for name in names if not re.fullmatch(r"\d+\.(feature|fix|breaking|removal|docs)(\.\d+)?\.md", name)]
    assert wrong == []


# --------------------------------------------------------------------------------------------------- what must be true


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in _anchors(found), f"{page.name}: {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", RUN_PAGES, ids=NAMES)
def test_what_a_page_shows_is_what_happens(page, shell):
    text = page.read_text(encoding="utf-8")
    given = re.search(r"^<!-- given: (files|example|up) -->$", text, re.MULTILINE)
    prepare(shell, given.group(1) if given else "example")
    for command, shown, status in _steps(text):
        got, out, err = shell.type(command)
        assert got == status, f"{command}: {got}\n{out}{err}"
        _require_shown(command, shown, out, err)


def _steps(text: str) -> Iterator[tuple[str, list[str], int]]:
    """(command, lines of output that are shown, exit status) of every command of a page's `run` blocks."""
    for block in BLOCK.findall(text):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = step.rstrip("\n").split("\n")
            ended = re.fullmatch(r"\[(\d+)\]", lines[-1]) if lines else None
            shown = [line for line in (lines[:-1] if ended else lines) if line.strip()]
            yield command, shown, int(ended.group(1)) if ended else 0


def _require_shown(command: str, shown: list[str], out: str, err: str) -> None:
    """Each shown line is in the output, in order within stdout and within stderr; `…` stands for anything."""
    rest = {"stdout": out.splitlines(), "stderr": err.splitlines()}
    for line in shown:
        wanted = re.compile(r"\s*".join(map(re.escape, line.split())).replace("…", ".*") + r"\s*")
        for lines in rest.values():
            at = next((at for at, real in enumerate(lines) if wanted.fullmatch(real.strip())), None)
            if at is not None:
                del lines[: at + 1]
                break
        else:
            pytest.fail(f"{command} does not say {line!r}:\n{out}{err}")


def test_a_page_without_the_mark_on_its_commands_says_so_by_a_client():
    """Unmarked console blocks are for what needs a real agent: the tutorial's two."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        unmarked = text.count("```console") - len(BLOCK.findall(text))
        assert unmarked <= (2 if page.name == "tutorial.md" else 0), page


def test_the_documented_json_has_the_shape_of_the_real_one(shell):
    prepare(shell, "up")
    shell.must("lanewise lock CHANGELOG.md --lane frontend --why 'release notes'")
    shell.must("lanewise halt backend --reason first")
    shell.must(f"cd ../naga-monorepo-frontend && export CLAUDE_PROJECT_DIR=$PWD && {_SESSION}; cd ../naga-monorepo")
    seen = []
    for command, body in SHAPE.findall(COMMANDS.read_text(encoding="utf-8")):
        if command.startswith("lanewise lock package.json --lane frontend"):
            shell.must("lanewise resume")
        status, out, err = shell.type(command)
        assert status in {0, 3}, f"{command}: {status}\n{out}{err}"
        real, told = json.loads(out), json.loads(body)
        if command.split()[1] == "log":  # its `data` depends on the kind
            assert isinstance(real.pop("data"), dict)
            del told["data"]
        assert _shape(real, told) == _shape(told, real), command
        assert command.split()[1] != "status" or (real["halts"] and any(lane["sessions"] for lane in real["lanes"]))
        seen.append(command.split()[1])
    assert set(seen) == {name for name in cli.COMMANDS if "--json" in _options(name)} - {"demo", "schema-json"}


_SESSION = (
    """echo '{"hook_event_name": "SessionStart", "session_id": "s1", "source": "startup"}' """
    "| CLAUDE_PID=$PPID lanewise hook claude-code"
)


def _shape(value: Any, other: Any) -> Any:
    """Keys and kinds; a list stands for its richest element, and an empty one for that of the other side."""
    if isinstance(value, dict):
        if isinstance(other, dict):
            return {key: _shape(inner, other.get(key)) for key, inner in value.items()}
        return {key: _shape(inner, inner) for key, inner in value.items()}
    if isinstance(value, list):
        mine, theirs = (max(items or [None], key=lambda item: len(json.dumps(item))) for items in (value, other or []))
        return [_shape(mine if mine is not None else theirs, theirs if theirs is not None else mine)]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


# ------------------------------------------------------------------------------------------------ what must not be said

_TEXTS = ("*.md", "*.py", "*.c", "*.sh", "*.toml", "*.svg", "*.sql", "*.yml", "Makefile", "run")


def _texts(*folders: str) -> Iterator[tuple[Path, str]]:
    """Text files that git would carry, below the folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    names = listed.split("\0") if listed else [str(path.relative_to(ROOT)) for each in folders for path in ROOT.glob(f"{each}/**/*")]
    for name in names:
        path = ROOT / name
        if path.is_file() and any(path.match(pattern) for pattern in _TEXTS):
            yield path, path.read_text(encoding="utf-8")


def test_no_text_holds_a_path_of_somebodys_machine_or_a_registry():
    machine = re.compile(r"/root/|/work/|/Users/(?!you\b)|/home/(?!you\b|user\b|USER\b)\w+")
    registry = re.compile(r"https?://[\w.-]*(?:pypi|npmjs|registry|artifact|nexus|mirror|proxy)[\w.-]*", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path, text in _texts("docs", "src", "native", "changes", "README.md", "GLOSSARY.md", "CONTRIBUTING.md", "Makefile", ".ci")
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
    for path, text in _texts("docs", "src", "native", "changes", "README.md", "GLOSSARY.md", "CONTRIBUTING.md"):
        kept = re.sub("|".join(_ALLOWED), "", text, flags=re.MULTILINE)
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in _FORBIDDEN.finditer(kept)]
    assert found == []


def test_the_glossary_defines_each_word_once():
    words = re.findall(r"^\| ((?:\*\*[^*]+\*\*(?:, )?)+) \|", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE)
    terms = [term for cell in words for term in re.findall(r"\*\*([^*]+)\*\*", cell)]
    assert len(terms) == len(set(terms))
    design = "worktree lane session domain lease waiter ask pass halt snapshot radar contract slot sync landing trigger action"
    assert {*design.split(), "fencing token"} <= set(terms)


_DESTRUCTIVE = re.compile(
    r"\brm -|\breset --(?:hard|merge|keep)|\bclean -\w*[fdx]|\bbranch -D|\bbranch --delete|worktree (?:remove|prune)|stash (?:drop|clear|pop)"
    r"|checkout (?:--|-f|\.)|restore \.|switch -f|push (?:-f|--force|\S+ :)|update-ref -d|gc --prune|\bkill -9|\bunlink |rmtree"
)


def test_no_sentence_that_an_agent_can_see_names_a_destructive_command():
    """Every string of the package but docstrings and tables of words; and every sentence of the hook clients."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "_examples" in path.parts:
            continue
        tree = _tree(path)
        told = _strings(tree) - _docstrings(tree)
        found += [f"{path.relative_to(ROOT)}: {text}" for text in told if _DESTRUCTIVE.search(text)]
    for name in ("hook.c", "hook.sh"):
        text = (ROOT / "native" / name).read_text(encoding="utf-8")
        found += [f"{name}: {said}" for said in re.findall(r"[\"']([^\"'\n]{20,})[\"']", text) if _DESTRUCTIVE.search(said)]
    assert found == []


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _strings(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _docstrings(tree: ast.Module) -> set[str]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {ast.get_docstring(node, clean=False) or "" for node in ast.walk(tree) if isinstance(node, owners)}


#: The sentences in which a command is named to people or agents: `lanewise WORD` in backticks or after `hint:`.
_NAMED = re.compile(r"`lanewise ([a-z][a-z-]*)[^`]*`|^hint: lanewise ([a-z][a-z-]*)", re.MULTILINE)
#: Commands of the design that a later issue brings, and that three texts name already.
_PLANNED = frozenset({"reload", "doctor"})


def test_no_text_tells_a_user_to_run_a_command_that_does_not_exist():
    found = []
    for path, text in _texts("docs", "src", "native", "changes", "README.md", "GLOSSARY.md", "CONTRIBUTING.md"):
        names = {first or second for first, second in _NAMED.findall(text)} - set(cli.COMMANDS) - _PLANNED
        found += [f"{path.relative_to(ROOT)}: lanewise {name}" for name in sorted(names)]
    assert found == []
