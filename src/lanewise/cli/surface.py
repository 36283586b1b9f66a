"""What every command shares: its parser, its one renderer of errors, its answers as text or JSON, and who calls."""

from __future__ import annotations

import argparse
import os
import sys

from lanewise.cli import BUG, INTERRUPTED
from lanewise.errors import BadInput, Refused, Trouble

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn

    from lanewise.git.locate import Repository
    from lanewise.service.app import App


class Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are errors of ours."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words, with a hint that can be pasted."""
        raise BadInput(f"{message[0].upper()}{message[1:]}.", f"{self.prog} --help")


def call(module: ModuleType, name: str, text: str, argv: list[str]) -> int:
    """Parse and run one command; every error becomes one sentence, a hint and an exit status."""
    wants_json = "--json" in argv
    try:
        parser = Parser(
            prog=f"lanewise {name}",
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=f"example: {module.EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(name, parser)
        status: int = module.run(name, parser.parse_args(argv))
        sys.stdout.flush()
    except Trouble as error:
        _render(error, as_json=wants_json)
        return error.exit
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise  # no bug: `cli.run` ends in silence
    except Exception as error:  # noqa: BLE001 - the process's border
        return _bug(name, error)
    return status


def json_option(parser: argparse.ArgumentParser) -> None:
    """Every command can answer as JSON."""
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def lane_options(parser: argparse.ArgumentParser) -> None:
    """Who asks, when the environment or the directory does not say."""
    parser.add_argument("--lane", metavar="LANE", help="the lane (else from the session or the directory)")
    parser.add_argument("--session", metavar="ID", help="the session (else from the environment)")


def answer(value: Any, text: str, *, as_json: bool) -> None:
    """Print the answer."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text)


def say(text: str) -> None:
    """Narrate on stderr."""
    print(text, file=sys.stderr, flush=True)


def note(text: str, hint: str = "") -> None:
    """A remark on stderr, with what can be done."""
    say(f"note: {text}")
    if hint:
        say(f"hint: {hint}")


def open_here(*, make: bool = False) -> App:
    """The application of the repository around this directory."""
    from lanewise import wire

    return wire.open_app(wire.require_repository(), make=make)


def caller(app: App, lane: str | None, session: str | None, *, reads: bool = False) -> tuple[str, str]:
    """(lane, session) of whoever calls; the session is empty for a person. An agent's session holds leases for its own
    lane only. Raises BadInput and Refused.
    """
    from lanewise.core.session import Session
    from lanewise.service import sessions

    mine = _session_of_environment()
    if mine and session and session != mine:
        raise Refused("An agent acts for its own session only.", "leave --session out")
    own = mine or session
    found = app.store.take(lambda turn: turn.find(Session, own)) if own else None
    if own and found is None and session:
        raise BadInput("There is no session of that id.", "lanewise status")
    bound = found.lane if found else os.environ.get("LANEWISE_LANE", "")
    here = bound if found else bound or app.store.take(lambda turn: sessions.lane_of(app, app.rules(turn), os.getcwd()))
    if own and not reads:
        _require_own(here, lane)
    if not (lane or here):
        raise BadInput("Which lane? This directory is in none.", "add --lane LANE")
    return lane or here, found.id if found else ""


def _require_own(bound: str, lane: str | None) -> None:
    """Refuse a session that acts for a lane it does not work in."""
    if not bound:
        raise Refused("This session is in no lane, so it cannot hold anything.", "ask the human to start you in a lane")
    if lane and lane != bound:
        raise Refused(f"This session works in lane {bound}, so it cannot act for lane {lane}.", "leave --lane out")


def require_own_lane(app: App, lane: str) -> None:
    """Refuse an agent that acts for a lane which is not its own; a person may act for every lane."""
    if _session_of_environment() or os.environ.get("LANEWISE_LANE"):
        caller(app, lane, None)


def require_human(repository: Repository, what: str) -> None:
    """Refuse an agent: by its client's identity variables, or by a client of this repository among the ancestors."""
    if any(os.environ.get(name) for name in ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "LANEWISE_RUN")):
        raise Refused(
            f"Only a human may {what}.", f"ask the human to run it in a terminal of their own: lanewise {what}"
        )
    from lanewise.git import locate
    from lanewise.host import process

    roots = [tree.path for tree in locate.worktrees(repository)]
    for ancestor in process.ancestors():
        inside = any(ancestor.cwd == root or ancestor.cwd.startswith(f"{root}/") for root in roots)
        if inside and process.is_client(ancestor):
            raise Refused(
                f"Only a human may {what}.", f"ask the human to run it in a terminal of their own: lanewise {what}"
            )


def _session_of_environment() -> str:
    own = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    return f"claude-code:{own[:100]}" if own else ""


def _render(error: Trouble, *, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps({"error": error.code, "message": error.message, "hint": error.hint}, ensure_ascii=False))
        return
    say(f"lanewise: {error.message}")
    if error.hint:
        say(f"hint: {error.hint}")


def _bug(name: str, error: Exception) -> int:
    import tempfile
    import traceback

    from lanewise import VERSION

    descriptor, path = tempfile.mkstemp(prefix="lanewise-bug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"lanewise {VERSION} {name}\npython {sys.version}\n")
        traceback.print_exception(error, file=file)
    say(f"lanewise: this is a bug in lanewise ({type(error).__name__}); nothing more was done.")
    say(f"hint: less {path}")
    return BUG
