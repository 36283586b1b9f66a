"""One path, two contents, two lanes: said once to both, and ended when they agree again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.service.monorepo import TOML, git, make_repository, open_shop

from lanewise.core.outcome import Stopped
from lanewise.host import files
from lanewise.service import halts, same_file


def put(shop, name, backend, frontend):
    for lane, text in {"backend": backend, "frontend": frontend}.items():
        if text is not None:
            path = shop.lane(lane) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def found(shop):
    return [row.path for row in same_file.look(shop.app)]


def test_different_content_of_one_path_is_an_overlap(shop):
    put(shop, "NOTES.md", "one\n", "two\n")
    put(shop, "fresh/new.md", "one\n", "two\n")
    assert found(shop) == ["NOTES.md", "fresh/new.md"]
    event = shop.events("overlap.found")[0]
    assert (event.path, event.text) == ("NOTES.md", "changed in backend and frontend")


@pytest.mark.parametrize(("backend", "frontend"), [("same\n", "same\n"), ("one\n", None), ("notes\n", "two\n")])
def test_equal_content_or_a_change_in_one_lane_is_none(shop, backend, frontend):
    put(shop, "NOTES.md", backend, frontend)
    assert found(shop) == []


def test_committed_work_counts_as_well(shop):
    put(shop, "NOTES.md", "one\n", "two\n")
    for lane in ("backend", "frontend"):
        git(shop.lane(lane), "commit", "-qam", "x")
    assert found(shop) == ["NOTES.md"]


def test_a_deletion_against_a_change_is_an_overlap(shop):
    put(shop, "NOTES.md", None, "two\n")
    (shop.lane("backend") / "NOTES.md").unlink()
    assert found(shop) == ["NOTES.md"]


def test_lockfiles_and_ignored_files_are_none(shop):
    for name in ("package-lock.json", "frontend/Cargo.lock", "debug.log"):
        put(shop, name, "one\n", "two\n")
    assert found(shop) == []


def test_what_only_main_has_changed_is_none(shop):
    (shop.root / "NOTES.md").write_text("main\n")
    git(shop.root, "commit", "-qam", "main")
    put(shop, "NOTES.md", "one\n", None)
    assert found(shop) == []


def test_both_lanes_are_told_once_in_few_words(shop):
    for lane in ("backend", "frontend"):
        shop.call(lane, "session_start")
    put(shop, "NOTES.md", "one\n", "two\n")
    same_file.look(shop.app)
    same_file.look(shop.app)
    for lane, other in {"backend": "frontend", "frontend": "backend"}.items():
        told = shop.call(lane, "prompt", prompt="x").agent
        assert "NOTES.md" in told
        assert other in told
        assert len(told) <= 400
        assert shop.call(lane, "prompt", prompt="x").agent == ""
    assert len(shop.events("overlap.found")) == 1


def test_it_ends_when_the_contents_agree_and_may_begin_again(shop):
    put(shop, "NOTES.md", "one\n", "two\n")
    same_file.look(shop.app)
    put(shop, "NOTES.md", "one\n", "one\n")
    assert found(shop) == []
    assert [event.path for event in shop.events("overlap.ended")] == ["NOTES.md"]
    put(shop, "NOTES.md", "one\n", "three\n")
    assert found(shop) == ["NOTES.md"]
    assert len(shop.events("overlap.found")) == 2


def test_a_look_that_finds_nothing_new_writes_nothing(shop):
    put(shop, "NOTES.md", "one\n", "two\n")
    same_file.look(shop.app)
    before = len(shop.events())
    put(shop, "NOTES.md", "one\n", "another\n")
    same_file.look(shop.app)
    assert len(shop.events()) == before


class Racing:
    """A store in which somebody else looks right before the turn of that number."""

    def __init__(self, app, number):
        self.store, self.app, self.left = app.store, app, number

    def take(self, turn):
        self.left -= 1
        if self.left == 0:
            same_file.look(self.app)
        return self.store.take(turn)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_two_that_look_at_once_tell_it_once(shop, number):
    put(shop, "NOTES.md", "one\n", "two\n")
    same_file.look(replace(shop.app, store=Racing(shop.app, number)))
    same_file.look(shop.app)
    assert len(shop.events("overlap.found")) == 1


def read(monkeypatch):
    """Every file whose content is read from now on."""
    seen, true = [], files._digest
    monkeypatch.setattr(files, "_digest", lambda path, state: (seen.append(path), true(path, state))[1])
    return seen


def test_only_paths_that_two_lanes_changed_are_read(shop, monkeypatch):
    seen = read(monkeypatch)
    put(shop, "mine.md", "one\n", None)
    put(shop, "NOTES.md", "one\n", "two\n")
    same_file.look(shop.app)
    assert sorted(seen) == sorted(str(shop.lane(lane) / "NOTES.md") for lane in ("backend", "frontend"))


def test_very_large_files_are_not_read(shop, monkeypatch):
    seen = read(monkeypatch)
    for lane, text in {"backend": b"1", "frontend": b"2"}.items():
        with (shop.lane(lane) / "data.bin").open("wb") as file:
            file.write(text)
            file.truncate((32 << 20) + 1)
    assert found(shop) == []
    assert seen == []


def test_what_is_told_never_quotes_a_command_that_destroys(shop):
    shop.call("backend", "session_start")
    put(shop, "git reset --hard.md", "one\n", "two\n")
    same_file.look(shop.app)
    told = shop.call("backend", "prompt", prompt="x").agent
    assert "was changed in your lane" in told
    assert "reset" not in told


def with_action(folder, action):
    return open_shop(make_repository(folder, f'{TOML}\n[halt]\nsame_file = "{action}"\n', name=action))


def test_the_settings_can_make_it_a_halt_of_all(folder):
    shop = with_action(folder, "halt")
    put(shop, "package-lock.json", "one\n", "two\n")
    same_file.look(shop.app)
    assert halts.current(shop.app) == ()
    put(shop, "NOTES.md", "one\n", "two\n")
    same_file.look(shop.app)
    halt = halts.current(shop.app)[0]
    assert (halt.scope, halt.trigger, halt.evidence, halt.by) == ("all", "same-file", ("NOTES.md",), "lanewise")
    assert isinstance(shop.write("backend", "backend/x"), Stopped)
    halts.resume_lanes(shop.app, scope=None, by="me", why="seen")
    same_file.look(shop.app)
    assert halts.current(shop.app) == ()
    shop.app.store.close()


def test_the_settings_can_make_it_a_note(folder):
    shop = with_action(folder, "note")
    shop.call("backend", "session_start")
    put(shop, "NOTES.md", "one\n", "two\n")
    assert found(shop) == ["NOTES.md"]
    assert shop.call("backend", "prompt", prompt="x").agent == ""
    shop.app.store.close()


def test_a_lane_whose_worktree_is_away_is_left_out(shop):
    put(shop, "NOTES.md", "one\n", "two\n")
    shop.lane("frontend").rename(shop.lane("frontend").with_name("away"))
    assert found(shop) == []


def test_odd_names_are_compared_too(shop):
    for name in ("new\nline", "caf\u00e9 x", "-rf", '"q"'):
        put(shop, name, "one\n", "two\n")
    assert sorted(found(shop)) == sorted(["new\nline", "caf\u00e9 x", "-rf", '"q"'])
