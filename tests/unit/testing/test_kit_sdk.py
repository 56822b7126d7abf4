"""The SDK's requests go to the program, whatever address they were made for."""

import pytest

from trunkline.testing.kit.sdk import ADDRESSES, client, module, moved

URL = "http://127.0.0.1:8600"


@pytest.mark.parametrize(
    ("target", "there"),
    [
        ("https://api.plivo.com/v1/Account/MA1/Call/", f"{URL}/v1/Account/MA1/Call/"),
        ("https://lookup.plivo.com/v1/Number/1?type=carrier", f"{URL}/v1/Number/1?type=carrier"),
    ],
)
def test_only_scheme_and_host_change(target: str, there: str) -> None:
    assert moved(target, URL) == there


def test_a_program_below_a_path_is_reached() -> None:
    assert moved("https://api.plivo.com/v1/x/", "https://a.test/b/") == "https://a.test/b/v1/x/"


def test_other_clients_stay_where_they_were() -> None:
    before = [getattr(module(), name) for name in ADDRESSES]
    made = client(URL, "MA" + "A" * 18, "token", timeout=7)
    assert made.timeout == 7
    assert [getattr(module(), name) for name in ADDRESSES] == before
    assert all(address.startswith("https://api.plivo.com/") for address in before)
