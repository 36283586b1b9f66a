"""Laws of the proposed `lanewise.toml`; the repositories are tiny imitations of real layouts."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tests.service.propose_repositories import (
    DJANGO_AT_ROOT,
    EMPTY,
    FRONTEND_AT_ROOT,
    GO_AND_NEXT,
    LIBRARIES,
    MANY,
    MEALIE,
    MIXED_ROOT,
    NAGA,
    NX_APPS,
    ODD_NAMES,
    ONE,
    PAPERLESS,
    PROSE,
    REPOSITORIES,
    TEMPLATE,
    THREE_SERVICES,
)

from lanewise.core import pattern
from lanewise.service.propose import Proposal, look, propose
from lanewise.settings import Settings, parse_settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "monorepo"


IGNORED = (
    ".env",
    "backend/.env",
    "backend/venv/",
    "frontend/node_modules/a/.env",
    "dist/.env.local",
    "backend/db.sqlite3",
)


def proposal(files: dict[str, str], ignored: tuple[str, ...] = IGNORED, root: str = "/srv/naga") -> Proposal:
    return propose(look(root, list(files), ignored, files.get))


def proposed(files: dict[str, str], ignored: tuple[str, ...] = IGNORED) -> Settings:
    return parse_settings(proposal(files, ignored).toml)


def domains(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: lane.domain for name, lane in proposed(files).lanes.items()}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_every_proposal_is_settings_without_a_mistake(name):
    found = proposed(REPOSITORIES[name])
    assert found.project.name == "naga"
    assert 1 <= len(found.lanes) <= 6


@pytest.mark.parametrize("name", REPOSITORIES)
def test_every_line_of_a_proposal_has_a_comment(name):
    before = ""
    for line in proposal(REPOSITORIES[name]).toml.splitlines():
        assert not line or "  # " in line or line.startswith("#") or before.startswith("#"), line
        before = line


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_proposal_does_not_depend_on_the_order_of_the_files(name):
    files = REPOSITORIES[name]
    assert proposal(dict(reversed(files.items()))) == proposal(files)


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_proposal_is_complete_when_no_file_can_be_read(name):
    parse_settings(propose(look("/x/y", list(REPOSITORIES[name]), IGNORED, lambda _: None)).toml)


@pytest.mark.parametrize("name", REPOSITORIES)
def test_every_proposed_pattern_is_one_that_the_core_takes(name):
    found = proposed(REPOSITORIES[name])
    for text in (*found.shared.paths, *(each for lane in found.lanes.values() for each in (*lane.domain, *lane.copy))):
        assert pattern.parse(text).text == text


@pytest.mark.parametrize("name", REPOSITORIES)
def test_no_two_lanes_and_no_shared_path_claim_the_same_pattern(name):
    found = proposed(REPOSITORIES[name])
    patterns = [each for lane in found.lanes.values() for each in lane.domain] + list(found.shared.paths)
    assert len(patterns) == len(set(patterns))


@pytest.mark.parametrize(
    "name",
    ["NAGA", "MEALIE", "TEMPLATE", "PAPERLESS", "DJANGO_AT_ROOT", "FRONTEND_AT_ROOT", "GO_AND_NEXT", "ODD_NAMES"],
)
def test_a_backend_and_a_frontend_get_exactly_two_lanes(name):
    assert list(proposed(REPOSITORIES[name]).lanes) == ["backend", "frontend"]


def test_the_seeds_monorepo_gets_the_seeds_lanes():
    found = proposed(NAGA)
    backend, frontend = found.lanes["backend"], found.lanes["frontend"]
    assert (backend.domain, frontend.domain) == (("backend/**", "libs/**"), ("frontend/**",))
    assert (backend.branch, backend.worktree) == ("feature/backend/start", "../naga-backend")
    assert backend.services == ("django:8000", "postgres:5432", "redis:6379")
    assert frontend.services == ("vite:3000",)
    assert backend.copy == (".env", "backend/.env")
    assert frontend.copy == (".env",)
    assert "Django models and migrations" in backend.good_at
    assert set(found.shared.paths) == {
        "package.json", "nx.json", "tsconfig.base.json", "docker-compose.yml", ".github/**",
        "README.md", "CLAUDE.md", "docs/**", "tests/integration/**",
    }  # fmt: skip


def test_the_example_in_this_repository_gets_two_complete_lanes():
    files = [str(file.relative_to(EXAMPLE)) for file in EXAMPLE.rglob("*") if file.is_file()]
    found = parse_settings(propose(look(str(EXAMPLE), files, [], lambda path: (EXAMPLE / path).read_text())).toml)
    assert list(found.lanes) == ["backend", "frontend"]
    assert found.lanes["backend"].domain[:2] == ("backend/**", "libs/**")
    assert found.lanes["frontend"].domain == ("frontend/**",)
    assert all(lane.setup for lane in found.lanes.values())


def test_a_backend_at_the_root_gets_its_real_folders():
    assert set(domains(MEALIE)["backend"]) == {
        "alembic/**", "dev/**", "mealie/**", "tests/**", "pyproject.toml", "alembic.ini",
    }  # fmt: skip
    assert set(domains(DJANGO_AT_ROOT)["backend"]) == {
        "mysite/**", "polls/**", "templates/**", "manage.py", "requirements.txt", "requirements-dev.txt",
    }  # fmt: skip
    assert "tests/e2e/**" in proposed(MEALIE).shared.paths


def test_a_frontend_at_the_root_gets_its_real_folders_and_its_manifest():
    found = proposed(FRONTEND_AT_ROOT)
    assert found.lanes["backend"].domain == ("api/**",)
    assert set(found.lanes["frontend"].domain) == {
        "src/**", "public/**", "package.json", "index.html", "vite.config.ts", "tsconfig.json",
    }  # fmt: skip
    assert "package.json" not in found.shared.paths


def test_a_manifest_at_the_root_belongs_to_the_backend_that_has_no_other():
    assert "pyproject.toml" in domains(PAPERLESS)["backend"]
    assert "pyproject.toml" not in domains(TEMPLATE)["backend"]
    assert "pyproject.toml" in proposed(TEMPLATE).shared.paths


def test_codeowners_gives_a_teams_other_paths_to_its_lane_but_no_lockfile():
    assert set(domains(PAPERLESS)["backend"]) == {"src/**", "pyproject.toml", "scripts/**"}


def test_a_generated_client_is_the_backends_and_the_comment_says_why():
    assert "frontend/src/client/**" in domains(TEMPLATE)["backend"]
    line = next(line for line in proposal(TEMPLATE).toml.splitlines() if "frontend/src/client" in line)
    assert "generated from the API" in line
    assert any("frontend/src/client/**" in note for note in proposal(TEMPLATE).notes)


def test_a_library_with_screens_is_the_frontends():
    found = domains(NX_APPS)
    assert "libs/ui/button/**" in found["frontend"]
    assert "libs/shared/types/**" in found["backend"]


def test_nx_projects_without_a_package_json_are_parts():
    found = proposed(NX_APPS)
    assert found.lanes["backend"].domain[0] == "apps/api/**"
    assert found.lanes["frontend"].domain[0] == "apps/web/**"
    assert "apps/web-e2e/**" in found.shared.paths


@pytest.mark.parametrize("name", REPOSITORIES)
def test_lockfiles_at_the_root_stay_unowned(name):
    found = proposed(REPOSITORIES[name])
    claimed = {each for lane in found.lanes.values() for each in lane.domain} | set(found.shared.paths)
    assert not claimed & {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "uv.lock", "poetry.lock"}


@pytest.mark.parametrize(
    ("files", "lane", "setup"),
    [
        (NAGA, "backend", ("python3 -m venv backend/venv",
                           "backend/venv/bin/python -m pip install -r backend/requirements.txt", "npm ci")),
        (NAGA, "frontend", ("npm ci",)),
        (MEALIE, "backend", ("poetry install",)),
        (MEALIE, "frontend", ("yarn --cwd frontend install --frozen-lockfile",)),
        (TEMPLATE, "backend", ("uv sync --project backend",)),
        (TEMPLATE, "frontend", ("bun install --frozen-lockfile",)),
        (PAPERLESS, "backend", ("uv sync",)),
        (PAPERLESS, "frontend", ("pnpm install --frozen-lockfile --dir src-ui",)),
        (DJANGO_AT_ROOT, "backend", ("python3 -m venv .venv", ".venv/bin/python -m pip install -r requirements.txt",
                                     ".venv/bin/python -m pip install -r requirements-dev.txt")),
        (DJANGO_AT_ROOT, "frontend", ("npm ci --prefix ui",)),
        (NX_APPS, "frontend", ("yarn install --immutable",)),
        (GO_AND_NEXT, "backend", ()),
        (ODD_NAMES, "backend", ("python3 -m venv 'back end/.venv'",
                                "'back end/.venv'/bin/python -m pip install -r 'back end/requirements.txt'")),
        (THREE_SERVICES, "web", ("npm install --prefix web",)),
        (ONE, "work", ("python3 -m venv .venv", ".venv/bin/python -m pip install -e .")),
    ],
)  # fmt: skip
def test_set_up_follows_the_lockfile(files, lane, setup):
    assert proposed(files).lanes[lane].setup == setup


def test_a_lane_per_project_comes_with_the_price_of_coordination():
    found = proposal(THREE_SERVICES)
    assert set(parse_settings(found.toml).lanes) == {"billing", "users", "web"}
    (note,) = (note for note in found.notes if "n(n-1)/2" in note)
    assert "3 lanes make 3 pairs" in note
    assert "attention" in note
    assert any("each top-level project has a lane" in note for note in found.notes)
    assert found.toml.count("# This lane has") == found.toml.count("each top-level project has a lane") == 3


def test_two_lanes_need_no_word_about_coordination():
    assert not any("n(n-1)/2" in note for note in proposal(NAGA).notes)


def test_six_lanes_are_the_most_and_the_largest_projects_get_them():
    found = proposal(MANY)
    assert set(parse_settings(found.toml).lanes) == {f"s{n}" for n in range(2, 8)}
    assert any("services/s0" in note and "services/s1" in note for note in found.notes)


def test_libraries_are_the_projects_where_there_is_nothing_else():
    assert set(domains(LIBRARIES)) == {"core", "lane-main", "lane-9-cli"}


@pytest.mark.parametrize("files", [ONE, MIXED_ROOT, EMPTY, PROSE])
def test_what_cannot_be_told_apart_is_one_lane_that_shares_with_nobody(files):
    found = proposal(files)
    settings = parse_settings(found.toml)
    assert [(name, lane.domain) for name, lane in settings.lanes.items()] == [("work", ("**",))]
    assert settings.shared.paths == ()
    assert any("one lane" in note for note in found.notes)


def test_only_hand_made_ignored_files_are_carried():
    ignored = (
        ".env", "backend/.env.local", "frontend/.env.development.local", "backend/local_settings.py", ".claude/.env",
        "node_modules/x/.env", "backend/.venv/.env", "frontend/dist/.env", "backend/a.pyc", "x[1]/.env", "dump.sql",
    )  # fmt: skip
    lanes = proposed(NAGA, ignored).lanes
    assert lanes["backend"].copy == (".env", "backend/.env.local", "backend/local_settings.py")
    assert lanes["frontend"].copy == (".env", "frontend/.env.development.local")


def test_a_database_file_is_told_and_not_carried():
    found = proposal(NAGA)
    assert "db.sqlite3" not in found.toml
    assert any("backend/db.sqlite3" in note for note in found.notes)


def test_a_compose_service_goes_to_the_lane_it_is_built_from():
    files = THREE_SERVICES | {
        "compose.yml": "services:\n  x:\n    build: ./users\n    ports: ['7001:1']\n  db:\n    ports: ['5432:1']\n"
    }
    lanes = proposed(files).lanes
    assert "x:7001" in lanes["users"].services
    assert "db:5432" in lanes["billing"].services


def test_the_main_branch_and_the_folder_are_taken_as_the_caller_says():
    found = tomllib.loads(propose(look('/srv/my "repo"', [], [], lambda _: None, main="dev")).toml)
    assert found["project"] == {"name": 'my "repo"', "main": "dev", "policy": "calm"}


def test_no_more_than_a_few_small_files_are_read():
    asked: list[str] = []

    def read(path: str) -> str | None:
        asked.append(path)
        return NAGA.get(path)

    look("/x/naga", [*NAGA, *(f"backend/apps/a{n}/views.py" for n in range(500))], [], read)
    assert len(set(asked)) <= 20
    assert not any(path.endswith((".vue", "models.py")) for path in asked)
