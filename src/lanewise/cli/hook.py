"""`hook`: one hook call by hand or by a client that has no hook client of ours."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"hook": "lanewise hook claude-code < payload.json"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("client", metavar="CLIENT", help="claude-code")
    parser.add_argument("--event", default="", help="the event, when the payload does not name it")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise import hook, wire
    from lanewise.clients.known import DIALECTS
    from lanewise.errors import BadInput, NotManaged

    if args.client not in DIALECTS:
        raise BadInput(
            f"There is no client {args.client!r}; known: {', '.join(DIALECTS)}.", "lanewise hook claude-code"
        )
    frame = {
        "client": args.client,
        "event": args.event,
        "cwd": os.getcwd(),
        "env": dict(os.environ),
        "stdin": sys.stdin.buffer.read().decode("utf-8", "replace"),
    }
    call = hook.parse(frame)
    try:
        app = wire.open_app(wire.require_repository(call.project or None))
    except NotManaged:
        return 0
    reply = hook.answer_frame(app, frame)
    sys.stdout.write(reply.stdout)
    sys.stderr.write(reply.stderr)
    return reply.status
