"""Laws of the words a user meets: what they must tell is all there."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, get_args

import pytest
from tests.docs.pages import COMMANDS, ROOT, SOURCE, options_of, sections, tree_of

from lanewise import cli, errors, settings
from lanewise.clients import claude_code
from lanewise.core import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_has_a_section_that_names_each_of_its_options(command):
    section = sections()[command]
    missing = {name for name in options_of(command) - {"--json"} if not re.search(rf"`{name}[` ]", section)}
    assert missing == set()
    assert "--json" not in options_of(command) or "--json" in section


def test_no_section_names_an_option_that_does_not_exist():
    for command, section in sections().items():
        if command in cli.COMMANDS:
            rows = re.findall(r"^\| (`-.*?) \|", section, re.MULTILINE)
            assert set(re.findall(r"--[a-z-]+", " ".join(rows))) <= options_of(command), command


def _errors(kind: type[errors.Trouble] = errors.Trouble) -> Iterator[type[errors.Trouble]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _errors(below)


def test_every_error_stands_in_the_reference_with_its_code_and_status():
    assert settings.SettingsTrouble in set(_errors())
    for kind in (kind for kind in _errors() if kind.__module__ in {"lanewise.errors", "lanewise.settings"}):
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
    rows = re.findall(r"^\| (`[a-z]+\.[a-z-]+`.*?) \|", sections()["log"], re.MULTILINE)
    listed = {kind for row in rows for kind in re.findall(r"`([a-z-]+\.[a-z-]+)`", row)}
    assert listed == _event_kinds()


def _event_kinds() -> set[str]:
    families = "call edit halt lane lease overlap run session settings task worktree".split()
    kind = re.compile(rf"(?:{'|'.join(families)})\.[a-z]+(?:-[a-z]+)*")
    trees = (tree_of(path) for folder in ("core", "service") for path in (SOURCE / folder).glob("*.py"))
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
    rows = re.findall(r"^\| (`[A-Z].*?) \|", table, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(claude_code.EVENTS)


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
