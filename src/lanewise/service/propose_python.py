"""The Python parts of a repository: where Django, FastAPI and Flask live and how each is set up."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from shlex import quote
from typing import TYPE_CHECKING, Any

from lanewise.service.propose_facts import Named, Part
from lanewise.service.propose_tree import inside, is_library_place, join, plain_dict, upwards

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lanewise.service.propose_tree import Tree

_SERVERS = (("fastapi", "FastAPI", 8000), ("flask", "Flask", 5000), ("litestar", "Litestar", 8000))
_ENTRIES = ("main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "api.py", "__init__.py")
_DEV_REQUIREMENTS = (
    "requirements-dev.txt",
    "requirements_dev.txt",
    "dev-requirements.txt",
    "requirements/dev.txt",
    "requirements/development.txt",
    "requirements/local.txt",
)
_BASE_REQUIREMENTS = ("requirements.txt", "requirements/base.txt")
#: Files at the root that belong to a Python project whose manifest lies there.
_ROOT_FILES = ("pyproject.toml", "setup.cfg", "alembic.ini", "pytest.ini", "tox.ini", "mypy.ini", "Pipfile")


def python_parts(tree: Tree, ignored: Sequence[str], *, with_libraries: bool = False) -> list[Part]:
    """Every Python project, outermost first; those in the places for libraries only on demand."""
    homes = _homes(tree)
    parts: dict[str, Part] = {}
    used: set[str] = set()
    for file in tree.named("manage.py"):
        place = dirname(file)
        home = next((each for each in upwards(place) if each in homes), place)
        folder = home or place  # a manifest at the root may serve a project in src/
        used.add(home)
        parts.setdefault(folder, _part(tree, ignored, folder, home, ("Django", file)))
    for home in sorted(homes - used, key=lambda each: (each == "", each.count("/"), each)):
        is_library = is_library_place(home) and not with_libraries and _server(tree, home) is None
        if is_library or any(folder and inside(home, folder) for folder in parts):
            continue
        found = _server(tree, home)
        if home or found is not None or not parts:
            parts[home] = _part(tree, ignored, home, home, found or ("Python", _manifest(tree, home)))
    return list(parts.values())


def dependencies(tree: Tree, home: str) -> frozenset[str]:
    """The names of the packages that the manifests in a folder ask for."""
    project = tree.toml(join(home, "pyproject.toml"))
    poetry = plain_dict(plain_dict(project.get("tool")).get("poetry"))
    groups = [plain_dict(group).get("dependencies") for group in plain_dict(poetry.get("group")).values()]
    lists = [
        plain_dict(project.get("project")).get("dependencies"),
        *plain_dict(plain_dict(project.get("project")).get("optional-dependencies")).values(),
        *plain_dict(project.get("dependency-groups")).values(),
    ]
    wanted = [item for each in lists if isinstance(each, list) for item in each if isinstance(item, str)]
    wanted += [name for each in (poetry.get("dependencies"), *groups) for name in plain_dict(each)]
    for name in (*_BASE_REQUIREMENTS, *_DEV_REQUIREMENTS):
        wanted += tree.text(join(home, name)).splitlines()
    found = (re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", item) for item in wanted)
    return frozenset(re.sub(r"[-_.]+", "-", each.group(1)).lower() for each in found if each)


def _homes(tree: Tree) -> set[str]:
    """The folders with a Python manifest that describes something to install."""
    found = {dirname(file) for file in tree.named("setup.py", "Pipfile")}
    found |= {dirname(file) for file in tree.named("pyproject.toml") if _describes_a_project(tree, file)}
    for name in (*_BASE_REQUIREMENTS, *_DEV_REQUIREMENTS):
        files = (file for file in tree.named(basename(name)) if file == name or file.endswith(f"/{name}"))
        found |= {file[: -len(name)].rstrip("/") for file in files}
    # A requirements.txt of the documents or of a script is no project: some Python must lie there.
    return {home for home in found if any(file.endswith(".py") for file in tree.below(home))}


def _describes_a_project(tree: Tree, file: str) -> bool:
    document = tree.toml(file)
    if not document:
        return True  # too large to be read, or empty: the benefit of the doubt
    return "project" in document or any(tool in plain_dict(document.get("tool")) for tool in ("poetry", "pdm", "flit"))


def _manifest(tree: Tree, home: str) -> str:
    names = ("pyproject.toml", "setup.py", *_BASE_REQUIREMENTS, *_DEV_REQUIREMENTS, "Pipfile")
    return tree.first(home, names) or join(home, "pyproject.toml")


def _server(tree: Tree, home: str) -> tuple[str, str] | None:
    """The web framework of a project and the file that proves it."""
    wanted = dependencies(tree, home)
    for name, what, _ in _SERVERS:
        if name in wanted:
            return what, _manifest(tree, home)
    depth = home.count("/") + 3 if home else 2
    entries = [file for file in tree.below(home) if basename(file) in _ENTRIES and file.count("/") <= depth]
    for name, what, _ in _SERVERS:
        pattern = re.compile(rf"^\s*(?:from|import)\s+{name}\b", re.MULTILINE)
        for file in entries[:20]:
            if pattern.search(tree.text(file)):
                return what, file
    return None


def _part(tree: Tree, ignored: Sequence[str], folder: str, home: str, found: tuple[str, str]) -> Part:
    what, evidence = found
    ports: dict[str, int] = {"Django": 8000} | {name: port for _, name, port in _SERVERS}
    services = (Named(f"{what.lower()}:{ports[what]}", f"The usual port of {what}."),) if what in ports else ()
    root_files = [name for name in _ROOT_FILES if tree.has(name)]
    root_files += [file for file in tree.files if "/" not in file and (file.endswith(".py") or _asks_for(file))]
    return Part(
        folder=folder,
        side="backend",
        language="python",
        what=what,
        evidence=evidence,
        serves=bool(services),
        files=tuple(root_files) if home == "" else (),
        good_at=_strengths(what, dependencies(tree, home)),
        setup=_setup(tree, ignored, home),
        services=services,
        size=len(tree.below(folder)),
    )


def _asks_for(file: str) -> bool:
    return file in _BASE_REQUIREMENTS or file in _DEV_REQUIREMENTS


def _strengths(what: str, wanted: Iterable[str]) -> tuple[Named, ...]:
    words = {"Django": ["Django models and migrations"]}.get(what, [f"{what} code"])
    if "djangorestframework" in wanted or what in {"FastAPI", "Flask", "Litestar"}:
        words.append("API endpoints and their schema")
    return tuple(Named(word) for word in (*words, "backend tests"))


def _setup(tree: Tree, ignored: Sequence[str], home: str) -> tuple[Named, ...]:
    if any(tree.has(join(each, "uv.lock")) for each in upwards(home)):
        return (Named(f"uv sync --project {quote(home)}" if home else "uv sync", "Installs what uv.lock pins."),)
    if tree.has(join(home, "poetry.lock")):
        command = f"poetry install --directory {quote(home)}" if home else "poetry install"
        return (Named(command, "Installs what poetry.lock pins."),)
    asked = _requirements(tree, home)
    document: dict[str, Any] = tree.toml(join(home, "pyproject.toml"))
    if not asked and not ("project" in document or tree.has(join(home, "setup.py"))):
        return ()
    folder = quote(_environment(ignored, home))
    pip = f"{folder}/bin/python -m pip install"
    first = Named(f"python3 -m venv {folder}", "Gives the lane a virtual environment of its own.")
    if asked:
        return (first, *(Named(f"{pip} -r {quote(file)}", f"Installs what {file} asks for.") for file in asked))
    return (first, Named(f"{pip} -e {quote(home or '.')}", "Installs the project itself, editable."))


def _requirements(tree: Tree, home: str) -> list[str]:
    base = tree.first(home, _BASE_REQUIREMENTS)
    dev = tree.first(home, _DEV_REQUIREMENTS)
    if dev and dirname(dev) != home:
        base = tree.first(home, ("requirements.txt",))  # requirements/dev.txt names base.txt itself
    return [file for file in (base, dev) if file]


def _environment(ignored: Sequence[str], home: str) -> str:
    """The folder that the project already uses for its virtual environment, so that git ignores it here too."""
    seen = {each.rstrip("/") for each in ignored}
    seen |= {each.split("/pyvenv.cfg")[0] for each in seen if each.endswith("/pyvenv.cfg")}
    return next(
        (join(home, name) for name in (".venv", "venv", "env") if join(home, name) in seen), join(home, ".venv")
    )
