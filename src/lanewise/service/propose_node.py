"""The Node parts of a repository: which framework a package.json or an Nx project has and how each is set up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import dirname
from shlex import quote
from typing import TYPE_CHECKING, Any

from lanewise.service.propose_facts import Named, Part
from lanewise.service.propose_tree import is_library_place, join, plain_dict, upwards

if TYPE_CHECKING:
    from lanewise.service.propose_facts import Side
    from lanewise.service.propose_tree import Tree

#: Dependency, name for a person, usual port; a framework built on another stands before it.
_FRONTENDS = (
    ("next", "Next.js", 3000),
    ("nuxt", "Nuxt", 3000),
    ("nuxt3", "Nuxt", 3000),
    ("@angular/core", "Angular", 4200),
    ("astro", "Astro", 4321),
    ("@sveltejs/kit", "SvelteKit", 5173),
    ("svelte", "Svelte", 5173),
    ("vue", "Vue", 8080),
    ("@remix-run/react", "Remix", 3000),
    ("react", "React", 3000),
    ("preact", "Preact", 8080),
    ("solid-js", "Solid", 3000),
)
_SERVERS = (
    ("@nestjs/core", "NestJS", 3000),
    ("fastify", "Fastify", 3000),
    ("express", "Express", 3000),
    ("koa", "Koa", 3000),
    ("hono", "Hono", 3000),
)
#: What shows the framework of an Nx project that has no package.json: the end of a file name.
_SIGNS = (
    ("nuxt.config.ts", "Nuxt"),
    ("next.config.js", "Next.js"),
    ("next.config.ts", "Next.js"),
    (".component.ts", "Angular"),
    (".vue", "Vue"),
    (".svelte", "Svelte"),
    (".tsx", "React"),
    (".jsx", "React"),
)
_SERVER_NAMES = frozenset({"backend", "server", "api"})
_WORKSPACE_FILES = ("nx.json", "pnpm-workspace.yaml", "lerna.json", "turbo.json")
_BUILDS = tuple(f"{tool}.config.{end}" for tool in ("vite", "next", "nuxt", "svelte", "astro") for end in ("ts", "js"))
_LOCKS = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
#: Files at the root that belong to a frontend which lies at the root itself.
_ROOT_FILE = re.compile(
    r"(package|angular|tsconfig[\w.]*|components|biome)\.json|index\.html|[\w.-]+\.config\.[cm]?[jt]s"
)


@dataclass(frozen=True, slots=True)
class _Package:
    folder: str
    evidence: str
    wanted: frozenset[str]
    scripts: frozenset[str]


def node_parts(tree: Tree, *, with_libraries: bool = False) -> list[Part]:
    """Every Node application, and every other package outside the places for libraries, or in them too."""
    packages = [each for each in _packages(tree) if with_libraries or not _is_library(tree, each)]
    found = [part for package in packages if (part := _part(tree, package)) is not None]
    sides = {part.side for part in found if part.folder and part.serves}
    return [part for part in found if part.folder or (part.serves and part.side not in sides)]


def root_install(tree: Tree) -> tuple[Named, ...]:
    """The install at the root that every lane of an Nx repository needs, since its commands run through nx."""
    return _setup(tree, "") if tree.has("nx.json") and tree.has("package.json") else ()


def has_surface(tree: Tree, folder: str) -> bool:
    """Whether a folder holds code for a screen."""
    if _framework(_FRONTENDS, _wanted(tree.json(join(folder, "package.json")))):
        return True
    return any(file.endswith((".vue", ".tsx", ".jsx", ".svelte", ".component.ts")) for file in tree.below(folder))


def _packages(tree: Tree) -> list[_Package]:
    found: dict[str, _Package] = {}
    for file in tree.named("package.json"):
        document = tree.json(file)
        scripts = frozenset(plain_dict(document.get("scripts")))
        found[dirname(file)] = _Package(dirname(file), file, _wanted(document), scripts)
    for file in tree.named("project.json"):  # Nx
        folder = dirname(file)
        if folder and folder not in found and not folder.endswith("-e2e") and tree.has("nx.json"):
            found[folder] = _Package(folder, file, _signs(tree, folder), frozenset({"serve"}))
    return [found[folder] for folder in sorted(found)]


def _wanted(document: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for key in ("dependencies", "devDependencies") for name in plain_dict(document.get(key)))


def _signs(tree: Tree, folder: str) -> frozenset[str]:
    """The dependencies that an Nx project uses of those that the root's package.json has."""
    root = _wanted(tree.json("package.json"))
    files = tree.below(folder)
    for end, what in _SIGNS:
        if any(file.endswith(end) for file in files):
            names = {name for name, label, _ in _FRONTENDS if label == what}
            return frozenset((names & root) or names) | (root & {"vite"})
    if tree.first(folder, ("src/main.ts", "src/main.js", "src/index.ts")):
        return root & {name for name, _, _ in _SERVERS}
    return frozenset()


