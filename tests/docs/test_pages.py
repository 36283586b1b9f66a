"""Laws of the words a user meets: what they show is what happens, and every link leads somewhere."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.docs.conftest import prepare
from tests.docs.pages import COMMANDS, PAGES, ROOT, options_of

from lanewise import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = re.compile(r"^<!-- run -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHAPE = re.compile(r"^<!-- shape: (.*?) -->\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_PAGES = [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))]
NAMES = [str(page.relative_to(ROOT)) for page in RUN_PAGES]


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
    assert set(seen) == {name for name in cli.COMMANDS if "--json" in options_of(name)} - {"demo", "schema-json"}


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
