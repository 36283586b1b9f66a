"""`schema-json`."""

from __future__ import annotations

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"schema-json": "lanewise schema-json > lanewise.schema.json"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words; the answer is JSON in any case."""
    surface.json_option(parser)


def run(_name: str, _args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise import settings

    surface.answer(settings.json_schema(), "", as_json=True)
    return 0
