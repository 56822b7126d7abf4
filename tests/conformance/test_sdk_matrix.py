"""Every operation by its methods of the official Python and Node SDKs, held to the documents."""

from pathlib import Path

import pytest
from conform_facts import OPERATIONS, REFERENCE, catalog_of, distil_operations, load_operations
from conform_matrix import CLIENTS, Cell, run_matrix
from conform_recorder import Recorder
from conform_world import World, unserved

# The Python SDK leaves the files that it uploads open.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <_io.FileIO name='.*png':pytest.PytestUnraisableExceptionWarning"
)
FACTS = load_operations()


@pytest.fixture(scope="module")
def cells(
    world: World, node_modules: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Cell]:
    recorder = Recorder(world.program.url, tmp_path_factory.mktemp("recorder"))
    try:
        return run_matrix(FACTS, world, recorder, node_modules)
    finally:
        recorder.stop()


@pytest.mark.parametrize("sdk", CLIENTS)
@pytest.mark.parametrize("operation", sorted(FACTS))
def test_a_method_is_served(operation: str, sdk: str, cells: dict[tuple[str, str], Cell]) -> None:
    cell = cells[operation, sdk]
    if reason := unserved(operation, cell.misses):
        pytest.skip(reason)
    assert not cell.misses
    assert cell.status is not None or cell.reason


@pytest.mark.skipif(not catalog_of(REFERENCE).exists(), reason="a clone without the catalog")
def test_the_facts_are_those_of_the_catalog() -> None:
    assert OPERATIONS.read_text(encoding="utf-8") == distil_operations(catalog_of(REFERENCE))
