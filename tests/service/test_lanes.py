"""`up` and `down`: what is missing is made, what is there stays, and it may stop anywhere."""

from __future__ import annotations

import json
import os
import stat

import pytest
from tests.service.monorepo import TOML, git, make_repository, open_shop, without_daemon

from lanewise.core.rows import Place
from lanewise.errors import Trouble
from lanewise.git.locate import find_repository
from lanewise.service import desired, lanes, perform, trust


def content(shop):
    """Every file of main, the lanes and git's own settings, but for the store's."""
    found = {}
    for root in (shop.root, shop.lane("backend"), shop.lane("frontend")):
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name != ".git"]
            for name in files:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[path] = file.read()
    for name in (
        "config",
        "info/exclude",
        "packed-refs",
        "HEAD",
        "lanewise/bin/hook.conf",
        "lanewise/bin/lanewise-hook",
    ):
        path = shop.root / ".git" / name
        found[str(path)] = path.read_bytes() if path.exists() else b""
    found["refs"] = git(shop.root, "for-each-ref").encode()
    return found


def settings_of(root):
    return json.loads((root / ".claude" / "settings.local.json").read_text())


def plan(root):
    repository = find_repository(str(root))
    return lanes.plan_up(repository, desired.load(repository), {})


def test_every_lane_gets_its_worktree_branch_and_handlers(shop):
    for lane in ("backend", "frontend"):
        assert git(shop.lane(lane), "branch", "--show-current") == f"feature/{lane}/start\n"
        assert git(shop.lane(lane), "status", "--porcelain") == ""
        assert settings_of(shop.lane(lane)) == settings_of(shop.root)
    assert git(shop.root, "status", "--porcelain") == ""


def test_a_second_up_has_nothing_to_do_and_changes_nothing(shop):
    before = content(shop)
    assert without_daemon(shop.up().effects) == ()
    assert content(shop) == before
    kinds = [event.kind for event in shop.events()]
    assert kinds.count("settings.taken") == 1


def test_downs_dry_run_takes_nothing_out(shop):
    before = content(shop)
    assert lanes.down(shop.app, lambda _: None, dry_run=True)
    assert content(shop) == before


class Killed(Exception):  # noqa: N818 - it is what happened
    """The process ended here."""


def cut_off(shop, number):
    """`up` that gets no further than its first `number` effects; whether it was cut off."""
    settings = desired.load(shop.app.repository)
    places = {row.lane: row for row in shop.app.store.take(lambda turn: turn.all(Place))}
    plan = lanes.plan_up(shop.app.repository, settings, places)
    desired.save_revision(shop.app, plan.body)
    said = []

    def say(text):
        if len(said) == number:
            raise Killed
        said.append(text)

    try:
        perform.perform(shop.app, without_daemon(plan.effects), say)
    except Killed:
        return True
    return False


def bare_shop(folder, name):
    from tests.service.monorepo import Shop

    from lanewise import wire

    root = make_repository(folder, TOML, name)
    (root / ".env").write_text("SECRET=1\n")
    (root / ".worktreeinclude").write_text(".env\n")
    return Shop(root, wire.open_app(find_repository(str(root)), make=True))


def test_an_up_that_was_cut_off_after_any_effect_is_completed_by_the_next(folder):
    number = 0
    while True:
        shop = bare_shop(folder, f"shop{number}")
        cut = cut_off(shop, number)
        shop.up()
        for lane in ("backend", "frontend"):
            assert git(shop.lane(lane), "status", "--porcelain", "--ignored").split() == [
                "!!",
                ".claude/",
                "!!",
                ".env",
            ]
            assert git(shop.lane(lane), "branch", "--show-current") == f"feature/{lane}/start\n"
            assert settings_of(shop.lane(lane))["hooks"]
        assert without_daemon(shop.up().effects) == ()
        assert git(shop.root, "fsck") == ""
        shop.app.store.close()
        if not cut:
            break
        number += 1
    assert number >= 10


def test_a_worktree_whose_checkout_was_cut_off_is_completed_and_half_written_files_are_kept(shop):
    lane = shop.lane("backend")
    shop.app.store.take(lambda turn: _note_making(turn, shop))
    # What git writes first and takes away last.
    (shop.root / ".git" / "worktrees" / "shop-backend" / "locked").write_text("initializing")
    (lane / "NOTES.md").unlink()
    (lane / "backend" / "app.py").write_text("ap")
    shop.up()
    assert (lane / "NOTES.md").read_text() == "notes\n"
    assert (lane / "backend" / "app.py").read_text() == "app\n"
    (kept,) = (shop.state / "kept").iterdir()
    assert (kept / "backend" / "app.py").read_text() == "ap"


