"""What SDKs and people send about pools."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from trunkline.contract.catalog import OPERATIONS, operation
from trunkline.contract.decode import RequestDecoder
from trunkline.contract.errors import InvalidParameter, MissingParameter
from trunkline.contract.routing import Router

ENTRY = {"service_type": "SMS", "country_iso": "US", "priority": {"priority1": "longcode"}}


def decode(name: str, body: str, query: str = "", **path: str) -> Any:
    return RequestDecoder(operation(name)).decode(path, query, body.encode(), "").request


def test_a_powerpack_as_the_python_sdk_sends_it() -> None:
    given = {
        "name": "one", "sticky_sender": True, "local_connect": True, "application_type": "",
        "application_id": "", "number_priority": [],
    }  # fmt: skip
    request = decode("powerpack.create", json.dumps(given))
    assert (request.name, request.sticky_sender, request.local_connect) == ("one", True, True)
    assert request.application_type is None
    assert (request.application_id, request.number_priority) == ("", [])


def test_priorities_in_a_form() -> None:
    body = urlencode({"name": "one", "number_priority": json.dumps([ENTRY]), "sticky_sender": "0"})
    request = decode("powerpack.create", body)
    assert (request.number_priority, request.sticky_sender) == ([ENTRY], False)


@pytest.mark.parametrize("given", ["x", "[", "[1]", '["x"]', "[[]]"])
def test_rubbish_priorities_are_named(given: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        decode("powerpack.create", urlencode({"name": "one", "number_priority": given}))
    assert caught.value.field == "number_priority"


@pytest.mark.parametrize(
    "body", ["", "{}", '{"name": ""}', '{"name": null}', '{"name": ["x"]}', '{"name": {}}']
)
def test_a_powerpack_needs_a_name(body: str) -> None:
    with pytest.raises((MissingParameter, InvalidParameter)) as caught:
        decode("powerpack.create", body)
    assert caught.value.field == "name"


def test_ten_prefixes_are_the_most() -> None:
    query = "country_iso2=us&starts_with=" + "%2C".join(map(str, range(201, 211)))
    request = decode("numberpool_number.list", "", query, number_pool_uuid="p")
    assert request.starts_with == [str(one) for one in range(201, 211)]
    with pytest.raises(InvalidParameter) as caught:
        decode("numberpool_number.list", "", f"{query},211", number_pool_uuid="p")
    assert caught.value.field == "starts_with"


@pytest.mark.parametrize(
    ("body", "rent"),
    [('{"rent": "true"}', True), ('{"rent": "false"}', False), ("", False), ('{"rent": 1}', True)],
)
def test_renting_is_asked_for_in_words(body: str, rent: bool) -> None:
    request = decode("numberpool_number.add", body, number_pool_uuid="p", number="1")
    assert request.rent is rent


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Powerpack//", "powerpack.list"),
        ("Powerpack/u//", "powerpack.get"),
        ("NumberPool/p/Number//", "numberpool_number.list"),
        ("NumberPool/p/Number/1//", "numberpool_number.get"),
        ("NumberPool/p/Shortcode//", "numberpool_shortcode.list"),
        ("NumberPool/p/Shortcode/444/&service=sms", "numberpool_shortcode.get"),
        ("NumberPool/p/Tollfree/1800/&service=sms", "numberpool_tollfree.get"),
        ("numberpool/p/tollfree", "numberpool_tollfree.list"),
    ],
)
def test_paths_as_sdks_write_them(path: str, expected: str) -> None:
    match = Router(OPERATIONS).match("GET", f"/v1/Account/MA1/{path}")
    assert match.operation.id == expected
