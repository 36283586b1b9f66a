"""`status`: one screen that a tired human understands.

The daemon is asked first: then this process need not import what decides and stores, and starts in a third of the time.
"""

from __future__ import annotations

import os
import sys

from lanewise.cli import surface
from lanewise.core.paths import printable
from lanewise.core.wording import short, span

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from lanewise.git.locate import Repository

EXAMPLES = {"status": "lanewise status --json"}
#: Seconds without a call after which a session is shown as quiet.
_QUIET = 300


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.git.locate import find_repository

    repository = find_repository(os.getcwd())
    seen = _ask_daemon(repository) if repository else None
    if seen is None:
        from lanewise.service import overview

        seen = {**overview.look(surface.open_here()), "daemon": None}
    if args.json:
        surface.answer(seen, "", as_json=True)
    else:
        print(_screen(seen))
    return 0


def _ask_daemon(repository: Repository) -> dict[str, Any] | None:
    """What the daemon sees, and who it is; None when none answers in time."""
    from lanewise.host import files, sockets

    reply = sockets.ask(sockets.door_of(repository.state), {"v": 1, "ask": "overview"}, 1.0)
    seen = files.parse_json(reply or b"")
    # A stranger on its socket may say anything.
    return seen if isinstance(seen, dict) and "lanes" in seen else None


def _screen(seen: dict[str, Any]) -> str:
    width = min(os.get_terminal_size().columns, 120) if sys.stdout.isatty() else 100
    daemon = f"daemon {seen['daemon']['pid']}" if seen["daemon"] else "no daemon (hooks answer without it)"
    daemon = "down: lanewise up" if seen["down"] else daemon
    lines = [f"{_bold(seen['project'])}  {len(seen['lanes'])} lanes, {daemon}", *_halts(seen["halts"])]
    for lane in seen["lanes"]:
        lines += ["", *_lane(lane, width)]
    lines += _overlaps(seen["overlaps"])
    if seen["sessions_in_no_lane"]:
        lines += ["", f"{len(seen['sessions_in_no_lane'])} session(s) in no lane: they may read, not edit"]
    return "\n".join(lines)


def _lane(lane: dict[str, Any], width: int) -> list[str]:
    lines = [f"{_bold(lane['lane'])}  {lane['branch'] or 'not made yet: lanewise up'}"]
    for session in lane["sessions"]:
        doing = f'"{printable(session["task"], 60)}", ' if session["task"] else ""
        ago = span(session["seconds_ago"])
        state = _green("at work") if session["seconds_ago"] < _QUIET else "quiet  "
        lines.append(f"  {state}  {short(session['id'])}  {doing}last call {ago} ago")
    if not lane["sessions"]:
        lines.append("  no session")
    for lease in lane["leases"][:5]:
        what = printable(lease["path"], max(20, width - 40))
        why = f"  {printable(lease['why'], 40)}" if lease["why"] and lease["by_name"] else ""
        lines.append(f"  holds    {what}  {span(lease['seconds_left'])} left{why}")
    if len(lane["leases"]) > 5:
        lines.append(f"  holds    {len(lane['leases']) - 5} more: lanewise locks")
    return lines


def _halts(halts: list[dict[str, Any]]) -> list[str]:
    lines = []
    for halt in halts:
        where = "every lane" if halt["scope"] == "all" else f"lane {halt['scope']}"
        who = f"{printable(halt['by'], 40)}, {span(halt['seconds_ago'])} ago"
        lines.append(_red(f"HALTED {where}: {printable(halt['reason'])} ({who})"))
    return [*lines, "  when it is mended: lanewise resume"] if lines else []


def _overlaps(overlaps: list[dict[str, Any]]) -> list[str]:
    shown = [f"  {printable(row['path'])}  changed in {' and '.join(row['lanes'])}" for row in overlaps[:5]]
    return ["", "will have to be merged:", *shown] if shown else []


def _colour(code: str, text: str) -> str:
    wanted = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


def _bold(text: str) -> str:
    return _colour("1", text)


def _red(text: str) -> str:
    return _colour("1;31", text)


def _green(text: str) -> str:
    return _colour("32", text)