def test_work_done_before_a_lane_was_noted_as_ready_is_not_undone(shop):
    lane = shop.lane("backend")
    shop.app.store.take(lambda turn: _note_making(turn, shop))
    (lane / "NOTES.md").unlink()
    (lane / "backend" / "app.py").write_text("work")
    shop.up()
    assert not (lane / "NOTES.md").exists()
    assert (lane / "backend" / "app.py").read_text() == "work"
    assert shop.app.store.take(lambda turn: turn.find(Place, "backend")).state == "ready"
    assert not (shop.state / "kept").exists()


def _note_making(turn, shop):
    from dataclasses import replace

    from lanewise.core.view import Decision, Event

    row = replace(turn.find(Place, "backend"), state="making")
    turn.save(Decision(None, (Event("test", puts=(row,)),)))


@pytest.mark.parametrize("occupied", ["folder", "file", "repository"])
def test_a_place_that_is_taken_is_named_and_not_touched(root, occupied):
    place = root.with_name("shop-frontend")
    if occupied == "file":
        place.write_text("mine\n")
    else:
        place.mkdir()
        (place / "mine").write_text("mine\n")
    if occupied == "repository":
        git(place, "init", "-q")
    before = git(root, "worktree", "list"), sorted(os.listdir(root.parent))
    with pytest.raises(Trouble) as caught:
        plan(root)
    assert str(place) in caught.value.message
    assert "worktree =" in caught.value.hint
    assert (git(root, "worktree", "list"), sorted(os.listdir(root.parent))) == before
    assert not (root / ".claude").exists()


def test_an_empty_folder_is_a_free_place(root):
    root.with_name("shop-frontend").mkdir()
    shop = open_shop(root)
    assert (shop.lane("frontend") / "NOTES.md").exists()
    shop.app.store.close()


def test_a_branch_that_is_checked_out_elsewhere_is_named(root, folder):
    git(root, "worktree", "add", "-q", "-b", "feature/backend/start", str(folder / "elsewhere"))
    with pytest.raises(Trouble, match="checked out in") as caught:
        plan(root)
    assert "../elsewhere" in caught.value.hint


def test_a_branch_that_exists_is_used(root):
    git(root, "branch", "feature/backend/start")
    shop = open_shop(root)
    assert git(shop.lane("backend"), "branch", "--show-current") == "feature/backend/start\n"
    shop.app.store.close()


def test_an_existing_worktree_is_adopted_as_it_is(folder):
    root = make_repository(folder, TOML.replace('["backend/**"]', '["backend/**"]\nworktree = "../old"'))
    git(root, "worktree", "add", "-q", "-b", "my-branch", str(folder / "old"))
    (folder / "old" / "NOTES.md").write_text("work in progress\n")
    shop = open_shop(root)
    assert git(folder / "old", "branch", "--show-current") == "my-branch\n"
    assert (folder / "old" / "NOTES.md").read_text() == "work in progress\n"
    assert settings_of(folder / "old")["hooks"]
    assert shop.app.store.take(lambda turn: turn.find(Place, "backend")).branch == "my-branch"
    assert without_daemon(shop.up().effects) == ()
    shop.app.store.close()


def test_the_main_worktree_can_be_a_lane(folder):
    root = make_repository(folder, TOML.replace('["backend/**"]', '["backend/**"]\nworktree = "."'))
    (root / "NOTES.md").write_text("mine\n")
    shop = open_shop(root)
    assert git(root, "branch", "--show-current") == "main\n"
    assert not shop.lane("backend").exists()
    answer = shop.call("", "before_tool", tool="Write", writes=True, paths=("backend/x",))
    assert not hasattr(answer, "rule")
    assert shop.call("", "before_tool", tool="Write", writes=True, paths=("frontend/x",)).rule == "domain"
    assert plan(root).stranded == ()
    assert without_daemon(shop.up().effects) == ()
    shop.app.store.close()


def test_main_may_have_another_name(folder):
    root = make_repository(folder, f'[project]\nmain = "trunk"\n{TOML}')
    with pytest.raises(Trouble, match="trunk"):
        plan(root)
    git(root, "branch", "-m", "main", "trunk")
    shop = open_shop(root)
    assert git(shop.lane("backend"), "rev-parse", "HEAD") == git(root, "rev-parse", "trunk")
    shop.app.store.close()


def test_a_repository_without_a_commit_is_told_so(folder):
    (folder / "empty").mkdir()
    git(folder / "empty", "init", "-q", "-b", "main")
    (folder / "empty" / "lanewise.toml").write_text(TOML)
    with pytest.raises(Trouble, match="no commit yet") as caught:
        plan(folder / "empty")
    assert caught.value.hint == "git commit"


