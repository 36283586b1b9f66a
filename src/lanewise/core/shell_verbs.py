"""Which words of a program's arguments are paths that it writes, program by program; where those paths lie, and whether
a word can be read at all, is `shell`'s business.

A row of `VERBS` takes a program's arguments and gives its targets, and whether it writes more than these words tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from lanewise.core.shell_words import Word

Targets = tuple[list[Word], bool]
Verb = Callable[[list[Word]], Targets]
Options = dict[str, list[Word]]

_MOST_SOURCES = 500
_LONGEST_TARGET = 4096
_MODE_LETTER = re.compile(r"-[rwxXstugo]")
_MODULE = re.compile(r"-[A-Za-z]*m")
_PATCHED = re.compile(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$", re.MULTILINE)


def split_options(
    args: Sequence[Word], valued: str = "", attached: str = "", *, stop: bool = False
) -> tuple[Options, list[Word]]:
    """Options with their values, and the operands. `valued` options take the next word, `attached` ones the rest of
    their own; `stop`: everything behind the first operand is operands.
    """
    takes, glued = valued.split(), attached.split()
    options: Options = {}
    operands: list[Word] = []
    at = 0
    while at < len(args):
        word, at = args[at], at + 1
        if word.text == "--":
            return options, [*operands, *args[at:]]
        if not word.text.startswith("-") or word.text == "-":
            operands.append(word)
            if stop:
                return options, [*operands, *args[at:]]
            continue
        name, value = _option(word, takes, glued, options)
        if value is None and at < len(args):
            value, at = args[at], at + 1
        options.setdefault(name, []).append(value or Word("", ""))
    return options, operands


def _option(word: Word, takes: list[str], glued: list[str], options: Options) -> tuple[str, Word | None]:
    """The option a word ends with, and its value, None when that is the next word; letters before go to `options`."""
    if word.text.startswith("--"):
        name, equals, _ = word.text.partition("=")
        if equals:
            return name, word.part(len(name) + 1)
        return name, None if name in takes else Word("", "")
    for at in range(1, len(word.text)):
        name, rest = "-" + word.text[at], word.part(at + 1)
        if name in glued:
            return name, rest
        if name in takes:
            return name, rest if rest.text else None
        if rest.text:
            options.setdefault(name, []).append(Word("", ""))
    return "-" + word.text[-1], Word("", "")


def patched_paths(text: str) -> list[str]:
    """The files an apply_patch text names."""
    return [path.rstrip(" \t\r") for path in _PATCHED.findall(text)]


def _last(options: Options, *names: str) -> Word | None:
    values = [options[name][-1] for name in names if name in options]
    return values[-1] if values else None


def _each(valued: str = "") -> Verb:
    return lambda args: (split_options(args, valued)[1], False)


def _trees(words: list[Word], *, when: bool = True) -> list[Word]:
    return [replace(word, tree=True) for word in words] if when else words


def _recurses(options: Options, *names: str) -> bool:
    return any(name in options for name in ("-R", "--recursive", *names))


def _rm(args: list[Word]) -> Targets:
    options, operands = split_options(args)
    return _trees(operands, when=_recurses(options, "-r")), False


def _behind_mode(valued: str) -> Verb:
    """chmod, chown: the first operand is no path, unless an option stands for it."""

    def targets(args: list[Word]) -> Targets:
        options, operands = split_options(args, valued)
        given = "--reference" in options or any(_MODE_LETTER.match(name) for name in options)
        return _trees(operands[0 if given else 1 :], when=_recurses(options)), False

    return targets


def _chown(args: list[Word]) -> Targets:
    options, operands = split_options(args, "--reference --from")
    return _trees(operands[0 if "--reference" in options else 1 :], when=_recurses(options)), False


def _into(valued: str = "", *, moves: bool = False, makes: str = "", lone: bool = False) -> Verb:
    """Copies: the last operand or `-t` is the destination; if surely a directory, its new entries are named too.

    `moves`: sources are written as well; `makes`: an option that makes every operand a directory; `lone`: a single
    operand appears under its own name here.
    """

    def targets(args: list[Word]) -> Targets:
        options, operands = split_options(args, "-t --target-directory -S --suffix " + valued)
        if makes and makes in options:
            return operands, False
        into = _last(options, "-t", "--target-directory")
        if into is None and len(operands) < 2:
            return [word.name for word in operands if lone], False
        dest = into or operands.pop()
        folder = into is not None or len(operands) > 1 or dest.text.endswith("/") or dest.text in (".", "..")
        entries = _entries(dest, operands[:_MOST_SOURCES]) if folder and len(dest.text) < _LONGEST_TARGET else []
        inside = "-T" in options or "--no-target-directory" in options or _brings_its_inside(operands)
        merged = inside and _recurses(options, "-r", "-a", "--archive")
        return [*(_trees(operands) if moves else []), *_trees([dest], when=merged), *entries], (
            len(operands) > _MOST_SOURCES
        )

    return targets


def _entries(folder: Word, sources: list[Word]) -> list[Word]:
    head = folder if folder.text.endswith("/") else folder.plus(Word("/", "q"))
    names = [source.name for source in sources]
    return [head.plus(name) for name in names if name.text not in ("", ".", "..")]


def _brings_its_inside(sources: list[Word]) -> bool:
    """`x/.` is no entry of its own at the destination: what lies in it is laid over what lies there."""
    return any(source.name.text in (".", "..") for source in sources)


def _rsync(args: list[Word]) -> Targets:
    valued = (
        "-e --rsh --exclude --include -f --filter --exclude-from --include-from --files-from --rsync-path -B --port -T "
        "--timeout --bwlimit --out-format --chmod --chown -M --max-size --min-size --suffix --temp-dir --partial-dir "
        "--compare-dest --copy-dest --link-dest --backup-dir --log-file --password-file"
    )
    options, operands = split_options(args, valued)
    if "-n" in options or "--dry-run" in options or "--list-only" in options or len(operands) < 2:
        return [], False
    remote = ":" in operands[-1].text.partition("/")[0]
    laid = any(name.startswith("--del") for name in options) or any(w.text.endswith(("/", ".")) for w in operands[:-1])
    into = _trees(operands[-1:], when=laid and _recurses(options, "-r", "-a", "--archive"))
    return [] if remote else into, "--remove-source-files" in options


def _sed(args: list[Word]) -> Targets:
    options, operands = split_options(args, "-e --expression -f --file -l --line-length", "-i")
    if "-i" not in options and "--in-place" not in options:
        return [], False
    if operands and (not operands[0].text or re.fullmatch(r"\.\w+", operands[0].text)):  # BSD: `-i ''`, `-i .bak`
        operands = operands[1:]
    scripted = any(name in options for name in ("-e", "--expression", "-f", "--file"))
    return operands[0 if scripted else 1 :], False


def _perl(args: list[Word]) -> Targets:
    options, operands = split_options(args, "-e -E", "-i -I -M -m -0 -l -F -x -C -D -d", stop=False)
    if "-i" in options:
        return operands[0 if "-e" in options or "-E" in options else 1 :], False
    return [], interpreter_is_opaque(args)


def _dd(args: list[Word]) -> Targets:
    return [word.part(3) for word in args if word.text.startswith("of=")], False


def _patch(args: list[Word]) -> Targets:
    options, operands = split_options(args, "-o --output -i --input -p --strip -d --directory -r -F -B -V -Y -z -D -g")
    if "--dry-run" in options:
        return [], False
    output = _last(options, "-o", "--output")
    targets = [output] if output else operands[:1]
    moved = "-d" in options or "--directory" in options
    return ([], True) if moved else (targets, not targets)


def _tar(args: list[Word]) -> Targets:
    if args and not args[0].text.startswith("-"):
        letters = "-" + args[0].text.replace("f", "") + "f" * ("f" in args[0].text)  # `tar xfz a`: values come in turn
        args = [Word(letters, "u" * len(letters)), *args[1:]]
    valued = "-f --file -C --directory -T --files-from -X --exclude --exclude-from --transform --strip-components -I -g"
    options, _ = split_options(args, valued)
    archive, folder = _last(options, "-f", "--file"), _last(options, "-C", "--directory")
    if "-x" in options or "--extract" in options or "--get" in options:
        return [folder] if folder else [], True
    writing = any(name in options for name in ("-c", "-r", "-u", "-A", "--create", "--append", "--update"))
    return ([archive] if archive and archive.text != "-" else []) if writing else [], False


def _unzip(args: list[Word]) -> Targets:
    options, _ = split_options(args, "-d -P -x")
    folder = _last(options, "-d")
    reading = any(name in options for name in ("-l", "-t", "-p", "-Z", "-v"))
    return ([], False) if reading else ([folder] if folder else [], True)


def _curl(args: list[Word]) -> Targets:
    valued = (
        "-o --output -H --header -d --data --data-raw --data-binary --data-urlencode --json -X --request -u --user -A "
        "--user-agent -b --cookie -c --cookie-jar -e --referer -F --form -T --upload-file -m --max-time -w --write-out "
        "-x --proxy -K --config -E --cert -r --range -D --dump-header -C --continue-at -y -Y -z -Q -P -U --retry "
        "--retry-delay --connect-timeout --cacert --key --url --output-dir --resolve --limit-rate"
    )
    options, operands = split_options(args, valued)
    names = ("-o", "--output", "-c", "--cookie-jar", "-D", "--dump-header")
    files = [word for name in names for word in options.get(name, []) if word.text != "-"]
    into = _last(options, "--output-dir")
    if any(name in options for name in ("-O", "--remote-name", "--remote-name-all")):
        files += _downloads([*options.get("--url", []), *operands])
    return (_entries(into, files[:_MOST_SOURCES]) if into else files), False


def _wget(args: list[Word]) -> Targets:
    valued = (
        "-O --output-document -P --directory-prefix -o --output-file -a --append-output -e -i --input-file -t --tries "
        "-T --timeout -w --wait -Q -U --user-agent -l --level -A -R -D -I -X -B --header --user --password --post-data"
    )
    options, operands = split_options(args, valued)
    logs = [word for name in ("-o", "-a", "--output-file", "--append-output") for word in options.get(name, [])]
    output, into = _last(options, "-O", "--output-document"), _last(options, "-P", "--directory-prefix")
    if output:
        return [*logs, *([output] if output.text != "-" else [])], False
    many = any(name in options for name in ("-r", "-m", "-i", "--recursive", "--mirror", "--input-file", "-p"))
    files = _downloads(operands)
    return [*logs, *(_entries(into, files[:_MOST_SOURCES]) if into else files)], many


def _downloads(urls: list[Word]) -> list[Word]:
    """The file names that addresses end with."""
    plain = [url.part(0, len(re.split(r"[?#]", url.text, maxsplit=1)[0])) for url in urls]
    return [url.name for url in plain if "/" in url.text.rpartition("://")[2] and not url.text.endswith("/")]


def _sort(args: list[Word]) -> Targets:
    options, _ = split_options(args, "-o --output -k --key -t --field-separator -S -T")
    output = _last(options, "-o", "--output")
    return [output] if output else [], False


def interpreter_is_opaque(args: list[Word]) -> bool:
    """Does the program stand on the command line or come by standard input? A file's inside is not our subject."""
    module = next((at for at, word in enumerate(args) if _MODULE.fullmatch(word.text)), len(args))
    args = args[: module + 2]  # what follows are the module's own options
    options, rest = split_options(args, "-m -W -X -c -e -E -r -p", stop=True)
    if any(name in options for name in ("-c", "-e", "-E", "--eval", "-p", "--print")):
        return True
    if rest:
        return rest[0].text == "-"
    return not any(name.startswith("--") or name in ("-m", "-V", "-v", "-h") for name in options)


