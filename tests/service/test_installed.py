"""The files that `up` writes among the user's, and what `down` leaves of them."""

from __future__ import annotations

import json

import pytest
from tests.service.monorepo import git, open_shop

from lanewise.clients import claude_settings
from lanewise.errors import Trouble
from lanewise.git.locate import find_repository
from lanewise.service import desired, lanes

THEIRS = {
    "permissions": {"allow": ["Bash(npm:*)", "Bash(git:*)"], "deny": ["Bash(touch:*)"], "defaultMode": "acceptEdits"},
    "hooks": {
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "check"}]}],
        "Notification": [{"hooks": [{"type": "command", "command": "beep"}]}],
    },
    "model": "x",
    "env": {"A": "\u00e9"},
}


def settings_of(root):
    return json.loads((root / ".claude" / "settings.local.json").read_text())


def plan(root):
    repository = find_repository(str(root))
    return lanes.plan_up(repository, desired.load(repository), {})


def test_the_handlers_are_one_text_everywhere(shop):
    hooks = {
        json.dumps(settings_of(root)["hooks"]) for root in (shop.root, shop.lane("backend"), shop.lane("frontend"))
    }
    assert len(hooks) == 1


def test_the_users_settings_survive_up_and_down(root):
    file = root / ".claude" / "settings.local.json"
    file.parent.mkdir()
    file.write_text(json.dumps(THEIRS, ensure_ascii=False))
    shop = open_shop(root)
    governed = settings_of(root)
    assert claude_settings.without_handlers(governed) == THEIRS
    assert governed["hooks"]["PreToolUse"][0] == THEIRS["hooks"]["PreToolUse"][0]
    governed["added"] = {"since": True}
    file.write_text(json.dumps(governed))
    lanes.down(shop.app, lambda _: None)
    assert settings_of(root) == {**THEIRS, "added": {"since": True}}
    shop.app.store.close()


def test_permissions_are_carried_into_the_lanes_and_nothing_else_is(root):
    file = root / ".claude" / "settings.local.json"
    file.parent.mkdir()
    file.write_text(json.dumps(THEIRS))
    shop = open_shop(root)
    for lane in ("backend", "frontend"):
        mine = settings_of(shop.lane(lane))
        assert mine["permissions"] == THEIRS["permissions"]
        assert "model" not in mine
        assert "Notification" not in mine["hooks"]
    mine["permissions"]["allow"].append("Bash(make:*)")
    (shop.lane("frontend") / ".claude" / "settings.local.json").write_text(json.dumps(mine))
    shop.up()
    assert settings_of(shop.lane("frontend"))["permissions"]["allow"][-1] == "Bash(make:*)"
    shop.app.store.close()


def test_a_settings_file_that_is_none_is_left_alone(root):
    file = root / ".claude" / "settings.local.json"
    file.parent.mkdir()
    file.write_text("{ // mine\n}")
    with pytest.raises(Trouble, match="no JSON object"):
        plan(root)
    assert file.read_text() == "{ // mine\n}"


def test_down_takes_out_exactly_what_up_put_in(root):
    exclude = root / ".git" / "info" / "exclude"
    exclude.write_text("# mine\n*.tmp\n")
    config = (root / ".git" / "config").read_text()
    shop = open_shop(root)
    assert "settings.local.json" in exclude.read_text()
    lanes.down(shop.app, lambda _: None)
    assert exclude.read_text() == "# mine\n*.tmp\n"
    assert not (root / ".claude" / "settings.local.json").exists()
    assert (root / ".git" / "config").read_text() == config
    for lane in ("backend", "frontend"):
        assert (shop.lane(lane) / "NOTES.md").exists()
        assert not (shop.lane(lane) / ".claude" / "settings.local.json").exists()
        assert git(root, "rev-parse", f"feature/{lane}/start")
    assert lanes.down(shop.app, lambda _: None) == ()
    shop.up()
    assert settings_of(shop.lane("backend"))["hooks"]
    shop.app.store.close()


def test_a_settings_file_that_is_a_link_stays_one(root, folder):
    (root / ".claude").mkdir()
    (folder / "shared.json").write_text('{"model": "x"}')
    (root / ".claude" / "settings.local.json").symlink_to(folder / "shared.json")
    shop = open_shop(root)
    assert (root / ".claude" / "settings.local.json").is_symlink()
    assert json.loads((folder / "shared.json").read_text())["hooks"]
    lanes.down(shop.app, lambda _: None)
    assert json.loads((folder / "shared.json").read_text()) == {"model": "x"}
    shop.app.store.close()
