"""Every client that lanewise speaks with, by the name that its hooks are installed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.clients import claude_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lanewise.clients.base import Dialect

DIALECTS: Mapping[str, Dialect] = {claude_code.NAME: claude_code}
