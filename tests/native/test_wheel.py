"""What a built wheel holds: each is built from a copy of the tree by the real build backend, then opened."""

import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT, FALLBACK = "lanewise/_bin/lanewise-hook", "lanewise/_bin/lanewise-hook.sh"
PARTS = ("native", "src", "examples", "hatch_build.py", "pyproject.toml", ".gitignore", "README.md", "LICENSE")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the tree without anything built in it; what others have not written yet stands in empty."""
    copy = tmp_path / "checkout"
    (copy / "examples" / "monorepo").mkdir(parents=True)
    (copy / "examples" / "monorepo" / "README.md").touch()
    (copy / "README.md").touch()
    unwanted = shutil.ignore_patterns("_bin", "__pycache__")
    for part in filter(Path.exists, (ROOT / name for name in PARTS)):
        if part.is_dir():
            shutil.copytree(part, copy / part.name, ignore=unwanted, dirs_exist_ok=True)
        else:
            shutil.copy(part, copy / part.name)
    return copy


def build(tree, target="wheel", **environment):
    """Runs the build; ziglang is hidden, since its first compilation takes a minute."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LANEWISE_")} | environment
    environment.setdefault("LANEWISE_CC", "cc")
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target], cwd=tree, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def built(tree, target="wheel", **environment):
    done = build(tree, target, **environment)
    assert done.returncode == 0, done.stderr
    (artifact,) = (tree / "dist").glob("*.whl" if target == "wheel" else "*.tar.gz")
    return artifact


def unpacked_sdist(checkout, folder):
    with tarfile.open(built(checkout, "sdist")) as archive:
        # The filter came with 3.11.4.
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (tree,) = folder.iterdir()
    return tree


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def modes(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: stat.S_IMODE(entry.external_attr >> 16) for entry in archive.infolist()}


def machine():
    return sysconfig.get_platform().removeprefix("linux-")


def test_a_wheel_from_a_checkout_holds_a_client_that_runs(checkout, tmp_path):
    wheel = built(checkout)
    assert {modes(wheel).get(name) for name in (CLIENT, FALLBACK)} == {0o755}
    with zipfile.ZipFile(wheel) as archive:
        program = Path(archive.extract(CLIENT, tmp_path))
    program.chmod(0o755)
    gone = subprocess.run([program, "claude-code", "PreToolUse"], input=b"{}", capture_output=True, check=True)
    assert json.loads(gone.stdout)["systemMessage"].startswith("lanewise: ")


def test_the_tag_promises_what_the_binary_is(checkout):
    assert built(checkout).name.endswith(f"-py3-none-manylinux_2_17_{machine()}.musllinux_1_1_{machine()}.whl")
    shutil.rmtree(checkout / "dist")
    knows_no_static = script(
        checkout / "cc-dynamic", 'for word; do [ "$word" != -static ] || exit 1; done; exec cc "$@"'
    )
    assert built(checkout, LANEWISE_CC=knows_no_static).name.endswith(f"-py3-none-linux_{machine()}.whl")


def test_a_named_platform_is_the_tag(checkout):
    assert built(checkout, LANEWISE_PLATFORM="macosx_11_0_arm64").name.endswith("-py3-none-macosx_11_0_arm64.whl")


def test_a_checkout_without_a_working_compiler_builds_no_wheel(checkout):
    built(checkout)
    shutil.rmtree(checkout / "dist")
    done = build(checkout, LANEWISE_CC="/bin/false")
    assert done.returncode != 0
    assert "must hold the compiled hook client" in done.stdout + done.stderr
    assert not list(checkout.glob("dist/*.whl"))


def test_an_sdist_without_a_working_compiler_gives_a_pure_wheel_with_the_fallback(checkout, tmp_path):
    tree = unpacked_sdist(checkout, tmp_path / "unpacked")
    done = build(tree, LANEWISE_CC="/bin/false")
    (wheel,) = tree.glob("dist/*.whl")
    assert "no compiled hook client" in done.stderr
    assert wheel.name.endswith("-py3-none-any.whl")
    assert (CLIENT in modes(wheel), modes(wheel)[FALLBACK]) == (False, 0o755)


def test_an_sdist_holds_the_source_of_the_client_and_nothing_built(checkout, tmp_path):
    built(checkout)
    tree = unpacked_sdist(checkout, tmp_path / "unpacked")
    assert (tree / "native" / "hook.c").exists()
    assert not (tree / "src" / "lanewise" / "_bin").exists()
    assert CLIENT in modes(built(tree))


def test_an_unchanged_client_is_not_compiled_again_but_a_changed_one_is(checkout):
    compiler = script(checkout / "cc-that-counts", f'echo >>{checkout}/count; exec cc "$@"')

    def compilations(**environment):
        built(checkout, **{"LANEWISE_CC": compiler} | environment)
        return (checkout / "count").stat().st_size

    first = compilations()
    assert compilations() == first
    source = checkout / "native" / "hook.c"
    source.write_text(source.read_text() + "/* changed */\n")
    second = compilations()
    assert second > first
    compilations(LANEWISE_CC="cc")
    assert compilations() > second
