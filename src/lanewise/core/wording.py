"""How durations and sessions are spoken of; light enough for commands that must start at once."""

from __future__ import annotations

from lanewise.core import paths


def short(session: str) -> str:
    """A session's name as people read it: the client and the start of its id."""
    client, _, rest = session.partition(":")
    if not rest:
        return paths.printable(session, 20)
    return f"{paths.printable(client, 20)}:{paths.printable(rest, 8).rstrip('…')}"


def span(seconds: float) -> str:
    """A duration for people: `40 s`, `12 min`, `3 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
