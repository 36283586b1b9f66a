"""The pages of the documentation, the sections of the command reference, and what the code says of itself."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
from pathlib import Path

from lanewise import cli

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "lanewise"
COMMANDS = ROOT / "docs" / "reference" / "commands.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md")])


def sections() -> dict[str, str]:
    """The command reference by its headings."""
    text = COMMANDS.read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def options_of(command: str) -> set[str]:
    """The long options of a command, asked of its own parser."""
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"lanewise.cli.{cli.COMMANDS[command][0]}").configure(command, parser)
    return {name for action in parser._actions for name in action.option_strings if name.startswith("--")}


def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))
