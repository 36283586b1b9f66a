"""Trust: exactly these commands, in exactly this folder, kept outside the repository."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tests.service.monorepo import make_repository

from lanewise.git.locate import find_repository
from lanewise.service import desired, trust

TOML = '[lane.backend]\ndomain = ["backend/**"]\nsetup = ["echo one"]\n'


def both(root):
    repository = find_repository(str(root))
    return repository, desired.load(repository)


def test_nothing_is_trusted_before_a_human_says_so(folder):
    assert not trust.is_trusted(*both(make_repository(folder, TOML)))


def test_trust_holds_for_these_commands_only(folder):
    root = make_repository(folder, TOML)
    trust.trust(*both(root))
    assert trust.is_trusted(*both(root))
    (root / "lanewise.toml").write_text(TOML.replace("echo one", "echo two"))
    assert not trust.is_trusted(*both(root))
    (root / "lanewise.toml").write_text(TOML.replace('"backend/**"', '"backend/**", "libs/**"'))
    assert trust.is_trusted(*both(root))


def test_trust_holds_for_this_folder_only(folder):
    trust.trust(*both(make_repository(folder, TOML, "one")))
    assert not trust.is_trusted(*both(make_repository(folder, TOML, "two")))


def test_the_folder_by_another_name_is_this_folder(folder):
    root = make_repository(folder, TOML)
    trust.trust(*both(root))
    (folder / "link").symlink_to(root)
    assert trust.is_trusted(*both(folder / "link"))


def test_trust_can_be_taken_back(folder):
    root = make_repository(folder, TOML)
    trust.trust(*both(root))
    assert trust.distrust(both(root)[0])
    assert not trust.is_trusted(*both(root))
    assert not trust.distrust(both(root)[0])


def test_environment_variables_are_part_of_what_is_trusted(folder):
    root = make_repository(folder, TOML)
    trust.trust(*both(root))
    (root / "lanewise.toml").write_text(TOML + 'env = { PATH = "/evil" }\n')
    assert not trust.is_trusted(*both(root))


def test_it_is_kept_for_this_user_alone_and_outside_the_repository(folder):
    root = make_repository(folder, TOML)
    trust.trust(*both(root))
    kept = Path(os.environ["HOME"]) / ".local" / "state" / "lanewise" / "trust.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert "trust" not in {path.name for path in (root / ".git").iterdir()}


def test_a_broken_file_trusts_nothing(folder):
    root = make_repository(folder, TOML)
    trust.trust(*both(root))
    kept = Path(os.environ["HOME"]) / ".local" / "state" / "lanewise" / "trust.json"
    for text in ("{", "[]", "null", '{"x": 3}'):
        kept.write_text(text)
        assert not trust.is_trusted(*both(root))
