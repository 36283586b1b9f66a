"""A shell command line cut into words, operators and redirections, with a note whether all of it could be read; what
the words mean is not known here.

Theory: one pass. Substitutions hang on their word as token lists of their own. Parentheses and `case` are kept on a
stack, because a pattern's ')' ends no substitution. Bodies of here-documents are data; if their delimiter was not
quoted, the substitutions inside are commands all the same. Nesting is capped, so time is bounded by the text's length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lanewise.core.shell_words import Making, Redirect, Token, Word

_NESTING = 12  # substitutions and quotes within each other
_BLANK = re.compile(r"(?:[ \t\r]|\\\n|#[^\n]*)+")
_PLAIN = re.compile(r"""[^ \t\r\n\\'"`$&|;()<>]+""")
_REDIRECT = re.compile(r"\d*(<<<|<<-|<<|<>|<&|<|>>|>\||>&|>)(?!\()|(&>>|&>)")
_OPERATOR = re.compile(r";;&|;;|;&|&&|\|\||\|&|[;&|()]")
_ARITHMETIC = re.compile(r"\(\((?:[^()]|\([^()]*+\))*+\)\)")
_FUNCTION = re.compile(r"\([ \t]*\)")
_VARIABLE = re.compile(r"\$(?:\{HOME\}|\w+|[@*#?$!-])")
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*+)'", re.DOTALL)
_BACKQUOTED = re.compile(r"`((?:[^`\\]|\\.)*+)`", re.DOTALL)
_INSIDE = re.compile(r"""[^"\\$`}]+""")
_BACKQUOTE_ESCAPE = re.compile(r"\\([`$\\])")
KEYWORDS = frozenset(
    ("if", "then", "elif", "else", "fi", "while", "until", "do", "done", "esac", "{", "}", "!", "coproc")
)
_IN_BODY = -2  # a `case` clause behind its pattern
_ROUND = -1  # an open '('


@dataclass(slots=True)
class _Frame:
    """Tokens up to one closing parenthesis, with what is open inside: '(' or a `case` and where its pattern began."""

    closer: str
    tokens: list[Token] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    start: bool = True  # the next word would be a command's first
    testing: bool = False  # between [[ and ]]
    closed: bool = False
    broken: bool = False

    def word(self, word: Word) -> None:
        bare = word.bare
        if self.start and bare == "case":
            self.open.append(len(self.tokens))
        elif self.start and bare == "esac" and self.open and self.open[-1] != _ROUND:
            self._drop_pattern(self.open.pop())
        self.testing = bare != "]]" and (self.testing or (self.start and bare == "[["))
        self.start = self.start and bare in KEYWORDS
        self.tokens.append(word)

    def operator(self, operator: str) -> None:
        if self.testing and operator not in (";", "&"):
            return
        self.broken |= self.testing
        self.testing, self.start = False, True
        if operator == "(" and not (self.open and self.open[-1] >= 0):
            self.open.append(_ROUND)
            self.tokens.append("(")
        elif operator == ")":
            self._close()
        elif operator in (";;", ";&", ";;&") and self.open and self.open[-1] != _ROUND:
            self.tokens.append(";")
            self.open[-1] = len(self.tokens)
        elif operator != "(":
            self.tokens.append(operator)

    def _close(self) -> None:
        if not self.open:
            self.closed, self.broken = bool(self.closer), self.broken or not self.closer
        elif self.open[-1] == _ROUND:
            self.open.pop()
            self.tokens.append(")")
        else:
            self.broken |= self.open[-1] == _IN_BODY
            self._drop_pattern(self.open[-1])
            self.open[-1] = _IN_BODY

    def _drop_pattern(self, mark: int) -> None:
        if mark >= 0:
            kept = [
                Word("", "", token.inner) for token in self.tokens[mark:] if isinstance(token, Word) and token.inner
            ]
            self.tokens[mark:] = [*kept, ";"]


