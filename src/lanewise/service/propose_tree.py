"""The tracked files of a repository, asked by folder and by name; it reads a file only through the given `read`."""

from __future__ import annotations

import bisect
import json
import re
import tomllib
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: Folders whose manifests describe something beside the product.
_ASIDE = frozenset(
    [
        "tests",
        "test",
        "e2e",
        "cypress",
        "playwright",
        "fixtures",
        "testdata",
        "examples",
        "example",
        "samples",
        "docs",
        "doc",
        "documentation",
        "node_modules",
        "vendor",
        "third_party",
        "venv",
        "dist",
        "build",
        "templates",
        "static",
        "site-packages",
    ]
)
#: Names that would mean something else in a pattern or break a comment.
_UNSAFE = re.compile(r"[\\*?\[\]{}]|^[~ ]| $")


@dataclass(frozen=True, slots=True)
class Tree:
    """Tracked files in sorted order."""

    files: tuple[str, ...]
    known: frozenset[str]
    read: Callable[[str], str | None]

    def has(self, path: str) -> bool:
        """Whether the file is tracked."""
        return path in self.known

    def has_folder(self, folder: str) -> bool:
        """Whether something is tracked below the folder."""
        return bool(self.below(folder))

    def below(self, folder: str) -> Sequence[str]:
        """The files below a folder; all files for the root."""
        if not folder:
            return self.files
        start = bisect.bisect_left(self.files, f"{folder}/")
        return self.files[start : bisect.bisect_left(self.files, f"{folder}0", start)]  # 0 follows / in ASCII

    def named(self, *names: str) -> Iterator[str]:
        """The files with one of these names, those of tests, documents and examples left out."""
        return (file for file in self.files if basename(file) in names and not is_aside(file))

    def first(self, folder: str, names: Iterable[str]) -> str | None:
        """The first of these names that the folder itself has, as a path."""
        return next((path for name in names if self.has(path := join(folder, name))), None)

    def tops(self) -> list[str]:
        """The folders at the root."""
        return sorted({file.split("/", 1)[0] for file in self.files if "/" in file})

    def text(self, path: str) -> str:
        """The text of a small file; empty when it cannot be had."""
        return (self.read(path) or "") if self.has(path) else ""

    def json(self, path: str) -> dict[str, Any]:
        """The object in a JSON file; empty when it is none."""
        try:
            value = json.loads(self.text(path))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def toml(self, path: str) -> dict[str, Any]:
        """The document in a TOML file; empty when it is none."""
        try:
            return tomllib.loads(self.text(path))
        except (ValueError, RecursionError):
            return {}


def tree_of(tracked: Iterable[str], read: Callable[[str], str | None]) -> Tree:
    """The tree of these files; names that no pattern can hold are left out."""
    files = tuple(sorted({file for file in tracked if is_plain(file)}))
    return Tree(files, frozenset(files), read)


def is_plain(path: str) -> bool:
    """Whether a path can stand in a pattern as it is."""
    return path.isprintable() and bool(path) and not _UNSAFE.search(path) and not path.startswith("/")


def is_aside(path: str) -> bool:
    """Whether a file belongs to tests, documents, examples or a tool rather than to the product."""
    return any(part in _ASIDE or part.startswith(".") for part in path.split("/")[:-1])


def is_library_place(folder: str) -> bool:
    """Whether a folder lies where libraries are kept."""
    return folder.split("/", 1)[0] in {"libs", "packages"} and "/" in folder


def join(folder: str, name: str) -> str:
    """A path below a folder, which may be the root."""
    return f"{folder}/{name}" if folder else name


def inside(path: str, folder: str) -> bool:
    """Whether a path is the folder or lies below it."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def upwards(folder: str) -> Iterator[str]:
    """The folder, its parent, and so on up to the root."""
    while folder:
        yield folder
        folder = dirname(folder)
    yield ""


def plain_dict(value: object) -> dict[str, Any]:
    """A dictionary, or an empty one where a file has something else."""
    return value if isinstance(value, dict) else {}
