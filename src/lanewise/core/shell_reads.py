"""Whether a shell command line surely does nothing but read: a fixed list of programs and options, all else is no.
It is asked while editing is halted, so a doubt is a no.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lanewise.core.shell_git_call import git_only_reads, read_git
from lanewise.core.shell_lexer import lex
from lanewise.core.shell_words import Redirect, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

_FREE = frozenset(
    (
        *("ls", "cat", "head", "tail", "grep", "egrep", "wc", "cut", "diff", "stat", "pwd", "echo", "true", "false"),
        *("which", "type", "ps", "jq", "du", "df", "id", "uname", "basename", "dirname", "realpath", "readlink"),
        *("sha256sum", "md5sum", "cmp"),
    )
)
_LETTERS = {
    "sort": "o",
    "tree": "oR",
    "date": "s",
    "file": "C",
    "printf": "v",
    "test": "v",
    "[": "v",
    "rg": "",
    "uniq": "",
}
_WORDS = {
    "sort": ("--output", "--compress-program"),
    "date": ("--set",),
    "file": ("--compile",),
    "rg": ("--pre", "--hostname-bin"),
}
_FIND = ("-delete", "-exec", "-ok", "-fprint", "-fls")  # and what begins so
_SED_ADDRESS = r"(?:\d+|\$|\+\d+|/[^/\\]*/)"
_SED = re.compile(rf"(?:(?:{_SED_ADDRESS}(?:,{_SED_ADDRESS})?)?[pq=];?\s*)+")
_SED_QUIET = re.compile(r"-(?:n[Er]?|[Er]n)")
_LANEWISE = ("status", "log", "locks", "check")
_OPERATORS = (";", "&&", "||", "|", "|&", "(", ")")


def reads_only(command: str) -> bool:
    """Only programs known to read, no redirection but to /dev/null, nothing substituted, nothing unreadable."""
    tokens, unreadable = lex(command)
    if unreadable:
        return False
    commands: list[list[Word]] = [[]]
    for token in tokens:
        if isinstance(token, Word):
            commands[-1].append(token)
        elif isinstance(token, Redirect):
            if not _harmless(token):
                return False
        elif token in _OPERATORS:
            commands.append([])
        else:
            return False
    said = [words for words in commands if words]
    return bool(said) and all(_only_reads(words) for words in said)


def _harmless(redirect: Redirect) -> bool:
    if redirect.operator == ">&" and redirect.target.text in ("1", "2"):
        return True
    return redirect.operator in (">", ">>", "&>", "&>>") and redirect.target.text == "/dev/null"


def _only_reads(words: list[Word]) -> bool:
    if any(word.inner or "d" in word.marks or "$(" in word.text or "`" in word.text for word in words):
        return False  # quoted ones too: `[ -v 'a[$(...)]' ]` runs them
    if any(char == "{" and mark == "u" for word in words for char, mark in zip(word.text, word.marks, strict=True)):
        return False
    name, args = words[0].text, [word.text for word in words[1:]]
    if name in _FREE:
        return True
    if any(_may_become_option(word) for word in words[1:]):
        return False
    return _judge(name, args)


def _may_become_option(word: Word) -> bool:
    """A pattern that a file called `-o` would match."""
    globs = any(char in "*?[" and mark == "u" for char, mark in zip(word.text, word.marks, strict=True))
    return globs and word.text.startswith(("*", "?", "[", "-"))


def _judge(name: str, args: list[str]) -> bool:
    match name:
        case "git":
            call = read_git(args, "/")
            return not call.overrides and git_only_reads(call.argv)
        case "find":
            return not any(word.startswith(_FIND) for word in args)
        case "sed":
            return _prints(args)
        case "env":
            return not args
        case "lanewise":
            return bool(args) and args[0] in _LANEWISE
        case _:
            return name in _LETTERS and not any(_is_writing_option(name, word) for word in args) and _counts(name, args)


def _is_writing_option(name: str, word: str) -> bool:
    """Long options may be cut short, letters may stand together."""
    option = word.partition("=")[0]
    if option.startswith("--"):
        return len(option) > 2 and any(writing.startswith(option) for writing in _WORDS.get(name, ()))
    return word.startswith("-") and any(letter in word for letter in _LETTERS[name])


def _counts(name: str, args: Sequence[str]) -> bool:
    """`uniq IN OUT` writes, `date 010203042026` sets the clock."""
    if name == "uniq":
        return sum(not word.startswith("-") for word in args) <= 1
    return name != "date" or not any(re.match(r"\d{8}", word) for word in args)


def _prints(args: list[str]) -> bool:
    return (
        len(args) >= 2
        and bool(_SED_QUIET.fullmatch(args[0]))
        and bool(_SED.fullmatch(args[1]))
        and not any(word.startswith("-") for word in args[2:])
    )
