"""The application: one repository's store and the facts every service needs; made by `wire`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lanewise.core.halt import Halt
from lanewise.core.lane import Rules, load_rules
from lanewise.errors import NotManaged
from lanewise.host import files

if TYPE_CHECKING:
    from lanewise.git.locate import Repository
    from lanewise.store.base import Store, Turn


@dataclass(slots=True)
class App:
    """One repository, ready for turns."""

    repository: Repository
    store: Store
    _rules: tuple[int, Rules] | None = field(default=None, repr=False)

    @property
    def state(self) -> str:
        """Where this repository's state lies."""
        return self.repository.state

    def rules(self, turn: Turn) -> Rules:
        """The newest settings revision, parsed once per revision. Raises NotManaged before the first `up`."""
        number, body = turn.rules_body()
        if self._rules is None or self._rules[0] != number:
            if not body:
                raise NotManaged("lanewise is not up in this repository.", "lanewise up")
            self._rules = (number, load_rules(json.loads(body)))
        return self._rules[1]

    def halts(self, turn: Turn) -> tuple[Halt, ...]:
        """Halts by row and by sentinel: the sentinel is written first, so it may be alone."""
        rows = turn.all(Halt)
        known = {halt.scope for halt in rows}
        return (*rows, *(halt for halt in sentinel(self.state) if halt.scope not in known))


def sentinel(state: str) -> tuple[Halt, ...]:
    """The halts of the sentinel file; one that cannot be read counts as a halt of all."""
    text = files.find_text(f"{state}/halt")
    if text is None:
        return ()
    try:
        return tuple(Halt(**{**entry, "evidence": tuple(entry.get("evidence", ()))}) for entry in json.loads(text))
    except (ValueError, TypeError, AttributeError):
        return (Halt("all", "sentinel", "the halt file cannot be read", "lanewise", 0.0),)
