"""docs/simulator.md says what the tables say."""

from pathlib import Path

from trunkline.simulator import PERSONALITIES, TABLE

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()


def test_every_row_is_on_the_page_and_nothing_else() -> None:
    page, _, _ = PAGE.partition("## Calls")  # which has a table of its own
    lines = {line for line in page.splitlines() if line.startswith(("| +1 500", "| `sim"))}
    rows = {f"| {row.destination} | {row.summary} |" for row in TABLE}
    carriers = {f"| `{one.system_id}` | {one.summary} |" for one in PERSONALITIES.values()}
    assert lines == rows | carriers
