"""`up`, `down`."""

from __future__ import annotations

import sys

from lanewise.cli import surface

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

    from lanewise.git.locate import Repository
    from lanewise.service.app import App
    from lanewise.service.lanes import Plan
    from lanewise.settings import Settings

EXAMPLES = {"up": "lanewise up --dry-run", "down": "lanewise down"}


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    surface.json_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    if name == "up":
        parser.add_argument("--bring", metavar="LANE", help="copy main's uncommitted work into this lane")


def run(name: str, args: argparse.Namespace) -> int:
    """Do it."""
    return _up(args) if name == "up" else _down(args)


def _up(args: argparse.Namespace) -> int:
    from lanewise import wire
    from lanewise.core.rows import Place
    from lanewise.service import desired, lanes

    repository = wire.require_repository()
    settings = desired.load(repository)
    if args.dry_run:
        places: dict[str, Place] = {}
        if wire.is_managed(repository):
            app = wire.open_app(repository)
            places = {row.lane: row for row in app.store.take(lambda turn: turn.all(Place))}
        plan = lanes.plan_up(repository, settings, places)
        _show(plan, args, done=False)
        return 0
    _offer_trust(repository, settings)
    app = wire.open_app(repository, make=True)
    plan = lanes.up(app, settings, (lambda _: None) if args.json else surface.say)
    if args.bring:
        _bring(app, plan, args.bring)
    _show(plan, args, done=True)
    return 0


def _offer_trust(repository: Repository, settings: Settings) -> None:
    """On a terminal, ask once for the set-up commands; elsewhere they wait for `lanewise trust`."""
    from lanewise.service import trust

    commands = [command for lane in settings.lanes.values() for command in lane.setup]
    if not commands or trust.is_trusted(repository, settings) or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    surface.say("lanewise.toml asks to run these set-up commands:")
    for command in commands:
        surface.say(f"  {command}")
    sys.stderr.write("Run them now and whenever a lane is made? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() in {"y", "yes"}:
        surface.require_human(repository, "trust")
        trust.trust(repository, settings)


def _show(plan: Plan, args: argparse.Namespace, *, done: bool) -> None:
    body = {
        "lanes": [{"lane": lane.name, "worktree": lane.worktree, "branch": lane.branch} for lane in plan.rules.lanes],
        "effects": [str(effect) for effect in plan.effects],
        "dry_run": not done,
        "untrusted": list(plan.untrusted),
        "uncommitted_in_main": list(plan.stranded),
    }
    if done:
        text = "\n".join(f"lane {lane.name:<12} {lane.worktree}" for lane in plan.rules.lanes)
    else:
        text = "\n".join(f"would {effect}" for effect in plan.effects) or "Nothing to do."
    surface.answer(body, text, as_json=args.json)
    if args.json:
        return
    if plan.untrusted:
        surface.note(f"{len(plan.untrusted)} set-up command(s) wait for your trust", "lanewise trust && lanewise up")
    if plan.tracked:
        surface.note(
            ".claude/settings.local.json is tracked by git, so lanewise's handlers show as a change in it: "
            "keep it out of commits"
        )
    if plan.stranded and not args.bring:
        lane = plan.rules.lanes[0].name
        surface.note(
            f"the main worktree has uncommitted work in {len(plan.stranded)} path(s), which no lane sees "
            f"({', '.join(plan.stranded[:3])}{', …' if len(plan.stranded) > 3 else ''})",
            f"lanewise up --bring {lane}",
        )
    if done:
        surface.say(f"hint: lanewise run {plan.rules.lanes[0].name}")


def _bring(app: App, plan: Plan, name: str) -> None:
    from lanewise.core.paths import printable
    from lanewise.service import bring

    brought = bring.bring(app, plan.rules, name)
    surface.say(f"copied main's uncommitted work into lane {name}: {len(brought.paths)} path(s); main keeps its own")
    for folder in brought.nested:
        surface.note(f"{printable(folder)} is a repository of its own, and was not copied")


def _down(args: argparse.Namespace) -> int:
    from lanewise.service import lanes

    app = surface.open_here()
    if not args.dry_run:
        surface.require_human(app.repository, "down")
    effects = lanes.down(app, (lambda _: None) if args.json else surface.say, dry_run=args.dry_run)
    body = {"effects": [str(effect) for effect in effects], "dry_run": args.dry_run}
    text = "" if args.dry_run else "lanewise is down; worktrees, branches and its log stay."
    surface.answer(body, text or "\n".join(f"would {effect}" for effect in effects), as_json=args.json)
    return 0
