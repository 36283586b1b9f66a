"""The compiled client, built once for a session, and a fresh installation of it for each test."""

import subprocess
import tempfile
from pathlib import Path

import pytest
from tests.native.hook_process import NATIVE, install


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    target = tmp_path_factory.mktemp("native") / "lanewise-hook"
    compile_ = ["cc", "-std=c11", "-O2", "-o", target, NATIVE / "hook.c"]
    if subprocess.run([*compile_, "-static"], capture_output=True, check=False).returncode:
        subprocess.run(compile_, check=True)
    return target


@pytest.fixture
def state():
    with tempfile.TemporaryDirectory(prefix="lw") as folder:  # short: a socket's path has 107 bytes
        yield Path(folder).resolve()


@pytest.fixture
def client(state, compiled):
    return install(state, compiled)


@pytest.fixture(params=["c", "sh"])
def either(request, state):
    return install(state, request.getfixturevalue("compiled") if request.param == "c" else NATIVE / "hook.sh")
