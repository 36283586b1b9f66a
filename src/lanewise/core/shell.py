"""What a shell command line does, read before it runs: the paths it surely or very probably writes, the git calls it
makes, whether it only reads; nothing is run, expanded or looked up, and what cannot be read is called opaque.

Theory: `shell_lexer` cuts the text, `_Reader` walks the commands in order, follows `cd`, looks through `env`, `sudo`,
`xargs`, `bash -c`, and asks `shell_verbs` which words are targets. Subshells, pipelines and background lists give back
the directory they began in. A loop's or branch's body is read once, as if it ran. The number of writes is capped;
whatever meets a cap is opaque. Functions and aliases are not resolved: a function's body is read where it is defined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lanewise.core.shell_git_call import GitCall, directory_after, read_git
from lanewise.core.shell_lexer import KEYWORDS, lex
from lanewise.core.shell_reads import reads_only
from lanewise.core.shell_verbs import GIT_VERBS, VERBS, Options, patched_paths, split_options
from lanewise.core.shell_words import Redirect, Token, Word, expand_braces

if TYPE_CHECKING:
    from collections.abc import Callable

    from lanewise.core.shell_verbs import Targets

__all__ = ["GitCall", "Reading", "ShellWrite", "read_command", "reads_only"]

_MOST_WRITES = 1000
_MOST_EXPANDED = 1000  # words out of braces
_MOST_CUT = 100  # what a brace word that became too many counts
_DEEPEST = 4  # `bash -c`, `eval`, `find -exec` within each other
_LONGEST_PATH = 4096
_MOST_PREFIXES = 16

_WRITING = frozenset((">", ">>", ">|", "&>", "&>>", ">&", "<>"))
_DESCRIPTOR = re.compile(r"\d+-?|-")
_DEVICE = re.compile(r"/dev/(?:null|zero|full|std\w+|tty\w*|fd/\d+)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_GLOB = frozenset("*?[")
_PIPES = ("|", "|&")
_KEYWORDS = KEYWORDS | {"function"}
_NO_COMMAND = frozenset(("for", "select", "case", "((", "[["))
_PREFIXES: dict[str, tuple[str, int]] = {  # options with a value; operands before the command
    "env": ("-u --unset -C --chdir -S --split-string", 0),
    "sudo": ("-u -g -h -p -C -T -r -t -U -R --user --group -D --chdir", 0),
    "doas": ("-u -C", 0),
    "nohup": ("", 0),
    "time": ("-f -o --format --output", 0),
    "timeout": ("-k --kill-after -s --signal", 1),
    "nice": ("-n --adjustment", 0),
    "ionice": ("-c -n -p", 0),
    "stdbuf": ("-i -o -e", 0),
    "setsid": ("", 0),
    "flock": ("-w -E", 1),
    "command": ("", 0),
    "builtin": ("", 0),
    "exec": ("-a", 0),
    "xargs": ("-I -n -P -L -d -s -a -E --max-args --max-procs --delimiter --replace --arg-file", 0),
    "busybox": ("", 0),
}


@dataclass(frozen=True, slots=True)
class ShellWrite:
    path: str  # absolute, or begins with '~'; `..` stays as written
    verb: str
    glob: bool  # literal characters of the pattern are escaped by '\'; one that matches nothing stands for itself
    tree: bool = False  # what lies below it is written, moved or removed with it


@dataclass(frozen=True, slots=True)
class Reading:
    writes: tuple[ShellWrite, ...]
    git: tuple[GitCall, ...]
    programs: tuple[str, ...]
    opaque: bool


@dataclass(frozen=True, slots=True)
class _Command:
    """One simple command, its prefixes taken off."""

    name: str
    args: list[Word]
    redirects: list[Redirect]
    cwd: str
    depth: int
    assignments: list[str]


@dataclass(slots=True)
class _Place:
    """The current directory, followed through a row of commands."""

    cwd: str
    begun: str  # where the list began: '&' leads back there
    before: str = ";"  # the operator in front of the command
    later: str | None = None  # behind `cd X ||`: where things go on when cd did not fail
    outer: list[tuple[str, str]] = field(default_factory=list)

    def move(self, entered: str, operator: str) -> None:
        lone = self.before not in _PIPES and operator not in _PIPES
        here = self.later if self.later is not None else entered if lone else self.cwd
        if self.before == "||" and entered != self.cwd:
            here = ""  # a cd that ran only if something failed
        waits = operator == "||" and here != self.cwd
        self.later = here if waits else None
        here = self.begun if operator == "&" else self.cwd if waits else here
        if operator == "(":
            self.outer.append((here, self.begun))
        elif operator == ")" and self.outer:
            here, self.begun = self.outer.pop()
        if operator in (";", "&", "("):
            self.begun = here
        self.before, self.cwd = operator, here


def read_command(command: str, cwd: str) -> Reading:
    """What the command line does when started in `cwd` ('' when that is not known)."""
    reader = _Reader()
    reader.text(command, cwd, 0)
    return Reading(tuple(reader.writes), tuple(reader.git), tuple(reader.programs), reader.opaque)


@dataclass(slots=True)
class _Reader:
    writes: list[ShellWrite] = field(default_factory=list)
    git: list[GitCall] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    opaque: bool = False
    exported: list[str] = field(default_factory=list)  # GIT_* assignments that hold for what follows
    pushed: list[str] = field(default_factory=list)
    expanded: int = 0

    def text(self, text: str, cwd: str, depth: int) -> None:
        if depth > _DEEPEST:
            self.opaque = True
            return
        tokens, unreadable = lex(text)
        self.opaque |= unreadable
        self.walk(tokens, cwd, depth)

    def walk(self, tokens: list[Token], cwd: str, depth: int) -> None:
        place = _Place(cwd, cwd)
        words: list[Word] = []
        redirects: list[Redirect] = []
        for token in (*tokens, ";"):
            if isinstance(token, Word):
                words.append(token)
            elif isinstance(token, Redirect):
                redirects.append(token)
            else:
                place.move(self.command(words, redirects, place.cwd, depth), token)
                words, redirects = [], []

    def command(self, words: list[Word], redirects: list[Redirect], cwd: str, depth: int) -> str:
        """Reads one simple command and gives the directory it leaves behind."""
        if depth > _DEEPEST:
            self.opaque = True
            return cwd
        for word in (*words, *(redirect.target for redirect in redirects)):
            for inner in word.inner:
                self.walk(inner, cwd, depth)
        for redirect in redirects:
            descriptor = redirect.operator == ">&" and _DESCRIPTOR.fullmatch(redirect.target.text)
            if redirect.operator in _WRITING and not descriptor:
                self.write(redirect.target, redirect.operator, cwd)
        command = self._unwrapped(_behind_keywords(words), redirects, cwd, depth)
        return cwd if command is None else self._act(command, cwd)

    def _unwrapped(self, words: list[Word], redirects: list[Redirect], cwd: str, depth: int) -> _Command | None:
        """The command behind its assignments and behind `env`, `sudo`, `xargs` and their like."""
        assignments = list(self.exported)
        for _ in range(_MOST_PREFIXES):
            at = 0
            while at < len(words) and _ASSIGNMENT.match(words[at].text):
                assignments += [words[at].text] if words[at].text.startswith("GIT_") else []
                at += 1
            words = words[at:]
            if not words:
                self.exported = assignments
                return None
            program = words[0]
            name = program.name.text
            if "d" in program.marks or name not in _PREFIXES:
                self.opaque |= "d" in program.marks
                return None if "d" in program.marks else _Command(name, words[1:], redirects, cwd, depth, assignments)
            words, cwd = self._behind_prefix(name, words[1:], cwd)
        self.opaque = True
        return None

    def _behind_prefix(self, name: str, words: list[Word], cwd: str) -> tuple[list[Word], str]:
        valued, skipped = _PREFIXES[name]
        options, rest = split_options(words, valued, stop=True)
        if name == "command" and ("-v" in options or "-V" in options):
            return [], cwd
        if name == "env" and ("-S" in options or "--split-string" in options):
            self.opaque = True
            return [], cwd
        for option in ("--chdir", "-C" if name == "env" else "-D"):
            for word in options.get(option, []):
                cwd = _entered(word, cwd)
        return (_xargs(options, rest) if name == "xargs" else rest[skipped:]), cwd

    def _act(self, command: _Command, cwd: str) -> str:
        self.programs.append(command.name)
        if command.name in ("cd", "chdir", "pushd", "popd"):
            return self._enter(command, cwd)
        action = _ACTIONS.get(command.name)
        if action:
            action(self, command)
        elif command.name in VERBS:
            self._write_all(VERBS[command.name](self._expanded(command.args)), command.name, command.cwd)
        return cwd

    def _write_all(self, found: Targets, verb: str, cwd: str) -> None:
        targets, more = found
        self.opaque |= more
        for target in targets:
            self.write(target, verb, cwd)

    def _enter(self, command: _Command, cwd: str) -> str:
        if command.name == "popd":
            return self.pushed.pop() if self.pushed else ""
        if command.name == "pushd":
            self.pushed.append(cwd)
        operands = split_options(command.args)[1]
        return _entered(operands[0], cwd) if operands else "~"

    def _expanded(self, words: list[Word]) -> list[Word]:
        made: list[Word] = []
        for word in words:
            if "{" not in word.text or "u" not in word.marks:
                made.append(word)
                continue
            several, cut = expand_braces(word) if self.expanded < _MOST_EXPANDED else ([], True)
            self.expanded += _MOST_CUT if cut else len(several)
            self.opaque |= cut
            made += several
        return made

    def write(self, word: Word, verb: str, cwd: str) -> None:
        text, marks = word.text, word.marks
        if not text or _DEVICE.fullmatch(text):
            return
        home = marks[0] == "h" or (text[0] == "~" and marks[0] == "u")
        absolute = home or text[0] == "/"
        unreadable = "d" in marks or "h" in marks[1:] or (marks[0] == "h" and text[1:2] not in ("", "/"))
        if unreadable or len(text) > _LONGEST_PATH or not (absolute or cwd) or len(self.writes) >= _MOST_WRITES:
            self.opaque = True
            return
        glob = _is_glob(word)
        path = _pattern(word) if glob else text
        if not absolute:
            base = _pattern(Word(cwd, "q" * len(cwd))) if glob else cwd
            path = f"{base.rstrip('/')}/{path.removeprefix('./')}"
        self.writes.append(ShellWrite(path, verb, glob, word.tree))

    def run_git(self, command: _Command) -> None:
        words = self._expanded(command.args)
        call = read_git([word.text for word in words], command.cwd, command.assignments)
        at = len(words) - len(call.argv) + 1
        self.opaque |= any("d" in word.marks for word in words[:at])
        self.git.append(call)
        name = call.argv[0] if call.argv else ""
        if name in GIT_VERBS:
            self._write_all(GIT_VERBS[name](words[at:]), f"git {name}", call.cwd)

    def run_shell(self, command: _Command) -> None:
        options, rest = split_options(command.args, "-o -O --rcfile --init-file", stop=True)
        if "-c" not in options:
            self.opaque |= not rest or "-s" in options
        elif not rest or "d" in rest[0].marks:
            self.opaque = True
        else:
            outer, self.exported = self.exported, command.assignments
            self.text(rest[0].text, command.cwd, command.depth + 1)
            self.exported = outer

    def run_eval(self, command: _Command) -> None:
        self.opaque = True
        if not any("d" in word.marks for word in command.args):
            self.text(" ".join(word.text for word in command.args), command.cwd, command.depth + 1)

    def run_find(self, command: _Command) -> None:
        args = command.args
        at = 0
        while at < len(args):
            text, at = args[at].text, at + 1
            if text in ("-exec", "-execdir", "-ok", "-okdir"):
                end = next((stop for stop in range(at, len(args)) if args[stop].text in (";", "+")), len(args))
                self.command(_unknown(args[at:end], "{}"), [], command.cwd, command.depth + 1)
                at = end
            elif text.startswith(("-fprint", "-fls")):
                self.write(args[at] if at < len(args) else Word("", ""), "find", command.cwd)
            else:
                self.opaque |= text == "-delete"

    def run_patch(self, command: _Command) -> None:
        texts = [(word.text, word.marks) for word in command.args]
        for redirect in command.redirects:
            if redirect.operator in ("<<", "<<-"):
                texts.append((redirect.body, "q" if "q" in redirect.target.marks else "u"))
            elif redirect.operator == "<<<":
                texts.append((redirect.target.text, redirect.target.marks))
        self.opaque |= not texts or any("d" in marks for _, marks in texts)
        for text, marks in texts:
            for path in patched_paths(text):
                mark = "d" if marks == "u" and "$" in path else "q"
                self.write(Word(path, mark * len(path)), "apply_patch", command.cwd)

    def export(self, command: _Command) -> None:
        self.exported += [word.text for word in command.args if word.text.startswith("GIT_") and "=" in word.text]

    def give_up(self, _command: _Command) -> None:
        self.opaque = True


_ACTIONS: dict[str, Callable[[_Reader, _Command], None]] = {
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh"), _Reader.run_shell),
    **dict.fromkeys(("apply_patch", "applypatch"), _Reader.run_patch),
    **dict.fromkeys(("export", "declare", "typeset"), _Reader.export),
    **dict.fromkeys(("parallel", "su", "watch"), _Reader.give_up),
    "git": _Reader.run_git,
    "eval": _Reader.run_eval,
    "find": _Reader.run_find,
}


def _behind_keywords(words: list[Word]) -> list[Word]:
    at = 0
    while at < len(words) and words[at].bare in _KEYWORDS:
        at += 2 if words[at].bare == "function" else 1
    return [] if at < len(words) and words[at].bare in _NO_COMMAND else words[at:]


def _entered(word: Word, cwd: str) -> str:
    if "d" in word.marks or word.text == "-" or _is_glob(word):
        return ""
    quoted_tilde = word.text.startswith("~") and word.marks[0] == "q"
    return directory_after(cwd, "./" + word.text if quoted_tilde else word.text)


def _xargs(options: Options, rest: list[Word]) -> list[Word]:
    """What standard input brings is unknown: it replaces a sign, or comes last."""
    sign = options["-I"][-1].text if "-I" in options else "{}" if "-i" in options or "--replace" in options else ""
    return _unknown(rest, sign) if sign else [*rest, Word("$@", "dd")] if rest else []


def _unknown(words: list[Word], sign: str) -> list[Word]:
    return [Word(word.text, "d" * len(word.text)) if sign in word.text else word for word in words]


def _is_glob(word: Word) -> bool:
    return any(char in _GLOB and mark == "u" for char, mark in zip(word.text, word.marks, strict=True))


def _pattern(word: Word) -> str:
    """The word as a glob: what was quoted stands for itself."""
    pairs = zip(word.text, word.marks, strict=True)
    return "".join("\\" + char if mark != "u" and char in "*?[]\\" else char for char, mark in pairs)
