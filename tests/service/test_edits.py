"""May this be written: the order of the rules, what is saved, and what a repetition gets."""

from __future__ import annotations

import pytest

from lanewise.core.outcome import Stopped
from lanewise.core.verdict import Allowed, Denied
from lanewise.service import halts, leases


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("backend/new.py", ""),
        ("NOTES.md", ""),
        ("new/folder/x", ""),
        ("frontend/App.vue", "domain"),
        ("frontend/new.vue", "domain"),
        ("package.json", "shared"),
        ("docs/new.md", "shared"),
        ("lanewise.toml", "protected"),
        (".claude/settings.json", "protected"),
        ("backend/.claude/settings.local.json", "protected"),
        (".git", "protected"),
        ("../shop/NOTES.md", "domain"),
        ("../shop-frontend/NOTES.md", "domain"),
        ("../shop/.git/config", "protected"),
        ("../elsewhere.txt", ""),
        ("/tmp/elsewhere.txt", ""),
    ],
)
def test_every_place_has_its_rule(standing, name, rule):
    answer = standing.write("backend", name)
    assert (answer.rule if isinstance(answer, Denied) else "") == rule


def test_an_edit_takes_its_lease_and_a_second_one_needs_no_other(shop):
    shop.call("backend", "session_start")
    shop.write("backend", "NOTES.md")
    lease = shop.leases()["NOTES.md"]
    assert (lease.lane, lease.session, lease.origin) == ("backend", "claude-code:backend-1", "edit")
    before = len(shop.events())
    assert isinstance(shop.write("backend", "NOTES.md"), Allowed)
    assert shop.leases()["NOTES.md"] == lease
    assert {event.kind for event in shop.events()[before:]} <= {"call.answered"}


def test_what_git_ignores_takes_no_lease_not_even_in_another_domain(shop):
    assert isinstance(shop.write("backend", "frontend/debug.log"), Allowed)
    assert isinstance(shop.shell("backend", "echo x > debug.log"), Allowed)
    assert shop.leases() == {}


def test_what_git_ignores_can_still_be_protected(shop):
    (shop.root / ".git" / "info" / "exclude").write_text(".claude\n")
    assert shop.write("backend", ".claude/settings.local.json").rule == "protected"


def test_of_several_paths_all_are_granted_or_none(shop):
    shop.write("frontend", "NOTES.md")
    answer = shop.write("backend", "backend/app.py", "NOTES.md")
    assert (answer.rule, answer.path) == ("lease", "NOTES.md")
    assert list(shop.leases()) == ["NOTES.md"]


def test_a_halt_comes_before_every_other_rule(shop):
    halts.halt_lanes(shop.app, scope="backend", reason="look", by="me")
    for answer in (shop.write("backend", "lanewise.toml"), shop.write("backend", "backend/app.py")):
        assert isinstance(answer, Stopped)
    assert isinstance(shop.write("frontend", "frontend/App.vue"), Allowed)


def test_a_lock_opens_a_shared_path_to_its_lane_only(shop):
    leases.lock(shop.app, leases.Wanted("backend", "", ("package.json",)))
    assert isinstance(shop.write("backend", "package.json"), Allowed)
    answer = shop.write("frontend", "package.json")
    assert answer.rule in {"lease", "shared"}
    assert "backend" in answer.text


def test_a_repetition_gets_its_first_answer_even_if_things_have_changed(shop):
    shop.write("frontend", "NOTES.md")
    first = shop.write("backend", "NOTES.md", call="toolu_same")
    leases.unlock(shop.app, "frontend", "", ("NOTES.md",))
    again = shop.write("backend", "NOTES.md", call="toolu_same")
    assert (again.rule, again.text, again.hint) == (first.rule, first.text, first.hint)
    assert isinstance(shop.write("backend", "NOTES.md"), Allowed)


def test_another_sessions_call_of_that_number_is_another_call(shop):
    shop.write("frontend", "NOTES.md", call="toolu_same")
    assert shop.write("backend", "NOTES.md", call="toolu_same").rule == "lease"


def test_a_refusal_is_in_the_log_with_its_rule(shop):
    shop.write("backend", "frontend/App.vue")
    event = shop.events("edit.denied")[0]
    assert (event.lane, event.path, event.data["rule"]) == ("backend", "frontend/App.vue", "domain")


def test_an_expired_lease_is_anothers_after_the_delay(shop):
    shop.write("backend", "NOTES.md")
    shop.clock.ahead = 1800 + 10
    assert shop.write("frontend", "NOTES.md").rule == "lease"
    shop.clock.ahead = 1800 + 16
    assert isinstance(shop.write("frontend", "NOTES.md"), Allowed)


