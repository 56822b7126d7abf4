import pytest

from trunkline.processes.intercept.served import home_of
from trunkline.values.errors import TrunklineError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8600", ("127.0.0.1", 8600)),
        ("http://localhost/", ("localhost", 80)),
        ("http://[::1]:1", ("::1", 1)),
    ],
)
def test_where_a_program_answers(url: str, expected: tuple[str, int]) -> None:
    assert home_of(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "rubbish", "https://a.test", "http://", "http://a.test:x", "http://a.test:99999",
     "http://[", "http://a.test/v1"],
)  # fmt: skip
def test_what_is_no_address_of_a_program(url: str) -> None:
    with pytest.raises(TrunklineError, match="is not an address such as"):
        home_of(url)


@pytest.mark.parametrize(
    "url", ["http://api.plivo.com", "https://API.plivo.com.", "http://plivo.com"]
)
def test_plivo_is_no_program_of_ours(url: str) -> None:
    with pytest.raises(TrunklineError, match="is Plivo's"):
        home_of(url)
