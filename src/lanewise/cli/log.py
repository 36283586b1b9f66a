"""`log`."""

from __future__ import annotations

import json
import time

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from lanewise.service.app import App
    from lanewise.store.base import Logged

EXAMPLES = {"log": "lanewise log --lane backend --follow"}
#: Events that say only that somebody is there.
_QUIET = frozenset({"session.seen", "session.told", "call.answered", "call.ended", "call.forgotten", "lease.touched"})


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.add_argument("--lane", metavar="LANE", help="one lane's events")
    parser.add_argument("-n", "--limit", type=int, default=40, metavar="N", help="the newest N (default 40)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as things happen")
    parser.add_argument("--all", action="store_true", help="with the events that only say somebody is there")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.core.paths import printable
    from lanewise.errors import BadInput

    if args.limit < 1:
        raise BadInput("--limit takes a number from 1.", "lanewise log --limit 40")
    app = surface.open_here()
    last, batch = _newest(app, args)
    if not batch and args.lane and app.store.take(app.rules).find_lane(args.lane) is None:
        raise BadInput(f"There is no lane {printable(args.lane, 40)!r}.", "lanewise status")
    _print(batch, as_json=args.json)
    while args.follow:
        time.sleep(0.5)
        fresh = app.store.take(lambda turn: turn.events(last, 500))  # noqa: B023 - taken at once, before `last` moves
        last = fresh[-1].seq if fresh else last
        _print([event for event in fresh if _wanted(event, args)], as_json=args.json)
    return 0


def _newest(app: App, args: argparse.Namespace) -> tuple[int, list[Logged]]:
    """The log's newest number, and the newest wanted events: looked for further back until there are enough."""
    last, window = app.store.take(lambda turn: turn.last_event()), args.limit * 8
    while True:
        seen = max(0, last - window)
        found = app.store.take(lambda turn: turn.events(seen, last - seen))  # noqa: B023 - taken at once
        batch = [event for event in found if _wanted(event, args)]
        if len(batch) >= args.limit or seen == 0:
            return last, batch[-args.limit :]
        window *= 4


def _wanted(event: Logged, args: argparse.Namespace) -> bool:
    return (args.all or event.kind not in _QUIET) and (not args.lane or event.lane == args.lane)


def _print(events: list[Logged], *, as_json: bool) -> None:
    for event in events:
        print(json.dumps(_body(event), ensure_ascii=False) if as_json else line(event), flush=True)


def line(event: Logged) -> str:
    """One event as people read it, in local time."""
    from lanewise.core import paths

    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    text = paths.printable(event.text, 160)
    where = paths.printable(event.path, 80)
    # A refusal's sentence begins with its path.
    shown = text if where and text.startswith(where) else "  ".join(part for part in (where, text) if part)
    return f"{clock}  {event.lane or '-':<12} {event.kind:<16} {shown}"


def _body(event: Logged) -> dict[str, Any]:
    from lanewise.service.shape import stamp

    return {
        "seq": event.seq,
        "at": stamp(event.at),
        "kind": event.kind,
        "lane": event.lane,
        "session": event.session,
        "path": event.path,
        "text": event.text,
        "data": dict(event.data),
    }
