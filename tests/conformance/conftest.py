"""The running program for unchanged clients; its parts are those of the end-to-end tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e" / "parts"))
sys.path.insert(0, str(Path(__file__).parent / "parts"))

from conform_facts import load_operations, load_seed_lines
from conform_lines import LineResult, run_lines
from conform_matrix import Cell, run_matrix
from conform_recorder import Recorder
from conform_server import start_world
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
from e2e_node_sdk import installed_node_sdk

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


@pytest.fixture(scope="session")
def results(world: World) -> dict[str, LineResult]:
    """Run the reference's curl lines, once."""
    found = run_lines(load_seed_lines(), load_operations(), world)
    return {one.line.source: one for one in found}


@pytest.fixture(scope="session")
def cells(
    world: World, node_modules: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Cell]:
    """Run every operation through both SDKs, once."""
    recorder = Recorder(world.program.url, tmp_path_factory.mktemp("recorder"))
    try:
        return run_matrix(load_operations(), world, recorder, node_modules)
    finally:
        recorder.stop()
