"""The ports that docker compose files open, by a lenient reading of the few YAML lines that name them."""

from __future__ import annotations

import re
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from lanewise.service.propose_facts import Port
from lanewise.service.propose_tree import is_aside, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lanewise.service.propose_tree import Tree

_AT_ROOT = re.compile(r"(docker-)?compose([.-](override|local|dev|development))?\.ya?ml")
_KEY = re.compile(r"^(\s*)([\w.\-\"']+)\s*:\s*(.*)$")
_ITEM = re.compile(r"^\s*-\s*(.+)$")


def ports_of(tree: Tree) -> tuple[Port, ...]:
    """Every port on the machine that a compose file for development names, once per service."""
    files = [file for file in tree.files if _AT_ROOT.fullmatch(file)]
    if not files:
        deep = (file for file in tree.files if file.count("/") <= 2 and not is_aside(file))
        files = [file for file in deep if _AT_ROOT.fullmatch(basename(file))]
    found: dict[tuple[str, int], Port] = {}
    for file in files:
        for service, port, context in read_ports(tree.text(file)):
            folder = normpath(join(dirname(file), context)) if context else ""
            found.setdefault((service, port), Port(service, port, "" if folder == "." else folder, file))
    return tuple(found.values())


def read_ports(text: str) -> list[tuple[str, int, str]]:
    """(service, port on the machine, build context) of a compose text; what it cannot read it leaves out."""
    found: list[tuple[str, int]] = []
    contexts: dict[str, str] = {}
    for service, key, value in _lines(text):
        if key in {"build", "context"} and value and not value.startswith(("{", "$")):
            contexts[service] = value
        elif key == "ports" and (port := host_port(value)) is not None:
            found.append((service, port))
    return [(service, port, contexts.get(service, "")) for service, port in found]


def host_port(item: str) -> int | None:
    """The port on the machine in one item of `ports:`; None when it names none, a range, or UDP."""
    item = re.sub(r"\$\{\w+:?-(\w+)\}", r"\1", item.strip().strip("\"'"))
    if item.endswith("/udp"):
        return None
    published = re.fullmatch(r"published\s*:\s*[\"']?(\d+)[\"']?", item)
    short = re.fullmatch(r"(?:[\d.]+:|\[[0-9a-f:]+\]:)?(\d+):\d+(?:/tcp)?", item)
    found = published or short
    port = int(found.group(1)) if found and len(found.group(1)) <= 5 else 0
    return port if 0 < port < 65536 else None


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    """(service, key, value) for each value below a service; a list item carries the key of its list."""
    service, service_indent, key, key_indent, in_services = "", -1, "", -1, False
    for raw in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        found = _KEY.match(line)
        if indent == 0 and not line.startswith("-"):
            in_services, service, service_indent = line.startswith("services:"), "", -1
        elif not in_services:
            continue
        elif found and (service_indent < 0 or indent <= service_indent):
            service, service_indent, key, key_indent = found.group(2).strip("\"'"), indent, "", -1
        elif service and key == "ports" and indent >= key_indent and not (found and indent == key_indent):
            item = _ITEM.match(line)
            yield service, key, (item.group(1) if item else line.strip())
        elif service and found:
            key, key_indent, value = found.group(2), indent, found.group(3)
            yield from ((service, key, each) for each in _inline(value))


def _inline(value: str) -> list[str]:
    """The values on the line of their key: one, or those of a `[a, b]`."""
    if value.startswith("["):
        return [each.strip() for each in value.strip("[]").split(",") if each.strip()]
    return [value.strip("\"'")] if value else []
