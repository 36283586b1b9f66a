"""`demo`."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from lanewise.cli import surface

if TYPE_CHECKING:
    import argparse

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

EXAMPLES = {"demo": "lanewise demo --agents scripts"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line, the summary last")
    parser.add_argument(
        "--agents",
        choices=("auto", "claude", "scripts"),
        default="auto",
        help="who acts: the real Claude Code when there is one (auto), only it, or scripts",
    )
    parser.add_argument("--keep", action="store_true", help="leave the demo's repository for you to look at")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.demo import play

    for number in _ENDING:
        # What is ignored stays so: a job in the background does not hear the terminal's interrupt.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    failure = play.play(play.choose(args.agents), sys.stdout, as_json=args.json, keep=args.keep)
    if failure and not args.json:
        raise failure
    if not (args.json or args.keep):
        surface.say("hint: lanewise init")
    return 1 if failure else 0


def _leave(_number: int, _frame: object) -> None:
    """Whoever ends us lets us put everything away first, and asking twice does not leave half of it."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
