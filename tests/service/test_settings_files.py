"""What `up` and `down` write among the user's files keeps what it is: its mode, its bytes, and being a link."""

from __future__ import annotations

import json
import stat

import pytest
from tests.service.monorepo import git, make_repository, open_shop

from lanewise.service import lanes, tasks


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def settings(root):
    return root / ".claude" / "settings.local.json"


@pytest.mark.parametrize("given", [0o600, 0o640])
def test_a_settings_file_keeps_its_mode_through_up_and_down(root, given):
    """It may hold tokens."""
    settings(root).parent.mkdir()
    settings(root).write_text('{"env": {"TOKEN": "x"}}')
    settings(root).chmod(given)
    shop = open_shop(root)
    assert "hooks" in json.loads(settings(root).read_text())
    assert mode(settings(root)) == given
    lanes.down(shop.app, lambda _: None)
    assert mode(settings(root)) == given
    shop.app.store.close()


def test_a_new_settings_file_is_its_users_alone(shop):
    assert mode(settings(shop.root)) == 0o600
    assert mode(settings(shop.lane("backend"))) == 0o600


def test_a_settings_file_that_is_mended_keeps_its_mode(shop):
    file = settings(shop.lane("backend"))
    file.write_text("{}")
    file.chmod(0o640)
    shop.call("backend", "settings_change", file=str(file))
    assert json.loads(file.read_text())["hooks"]
    assert mode(file) == 0o640


def test_down_empties_what_a_link_points_to_and_leaves_the_link(root, folder):
    shared = folder / "shared.json"
    shared.write_text("{}")
    settings(root).parent.mkdir()
    settings(root).symlink_to(shared)
    shop = open_shop(root)
    assert json.loads(shared.read_text())["hooks"]
    lanes.down(shop.app, lambda _: None)
    assert settings(root).is_symlink()
    assert json.loads(shared.read_text()) == {}
    assert not settings(shop.lane("backend")).exists()
    assert lanes.down(shop.app, lambda _: None) == ()
    shop.app.store.close()


@pytest.mark.parametrize("theirs", [b"caf\xe9\n", b"# no line end \xff", b"x" * (1 << 20) + b"\nlast\n"])
def test_an_exclude_file_keeps_every_byte(root, theirs):
    exclude = root / ".git" / "info" / "exclude"
    exclude.write_bytes(theirs)
    shop = open_shop(root)
    assert exclude.read_bytes().startswith(theirs)
    assert b".claude/settings.local.json" in exclude.read_bytes()[len(theirs) :]
    assert not [effect for effect in shop.up().effects if "exclude" in str(effect)]
    lanes.down(shop.app, lambda _: None)
    assert exclude.read_bytes() == theirs + (b"" if theirs.endswith(b"\n") else b"\n")
    shop.app.store.close()


def test_an_exclude_file_that_is_a_link_stays_one_and_loses_our_lines(root, folder):
    exclude = root / ".git" / "info" / "exclude"
    (folder / "dotfiles").write_bytes(b"")
    exclude.unlink()
    exclude.symlink_to(folder / "dotfiles")
    shop = open_shop(root)
    assert (folder / "dotfiles").read_bytes()
    lanes.down(shop.app, lambda _: None)
    assert exclude.is_symlink()
    assert (folder / "dotfiles").read_bytes() == b""
    shop.app.store.close()


def test_a_tracked_settings_file_is_told_and_is_no_work_of_a_lane(folder):
    root = make_repository(folder)
    settings(root).parent.mkdir()
    settings(root).write_text("{}\n")
    git(root, "add", "-f", ".claude/settings.local.json")
    git(root, "commit", "-qm", "tracked")
    shop = open_shop(root)
    plan = shop.up()
    assert plan.tracked
    assert plan.stranded == ()
    assert ".claude/settings.local.json" in git(shop.lane("backend"), "status", "--porcelain")
    assert tasks.start(shop.app, "backend", "next").branch == "feature/backend/next"
    assert json.loads(settings(shop.lane("backend")).read_text())["hooks"]
    shop.app.store.close()


def test_an_untracked_settings_file_is_not_told(shop):
    assert not shop.up().tracked


def test_down_takes_the_folder_that_up_made_and_leaves_one_that_is_in_use(shop):
    kept = shop.lane("backend") / ".claude" / "commands"
    kept.mkdir()
    lanes.down(shop.app, lambda _: None)
    assert not (shop.root / ".claude").exists()
    assert kept.is_dir()
