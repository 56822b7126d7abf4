import pytest

from trunkline.accounts.text import checked_lines, checked_text
from trunkline.accounts.timezones import is_timezone
from trunkline.contract.errors import InvalidParameter


@pytest.mark.parametrize("name", ["Bruce Wayne", "Žluťoučký kůň", "名前", "a\u00a0b", "", "😀"])
def test_names_of_any_script_are_taken(name: str) -> None:
    assert checked_text("name", name) == name


@pytest.mark.parametrize("name", ["a\x00b", "a\nb", "\x1b[2J", "tab\t", "\x7f"])
def test_control_characters_are_refused(name: str) -> None:
    with pytest.raises(InvalidParameter, match="name parameter is invalid"):
        checked_text("name", name)


def test_an_address_may_have_lines_but_nothing_worse() -> None:
    assert checked_lines("address", "1 Market Street\r\nSpringfield\n\tNY")
    with pytest.raises(InvalidParameter):
        checked_lines("address", "1 Market\x00Street")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("America/New_York", True),
        ("Asia/Kolkata", True),
        ("UTC", True),
        ("america/new_york", False),
        ("../../etc/passwd", False),
        ("", False),
        ("Gotham/City", False),
    ],
)
def test_time_zones_are_those_of_the_database(name: str, known: bool) -> None:
    assert is_timezone(name) is known
