"""What a git command line does to other lanes: to stash, branches, configuration, worktrees and history, which all
worktrees of a repository share; what it does to its own lane's files and branch is no subject here.

Only the words of the call are looked at. Aliases cannot be seen (`git s` may stand for anything), nor can what a script
or an editor started by git does; the guards in the hooks directory and the confined shell see those. `git -C PATH` is
handed on as the call's directory: the caller knows which worktree that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lanewise.core.shell_git_call import GitCall, git_only_reads

__all__ = ["GitCall", "GitVerdict", "judge_git"]

_REDIRECTING = re.compile(
    r"--(?:git-dir|work-tree|namespace|exec-path|bare)\b"
    r"|GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|EXEC_PATH)="
    r"|GIT_CONFIG(?:_\w+)?="
    r"|(?:core\.(?:hookspath|worktree|bare)|alias\.[^=]*|include\.path|includeif\.[^=]*)(?:=|$)",
    re.IGNORECASE,
)
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class GitVerdict:
    rule: str  # 'stash' | 'other-branch' | 'config' | 'worktree' | 'history' | 'hooks-bypass'
    reason: str
    instead: str


@dataclass(frozen=True, slots=True)
class _Lanes:
    own: tuple[str, ...]
    others: tuple[str, ...]

    def is_foreign(self, name: str) -> bool:
        name = name.removeprefix("refs/heads/").removeprefix("heads/")
        if any(fnmatchcase(name, pattern) for pattern in self.own):
            return False
        many = "*" in name and not name.startswith("refs/")  # a refspec for all branches
        return many or any(fnmatchcase(name, pattern) for pattern in self.others)

    @property
    def example(self) -> str:
        return next(iter(self.own), "NAME").replace("*", "NAME")


_Rule = Callable[[Sequence[str], _Lanes], GitVerdict | None]


def judge_git(call: GitCall, *, own_branches: tuple[str, ...], other_branches: tuple[str, ...]) -> GitVerdict | None:
    """Why a lane's agent may not do this, or None. Both branch lists hold shell-like patterns; own ones win."""
    if not call.argv:
        return None
    lanes = _Lanes(own_branches, other_branches)
    if any(_REDIRECTING.match(override) for override in call.overrides) and not git_only_reads(call.argv):
        return GitVerdict(
            "hooks-bypass",
            "This call would go round the repository's own hooks, index or directory, which guard every lane.",
            "Run the same git command plainly, inside this lane's worktree.",
        )
    rule = _RULES.get(call.argv[0])
    return rule(call.argv[1:], lanes) if rule else None


# ---------------------------------------------------------------------------------------------------- words of a call


def _flags(args: Sequence[str], valued: str = "") -> tuple[dict[str, str], list[str]]:
    """Options with their last value ('' without one), and operands; what follows `--` is left out: paths."""
    takes = valued.split()
    flags: dict[str, str] = {}
    operands: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            operands.append(word)
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            flags[name] = value if equals or name not in takes else next(words, "")
        else:
            _short_flags(word, takes, flags, words)
    return flags, operands


def _short_flags(word: str, takes: list[str], flags: dict[str, str], words: Iterator[str]) -> None:
    for at, letter in enumerate(word[1:], 2):
        flags["-" + letter] = ""
        if "-" + letter in takes:
            flags["-" + letter] = word[at:] or next(words, "")
            return


def _has(flags: dict[str, str], *names: str) -> bool:
    """One of the options stands there; git takes long ones cut short."""
    short = [flag for flag in flags if len(flag) > 4 and flag.startswith("--")]
    return any(name in flags or any(name.startswith(flag) for flag in short) for name in names)


def _other_branch(name: str, lanes: _Lanes) -> GitVerdict:
    shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
    return GitVerdict(
        "other-branch",
        f"{shown} is not this lane's branch: another lane or the main line builds on it.",
        f"Work on this lane's own branch, such as `git switch -c {lanes.example}`; `git merge` brings other work.",
    )


# -------------------------------------------------------------------------------------------------------------- rules