class _Lexer:
    def __init__(self, text: str, depth: int = 0) -> None:
        self.text, self.pos, self.depth, self.opaque = text, 0, depth, False
        self.waiting: list[Redirect] = []  # here-documents whose bodies begin behind this line

    def tokens(self, closer: str = "") -> list[Token]:
        frame = _Frame(closer)
        self._deeper()
        while self.pos < len(self.text) and not frame.closed:
            self._step(frame)
        self.depth -= 1
        self.opaque |= frame.broken or frame.testing or bool(frame.open) or frame.closed != bool(closer)
        return frame.tokens

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _NESTING:
            self._give_up()

    def _give_up(self) -> None:
        self.opaque, self.pos = True, len(self.text)

    def _step(self, frame: _Frame) -> None:
        text, pos = self.text, self.pos
        named = bool(frame.tokens) and isinstance(frame.tokens[-1], Word) and not frame.start
        if text[pos] == "\n":
            self.pos += 1
            self._bodies()
            frame.operator(";")
        elif match := _BLANK.match(text, pos):
            self.pos = match.end()
        elif text.startswith("((", pos) and (frame.start or named) and (match := _ARITHMETIC.match(text, pos)):
            self._compute(match)
            frame.word(Word("((", "uu"))
        elif named and (match := _FUNCTION.match(text, pos)):
            self.pos, frame.start, frame.tokens[-1] = match.end(), True, ";"
        elif match := _REDIRECT.match(text, pos):
            self.pos = match.end()
            self._redirect(frame, match[1] or match[2])
        elif match := _OPERATOR.match(text, pos):
            self.pos = match.end()
            frame.operator(match.group())
        else:
            frame.word(self._word())

    def _compute(self, match: re.Match[str]) -> None:
        self.opaque |= "$(" in match.group() or "`" in match.group()
        self.pos = match.end()

    def _redirect(self, frame: _Frame, operator: str) -> None:
        if frame.testing:
            return
        if match := _BLANK.match(self.text, self.pos):
            self.pos = match.end()
        redirect = Redirect(operator, self._word())
        frame.tokens.append(redirect)
        if operator in ("<<", "<<-"):
            self.waiting.append(redirect)

    def _bodies(self) -> None:
        for here in self.waiting:
            here.body = self._body(here.target.text, tabs=here.operator == "<<-")
            self.opaque |= "d" in here.target.marks
            if "q" not in here.target.marks and self.depth <= _NESTING:
                made, inside = Making(), _Lexer(here.body, self.depth)
                inside._quoted(made, "")
                here.target = Word(here.target.text, here.target.marks, tuple(made.inner))
                self.opaque |= inside.opaque
        self.waiting.clear()

    def _body(self, end: str, *, tabs: bool) -> str:
        begin = self.pos
        while self.pos < len(self.text):
            at, stop = self.pos, self.text.find("\n", self.pos)
            line = self.text[at : stop if stop >= 0 else None]
            self.pos = at + len(line) + 1
            if (line.lstrip("\t") if tabs else line) == end:
                return self.text[begin:at]
        self._give_up()
        return self.text[begin:]

    def _word(self) -> Word:
        made = Making()
        while self.pos < len(self.text):
            if match := _PLAIN.match(self.text, self.pos):
                made.add(match.group(), "u")
                self.pos = match.end()
            elif not self._special(made):
                break
        return made.word()

    def _special(self, made: Making) -> bool:
        text, pos = self.text, self.pos
        match text[pos]:
            case "\\" | "'":
                self._literal(made)
            case '"':
                self.pos += 1
                self._quoted(made, '"')
            case "$":
                self._dollar(made, quoted=False)
            case "`":
                self._backquote(made)
            case "(" if made.texts and made.texts[-1].endswith("="):  # an array: its words are no commands
                self.pos += 1
                made.inner += [inner for token in self.tokens(")") if isinstance(token, Word) for inner in token.inner]
                made.add("$()", "d")
            case "<" | ">" if text.startswith("(", pos + 1) and not made.texts:
                self.pos += 2
                made.inner.append(self.tokens(")"))
                made.add("/dev/fd/0", "q")
            case _:
                return False
        return True

    def _literal(self, made: Making) -> None:
        if self.text[self.pos] == "\\":
            escaped = self.text[self.pos + 1 : self.pos + 2]
            if escaped != "\n":
                made.add(escaped or "\\", "q")
            self.pos += 2
            return
        stop = self.text.find("'", self.pos + 1)
        if stop < 0:
            self._give_up()
        else:
            made.add(self.text[self.pos + 1 : stop], "q")
            self.pos = stop + 1

    def _quoted(self, made: Making, end: str) -> None:
        """Double quotes, the inside of `${...}`, or (no `end`) the body of a here-document."""
        self._deeper()
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == end:
                self.pos += 1
                self.depth -= 1
                return
            self._quoted_piece(made, char, nested=end == "}")
        self.depth -= 1
        self.opaque |= bool(end)

    def _quoted_piece(self, made: Making, char: str, *, nested: bool) -> None:
        if char == "\\":
            escaped = self.text[self.pos + 1 : self.pos + 2]
            made.add("" if escaped == "\n" else escaped if escaped in '"\\$`' else "\\" + escaped, "q")
            self.pos += 2
        elif char == "$":
            self._dollar(made, quoted=True)
        elif char == "`":
            self._backquote(made)
        elif char == '"' and nested:
            self.pos += 1
            self._quoted(made, '"')
        else:
            match = _INSIDE.match(self.text, self.pos)
            made.add(match.group() if match else char, "q")
            self.pos = match.end() if match else self.pos + 1

    def _dollar(self, made: Making, *, quoted: bool) -> None:
        text, pos = self.text, self.pos
        if match := _ARITHMETIC.match(text, pos + 1):
            self._compute(match)
            made.add("$(())", "d")
        elif text.startswith("$(", pos):
            self.pos += 2
            made.inner.append(self.tokens(")"))
            made.add("$()", "d")
        elif match := _VARIABLE.match(text, pos):
            self.pos = match.end()
            home = match.group() in ("$HOME", "${HOME}")
            made.add("~" if home else match.group(), "h" if home else "d")
        elif text.startswith("${", pos):
            self.pos += 2
            inside = Making()
            self._quoted(inside, "}")
            made.inner += inside.inner
            made.add("${}", "d")
        else:
            self._dollar_quote(made, quoted=quoted)

    def _dollar_quote(self, made: Making, *, quoted: bool) -> None:
        if not quoted and (match := _ANSI.match(self.text, self.pos)):
            self.pos = match.end()
            made.add(match[1], "d" if "\\" in match[1] else "q")
            return
        if not quoted and self.text.startswith("$'", self.pos):
            self._give_up()
            return
        self.pos += 1
        if quoted or not self.text.startswith('"', self.pos):  # $"..." is "..." in another language
            made.add("$", "q")

    def _backquote(self, made: Making) -> None:
        match = _BACKQUOTED.match(self.text, self.pos)
        if not match:
            self._give_up()
            return
        self.pos = match.end()
        inside = _Lexer(_BACKQUOTE_ESCAPE.sub(r"\1", match[1]), self.depth)
        made.inner.append(inside.tokens())
        made.add("``", "d")
        self.opaque |= inside.opaque


def lex(text: str) -> tuple[list[Token], bool]:
    """The tokens of a command line, and whether a part of it could not be read."""
    lexer = _Lexer(text)
    return lexer.tokens(), lexer.opaque
