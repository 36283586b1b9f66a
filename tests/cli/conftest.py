"""The fixtures of the command line."""

from tests.e2e.fixtures import (  # noqa: F401 - pytest finds them here
    agents,
    backend,
    example,
    folder,
    frontend,
    lanes,
    no_client_around,
    shared_folder,
    standing,
    standing_agents,
)
