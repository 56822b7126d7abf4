"""Magic destinations of the simulated Cloud API, and the page that lists them."""

from pathlib import Path

import pytest

from trunkline.simulator.whatsapp.outcomes import (
    NAMED,
    ORDINARY,
    TABLE,
    category_of,
    outcome_of,
)

PAGE = Path(__file__).parents[3] / "docs" / "whatsapp.md"


def test_the_page_lists_them_all() -> None:
    page = PAGE.read_text()
    for row in TABLE:
        assert f"| {row.destination} | {row.summary} |" in page


@pytest.mark.parametrize("number", ["14155550123", "15005550001", "1500555800", "15005558999"])
def test_everybody_else_is_an_ordinary_handset(number: str) -> None:
    assert outcome_of(number) is ORDINARY


def test_named_and_figured() -> None:
    assert outcome_of("15005558002") is NAMED[2][0]
    (stage,) = outcome_of("15005559026").stages
    assert (stage.status, stage.error) == ("failed", 131026)


def test_categories() -> None:
    assert category_of("promo_may") == "marketing"
    assert category_of("otp_code") == "authentication"
    assert category_of("order_update") == "utility"