def test_ignored_files_that_are_asked_for_are_copied_once(folder):
    root = make_repository(folder, TOML.replace('["backend/**"]', '["backend/**"]\ncopy = [".env", "config/*.local"]'))
    (root / ".gitignore").write_text("*.log\n.env\n*.local\n")
    git(root, "commit", "-qam", "ignore")
    (root / "config").mkdir()
    for name in (".env", "config/a.local", "config/b.other", "debug.log"):
        (root / name).write_text(f"{name}\n")
    os.chmod(root / ".env", 0o600)
    shop = open_shop(root)
    lane = shop.lane("backend")
    assert (lane / ".env").read_text() == ".env\n"
    assert stat.S_IMODE((lane / ".env").stat().st_mode) == 0o600
    assert (lane / "config" / "a.local").exists()
    assert not (lane / "debug.log").exists()
    assert not (shop.lane("frontend") / ".env").exists()
    (lane / ".env").write_text("changed\n")
    (root / ".env").write_text("newer\n")
    shop.up()
    assert (lane / ".env").read_text() == "changed\n"
    shop.app.store.close()


@pytest.mark.parametrize("line", ["../outside", "/etc/passwd", "# only words", "", "!x", "a\0b", "no/such/file"])
def test_a_worktreeinclude_cannot_reach_out_or_break(root, line):
    (root.parent / "outside").write_text("secret")
    (root / ".worktreeinclude").write_text(f"{line}\n.env\n")
    (root / ".env").write_text("x")
    shop = open_shop(root)
    assert (shop.lane("backend") / ".env").exists()
    assert sorted(path.name for path in root.parent.iterdir()) == [
        "home",
        "outside",
        "shop",
        "shop-backend",
        "shop-frontend",
        "tmp",
    ]
    shop.app.store.close()


def test_a_tracked_link_named_for_copying_is_not_followed(root):
    (root / ".env").symlink_to("/etc/passwd")
    (root / ".worktreeinclude").write_text(".env\n")
    shop = open_shop(root)
    assert not (shop.lane("backend") / ".env").exists()
    shop.app.store.close()


def with_setup(folder, *commands):
    listed = ", ".join(json.dumps(command) for command in commands)
    root = make_repository(folder, TOML.replace('["backend/**"]', f'["backend/**"]\nsetup = [{listed}]'))
    trusted = find_repository(str(root))
    return root, trusted


def test_set_up_commands_wait_for_trust(folder):
    root, repository = with_setup(folder, "echo one >> ran.log")
    shop = open_shop(root)
    assert plan(root).untrusted == ("echo one >> ran.log",)
    assert not (shop.lane("backend") / "ran.log").exists()
    trust.trust(repository, desired.load(repository))
    shop.up()
    shop.up()
    assert (shop.lane("backend") / "ran.log").read_text() == "one\n"
    shop.app.store.close()


def test_a_set_up_that_failed_goes_on_where_it_stopped(folder):
    root, repository = with_setup(folder, "echo one >> ran.log", "test -e ../ready.now", "echo two >> ran.log")
    trust.trust(repository, desired.load(repository))
    from tests.service.monorepo import Shop

    from lanewise import wire

    shop = Shop(root, wire.open_app(repository, make=True))
    with pytest.raises(Trouble, match=r"test -e \.\./ready.now"):
        shop.up()
    assert (shop.lane("backend") / "ran.log").read_text() == "one\n"
    (folder / "ready.now").touch()
    shop.up()
    assert (shop.lane("backend") / "ran.log").read_text() == "one\ntwo\n"
    assert without_daemon(shop.up().effects) == ()
    shop.app.store.close()


def test_uncommitted_work_in_main_is_named(root):
    assert plan(root).stranded == ()
    (root / "NOTES.md").write_text("changed")
    (root / "new.txt").write_text("new")
    assert plan(root).stranded == ("NOTES.md", "new.txt")


def test_an_upstream_is_set_for_the_only_remote(root, folder):
    git(folder, "init", "-q", "--bare", "far.git")
    git(root, "remote", "add", "far", str(folder / "far.git"))
    shop = open_shop(root)
    assert git(shop.lane("backend"), "config", "branch.feature/backend/start.remote") == "far\n"
    git(shop.lane("backend"), "push", "-q", "-u", "far", "HEAD")
    assert without_daemon(shop.up().effects) == ()
    shop.app.store.close()


def test_a_lane_in_a_new_place_is_made_there_and_the_old_one_stays(shop):
    text = (shop.root / "lanewise.toml").read_text()
    moved = '["backend/**"]\nworktree = "../moved"\nbranch = "feature/backend/more"'
    (shop.root / "lanewise.toml").write_text(text.replace('["backend/**"]', moved))
    with pytest.raises(Trouble, match="checked out in"):
        shop.up()
    assert (shop.lane("backend") / "NOTES.md").exists()
