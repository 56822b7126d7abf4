"""Every operation by its methods of the official Python and Node SDKs, held to the documents."""

import pytest
from conform_excuses import FIELDS, SOMETIMES
from conform_facts import OPERATIONS, REFERENCE, catalog_of, distil_operations, load_operations
from conform_lines import LineResult
from conform_matrix import CLIENTS, Cell
from conform_world import unserved

# The Python SDK leaves the files that it uploads open.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <_io.FileIO name='.*png':pytest.PytestUnraisableExceptionWarning"
)
FACTS = load_operations()


@pytest.mark.parametrize("sdk", CLIENTS)
@pytest.mark.parametrize("operation", sorted(FACTS))
def test_a_method_is_served(operation: str, sdk: str, cells: dict[tuple[str, str], Cell]) -> None:
    cell = cells[operation, sdk]
    if reason := unserved(operation, cell.misses):
        pytest.skip(reason)
    assert not cell.misses
    assert cell.status is not None or cell.reason


def test_no_excuse_is_stale(
    cells: dict[tuple[str, str], Cell], results: dict[str, LineResult]
) -> None:
    if any(unserved(one.operation, one.misses) for one in (*cells.values(), *results.values())):
        pytest.skip("not every operation is served")
    used = [one.excuses for one in (*cells.values(), *results.values())]
    assert set(FIELDS) - SOMETIMES - set[tuple[str, str]]().union(*used) == set()


@pytest.mark.skipif(not catalog_of(REFERENCE).exists(), reason="a clone without the catalog")
def test_the_facts_are_those_of_the_catalog() -> None:
    assert OPERATIONS.read_text(encoding="utf-8") == distil_operations(catalog_of(REFERENCE))
