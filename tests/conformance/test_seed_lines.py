"""The reference texts' curl lines, run with curl: documented status, every field, its JSON type."""

import pytest
from conform_facts import REFERENCE, SEED_LINES, distil_seed_lines, load_operations, load_seed_lines
from conform_lines import LineResult
from conform_match import operation_of
from conform_world import unserved

FACTS = load_operations()
LINES = load_seed_lines()


@pytest.mark.parametrize("source", [line.source for line in LINES])
def test_a_line_is_answered_as_documented(source: str, results: dict[str, LineResult]) -> None:
    found = results[source]
    if reason := unserved(found.operation, found.misses):
        pytest.skip(reason)
    assert not found.misses


def test_every_line_is_of_an_operation_we_know() -> None:
    found = {operation_of(FACTS.values(), line.method, line.url).id for line in LINES}
    assert found <= FACTS.keys()
    assert len(LINES) == 51


@pytest.mark.skipif(not (REFERENCE / "seeds").is_dir(), reason="a clone without the texts")
def test_the_facts_are_those_of_the_texts() -> None:
    assert SEED_LINES.read_text(encoding="utf-8") == distil_seed_lines(REFERENCE / "seeds")