def _interpreter(args: list[Word]) -> Targets:
    return [], interpreter_is_opaque(args)


_AS_MERGED = ("--ours", "--theirs", "-2", "-3")  # a side of the merge under way: git's own doing


def _git_rm(args: list[Word]) -> Targets:
    options, operands = split_options(args)
    if "-n" in options or "--dry-run" in options or "--cached" in options:
        return [], False
    return _pathspecs(operands, options)


def _git_mv(args: list[Word]) -> Targets:
    options = split_options(args)[0]
    return ([], False) if "-n" in options or "--dry-run" in options else _into(moves=True)(args)


def _git_restore(args: list[Word]) -> Targets:
    options, operands = split_options(args, "-s --source --conflict")
    indexed = "-S" in options or "--staged" in options
    if (indexed and "-W" not in options and "--worktree" not in options) or any(n in options for n in _AS_MERGED):
        return [], False
    return _pathspecs(operands, options)


def _git_checkout(args: list[Word]) -> Targets:
    """What stands behind `--`, or behind the tree; a lone word may be a branch, and as a path it becomes what the index
    holds.
    """
    dashes = next((at for at, word in enumerate(args) if word.text == "--"), len(args))
    options, operands = split_options(args[:dashes], "-b -B --orphan --conflict")
    if any(name in options for name in ("-b", "-B", "--orphan", "-t", "--track", *_AS_MERGED)):
        return [], False
    return _pathspecs([*operands[1:], *args[dashes + 1 :]], options)