def _framework(known: tuple[tuple[str, str, int], ...], wanted: frozenset[str]) -> tuple[str, int] | None:
    return next(((what, port) for name, what, port in known if name in wanted), None)


def _part(tree: Tree, package: _Package) -> Part | None:
    folder = package.folder
    front, server = _framework(_FRONTENDS, package.wanted), _framework(_SERVERS, package.wanted)
    if server and folder.rpartition("/")[2] in _SERVER_NAMES:
        front = None
    if package.evidence.endswith("project.json") and not (front or server):
        return None  # an Nx project in another language, or without code of its own
    side: Side = "backend" if server and not front else "frontend"
    what, port = front or server or ("Node", 0)
    return Part(
        folder=folder,
        side=side,
        language="node",
        what=what,
        evidence=package.evidence,
        serves=bool(port),
        files=() if folder else tuple(file for file in tree.files if _ROOT_FILE.fullmatch(file)),
        good_at=_strengths(what, side) if port else (),
        setup=_setup(tree, folder),
        services=(_service(tree, package, what, port),) if port else (),
        size=len(tree.below(folder)),
    )


def _is_library(tree: Tree, package: _Package) -> bool:
    """Whether a package is no application: it lies among libraries, and nothing both starts it and builds it."""
    if not is_library_place(package.folder) or _framework(_SERVERS, package.wanted):
        return False
    starts = package.scripts & {"dev", "start", "serve"}
    return not starts or tree.first(package.folder, (*_BUILDS, "index.html", "angular.json")) is None


def _strengths(what: str, side: Side) -> tuple[Named, ...]:
    words = ("endpoints", "backend tests") if side == "backend" else ("components", "frontend tests")
    return (Named(f"{what} {words[0]}"), Named(words[1]))


def _service(tree: Tree, package: _Package, what: str, port: int) -> Named:
    if "vite" not in package.wanted or what in {"Nuxt", "Astro", "Angular", "Next.js"}:
        name = re.sub(r"[^a-z]", "", what.lower())
        return Named(f"{name}:{port}", f"The usual port of {what}.")
    configs = [join(package.folder, f"vite.config.{end}") for end in ("ts", "js", "mts", "mjs")]
    for file in configs:
        if found := re.search(r"\bport:[^,\n]*?\b(\d{2,5})\b", tree.text(file)):
            return Named(f"vite:{int(found.group(1))}", f"The port in {file}.")
    return Named("vite:5173", "The usual port of Vite.")


def _setup(tree: Tree, folder: str) -> tuple[Named, ...]:
    """The command that brings the packages, in the folder that has the lockfile."""
    is_workspace = tree.first("", _WORKSPACE_FILES) is not None or "workspaces" in tree.json("package.json")
    is_own = tree.has(join(folder, "package.json"))
    homes = [folder] if is_own and not is_workspace else list(upwards(folder))
    for home in homes:
        for lock, tool in _LOCKS:
            if tree.has(join(home, lock)) and tree.has(join(home, "package.json")):
                return (Named(_install(tree, home, tool), f"Installs what {join(home, lock)} pins."),)
    home = folder if is_own else ""
    if not tree.has(join(home, "package.json")):
        return ()
    prefix = f" --prefix {quote(home)}" if home else ""
    return (Named(f"npm install{prefix}", f"Installs what {join(home, 'package.json')} asks for."),)


def _install(tree: Tree, home: str, tool: str) -> str:
    if tool == "yarn":
        flag = "--frozen-lockfile" if _is_classic_yarn(tree, home) else "--immutable"
        return f"yarn --cwd {quote(home)} install {flag}" if home else f"yarn install {flag}"
    command, place = {
        "npm": ("npm ci", "--prefix"),
        "pnpm": ("pnpm install --frozen-lockfile", "--dir"),
        "bun": ("bun install --frozen-lockfile", "--cwd"),
    }[tool]
    return f"{command} {place} {quote(home)}" if home else command


def _is_classic_yarn(tree: Tree, home: str) -> bool:
    """Whether yarn is of the first line, whose flag the later ones still take: the safe answer when nothing tells."""
    declared = str(tree.json(join(home, "package.json")).get("packageManager", ""))
    if declared.startswith("yarn@"):
        return declared.startswith("yarn@1.")
    later = any(tree.has(join(each, ".yarnrc.yml")) for each in upwards(home))
    return not later and "__metadata:" not in tree.text(join(home, "yarn.lock"))
