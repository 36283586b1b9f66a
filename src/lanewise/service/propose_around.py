"""What lies around the parts: shared configuration, documents, integration tests, and ignored files to carry."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from lanewise.service.propose_facts import Named
from lanewise.service.propose_tree import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lanewise.service.propose_facts import Part
    from lanewise.service.propose_tree import Tree

_ROOT = "Configuration at the root concerns every lane."
_CI = "Continuous integration runs for every lane."
_DOCUMENTS = "Cross-cutting documentation concerns every lane."
_INTEGRATION = "Integration tests cross the lanes."
#: Files at the root, in the proposal's order. Lockfiles are missing on purpose: an install in any lane touches them.
_FILES = (
    ("package.json", _ROOT),
    ("nx.json", _ROOT),
    ("turbo.json", _ROOT),
    ("lerna.json", _ROOT),
    ("pnpm-workspace.yaml", _ROOT),
    ("tsconfig.base.json", _ROOT),
    ("tsconfig.json", _ROOT),
    ("pyproject.toml", _ROOT),
    ("Makefile", _ROOT),
    ("Taskfile.yml", _ROOT),
    ("justfile", _ROOT),
    ("Procfile", _ROOT),
    ("Dockerfile", _ROOT),
    (".pre-commit-config.yaml", _ROOT),
    (".gitlab-ci.yml", _CI),
    ("README.md", _DOCUMENTS),
    ("CONTRIBUTING.md", _DOCUMENTS),
    ("CLAUDE.md", "Agents of every lane read it."),
    ("AGENTS.md", "Agents of every lane read it."),
    ("GEMINI.md", "Agents of every lane read it."),
)
_FOLDERS = (
    (".github", _CI),
    (".circleci", _CI),
    ("docs", _DOCUMENTS),
    ("tests/integration", _INTEGRATION),
    ("test/integration", _INTEGRATION),
    ("tests/e2e", _INTEGRATION),
    ("test/e2e", _INTEGRATION),
    ("integration-tests", _INTEGRATION),
    ("e2e", _INTEGRATION),
    ("cypress", _INTEGRATION),
)
LOCKFILES = frozenset(
    [
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
        "uv.lock",
        "poetry.lock",
        "Pipfile.lock",
        "Cargo.lock",
        "go.sum",
        "composer.lock",
        "Gemfile.lock",
    ]
)
_COMPOSE = re.compile(r"(docker-)?compose[\w.-]*\.ya?ml")
_CARRIED = re.compile(
    r"\.env(\.[\w.-]+)?|\.envrc|[\w-]+\.env|\.secret|\.npmrc|local_settings\.py|settings_local\.py|"
    r"(docker-)?compose\.override\.ya?ml|[\w.-]+\.local\.(json|ya?ml|toml)"
)
#: Folders that an install or a build fills again, and folders of tools and clients.
_REBUILT = frozenset(
    [
        "node_modules",
        ".venv",
        "venv",
        "dist",
        "build",
        "target",
        "out",
        "coverage",
        "__pycache__",
        "site-packages",
        ".git",
        ".tox",
        ".nox",
        ".next",
        ".nuxt",
        ".output",
        ".cache",
        ".claude",
        ".claude-sessions",
        ".codex",
        ".gemini",
        ".opencode",
        ".idea",
        ".vscode",
    ]
)


def shared_paths(tree: Tree, parts: Sequence[Part]) -> tuple[Named, ...]:
    """Existing paths that belong to no lane, each with the reason."""
    own = {file for part in parts for file in part.files}
    found = [Named(file, why) for file, why in _FILES if tree.has(file) and file not in own]
    compose = (file for file in tree.files if _COMPOSE.fullmatch(file))
    found += [Named(file, "Its services run for every lane.") for file in compose]
    found += [Named(f"{folder}/**", why) for folder, why in _FOLDERS if tree.has_folder(folder)]
    nx_tests = {folder for file in tree.files if (folder := file.rpartition("/")[0]).endswith("-e2e")}
    found += [Named(f"{folder}/**", _INTEGRATION) for folder in sorted(nx_tests) if tree.has("nx.json")]
    return tuple(found)


def missing_files(ignored: Iterable[str]) -> tuple[str, ...]:
    """Ignored files that a person made by hand, so that no install brings them back."""
    kept = [
        file
        for file in ignored
        if is_plain(file)
        and _CARRIED.fullmatch(basename(file))
        and not any(part in _REBUILT for part in file.split("/")[:-1])
    ]
    return tuple(sorted(kept, key=lambda file: (file.count("/"), file)))


def databases(ignored: Iterable[str]) -> tuple[str, ...]:
    """Ignored database files, which are too large and too live to be carried."""
    ends = (".sqlite3", ".sqlite", ".db")
    kept = [file for file in ignored if is_plain(file) and file.endswith(ends)]
    return tuple(sorted(file for file in kept if not any(part in _REBUILT for part in file.split("/")[:-1])))