def _git_apply(args: list[Word]) -> Targets:
    options = split_options(args)[0]
    return [], not any(name in options for name in ("--check", "--stat", "--numstat", "--summary"))


def _pathspecs(words: list[Word], options: Options) -> Targets:
    """Paths as git takes them: its own stars cross folders, so they mean the whole; `:(...)` is not read here."""
    plain = [word for word in words if not word.text.startswith(":")]
    return list(map(_pathspec, plain)), len(plain) < len(words) or "--pathspec-from-file" in options


def _pathspec(word: Word) -> Word:
    quoted = [at for at, char in enumerate(word.text) if char in "*?[" and word.marks[at] == "q"]
    if not quoted:
        return word
    return word.part(0, word.text.rfind("/", 0, quoted[0]) + 1) if "/" in word.text[: quoted[0]] else Word(".", "q")


GIT_VERBS: dict[str, Verb] = {
    "rm": _git_rm,
    "mv": _git_mv,
    "restore": _git_restore,
    "checkout": _git_checkout,
    "apply": _git_apply,
    "am": lambda _args: ([], True),
}
VERBS: dict[str, Verb] = {
    "tee": _each(),
    "rm": _rm,
    "sponge": _each(),
    "ed": _each("-p"),
    "unlink": _each(),
    "rmdir": _each(),
    "mkdir": _each("-m --mode"),
    "touch": _each("-d --date -r --reference -t"),
    "truncate": _each("-s --size -r --reference"),
    "shred": _each("-n --iterations -s --size --random-source"),
    "chmod": _behind_mode("--reference"),
    "chown": _chown,
    "chgrp": _chown,
    "mv": _into(moves=True),
    "cp": _into(),
    "ln": _into(lone=True),
    "install": _into("-m --mode -o --owner -g --group", makes="-d"),
    "rsync": _rsync,
    "sed": _sed,
    "gsed": _sed,
    "perl": _perl,
    "ruby": _perl,
    "dd": _dd,
    "patch": _patch,
    "tar": _tar,
    "bsdtar": _tar,
    "unzip": _unzip,
    "curl": _curl,
    "wget": _wget,
    "sort": _sort,
} | dict.fromkeys(("python", "python2", "python3", "pypy3", "node", "nodejs", "bun", "php", "lua"), _interpreter)
