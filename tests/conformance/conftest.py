"""The running program for unchanged clients; its parts are those of the end-to-end tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e" / "parts"))
sys.path.insert(0, str(Path(__file__).parent / "parts"))

from conform_server import installed_node_sdk, start_world
from conform_world import World
from e2e_fixtures import (
    api,
    assert_clean,
    engine,
    handset,
    loop,
    new_database,
    new_sink,
    program,
    sink,
)
from e2e_loop import BackgroundLoop

__all__ = ["api", "engine", "handset", "loop", "new_database", "new_sink", "program", "sink"]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Install the official Node SDK once, into the user's cache."""
    return installed_node_sdk()


@pytest.fixture(scope="session")
def world(loop: BackgroundLoop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A fresh program and what its account has."""
    made = start_world(tmp_path_factory.mktemp("world"), loop)
    yield made
    made.close()
    made.sink.stop()
    assert made.program.stop() == 0
    assert_clean(made.program)
