"""The settings in `lanewise.toml`: types, mistakes in plain sentences, JSON Schema; the hook never reads them here.

A key exists because a Struct below has a field for it; its meaning, its rule and its example stand in the field's type.
Nothing here runs a command or asks whether a path exists.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from lanewise import settings_rules as rules
from lanewise.errors import BadInput
from lanewise.settings_lines import lines_of, nearest_line
from lanewise.settings_mistakes import Mistake, mistakes_in, shown
from lanewise.settings_rules import Duration

if TYPE_CHECKING:
    import os

FILE_NAME = "lanewise.toml"
MOST_LANES = 50


class SettingsTrouble(BadInput):
    """The settings cannot be used."""

    code = "settings"

    def __init__(self, mistakes: tuple[str, ...], hint: str = "") -> None:
        """Keep every mistake: one sentence each, with file and line."""
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes), hint or "lanewise schema-json")


_RULE = "rule"
_FILLED = {"minLength": 1}  # said to editors only: msgspec would refuse the empty default when it reads plain values
_Text = Annotated[str, Meta(extra={_RULE: rules.no_line}, extra_json_schema=_FILLED)]
_Pattern = Annotated[str, Meta(extra={_RULE: rules.no_pattern}, extra_json_schema=_FILLED)]
_Branch = Annotated[str, Meta(extra={_RULE: rules.no_branch})]
_Service = Annotated[str, Meta(pattern=rules.SERVICE, extra={_RULE: rules.no_service})]
_Value = Annotated[str, Meta(extra={_RULE: rules.no_value})]
_Variable = Annotated[str, Meta(pattern=rules.VARIABLE, extra={_RULE: rules.no_variable})]
_LaneName = Annotated[
    str,
    Meta(
        pattern=rules.LANE,
        extra={_RULE: rules.no_lane},
        extra_json_schema={"not": {"enum": list(rules.RESERVED_LANES)}},
    ),
]


class ProjectTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the repository is called and how strict lanewise is in it."""

    name: Annotated[_Text, Meta(description="The project's name; without it, the main worktree's folder name.")] = (
        field(default_factory=str)
    )
    main: Annotated[_Branch, Meta(description="The branch that lanes start from and land in.")] = "main"
    policy: Annotated[
        Literal["calm", "seed"],
        Meta(description='"calm" warns where people can sort it out; "seed" halts instead.'),
    ] = "calm"


class LaneTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named place to work: a domain, a branch, a worktree and what a fresh worktree needs."""

    domain: Annotated[
        tuple[_Pattern, ...],
        Meta(
            min_length=1,
            description="Paths and globs that the lane may write; the most specific pattern of all lanes wins.",
            examples=[["backend/**", "libs/shared/api-types/**"]],
        ),
    ]
    branch: Annotated[_Branch, Meta(description="The lane's branch; without it, feature/<lane>/start.")] = field(
        default_factory=str
    )
    worktree: Annotated[
        _Text,
        Meta(description='Where the worktree lies; without it, ../<repository>-<lane>; "." is the main worktree.'),
    ] = field(default_factory=str)
    client: Annotated[
        Literal["claude", "codex", "gemini", "opencode", "copilot"],
        Meta(description="The agent client that `lanewise run` starts in the lane."),
    ] = "claude"
    good_at: Annotated[
        tuple[_Text, ...], Meta(description="What the lane is good at, in free words that sessions are shown.")
    ] = ()
    copy: Annotated[
        tuple[_Pattern, ...],
        Meta(description="Files ignored by git, as paths or globs, that are carried into the fresh worktree."),
    ] = ()
    setup: Annotated[
        tuple[_Text, ...],
        Meta(description="Commands for a fresh worktree, run at its root and only after `lanewise trust`."),
    ] = ()
    services: Annotated[
        tuple[_Service, ...], Meta(description="What the lane serves, each as a name and its usual port.")
    ] = ()
    env: Annotated[dict[_Variable, _Value], Meta(description="Environment variables of the lane's sessions.")] = field(
        default_factory=dict
    )


class SharedTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What belongs to no lane and is edited by agreement."""

    paths: Annotated[
        tuple[_Pattern, ...],
        Meta(description="Paths and globs that need an explicit `lanewise lock PATH --why`."),
    ] = ()


class LeaseTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a claim on a path lives."""

    ttl: Annotated[
        Duration,
        Meta(
            description="How long a lease lives without renewal, from 1m to 24h.",
            extra_json_schema={"default": "30m"},
            extra={_RULE: rules.between("1m", "24h")},
        ),
    ] = field(default_factory=lambda: Duration("30m"))
    delay: Annotated[
        Duration,
        Meta(
            description="How long others wait after the end of a lease whose holder may live, from 0s to 60s.",
            extra_json_schema={"default": "15s"},
            extra={_RULE: rules.between("0s", "60s")},
        ),
    ] = field(default_factory=lambda: Duration("15s"))


class HaltTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens when something is sensed: one line per trigger."""

    same_file: Annotated[
        Literal["note", "warn", "halt"],
        Meta(description='One file has different content in two lanes; "halt" by default under policy = "seed".'),
    ] = "warn"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `lanewise.toml`."""

    project: ProjectTable = field(default_factory=ProjectTable)
    lanes: Annotated[
        dict[_LaneName, LaneTable],
        Meta(min_length=1, max_length=MOST_LANES, description="One table per lane.", examples=[{"backend": {}}]),
    ] = field(name="lane")
    shared: SharedTable = field(default_factory=SharedTable)
    lease: LeaseTable = field(default_factory=LeaseTable)
    halt: HaltTable = field(default_factory=HaltTable)

    def branch_of(self, lane: str) -> str:
        """The lane's branch, by default named after the lane."""
        return self.lanes[lane].branch or f"feature/{lane}/start"

    def worktree_of(self, lane: str, repository: str) -> str:
        """Where the lane's worktree lies, seen from the main worktree, whose folder is called `repository`."""
        return self.lanes[lane].worktree or f"../{repository}-{lane}"


def load_settings(path: str | os.PathLike[str]) -> Settings:
    """The settings in a file; `SettingsTrouble` holds every mistake."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsTrouble((f"{file.name}: there is no such file here",), hint="lanewise init") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsTrouble((f"{file.name}: it cannot be read as UTF-8 text: {error}",)) from error
    return parse_settings(text, source=file.name)


def parse_settings(text: str, *, source: str = FILE_NAME) -> Settings:
    """The settings in a text; `SettingsTrouble` holds every mistake."""
    raw = _parse_toml(text, source)
    mistakes = mistakes_in(raw, Settings) + _clashes(raw)
    if mistakes:
        lines = lines_of(text)
        numbered = sorted((nearest_line(lines, each.path), each.sentence) for each in mistakes)
        raise SettingsTrouble(tuple(f"{source}:{line}: {sentence}" for line, sentence in numbered))
    settings = msgspec.convert(raw, Settings, dec_hook=lambda kind, value: kind(value))
    if settings.project.policy == "seed" and "same_file" not in raw.get("halt", {}):
        return msgspec.structs.replace(settings, halt=HaltTable(same_file="halt"))
    return settings


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `lanewise.toml`, for editors that check the file while it is written."""
    schema = msgspec.json.schema(Settings, schema_hook=lambda _: {"type": "string", "pattern": rules.DURATION})
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE_NAME, **schema}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(whole))
    return plain


def commands_hash(settings: Settings) -> str:
    """What `lanewise trust` remembers: it changes with any command, and with the environment that could bend one."""
    canonical = [[name, lane.setup, sorted(lane.env.items())] for name, lane in sorted(settings.lanes.items())]
    return hashlib.sha256(msgspec.json.encode(canonical)).hexdigest()


def _parse_toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason, _, place = str(error).partition(" (at ")
        found = re.match(r"line (\d+)", place)
        line = int(found.group(1)) if found else max(1, len(text.splitlines()))
        raise SettingsTrouble((f"{source}:{line}: this is not TOML: {reason}",)) from error


def _clashes(raw: dict[str, Any]) -> list[Mistake]:
    """Lanes that name one branch or one worktree: git could not check both out."""
    found: list[Mistake] = []
    lanes = raw.get("lane")
    for key in ("branch", "worktree"):
        taken: dict[str, str] = {}
        for lane, table in lanes.items() if isinstance(lanes, dict) else ():
            value = table.get(key) if isinstance(table, dict) else None
            if not isinstance(value, str) or not value:
                continue
            first = taken.setdefault(value, lane)
            if first != lane:
                sentence = f"[lane.{lane}] {key} must differ from that of [lane.{first}], {shown(value)}"
                found.append(Mistake(("lane", lane, key), sentence))
    return found
