"""The command line: one file per noun, found in this table and imported only when it is called."""

from __future__ import annotations

import os
import sys

#: Command -> module of this package, one line of help. The order is that of a first day.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "look at the repository and write lanewise.toml"),
    "up": ("lane", "make every lane: worktrees, branches, hooks, set-up, daemon"),
    "run": ("run", "start a lane's agent client, governed and watched"),
    "status": ("status", "who works on what, what is held, what is halted"),
    "task": ("task", "start a lane's next piece of work on a branch of its own"),
    "lock": ("lease", "take a lease by name"),
    "unlock": ("lease", "give leases back"),
    "locks": ("lease", "list what is held, by whom, until when"),
    "check": ("lease", "ask whether a lane may edit a path; takes nothing"),
    "halt": ("halt", "stop editing, in one lane or all"),
    "resume": ("halt", "let editing go on (humans only)"),
    "log": ("log", "what happened"),
    "trust": ("trust", "allow the set-up commands of lanewise.toml (humans only)"),
    "down": ("lane", "take lanewise's hooks out; all work stays (humans only)"),
    "demo": ("demo", "watch two agents share a small monorepo"),
    "hook": ("hook", "answer one hook call of a client: payload on stdin"),
    "schema-json": ("schema", "the JSON Schema of lanewise.toml"),
    "completion": ("completion", "a completion script for bash, zsh or fish"),
}

INTERRUPTED, BUG, USAGE = 130, 70, 2


def run(argv: list[str]) -> int:
    """Run one command; its exit status."""
    try:
        try:
            return _dispatch(argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has left (`lanewise log | head`): nothing more to say, to nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(argv: list[str]) -> int:
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(_help())
        return 0
    if argv[0] in {"-V", "--version"}:
        from lanewise import VERSION

        print(f"lanewise {VERSION}")
        return 0
    if argv[0] not in COMMANDS:
        return _unknown(argv[0])
    from importlib import import_module

    from lanewise.cli import surface

    module = import_module(f"lanewise.cli.{COMMANDS[argv[0]][0]}")
    return surface.call(module, argv[0], COMMANDS[argv[0]][1], argv[1:])


def _help() -> str:
    lines = [
        "usage: lanewise COMMAND [options]",
        "",
        "Keeps coding agents that work at the same time on one git repository from overwriting each other.",
        "",
        *(f"  {name:<12} {text}" for name, (_, text) in COMMANDS.items()),
        "",
        "Every command has --help with an example. A first day:",
        "",
        "  lanewise init && lanewise up && lanewise run backend",
    ]
    return "\n".join(lines)


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, 1)
    shown = "".join(char for char in name[:40] if char.isprintable())
    print(f"lanewise: there is no command {shown!r}.", file=sys.stderr)
    print(f"hint: lanewise {near[0]}" if near else "hint: lanewise --help", file=sys.stderr)
    return USAGE