def test_a_lease_on_changed_work_lives_as_long_as_its_session_is_active(shop):
    shop.wrote("backend", "NOTES.md")
    for _ in range(4):
        shop.clock.ahead += 1200
        shop.write("backend", "backend/app.py")
    assert shop.write("frontend", "NOTES.md").rule == "lease"


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("rm -rf .", "domain"),
        ("rm -rf *", "protected"),
        ("rm frontend/*.vue", "domain"),
        ("echo > backend/x", ""),
        ("rm backend/*.py", ""),
        ("mv backend frontend/backend", "domain"),
        ("sed -i s/a/b/ package.json", "shared"),
        ("git stash", "git"),
        ("git -C ../shop commit -am x", "git"),
        ("git -C ../shop status", ""),
        ("cat frontend/App.vue package.json", ""),
        ("rm -rf ../shop-*/frontend", "domain"),
        ("sed -i s/a/b/ ../*/frontend/none.json", "domain"),
        ("rm -rf ..", "domain"),
        ("chmod -R 755 ..", "domain"),
        ("mv ../shop-frontend x", "domain"),
        ("mv .. x", "domain"),
        ("echo x > ../out.txt", ""),
        ("echo x > ../*.log", ""),
        ("mkdir ../new && mv backend/app.py ..", ""),
        ("touch frontend/f{1..3}", "domain"),
        ("touch backend/f{1..3}", ""),
        ("git rm frontend/App.vue", "domain"),
        ("git rm -r .", "domain"),
        ("git mv backend/app.py frontend/", "domain"),
        ("git checkout main -- frontend", "domain"),
        ("git checkout -- package.json", "shared"),
        ("git restore '*.vue'", "domain"),
        ("git checkout main -- backend/app.py", ""),
        ("git restore backend", ""),
        ("git merge main", ""),
        ("git rebase main feature/backend/start", ""),
        ("git rebase main feature/frontend/start", "git"),
        ("mkdir -p .claude", ""),
        ("mkdir -p backend/.claude", ""),
        ("mkdir -p frontend/.claude", "protected"),
        ("mkdir ../shop-frontend/.claude", "domain"),
        ("mkdir -p .claude/hooks", "protected"),
        ("rm -rf .claude", "protected"),
        ("mv .claude x", "protected"),
        ("ln -s x .claude", "protected"),
        ("cp -r x .claude", "protected"),
        ("echo '{}' > ~/.claude/settings.json", "protected"),
        ("rm -rf ~", "protected"),
        ("echo x > ~/.claude/plans/a.md", ""),
    ],
)
def test_a_command_is_judged_by_what_it_names(standing, command, rule):
    answer = standing.shell("backend", command)
    assert (answer.rule if isinstance(answer, Denied) else "") == rule


def caches(shop, *names):
    (shop.root / ".git" / "info" / "exclude").write_text("__pycache__/\n")
    for name in names:
        (shop.lane("backend") / name / "__pycache__").mkdir(parents=True)


def test_a_glob_whose_matches_are_free_is_not_refused_for_what_else_it_may_match(shop):
    caches(shop, "backend", "frontend", "tools")
    assert isinstance(shop.shell("backend", "rm -rf */__pycache__"), Allowed)
    assert shop.leases() == {}
    assert shop.shell("backend", "rm -rf */*.vue").rule == "domain"


def test_a_glob_over_own_files_takes_a_lease_that_is_in_nobodys_way(shop):
    assert isinstance(shop.shell("backend", "chmod 644 */*.py"), Allowed)
    assert list(shop.leases()) == ["backend/app.py"]
    assert isinstance(shop.shell("backend", "chmod 644 backend/*.py"), Allowed)
    assert "backend/*.py" in shop.leases()
    assert isinstance(shop.write("frontend", "frontend/tool.py"), Allowed)


def test_a_glob_matches_below_a_folder_with_an_odd_name(shop):
    for place in ("[id]", "i"):
        (shop.lane("backend") / place).mkdir()
        (shop.lane("backend") / place / "a.ts").write_text("x")
    assert isinstance(shop.shell("backend", "cd '[id]' && rm [^b]*.ts"), Allowed)
    assert "[id]/a.ts" in shop.leases()
    assert "i/a.ts" not in shop.leases()


def test_a_glob_in_a_home_is_judged_by_what_is_there(folder, shop):
    (folder / "home" / ".claude").mkdir()
    (folder / "home" / ".claude" / "settings.json").write_text("{}")
    assert shop.shell("backend", "rm ~/.claude/*.json").rule == "protected"
    assert shop.shell("backend", "rm -rf ~/.cl*").rule == "protected"


def test_what_git_brings_back_takes_its_lease(shop):
    assert isinstance(shop.shell("backend", "git checkout main -- NOTES.md"), Allowed)
    assert shop.leases()["NOTES.md"].lane == "backend"
    assert shop.shell("frontend", "git mv NOTES.md x").rule == "lease"


def test_a_session_in_no_lane_may_write_outside_only(shop):
    assert shop.write("", "NOTES.md").rule == "domain"
    assert shop.write("", "lanewise.toml").rule in {"domain", "protected"}
    assert isinstance(shop.write("", "/tmp/x"), Allowed)


def test_what_no_file_can_be_called_is_refused(shop):
    for name in ("a\0b", "a\ud800b", "x" * 300, "/".join(["d"] * 3000)):
        assert isinstance(shop.write("backend", name), Denied)
