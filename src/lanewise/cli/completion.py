"""`completion`: a small script per shell; commands from the table, lanes from the repository."""

from __future__ import annotations

from lanewise.cli import COMMANDS

TYPE_CHECKING = False  # `typing` itself would cost a tenth of a command's start-up
if TYPE_CHECKING:
    import argparse

EXAMPLES = {"completion": 'eval "$(lanewise completion bash)"'}
_LANES = (
    "sed -n 's/^\\[lane\\.\\([a-z0-9-]*\\)\\].*/\\1/p' "
    '"$(git rev-parse --show-toplevel 2>/dev/null)/lanewise.toml" 2>/dev/null'
)


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(_name: str, args: argparse.Namespace) -> int:
    """Do it."""
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell]())
    return 0


def _bash() -> str:
    return (
        "_lanewise() {\n"
        "  local word=${COMP_WORDS[COMP_CWORD]}\n"
        '  if [ "$COMP_CWORD" -eq 1 ]; then\n'
        f'    COMPREPLY=($(compgen -W "{" ".join(COMMANDS)}" -- "$word"))\n'
        "  else\n"
        f'    COMPREPLY=($(compgen -W "$({_LANES})" -- "$word") $(compgen -f -- "$word"))\n'
        "  fi\n"
        "}\n"
        "complete -F _lanewise lanewise"
    )


def _zsh() -> str:
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash()}"


def _fish() -> str:
    lines = ["complete -c lanewise -f -n __fish_use_subcommand"]
    lines += [
        f"complete -c lanewise -f -n __fish_use_subcommand -a {name} -d '{text.replace(chr(39), '')}'"
        for name, (_, text) in COMMANDS.items()
    ]
    lines.append(f"complete -c lanewise -n 'not __fish_use_subcommand' -a '({_LANES})'".replace("$(git", "(git"))
    return "\n".join(lines)
