from __future__ import annotations

import os

import pytest

from lanewise.errors import GitTrouble
from lanewise.git.run import probe_git, run_git


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_output_is_given_with_every_byte_it_has(repo):
    oid = run_git(str(repo.path), "hash-object", "-w", "--stdin", stdin=b"caf\xe9\r\n\0").strip()
    assert os.fsencode(run_git(str(repo.path), "cat-file", "blob", oid)) == b"caf\xe9\r\n\0"


def test_a_refusal_is_told_in_gits_last_words(repo):
    with pytest.raises(GitTrouble, match="git rev-parse failed: fatal: Needed a single revision"):
        run_git(str(repo.path), "rev-parse", "--verify", "no-such")
    assert probe_git(str(repo.path), "rev-parse", "-q", "--verify", "no-such") == (1, "")
    assert run_git(str(repo.path), "rev-parse", "-q", "--verify", "no-such", ok=(1,)) == ""


def test_a_missing_folder_and_a_missing_git_are_told_apart(repo, tmp_path, monkeypatch):
    with pytest.raises(GitTrouble, match="is not a folder"):
        run_git(str(tmp_path / "missing"), "status")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitTrouble, match="not on PATH"):
        run_git(str(repo.path), "status")


def test_a_git_that_takes_too_long_is_told(repo):
    with pytest.raises(GitTrouble, match=r"did not end in 0\.2 s"):
        run_git(str(repo.path), "-c", "alias.wait=!exec sleep 60", "wait", timeout=0.2)


def test_variables_of_a_git_hook_that_calls_us_do_not_reach_git(repo, tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_CEILING_DIRECTORIES"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    assert run_git(str(repo.path), "rev-parse", "--show-toplevel").strip() == str(repo.path)
    assert run_git(str(repo.path), "ls-files") == "a.txt\nsrc/b.txt\n"


def test_nothing_in_the_repositorys_settings_starts_a_program_for_us(repo, tmp_path):
    script(tmp_path / "evil", f"touch {tmp_path}/ran")
    (tmp_path / "hooks").mkdir()
    script(tmp_path / "hooks" / "post-checkout", f"touch {tmp_path}/ran")
    repo.git("config", "core.fsmonitor", str(tmp_path / "evil"))
    repo.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "ran").unlink(missing_ok=True)
    run_git(str(repo.path), "status", "--porcelain")
    run_git(str(repo.path), "switch", "-q", "-c", "other")
    assert not (tmp_path / "ran").exists()
    run_git(str(repo.path), "switch", "-q", "main", hooks=True)
    assert (tmp_path / "ran").exists()


def test_reading_writes_no_index(repo):
    before = os.stat(repo.path / ".git" / "index").st_mtime_ns
    os.utime(repo.path / "a.txt", (1, 1))  # the same content: only its time differs
    assert run_git(str(repo.path), "status", "--porcelain") == ""
    assert os.stat(repo.path / ".git" / "index").st_mtime_ns == before


def test_names_are_not_quoted_and_messages_not_translated(repo, monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    repo.write("ü.txt", "x")
    assert run_git(str(repo.path), "status", "--porcelain") == "?? ü.txt\n"
