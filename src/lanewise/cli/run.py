"""`run`."""

from __future__ import annotations

import argparse

from lanewise.cli import surface

EXAMPLES = {"run": 'lanewise run backend -- claude -p "add a course model"'}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="show the command line, start nothing")
    parser.add_argument("lane", metavar="LANE")
    parser.add_argument("client", nargs=argparse.REMAINDER, metavar="-- CLIENT …", help="else the lane's own client")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.errors import BadInput
    from lanewise.service import runs

    client = args.client[1:] if args.client[:1] == ["--"] else args.client
    if args.client[:1] != ["--"] and client and client[0].startswith("-"):
        raise BadInput("Options stand before LANE.", f"lanewise run {client[0]} {args.lane}")
    app = surface.open_here()
    launch = runs.prepare(app, args.lane, client)
    for remark in launch.remarks:
        surface.note(remark)
    if args.dry_run:
        body = {"lane": launch.lane.name, "argv": list(launch.argv), "cwd": launch.lane.worktree, "dry_run": True}
        surface.answer(body, f"cd {launch.lane.worktree}\n{' '.join(launch.argv)}", as_json=args.json)
        return 0
    return runs.start(app, launch)
