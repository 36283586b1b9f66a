"""Puts the hook client into the wheel: compiled where a compiler is, and always its shell fallback beside it.

A wheel built from a checkout must hold the compiled client, or the build fails: twice such a fallback shipped the wrong
wheel without a word. Only a build from an sdist, on somebody's machine, or an editable install may do without.
What the wheel's tag promises is read from the binary itself, not from what the compiler was asked for.
"""

import importlib.util
import os
import platform
import shlex
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS = ["-std=c11", "-O2", "-s", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]
ELF_MACHINES = {3: "i686", 21: "ppc64le", 22: "s390x", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
ZIG_MACHINES = ("x86_64", "aarch64")  # for these zig's name of the machine is the kernel's
PT_INTERP = 3


class NoClientError(Exception):
    """No compiler produced the hook client; the message lists what each said."""


def compilers() -> list[list[str]]:
    """The commands to try, best first: a static musl client is the smallest and starts fastest."""
    if chosen := os.environ.get("LANEWISE_CC"):
        return [shlex.split(chosen)]
    found = [[name] for name in ("cc", "gcc", "clang") if shutil.which(name)]
    machine = platform.machine()
    if sys.platform == "linux" and machine in ZIG_MACHINES and importlib.util.find_spec("ziglang"):
        found.insert(0, [sys.executable, "-m", "ziglang", "cc", "-target", f"{machine}-linux-musl"])
    return found


def run_compiler(source: Path, target: Path) -> None:
    """Compiles to `target` with the first command that can, static if it can."""
    complaints = []
    for compiler in compilers():
        for static in (["-static"], []):
            command = [*compiler, *FLAGS, *static, "-o", str(target), str(source)]
            try:
                subprocess.run(command, check=True, capture_output=True, text=True, errors="replace")
            except (OSError, subprocess.CalledProcessError) as error:
                said = getattr(error, "stderr", None) or str(error)
                complaints.append(f"{shlex.join(compiler)}: {said.strip().splitlines()[-1]}")
            else:
                return
    raise NoClientError("; ".join(dict.fromkeys(complaints)) or "no C compiler found")


def platform_tag(binary: Path) -> str:
    """The wheel's platform; a static Linux program runs with every libc, so it is tagged for both."""
    if chosen := os.environ.get("LANEWISE_PLATFORM"):
        return chosen
    head = binary.read_bytes()
    if head[:6] != b"\x7fELF\x02\x01":  # not a 64-bit little-endian ELF file: no more is known than what built it
        return sysconfig.get_platform().replace("-", "_").replace(".", "_").replace("universal2", platform.machine())
    machine = ELF_MACHINES.get(struct.unpack_from("<H", head, 18)[0], platform.machine())
    (start,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    is_dynamic = any(struct.unpack_from("<I", head, start + i * size)[0] == PT_INTERP for i in range(count))
    return f"linux_{machine}" if is_dynamic else f"manylinux_2_17_{machine}.musllinux_1_1_{machine}"


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg] # the builder's own configuration is not used
    """Fills src/lanewise/_bin before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling once for each target and version of it."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        folder = root / "src" / "lanewise" / "_bin"
        folder.mkdir(exist_ok=True)
        fallback = folder / "lanewise-hook.sh"
        shutil.copyfile(root / "native" / "hook.sh", fallback)
        fallback.chmod(0o755)
        client = folder / "lanewise-hook"
        try:
            self._compile(root, client)
        except NoClientError as error:
            client.unlink(missing_ok=True)  # an older one may be another platform's
            self._go_without(str(error), may=version == "editable" or (root / "PKG-INFO").exists())
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag(client)}"

    def _compile(self, root: Path, client: Path) -> None:
        """Leaves the client as it is when neither its source nor the choice of compilers changed since."""
        source, stamp = root / "native" / "hook.c", root / ".cache" / "hook-client"
        choice = repr((compilers(), FLAGS))
        is_known = client.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == choice
        if is_known and client.stat().st_mtime_ns > source.stat().st_mtime_ns:
            return
        stamp.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=stamp.parent) as scratch:
            fresh = Path(scratch) / client.name
            run_compiler(source, fresh)
            fresh.chmod(0o755)
            fresh.replace(client)  # at once: another build may be packing the old one
        stamp.write_text(choice, encoding="utf-8")

    def _go_without(self, reason: str, *, may: bool) -> None:
        if not may:
            self.app.abort(f"A wheel of lanewise must hold the compiled hook client, but no compiler made it: {reason}")
        print(f"lanewise: no compiled hook client ({reason}); hooks will run sh and Python, slower.", file=sys.stderr)
