"""`halt`, `resume`."""

from __future__ import annotations

import getpass

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"halt": 'lanewise halt --reason "merge conflict, let me look"', "resume": "lanewise resume"}


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    parser.add_argument("lane", nargs="?", metavar="LANE", help="one lane; none: every lane")
    if name == "halt":
        parser.add_argument("--reason", default="", help="shown to every agent that is stopped")
    else:
        parser.add_argument("--why", default="", help="kept in the log")


def run(name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.service import halts
    from lanewise.service.shape import stamp

    app = surface.open_here()
    if name == "halt":
        made = halts.halt_lanes(app, scope=args.lane or "all", reason=args.reason, by=getpass.getuser())
        body = {"scope": made.scope, "reason": made.reason, "by": made.by, "at": stamp(made.at)}
        where = "in every lane" if made.scope == "all" else f"in lane {made.scope}"
        surface.answer(body, f"Editing is halted {where}: {made.reason}", as_json=args.json)
        if not args.json:
            surface.say("hint: lanewise resume")
        return 0
    surface.require_human(app.repository, "resume")
    ended = halts.resume_lanes(app, scope=args.lane, by=getpass.getuser(), why=args.why)
    rest = halts.current(app)
    left = f"; still halted: {', '.join(halt.scope for halt in rest)}" if rest else ""
    went_on = f"Editing goes on ({', '.join(halt.scope for halt in ended)}){left}."
    states = {"resumed": [halt.scope for halt in ended], "halted": [halt.scope for halt in rest]}
    surface.answer(states, went_on if ended else f"Nothing was halted{left}.", as_json=args.json)
    return 0
