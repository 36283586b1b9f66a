"""`task`."""

from __future__ import annotations

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"task": "lanewise task backend enrollment-api"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    parser.add_argument("lane", metavar="LANE")
    parser.add_argument("name", metavar="NAME", help="the branch becomes feature/LANE/NAME")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.service import tasks

    app = surface.open_here()
    surface.require_own_lane(app, args.lane)
    started = tasks.start(app, args.lane, args.name)
    body = {"lane": started.lane, "branch": started.branch, "left": started.left, "unlanded_commits": started.unlanded}
    surface.answer(body, f"Lane {started.lane} is on {started.branch}.", as_json=args.json)
    if started.unlanded and not args.json:
        surface.note(f"{started.left} keeps {started.unlanded} commit(s) that have not landed")
    return 0
