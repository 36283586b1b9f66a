"""The code that several parts use: libraries, API types, generated clients; and the side that provides each."""

from __future__ import annotations

from collections import Counter
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from lanewise.service.propose_facts import Library
from lanewise.service.propose_node import has_surface
from lanewise.service.propose_tree import inside, is_aside, join, upwards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lanewise.service.propose_facts import Part
    from lanewise.service.propose_tree import Tree

_MANIFESTS = ("package.json", "project.json", "pyproject.toml", "Cargo.toml")
_TYPES = frozenset({"api-types", "api_types", "shared-types"})
_GENERATED = frozenset({"generated", "__generated__", "generated-client", "openapi-client"})
#: Folders that are a project's home however much in them is generated.
_HOMES = frozenset({"", "src", "app", "lib"})
_SHARED_TOPS = ("shared", "common")
_PROVIDER_WORDS = ("shared", "common", "types", "api", "client", "sdk", "contract", "schema")


def libraries_of(tree: Tree, parts: Sequence[Part]) -> tuple[Library, ...]:
    """Every library with its provider, one pattern each, none below another of the same side."""
    own = [part.folder for part in parts if part.folder]
    found = [*_libs(tree, own), *_packages(tree, own), *_tops(tree, own), *_types(tree, own), *_generated(tree, own)]
    kept: list[Library] = []
    for each in found:
        folder = each.pattern.removesuffix("/**")
        owners = [part.folder for part in parts if part.folder and part.side == each.side]
        owners += [other.pattern.removesuffix("/**") for other in kept if other.side == each.side]
        if not any(inside(folder, owner) for owner in owners):
            kept.append(each)
    return tuple(kept)


def unit_folders(tree: Tree, top: str) -> list[str]:
    """The libraries below a folder: those with a manifest, else its immediate folders."""
    with_manifest = {dirname(file) for file in tree.below(top) if basename(file) in _MANIFESTS} - {top}
    outermost = [each for each in with_manifest if not any(o != each and inside(each, o) for o in with_manifest)]
    loose = {"/".join(file.split("/")[: top.count("/") + 2]) for file in tree.below(top)}
    loose = {each for each in loose if not tree.has(each) and not any(inside(unit, each) for unit in outermost)}
    return sorted([*outermost, *loose])


def _libs(tree: Tree, own: Sequence[str]) -> list[Library]:
    whole = unit_folders(tree, "libs")
    units = [unit for unit in whole if not any(inside(folder, unit) for folder in own)]
    screens = [unit for unit in units if has_surface(tree, unit)]
    if not screens and units == whole and tree.has_folder("libs"):
        return [Library("libs/**", "backend", "Shared libraries belong to the lane that provides them, the backend.")]
    return [
        Library(f"{unit}/**", "frontend", "This library holds screens, so the frontend provides it.")
        if unit in screens
        else Library(f"{unit}/**", "backend", "A shared library belongs to the lane that provides it, the backend.")
        for unit in units
    ]


def _packages(tree: Tree, own: Sequence[str]) -> list[Library]:
    found: list[Library] = []
    for unit in unit_folders(tree, "packages"):
        if any(inside(folder, unit) for folder in own):
            continue
        name = basename(unit).lower()
        if any(word in name for word in _PROVIDER_WORDS) and not has_surface(tree, unit):
            why = "A shared package belongs to the lane that provides it, the backend."
            found.append(Library(f"{unit}/**", "backend", why))
        elif tree.has(join(unit, "package.json")):
            found.append(Library(f"{unit}/**", "frontend", "A package of JavaScript goes with the frontend."))
        else:
            found.append(Library(f"{unit}/**", "backend", "A package without JavaScript goes with the backend."))
    return found


def _tops(tree: Tree, own: Sequence[str]) -> list[Library]:
    tops = [top for top in _SHARED_TOPS if tree.has_folder(top) and not any(inside(folder, top) for folder in own)]
    return [Library(f"{top}/**", "backend", "Shared code belongs to the lane that provides it.") for top in tops]


def _types(tree: Tree, own: Sequence[str]) -> list[Library]:
    why = "API types follow the API, so the backend provides them."
    files = (file for file in tree.files if not is_aside(file))
    folders = {folder for file in files for folder in upwards(dirname(file)) if basename(folder) in _TYPES}
    return [Library(f"{each}/**", "backend", why) for each in _outermost(folders - set(own))]


def _generated(tree: Tree, own: Sequence[str]) -> list[Library]:
    """Folders below a part that a generator fills from the API."""
    why = "This client is generated from the API, so the backend provides it."
    files: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for file in tree.files:
        if is_aside(file) or not any(inside(file, folder) for folder in own):
            continue
        for folder in upwards(dirname(file)):
            files[folder] += 1
            made[folder] += ".gen." in file or ".openapi-generator" in file
    folders = {each for each in files if made[each] >= 2 and 2 * made[each] >= files[each]}
    folders = {each for each in folders if basename(each) not in _HOMES}
    folders |= {each for each in files if basename(each) in _GENERATED}
    return [Library(f"{each}/**", "backend", why) for each in _outermost(folders - set(own))]


def _outermost(folders: set[str]) -> list[str]:
    return sorted(each for each in folders if each and not any(o and o != each and inside(each, o) for o in folders))
