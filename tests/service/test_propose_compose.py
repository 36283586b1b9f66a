"""Laws of the lenient reading of compose files."""

from __future__ import annotations

import pytest

from lanewise.service.propose_compose import host_port, read_ports


@pytest.mark.parametrize(
    ("item", "port"),
    [
        ('"8000:8000"', 8000), ("127.0.0.1:5432:5432", 5432), ("${P:-3000}:80", 3000), ("9000:80/tcp", 9000),
        ("published: '8080'", 8080), ("3000", None), ("53:53/udp", None), ("1-5:1-5", None), ("99999:1", None),
        ("$PORT:80", None), ("target: 80", None), ("", None),
    ],
)  # fmt: skip
def test_the_port_on_the_machine_is_read_from_every_form_of_an_item(item, port):
    assert host_port(item) == port


def test_ports_are_read_whatever_the_indentation_and_nothing_else_is_taken_for_one():
    text = (
        "# ports: none\nx-a: &a\n  ports:\n    - 1:1\nservices:\n    web:  # c\n        build: ./web\n        ports:\n"
        "        - '8080:80' # c\n        - target: 80\n          published: 81\n        environment:\n"
        "        - A=9:9\n    'db':\n        ports: [\"5432:5432\", 1:2/udp]\nvolumes:\n    v:\n        ports:\n"
        "        - 7:7\n"
    )
    assert read_ports(text) == [("web", 8080, "./web"), ("web", 81, "./web"), ("db", 5432, "")]


@pytest.mark.parametrize(
    "text", ["", "services", "services:\n- a\n- b", "\t\tports:\n:::", "services:\n  a: [", "a: b: c"]
)
def test_a_broken_compose_file_has_no_ports(text):
    assert read_ports(text) == []
