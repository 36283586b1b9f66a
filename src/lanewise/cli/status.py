"""`status`: one screen that a tired human understands."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from lanewise.cli import surface
from lanewise.cli.lease import lease_json, stamp

if TYPE_CHECKING:
    import argparse

    from lanewise.service.overview import LaneState, Overview

EXAMPLES = {"status": "lanewise status --json"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise.service import overview

    seen = overview.look(surface.open_here())
    if args.json:
        surface.answer(_body(seen), "", as_json=True)
    else:
        print(_screen(seen))
    return 0


def _screen(seen: Overview) -> str:
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    lines = [f"{_bold(seen.project)}  {len(seen.lanes)} lanes, {_daemon(seen)}"]
    lines += _halts(seen)
    for state in seen.lanes:
        lines += ["", *_lane(seen, state, width)]
    lines += _overlaps(seen)
    if seen.laneless:
        lines += ["", f"{len(seen.laneless)} session(s) in no lane: they may read, not edit"]
    return "\n".join(lines)


def _lane(seen: Overview, state: LaneState, width: int) -> list[str]:
    from lanewise.core import paths, verdict

    branch = state.branch or "not made yet: lanewise up"
    lines = [f"{_bold(state.lane.name)}  {branch}"]
    for session in state.sessions:
        ago = verdict.span(seen.now.wall - session.seen)
        doing = f'"{paths.printable(session.task, 60)}", ' if session.task else ""
        lines.append(f"  {_green('at work')}  {verdict.short(session.id)}  {doing}last call {ago} ago")
    if not state.sessions:
        lines.append("  no session")
    for lease in state.leases[:5]:
        left = verdict.span(lease.seconds_left(seen.now))
        what = paths.printable(lease.path, max(20, width - 40))
        why = f"  {paths.printable(lease.why, 40)}" if lease.why and lease.origin == "lock" else ""
        lines.append(f"  holds    {what}  {left} left{why}")
    if len(state.leases) > 5:
        lines.append(f"  holds    {len(state.leases) - 5} more: lanewise locks")
    return lines


def _halts(seen: Overview) -> list[str]:
    from lanewise.core import paths, verdict

    lines = []
    for halt in seen.halts:
        where = "every lane" if halt.scope == "all" else f"lane {halt.scope}"
        ago = verdict.span(seen.now.wall - halt.at)
        who = f"{paths.printable(halt.by, 40)}, {ago} ago"
        lines.append(_red(f"HALTED {where}: {paths.printable(halt.reason)} ({who})"))
    return [*lines, "  when it is mended: lanewise resume"] if lines else []


def _overlaps(seen: Overview) -> list[str]:
    from lanewise.core import paths

    if not seen.overlaps:
        return []
    shown = [f"  {paths.printable(row.path)}  changed in {' and '.join(row.lanes)}" for row in seen.overlaps[:5]]
    return ["", "will have to be merged:", *shown]


def _daemon(seen: Overview) -> str:
    return f"daemon {seen.daemon['pid']}" if seen.daemon else "no daemon (hooks answer without it)"


def _body(seen: Overview) -> dict[str, Any]:
    return {
        "project": seen.project,
        "at": stamp(seen.now.wall),
        "daemon": seen.daemon,
        "halts": [
            {
                "scope": halt.scope,
                "trigger": halt.trigger,
                "reason": halt.reason,
                "by": halt.by,
                "at": stamp(halt.at),
                "evidence": list(halt.evidence),
            }
            for halt in seen.halts
        ],
        "lanes": [_lane_body(state) for state in seen.lanes],
        "overlaps": [{"path": row.path, "lanes": list(row.lanes), "since": stamp(row.since)} for row in seen.overlaps],
    }


def _lane_body(state: LaneState) -> dict[str, Any]:
    return {
        "lane": state.lane.name,
        "worktree": state.lane.worktree,
        "branch": state.branch,
        "halted": state.halt is not None,
        "sessions": [
            {"id": session.id, "pid": session.pid, "task": session.task, "seen": stamp(session.seen)}
            for session in state.sessions
        ],
        "leases": [lease_json(lease) for lease in state.leases],
    }


def _colour(code: str, text: str) -> str:
    wanted = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


def _bold(text: str) -> str:
    return _colour("1", text)


def _red(text: str) -> str:
    return _colour("1;31", text)


def _green(text: str) -> str:
    return _colour("32", text)
