"""The parts of a repository in any language, none inside another of its side, and the folders left at the root."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from lanewise.service.propose_facts import Named, Part, Top
from lanewise.service.propose_node import node_parts
from lanewise.service.propose_python import python_parts
from lanewise.service.propose_tree import inside, is_aside, is_library_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lanewise.service.propose_facts import Side
    from lanewise.service.propose_tree import Tree

#: Language, side, and how its code files end.
_MANIFESTS: dict[str, tuple[str, Side, str]] = {
    "go.mod": ("Go", "backend", ".go"),
    "Cargo.toml": ("Rust", "backend", ".rs"),
    "pom.xml": ("Java", "backend", ".java"),
    "build.gradle": ("Java", "backend", ".java"),
    "build.gradle.kts": ("Kotlin", "backend", ".kt"),
    "Gemfile": ("Ruby", "backend", ".rb"),
    "composer.json": ("PHP", "backend", ".php"),
    "mix.exs": ("Elixir", "backend", ".ex"),
    "pubspec.yaml": ("Flutter", "frontend", ".dart"),
}
_BACKEND_ENDS = (".py", ".go", ".rs", ".java", ".kt", ".rb", ".php", ".ex", ".exs", ".cs")
_FRONTEND_ENDS = (".vue", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".svelte")
_ENDS = (*_BACKEND_ENDS, *_FRONTEND_ENDS)
#: Folders whose side their name tells, whatever lies in them.
_BACKEND_NAMES = frozenset({"alembic", "migrations", "requirements", "locale", "templates"})
_FRONTEND_NAMES = frozenset({"public", "assets"})
#: Folders that serve every side: they stay unowned.
_COMMON = frozenset(
    [
        "docs",
        "doc",
        "e2e",
        "docker",
        "deploy",
        "deployment",
        "infra",
        "infrastructure",
        "k8s",
        "helm",
        "terraform",
        "scripts",
        "tools",
        "examples",
    ]
)


def parts_of(tree: Tree, ignored: Sequence[str]) -> tuple[Part, ...]:
    """Every part that a lane could own, in the order of their folders."""
    found = _find_parts(tree, ignored, with_libraries=False)
    if not any(part.serves for part in found):  # libraries are all there is, so they are the projects
        found = _find_parts(tree, ignored, with_libraries=True)
    kept = [part for part in found if not any(_swallows(outer, part) for outer in found)]
    return tuple(sorted(kept, key=lambda part: (part.folder, part.side)))


def _find_parts(tree: Tree, ignored: Sequence[str], *, with_libraries: bool) -> list[Part]:
    known = python_parts(tree, ignored, with_libraries=with_libraries)
    known += node_parts(tree, with_libraries=with_libraries)
    return known + _other_parts(tree, {part.folder for part in known})


def tops_of(tree: Tree, parts: Sequence[Part]) -> tuple[Top, ...]:
    """The folders at the root that no part has for itself: what a part at the root is made of."""
    found: list[Top] = []
    for folder in tree.tops():
        taken = any(inside(part.folder, folder) for part in parts if part.folder)
        if taken or folder.startswith(".") or folder in _COMMON or folder in {"libs", "packages"}:
            continue
        side = _side_of(tree, folder)
        if side is not None:
            found.append(Top(folder, side))
    return tuple(found)


def _other_parts(tree: Tree, taken: set[str]) -> list[Part]:
    """Projects in languages of which only the manifest is known."""
    homes: dict[str, tuple[str, Side, str]] = {}
    for file in tree.named(*_MANIFESTS):
        what, side, end = _MANIFESTS[file.rpartition("/")[2]]
        rest = (each for each in tree.below(dirname(file)) if not any(f and inside(each, f) for f in taken))
        if any(each.endswith(end) for each in rest):  # a Gemfile of a tool has no Ruby beside it
            homes.setdefault(dirname(file), (what, side, file))
    outermost = [
        home
        for home in homes
        if home not in taken
        and not is_library_place(home)
        and not any(each != home and inside(home, each) and homes[each][0] == homes[home][0] for each in homes)
    ]
    return [_other_part(tree, home, *homes[home]) for home in sorted(outermost)]


def _other_part(tree: Tree, home: str, what: str, side: Side, file: str) -> Part:
    return Part(
        folder=home,
        side=side,
        language="other",
        what=what,
        evidence=file,
        serves=True,
        files=tuple(each for each in tree.files if each in _MANIFESTS) if not home else (),
        good_at=(Named(f"{what} code"),),
        size=len(tree.below(home)),
    )


def _swallows(outer: Part, part: Part) -> bool:
    """Whether a part is a piece of another: it lies inside, and is no application of the other side."""
    if outer is part or not outer.folder or outer.folder == part.folder or not inside(part.folder, outer.folder):
        return False
    return part.side == outer.side or not part.serves or part.language == "other"


def _side_of(tree: Tree, folder: str) -> Side | None:
    """The side whose code a folder holds; None when it holds no code."""
    if folder in _BACKEND_NAMES:
        return "backend"
    if folder in _FRONTEND_NAMES:
        return "frontend"
    code = [file for file in tree.below(folder) if file.endswith(_ENDS)]
    if not code or (is_aside(f"{folder}/x") and folder not in {"tests", "test", "static"}):
        return None
    back = sum(file.endswith(_BACKEND_ENDS) for file in code)
    return "backend" if 2 * back >= len(code) else "frontend"
