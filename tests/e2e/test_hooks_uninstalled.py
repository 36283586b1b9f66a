"""Lanewise is gone from the machine, or from the repository: its hook client lets everything pass."""

from __future__ import annotations

import pytest
from tests.e2e.daemons import kill_daemon
from tests.e2e.hooked import ask, recorded


def point(lanes, key, value):
    conf = lanes.state / "bin" / "hook.conf"
    lines = [line for line in conf.read_text().splitlines() if not line.startswith(f"{key}=")]
    conf.write_text("\n".join([*lines, f"{key}={value}"]) + "\n")


@pytest.mark.parametrize(("key", "value"), [("python", "/gone/python3"), ("hook", "/gone/lanewise/hook.py")])
def test_an_uninstalled_lanewise_says_so_once_and_lets_everything_pass(lanes, backend, key, value):
    kill_daemon(lanes.state)
    point(lanes, key, value)
    first = backend.write("frontend/src/App.vue")
    assert first.passes
    assert "no longer installed" in first.message
    assert (backend.edit("frontend/src/App.vue").out, backend.shell("echo x > a").out) == ("", "")
    assert backend.prompt().passes


def test_a_state_folder_without_its_settings_counts_as_uninstalled(lanes, backend):
    kill_daemon(lanes.state)
    (lanes.state / "bin" / "hook.conf").rename(lanes.state / "bin" / "elsewhere")
    assert backend.write("frontend/src/App.vue").passes
    (lanes.state / "bin" / "elsewhere").rename(lanes.state / "bin" / "hook.conf")


def test_a_repository_that_lost_its_store_is_not_managed(lanes, backend):
    kill_daemon(lanes.state)
    (lanes.state / "store.sqlite").rename(lanes.state / "aside")
    heard = backend.write("frontend/src/App.vue")
    assert (heard.passes, heard.out, heard.err) == (True, "", "")


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"tool_name": 3, "tool_input": []}'])
@pytest.mark.parametrize("alive", [True, False])
def test_a_payload_that_says_nothing_crashes_nothing(lanes, payload, alive, backend):
    if not alive:
        kill_daemon(lanes.state)
    for event in ("PreToolUse", "SessionStart", "Stop", "NoSuchEvent"):
        heard = ask(lanes.state / "bin" / "lanewise-hook", event, payload, backend.client_env(), lanes.root)
        assert heard.status in {0, 2}
        assert heard.out == "" or heard.body


def test_a_client_that_nobody_knows_is_refused_before_an_edit(lanes, backend):
    import subprocess

    hook = [lanes.state / "bin" / "lanewise-hook", "no-such-client", "PreToolUse"]
    done = subprocess.run(hook, input=b"{}", capture_output=True, env=backend.client_env(), cwd=lanes.root, check=False)
    assert done.returncode == 2
    assert b"could not check this edit" in done.stderr
    assert recorded("PreToolUse-Write")["tool_name"] == "Write"
