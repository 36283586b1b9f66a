"""`lock`, `unlock`, `locks`, `check`."""

from __future__ import annotations

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from lanewise.core.lease import Lease
    from lanewise.core.verdict import Denied
    from lanewise.service.leases import Board

EXAMPLES = {
    "lock": 'lanewise lock package.json --why "add a dependency" --lane frontend',
    "unlock": "lanewise unlock package.json --lane frontend",
    "locks": "lanewise locks",
    "check": "lanewise check backend/apps/enrollment/models.py --lane frontend",
}
_DENIED = 3


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    if name != "locks":
        surface.lane_options(parser)
    if name == "lock":
        parser.add_argument("paths", nargs="+", metavar="PATH", help="repository path, directory/ or 'glob'")
        parser.add_argument("--why", default="", help="what for, shown to whoever is refused")
        parser.add_argument("--shared", action="store_true", help="let other lanes hold it shared too")
    elif name == "unlock":
        parser.add_argument("paths", nargs="*", metavar="PATH", help="as they were locked; none: all of yours")
    elif name == "check":
        parser.add_argument("path", metavar="PATH", help="repository path")


def run(name: str, args: argparse.Namespace) -> int:
    """Do it."""
    return {"lock": _lock, "unlock": _unlock, "locks": _locks, "check": _check}[name](args)


def _lock(args: argparse.Namespace) -> int:
    from lanewise.core.verdict import Denied
    from lanewise.service import leases
    from lanewise.service.shape import lease_json

    app = surface.open_here()
    lane, session = surface.caller(app, args.lane, args.session)
    wanted = leases.Wanted(lane, session, tuple(args.paths), "shared" if args.shared else "exclusive", args.why)
    result = leases.lock(app, wanted)
    if isinstance(result, Denied):
        return _refused(result, as_json=args.json)
    shown = [_brief(lease_json(lease)) for lease in result.leases]
    text = "\n".join(f"{lease.path} is leased to lane {lane} (token {lease.token})." for lease in result.leases)
    surface.answer({"granted": True, "leases": shown, "held_by": [], "hint": ""}, text, as_json=args.json)
    return 0


def _refused(denied: Denied, *, as_json: bool) -> int:
    body = {"granted": False, "leases": [], "held_by": [_holder(lease) for lease in denied.held_by]}
    if as_json:
        surface.answer({**body, "rule": denied.rule, "message": denied.text, "hint": denied.hint}, "", as_json=True)
    else:
        surface.say(f"lanewise: {denied.text}")
        surface.say(f"hint: {denied.hint}")
    return _DENIED


def _unlock(args: argparse.Namespace) -> int:
    from lanewise.service import leases
    from lanewise.service.shape import lease_json

    app = surface.open_here()
    lane, session = surface.caller(app, args.lane, args.session)
    gone = leases.unlock(app, lane, session, args.paths)
    text = "\n".join(f"{lease.path} is free." for lease in gone) or f"Lane {lane} held nothing of that."
    surface.answer({"released": [lease_json(lease) for lease in gone]}, text, as_json=args.json)
    return 0


def _locks(args: argparse.Namespace) -> int:
    from lanewise.service import leases
    from lanewise.service.shape import lease_json

    board = leases.board(surface.open_here())
    rows = [{**lease_json(lease), "holder_alive": lease.session not in board.dead} for lease in board.leases]
    lines = [_line(lease, board) for lease in board.leases]
    surface.answer(rows, "\n".join(lines) or "Nothing is held.", as_json=args.json)
    return 0


def _line(lease: Lease, board: Board) -> str:
    from lanewise.core import paths, wording

    left = f"{wording.span(lease.seconds_left(board.now))} left"
    gone = " (gone)" if lease.session in board.dead else ""
    holder = wording.short(lease.session) if lease.session else "by hand"
    why = paths.printable(lease.why, 40)
    return f"{paths.printable(lease.path):<44} {lease.lane:<12} {left:>14}  {holder}{gone}  {why}"


def _check(args: argparse.Namespace) -> int:
    from lanewise.core.verdict import Denied
    from lanewise.service import leases

    app = surface.open_here()
    lane, session = surface.caller(app, args.lane, args.session, reads=True)
    checked = leases.check(app, lane, session, args.path)
    result = checked.answer
    if isinstance(result, Denied):
        body = {
            "verdict": "deny",
            "rule": result.rule,
            "path": checked.path,
            "lane": lane,
            "held_by": [_holder(lease) for lease in result.held_by],
            "message": result.text,
            "hint": result.hint,
        }
        surface.answer(body, f"no: {result.text.removesuffix(' Nothing was written.')}", as_json=args.json)
        if not args.json:
            surface.say(f"hint: {result.hint}")
        return _DENIED
    body = {"verdict": "allow", "rule": "own", "path": checked.path, "lane": lane, "held_by": [], "hint": ""}
    surface.answer(body, f"yes: lane {lane} may edit {verdict_path(checked.path)}", as_json=args.json)
    return 0


def verdict_path(path: str) -> str:
    """A path that is safe to print."""
    from lanewise.core import paths

    return paths.printable(path)


def _holder(lease: Lease) -> dict[str, Any]:
    from lanewise.service.shape import lease_json

    names = ("path", "lane", "session", "since", "why", "expires_at", "token")
    full = lease_json(lease)
    return {name: full[name] for name in names}


def _brief(full: dict[str, Any]) -> dict[str, Any]:
    return {name: full[name] for name in ("path", "mode", "token", "lane", "session", "expires_at")}
