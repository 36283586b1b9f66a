"""`trust`."""

from __future__ import annotations

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"trust": "lanewise trust --show"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    parser.add_argument("--show", action="store_true", help="list the commands, allow nothing")
    parser.add_argument("--revoke", action="store_true", help="forget what was allowed here")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise import wire
    from lanewise.service import desired, trust

    repository = wire.require_repository()
    settings = desired.load(repository)
    commands = [(name, command) for name, lane in settings.lanes.items() for command in lane.setup]
    if not args.show:
        surface.require_human(repository, "trust")
        if args.revoke:
            trust.distrust(repository)
        else:
            trust.trust(repository, settings)
    trusted = trust.is_trusted(repository, settings)
    body = {"trusted": trusted, "commands": [{"lane": name, "command": command} for name, command in commands]}
    lines = [f"{name:<12} {command}" for name, command in commands] or ["lanewise.toml has no set-up commands."]
    lines.append("These may run." if trusted else "These may not run yet.")
    surface.answer(body, "\n".join(lines), as_json=args.json)
    if not args.json:
        surface.say("hint: lanewise up" if trusted else "hint: lanewise trust")
    return 0