def _always(rule: str, reason: str, instead: str, *, unless: tuple[str, ...] = ()) -> _Rule:
    """Refused, except for the subcommands named."""
    verdict = GitVerdict(rule, reason, instead)
    return lambda args, _lanes: None if args and args[0] in unless else verdict


def _only(rule: str, reason: str, instead: str, *, when: tuple[str, ...]) -> _Rule:
    """Refused for the subcommands named."""
    verdict = GitVerdict(rule, reason, instead)
    return lambda args, _lanes: verdict if next((a for a in args if not a.startswith("-")), "") in when else None


def _tracking(lanes: _Lanes) -> GitVerdict:
    return GitVerdict(
        "config",
        "An upstream is written into the configuration that all lanes share; lanewise has set this lane's already.",
        f"`git checkout -b {lanes.example}` without an upstream; `git push -u origin HEAD` works too.",
    )


def _branch(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    flags, operands = _flags(args, "-u --set-upstream-to --sort --format --points-at")
    if _has(flags, "-u", "--set-upstream-to", "--unset-upstream", "--edit-description", "-t", "--track"):
        return _tracking(lanes)
    if _has(flags, "-d", "-D", "--delete", "-m", "-M", "--move"):
        touched = operands
    elif _has(flags, "-c", "-C", "--copy"):
        touched = operands[-1:]
    elif _has(
        flags, "-l", "--list", "-a", "-r", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at"
    ):
        touched = []
    else:
        touched = operands[:1]
    return next((_other_branch(name, lanes) for name in touched if lanes.is_foreign(name)), None)


def _checkout(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    names = ("-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan")
    flags, operands = _flags(args, " ".join((*names, "--conflict")))
    if _has(flags, "-t", "--track"):
        return _tracking(lanes)
    touched = [flags[name] for name in names if name in flags]
    touched += operands[:1] if _has(flags, "--ignore-other-worktrees") else []
    return next((_other_branch(name, lanes) for name in touched if lanes.is_foreign(name)), None)


def _rebase(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    """`rebase UPSTREAM BRANCH` rewrites that branch, whatever is checked out."""
    flags, operands = _flags(args, "--onto -x --exec -s --strategy -X --strategy-option --empty --whitespace -C")
    rewritten = operands[0 if "--root" in flags else 1 :][:1]
    return next((_other_branch(name, lanes) for name in rewritten if lanes.is_foreign(name)), None)


def _update_ref(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    flags, operands = _flags(args, "-m")
    if _has(flags, "--stdin"):
        return _other_branch("A list of references", lanes)
    if not operands:
        return None
    ref = operands[0]
    if ref == "refs/stash":
        return _STASH
    branch = ref.startswith("refs/heads/") and not lanes.is_foreign(ref)
    private = ref.startswith(("refs/tags/", "refs/bisect/", "refs/worktree/"))
    head = ref == "HEAD" and not _has(flags, "--no-deref")
    return None if branch or private or head else _other_branch(ref, lanes)


def _symbolic_ref(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    flags, operands = _flags(args, "-m")
    if len(operands) < 2 and not _has(flags, "-d", "--delete"):
        return None
    reason = "A symbolic reference set by hand passes every guard unseen, and others may build on it."
    return GitVerdict("other-branch", reason, f"`git switch -c {lanes.example}` or `git switch` to this lane's branch.")


def _push(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    flags, operands = _flags(args, "-o --push-option --repo --receive-pack --exec")
    if _has(flags, "--mirror", "--all", "--branches", "--prune") or ":" in operands[1:] or "+:" in operands[1:]:
        reason = "This would push other lanes' branches as well."
        return GitVerdict("other-branch", reason, "`git push origin HEAD` pushes this lane's own branch.")
    forced = _has(flags, "-f", "--force", "--force-with-lease")
    deletes = _has(flags, "-d", "--delete")
    for spec in operands[1:]:
        source, colon, target = spec.removeprefix("+").partition(":")
        target = target if colon else source
        plain = source.removeprefix("refs/heads/") == target.removeprefix("refs/heads/") and not spec.startswith("+")
        if lanes.is_foreign(target) and (forced or deletes or not plain):
            return _other_branch(target, lanes)
    return None


def _fetch(args: Sequence[str], lanes: _Lanes) -> GitVerdict | None:
    flags, operands = _flags(args, "-j --jobs --depth --deepen --upload-pack -o --server-option --refmap -s -X")
    if _has(flags, "--set-upstream"):
        return _tracking(lanes)
    targets = [spec.rpartition(":")[2] for spec in operands[1:] if ":" in spec]
    return next((_other_branch(name, lanes) for name in targets if lanes.is_foreign(name)), None)


_CONFIG_GETS = (
    "--get",
    "--get-all",
    "--get-regexp",
    "--get-urlmatch",
    "--get-color",
    "--get-colorbool",
    "-l",
    "--list",
)
_CONFIG_PLAIN = frozenset(
    "-z --null --name-only --show-origin --show-scope --show-names --bool --int --bool-or-int --path --expiry-date "
    "--type --no-type --default --global --local --system --worktree --includes --no-includes -f --file --blob".split()
)


def _config(args: Sequence[str], _lanes: _Lanes) -> GitVerdict | None:
    flags, operands = _flags(args, "-f --file --blob --type --default --value --comment --url")
    if any(name in flags for name in _CONFIG_GETS) or operands[:1] in (["get"], ["list"]):
        return None
    verb = operands[:1] in (["set"], ["unset"], ["rename-section"], ["remove-section"], ["edit"])
    if not verb and len(operands) < 2 and not flags.keys() - _CONFIG_PLAIN and "--" not in args:
        return None
    if any(word.lower().startswith(("core.hookspath", "include.path", "includeif.")) for word in operands):
        reason = "The hooks guard every lane of this repository."
        return GitVerdict("hooks-bypass", reason, "Leave the setting as it is.")
    if _has(flags, "--global", "--system") or flags.get("-f", flags.get("--file", "")).endswith(".gitmodules"):
        return None
    reason = "The repository's configuration is shared by all lanes."
    return GitVerdict("config", reason, "`git -c KEY=VALUE COMMAND` sets it for one command.")


_STASH = GitVerdict(
    "stash",
    "The stash is shared by all lanes of this repository.",
    "git add -A && git commit -m wip",
)
_SHARED = "This removes objects or references that other lanes and lanewise's snapshots may still need."
_TENDED = "Nothing is needed: the repository is tended for all lanes together; go on with `git status`."
_REWRITTEN = "This can rewrite the branches of every lane."
_OWN_HISTORY = "`git revert COMMIT`, or `git rebase` of this lane's own branch."
_STAY = "Stay in this lane's worktree; `git worktree list` and `lanewise status` show the others."
_tended = _always("history", _SHARED, _TENDED)
_rewriting = _always("history", _REWRITTEN, _OWN_HISTORY)
_RULES: dict[str, _Rule] = {
    "stash": lambda args, _lanes: None if args[:1] in (("list",), ("show",)) else _STASH,
    "branch": _branch,
    "checkout": _checkout,
    "switch": _checkout,
    "rebase": _rebase,
    "update-ref": _update_ref,
    "symbolic-ref": _symbolic_ref,
    "push": _push,
    "fetch": _fetch,
    "pull": _fetch,
    "config": _config,
    "worktree": _always(
        "worktree", "Worktrees belong to lanes; lanewise makes and keeps them.", _STAY, unless=("list",)
    ),
    "gc": _tended,
    "prune": _tended,
    "repack": _tended,
    "pack-refs": _tended,
    "maintenance": _tended,
    "reflog": _only("history", _SHARED, _TENDED, when=("expire", "delete", "drop")),
    "filter-branch": _rewriting,
    "filter-repo": _rewriting,
    "fast-import": _rewriting,
    "remote": _only(
        "config",
        "Remotes stand in the configuration that all lanes share.",
        "`git fetch URL BRANCH` and `git push URL BRANCH` work without a remote's name.",
        when=("add", "remove", "rm", "rename", "set-url", "set-branches"),
    ),
    "submodule": _only(
        "config",
        "Submodules stand in the configuration that all lanes share.",
        "`git submodule status` shows them; leave them in place.",
        when=("deinit",),
    ),
}
