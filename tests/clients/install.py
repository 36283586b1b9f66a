"""Installs pinned agent clients from npm into the checkout's cache, whole or not at all, and prints where they are.

`python tests/clients/install.py claude-code`. A second call finds the first one's work; an interrupted one is taken up
where it stopped. Only the native program and its licence are kept; no install script of the package is run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "clients"
LIMIT = 300  # seconds for npm


class NotInstalled(Exception):  # noqa: N818 - it says what is the case
    """A client could not be had; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One client at one version: `native` is where npm puts its program."""

    package: str
    version: str
    program: str
    native: str


PINS = {
    "claude-code": Pin(
        package="@anthropic-ai/claude-code",
        version="2.1.330",
        program="claude",
        native="node_modules/@anthropic-ai/claude-code-*/claude",
    ),
}


def install(client: str) -> Path:
    """The client's program, installed now if it was not."""
    pin = PINS.get(client)
    if pin is None:
        raise NotInstalled(f"there is no pinned client called {client!r}; known: {', '.join(sorted(PINS))}")
    home = CACHE / f"{client}@{pin.version}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f".{client}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers ask at once
        if not (home / pin.program).exists():
            _install(pin, home)
    return home / pin.program


def _install(pin: Pin, home: Path) -> None:
    fetched, ready = home.with_name(f"{home.name}.fetch"), home.with_name(f"{home.name}.part")
    _say(f"installing {pin.package}@{pin.version}: about 15 s and 370 MB")
    _npm(pin, fetched)
    program = next(fetched.glob(pin.native), None)
    if program is None:
        raise NotInstalled(f"{pin.package}@{pin.version} came without a program for this platform")
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir()
    for name in (program, *program.parent.glob("LICENSE*")):
        name.rename(ready / name.name)
    _check(ready / pin.program, pin.version)
    shutil.rmtree(home, ignore_errors=True)
    ready.rename(home)
    shutil.rmtree(fetched)


def _npm(pin: Pin, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled(f"npm is not on PATH, so {pin.package} cannot be installed")
    folder.mkdir(exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"]
    argv = [npm, "install", *quiet, "--prefix", str(folder), f"{pin.package}@{pin.version}"]
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"npm did not finish {pin.package}@{pin.version} in {LIMIT} s") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("npm error")] or ["npm said nothing"]
        raise NotInstalled(f"npm could not install {pin.package}@{pin.version}: {'; '.join(said[:3])}")


def _check(program: Path, version: str) -> None:
    env = {"PATH": os.defpath, "HOME": str(program.parent), "DISABLE_AUTOUPDATER": "1"}
    try:
        said = subprocess.run([program, "--version"], env=env, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{program.name} {version} was installed but does not run: {error}") from error
    if not said.stdout.startswith(version):
        raise NotInstalled(f"{program.name} {version} was installed but answers {said.stdout.strip()!r}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(argv: list[str]) -> int:
    if len(argv) != 1:
        _say(f"usage: install.py CLIENT   (one of: {', '.join(sorted(PINS))})")
        return 2
    try:
        print(install(argv[0]))
    except NotInstalled as error:
        _say(f"{error}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
