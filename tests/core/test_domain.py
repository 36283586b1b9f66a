from __future__ import annotations

import pytest
from tests.core.stage import lane, pattern, rules

from lanewise.core.domain import Owner, client_folder, foreign_below, is_protected, owner_of, user_settings

RULES = rules(
    lane("api", "backend/**", "backend/both/*.py", "tie"),
    lane("web", "frontend", "backend/templates", "backend/both/*.py", "**/*.vue", "tie"),
    lane("ops", "backend/templates/mail/*.txt", "docs/ops"),
    shared=["package.json", "docs", "frontend/locales", "tie/shared.md"],
)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("backend/a.py", Owner("lane", ("api",))),
        ("BACKEND/A.py", Owner("lane", ("api",))),
        ("backend/templates/a.html", Owner("lane", ("web",))),
        ("backend/templates/mail/a.txt", Owner("lane", ("ops",))),
        ("backend/templates/mail/a.html", Owner("lane", ("web",))),
        ("backend/widget.vue", Owner("lane", ("api",))),
        ("tools/widget.vue", Owner("lane", ("web",))),
        ("backend/both/a.py", Owner("lane", ("api", "web"))),
        ("tie/a", Owner("lane", ("api", "web"))),
        ("tie/shared.md", Owner("shared")),
        ("package.json", Owner("shared")),
        ("docs/a.md", Owner("shared")),
        ("docs/ops/a.md", Owner("lane", ("ops",))),
        ("frontend/locales/de.json", Owner("shared")),
        ("Makefile", Owner("unowned")),
        ("./", Owner("unowned")),
        ("backendish/a.py", Owner("unowned")),
        (".mcp.json", Owner("protected")),
    ],
)
def test_the_most_specific_pattern_owns_a_path(path, owner):
    assert owner_of(RULES, path) == owner


def test_shared_beats_a_domain_of_equal_rank():
    equal = rules(lane("api", "docs"), lane("web", "src"), shared=["docs"])
    assert owner_of(equal, "docs/a.md") == Owner("shared")


PROTECTED = """
.claude .claude/ .claude/settings.json .claude/settings.local.json .CLAUDE/Settings.json .claude/hooks
.claude/hooks/a.sh .mcp.json .MCP.JSON lanewise.toml LaneWise.toml .claude-sessions .claude-sessions/other.json
.claude-sessions/active-sessions.json.bak .claude-sessions/sub/active-sessions.json sub/.claude-sessions/x
.codex/config.toml .codex/hooks.json .codex/hooks/a .gemini/settings.json .gemini/hooks/a .cursor/hooks.json
.github/hooks/a.json .copilot/hooks/a .opencode/plugin/a.ts .opencode/plugins/a.ts opencode.json opencode.jsonc
sub/.claude/settings.json a/b/.Claude/settings.local.json a/.mcp.json a/opencode.json a/.claude/hooks/x
a/.github/hooks/x sub/.claude sub/.codex .codex .gemini .cursor .opencode .copilot
.git .git/config .git/hooks/pre-commit .GIT/config sub/.git .git. git~1/config .git\u200b/config
.cl\u200baude/settings.json
""".split()
ORDINARY = """
.claude/skills/a.md .claude/commands/a.md .claude/agents/a.md .claude/CLAUDE.md CLAUDE.md settings.json hooks/a.sh
.github/workflows/ci.yml .gitignore .gitattributes sub/lanewise.toml claude/settings.json my.mcp.json
.codex/prompts/a.md .claude-sessions/active-sessions.json .Claude-Sessions/Active-Sessions.json
.claude/settings.json.md x.claude/settings.json
""".split()


@pytest.mark.parametrize("path", PROTECTED)
def test_no_agent_writes_or_creates_what_governs_agents(path):
    assert is_protected(path)
    assert owner_of(RULES, path).kind == "protected"


@pytest.mark.parametrize("path", ORDINARY)
def test_skills_commands_and_look_alikes_are_ordinary_files(path):
    assert not is_protected(path)


@pytest.mark.parametrize(("path", "whole"), [(".claude", True), ("a/.Codex/", True), (".claude/hooks", False),
    (".claude/hooks/.claude", False), (".git/.claude", False), ("claude", False), ("./", False)])  # fmt: skip
def test_a_clients_folder_is_told_from_what_is_in_it(path, whole):
    assert client_folder(path) == whole


def test_what_is_protected_for_a_user_is_the_clients_and_not_a_repositorys():
    named = set(user_settings())
    assert {".claude/settings.json", ".claude/hooks", ".codex/config.toml", ".gemini/settings.json"} <= named
    assert not {".mcp.json", "opencode.json", ".github/hooks", ".claude-sessions"} & named


def test_protection_beats_the_lanes_own_domain():
    own = rules(lane("api", ".claude/settings.json", "**"))
    assert owner_of(own, ".claude/settings.json") == Owner("protected")


@pytest.mark.parametrize(
    ("lane_name", "tree", "whose"),
    [
        ("api", "backend", "web"),
        ("api", "backend/both", None),
        ("api", "backend/core", None),
        ("web", "frontend", None),
        ("web", "backend/templates", "ops"),
        ("web", "backend/templates/mail/*.html", None),
        ("web", "backend/templates/mail/*", "ops"),
        ("api", "./", "web"),
        ("ops", "tools", "web"),
        ("ops", "tools/*.md", "web"),
        ("api", "docs", "ops"),
        ("ops", "docs", None),
    ],
)
def test_a_tree_with_another_lanes_domain_inside_is_that_lanes(lane_name, tree, whose):
    assert foreign_below(RULES, lane_name, pattern(tree)) == whose


def test_a_wildcard_domain_inside_a_tree_is_seen():
    wild = rules(lane("api", "packages/*/api"), lane("web", "packages/*/ui"))
    assert foreign_below(wild, "web", pattern("packages/shop")) == "api"
    assert foreign_below(wild, "web", pattern("packages/shop/ui")) is None
