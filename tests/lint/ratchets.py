"""The ratchets that no linter has: sizes of files and functions, broad excepts, mocks in core's tests. Never loosened.

    python tests/lint/ratchets.py [ROOT]

prints one line for each breach and exits 1 when there is any.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

LONGEST_FILE, LONGEST_FUNCTION = 400, 50
LONGEST_CLIENT = 250
#: `except Exception` is for a process's, thread's, turn's or batch's border: these lines of these files, and no more.
BORDERS = {
    "cli/surface.py": 1,
    "daemon/main.py": 1,
    "daemon/ticker.py": 1,
    "demo/model.py": 1,
    "store/group.py": 1,
    "store/sqlite.py": 1,
}


def breaches(root: Path) -> list[str]:
    """Every breach below `root`, as one line each."""
    found: list[str] = []
    package = root / "src" / "lanewise"
    sources = [path for path in sorted(package.rglob("*.py")) if "_examples" not in path.parts]
    tests = sorted((root / "tests").rglob("*.py"))
    for path in sources + tests:
        found += _sizes(root, path)
    for path in sources:
        found += _excepts(package, path)
    for path in sorted((root / "tests" / "core").rglob("*.py")):
        if "mock" in path.read_text(encoding="utf-8").lower():
            found.append(f"{path.relative_to(root)}: a mock in the tests of core")
    client = root / "native" / "hook.c"
    if client.exists() and len(client.read_text(encoding="utf-8").splitlines()) > LONGEST_CLIENT:
        found.append(f"native/hook.c: over {LONGEST_CLIENT} lines")
    return found


def _sizes(root: Path, path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(root)
    lines = len(text.splitlines())
    found = [f"{name}: {lines} lines, over {LONGEST_FILE}"] if lines > LONGEST_FILE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)
            if length > LONGEST_FUNCTION:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines, over {LONGEST_FUNCTION}")
    return found


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node) is None:
        return 0
    return (first.end_lineno or 0) - first.lineno + 1


def _excepts(package: Path, path: Path) -> list[str]:
    name = path.relative_to(package).as_posix()
    broad = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    allowed = BORDERS.get(name, 0)
    return [f"{name}:{line}: a broad except outside a border" for line in broad[allowed:]]


if __name__ == "__main__":
    rows = breaches(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(rows) or "ratchets hold")
    sys.exit(1 if rows else 0)
