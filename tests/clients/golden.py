"""Golden files: what the model or the human gets to see, word for word, with ids and places made equal.

LANEWISE_GOLDEN=write writes them anew; look at the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("golden")
_SAME = (
    (re.compile(r"toolu_[0-9a-z]+"), "toolu_0"),
    (re.compile(r"claude-code:[0-9a-f]{7,8}"), "claude-code:0000000"),
    (re.compile(r"\d+ (s|min) ago"), "0 s ago"),
)


class Golden:
    """One golden file."""

    def __init__(self, name: str) -> None:
        self._path = FOLDER / f"{name}.json"

    def check(self, lanes: Any, seen: Any) -> None:
        """The value seen is the one kept."""
        text = json.dumps(seen, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        text = text.replace(str(lanes.root.parent), "/repos")
        for pattern, plain in _SAME:
            text = pattern.sub(plain, text)
        if os.environ.get("LANEWISE_GOLDEN") == "write":
            FOLDER.mkdir(exist_ok=True)
            self._path.write_text(text)
        assert text == self._path.read_text(), f"differs from {self._path.name}"
