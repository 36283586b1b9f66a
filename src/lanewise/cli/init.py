"""`init`."""

from __future__ import annotations

import os

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"init": "lanewise init --dry-run"}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="show the proposal, write nothing")


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    from lanewise import settings, wire
    from lanewise.errors import Refused
    from lanewise.git import worktree
    from lanewise.host import files
    from lanewise.service import propose

    repository = wire.require_repository()
    path = os.path.join(repository.root, settings.FILE_NAME)
    if os.path.lexists(path) and not args.dry_run:
        raise Refused(f"{settings.FILE_NAME} is there already, and init never overwrites.", f"less {path}")
    tracked, ignored = worktree.list_tracked(repository.root), worktree.list_ignored(repository.root)

    def read(name: str) -> str | None:
        return files.find_text(os.path.join(repository.root, name))

    main = worktree.default_branch(repository.root)
    proposal = propose.propose(propose.look(repository.root, tracked, ignored, read, main=main))
    parsed = settings.parse_settings(proposal.toml)
    if not args.dry_run:
        files.write_whole(path, proposal.toml.encode(), 0o644)
    body = {"path": path, "toml": proposal.toml, "lanes": list(parsed.lanes), "notes": list(proposal.notes)}
    text = proposal.toml.rstrip("\n") if args.dry_run else f"Wrote {path} with lanes {', '.join(parsed.lanes)}."
    surface.answer({**body, "dry_run": args.dry_run}, text, as_json=args.json)
    if not args.json:
        for remark in proposal.notes:
            surface.note(remark)
        surface.say("hint: lanewise init" if args.dry_run else "hint: lanewise up")
    return 0
