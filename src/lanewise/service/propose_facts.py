"""What a look at a repository found, as plain values: the words in which `look` tells `propose`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["backend", "frontend"]
Language = Literal["python", "node", "other"]


@dataclass(frozen=True, slots=True)
class Named:
    """A piece of the proposal and the sentence that says why it stands there, unless that goes without saying."""

    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the repository with a manifest of its own, which a lane can own."""

    #: Where it lies; the empty text is the repository's root.
    folder: str
    side: Side
    language: Language
    #: Framework or language, as a person says it.
    what: str
    #: The file that proves it.
    evidence: str
    #: Whether it serves something by itself; a plain package joins the lane of its language.
    serves: bool
    #: Files at the repository's root that are its own, such as the manifest of a backend in `src/`.
    files: tuple[str, ...] = ()
    good_at: tuple[Named, ...] = ()
    setup: tuple[Named, ...] = ()
    services: tuple[Named, ...] = ()
    #: How many tracked files it has.
    size: int = 0


@dataclass(frozen=True, slots=True)
class Library:
    """Code that several parts use, and the side that provides it."""

    pattern: str
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class Top:
    """A folder at the repository's root that no part has for itself, and the side whose code fills it."""

    folder: str
    side: Side


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a compose file opens on the machine."""

    service: str
    port: int
    #: The folder that the service is built from; empty when it is an image or the root.
    context: str
    file: str


@dataclass(frozen=True, slots=True)
class Owned:
    """A CODEOWNERS rule about one existing file or folder."""

    path: str
    is_folder: bool
    owners: frozenset[str]

    @property
    def pattern(self) -> str:
        """The path as a domain has it."""
        return f"{self.path}/**" if self.is_folder else self.path


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the proposal is made of."""

    name: str
    main: str
    parts: tuple[Part, ...] = ()
    libraries: tuple[Library, ...] = ()
    tops: tuple[Top, ...] = ()
    shared: tuple[Named, ...] = ()
    ports: tuple[Port, ...] = ()
    owned: tuple[Owned, ...] = ()
    #: Ignored files that a fresh worktree will miss.
    missing: tuple[str, ...] = ()
    #: An install at the root that every lane needs, such as the one that brings Nx.
    root_setup: tuple[Named, ...] = ()
    #: Ignored database files, which are not carried.
    databases: tuple[str, ...] = ()
