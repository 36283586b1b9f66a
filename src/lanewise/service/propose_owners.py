"""CODEOWNERS as far as it names existing files and folders: who a team says owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.service.propose_facts import Owned

if TYPE_CHECKING:
    from lanewise.service.propose_tree import Tree

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def owned_paths(tree: Tree) -> tuple[Owned, ...]:
    """The rules of the CODEOWNERS file that GitHub reads, the last one about a path winning; globs are left out."""
    file = next((place for place in _PLACES if tree.has(place)), None)
    found: dict[str, Owned] = {}
    for line in tree.text(file).splitlines() if file else ():
        words = line.split("#", 1)[0].split()
        if len(words) < 2 or words[0].startswith("!"):
            continue
        path = words[0].strip("/").removesuffix("/**")
        if not path or any(char in path for char in "*?[\\"):
            continue
        is_folder = tree.has_folder(path)
        if is_folder or tree.has(path):
            found[path] = Owned(path, is_folder, frozenset(words[1:]))
    return tuple(found.values())
