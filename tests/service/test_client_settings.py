"""A running session's hooks stay, whatever becomes of its settings file; permissions are the user's own business."""

from __future__ import annotations

import json

import pytest

from lanewise.clients import claude_settings
from lanewise.core.outcome import NOTHING, KeptSettings


def path(shop, where="backend", name="settings.local.json"):
    root = shop.root if where == "main" else shop.lane(where)
    return root / ".claude" / name


def change(shop, file, body):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    return shop.call("backend", "settings_change", file=str(file))


def ours(body):
    return sum(
        handler["command"].endswith("/lanewise/bin/lanewise-hook")
        for groups in body["hooks"].values()
        for group in groups
        for handler in group["hooks"]
    )


@pytest.mark.parametrize("where", ["backend", "main"])
def test_taking_the_handlers_out_is_refused_and_mended_by_structure(shop, where):
    file = path(shop, where)
    before = json.loads(file.read_text())
    theirs = {
        "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "notify"}]}]},
        "model": "x",
        "permissions": {"allow": ["Bash(ls)"]},
    }
    outcome = change(shop, file, theirs)
    assert isinstance(outcome, KeptSettings)
    assert "lanewise down" in outcome.reason
    after = json.loads(file.read_text())
    assert claude_settings.without_handlers(after) == theirs
    assert ours(after) == ours(before)
    assert [event.path for event in shop.events("settings.kept")] == [str(file)]


def test_one_changed_handler_is_one_too_many(shop):
    body = json.loads(path(shop).read_text())
    body["hooks"]["PreToolUse"][0]["matcher"] = "Bash"
    assert isinstance(change(shop, path(shop), body), KeptSettings)
    body = json.loads(path(shop).read_text())
    del body["hooks"]["PreToolUse"][0]["hooks"][0]["onFailure"]
    assert isinstance(change(shop, path(shop), body), KeptSettings)
    assert "onFailure" in path(shop).read_text()


def test_a_removed_file_is_written_again(shop):
    file = path(shop)
    file.unlink()
    assert isinstance(shop.call("backend", "settings_change", file=str(file)), KeptSettings)
    assert ours(json.loads(file.read_text()))


@pytest.mark.parametrize("name", ["settings.local.json", "settings.json"])
def test_switching_all_hooks_off_is_refused(shop, name):
    file = path(shop, name=name)
    body = json.loads(file.read_text()) if file.exists() else {}
    outcome = change(shop, file, {**body, "disableAllHooks": True})
    assert "switches all hooks off" in outcome.reason


def test_a_file_that_cannot_be_mended_is_not_written_over_and_over(shop):
    """Each write makes the client ask again."""
    file = path(shop)
    change(shop, file, {**json.loads(file.read_text()), "disableAllHooks": True})
    before = file.stat().st_mtime_ns, file.stat().st_ino
    shop.call("backend", "settings_change", file=str(file))
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_a_half_written_file_is_not_written_over(shop):
    file = path(shop)
    assert isinstance(change(shop, file, '{"permissions": {"allow": ['), KeptSettings)
    assert file.read_text() == '{"permissions": {"allow": ['


def test_permissions_hooks_of_ones_own_and_other_files_pass_in_silence(shop):
    file = path(shop)
    body = json.loads(file.read_text())
    before = len(shop.events())
    assert change(shop, file, {**body, "permissions": {"allow": ["Bash(npm:*)"]}}) == NOTHING
    more = {**body, "hooks": {**body["hooks"], "Notification": [{"hooks": [{"type": "command", "command": "beep"}]}]}}
    assert change(shop, file, more) == NOTHING
    assert change(shop, path(shop, name="settings.json"), {"model": "x"}) == NOTHING
    assert shop.call("backend", "settings_change", file="") == NOTHING
    assert len(shop.events()) == before


def test_a_settings_file_that_never_held_our_handlers_is_none_of_our_business(shop, folder):
    """A subfolder's own, or another repository's: the main worktree's file governs there."""
    for file in (
        shop.lane("backend") / "backend" / ".claude" / "settings.local.json",
        folder / "x" / ".claude" / "settings.local.json",
    ):
        body = {"permissions": {"allow": ["Bash(ls)"]}}
        assert change(shop, file, body) == NOTHING
        assert json.loads(file.read_text()) == body


def test_after_down_the_handlers_may_go(shop):
    from lanewise.service import lanes

    lanes.down(shop.app, lambda _: None)
    assert change(shop, path(shop), {}) == NOTHING
