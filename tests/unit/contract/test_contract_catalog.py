from collections import Counter

import msgspec
import pytest

from trunkline.contract.catalog import OPERATIONS, catalog, operation
from trunkline.contract.check import ContractBrokenError, validate_response
from trunkline.contract.decode import RequestDecoder
from trunkline.contract.operation import Operation, PlannedOperation

OPERATIONS_OF_PLIVO = 216
FUNCTIONS_OF_THE_PACKAGE = 68


def test_every_operation_of_plivo_is_known_exactly_once() -> None:
    counts = Counter(known.id for known in catalog())
    assert len(counts) == OPERATIONS_OF_PLIVO
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_function_of_the_package_is_known_exactly_once() -> None:
    names = Counter(known.name for known in catalog() if known.name)
    assert len(names) == FUNCTIONS_OF_THE_PACKAGE
    assert set(names.values()) == {1}


def test_whatever_is_not_served_has_a_reason() -> None:
    for known in catalog():
        if isinstance(known, PlannedOperation):
            assert known.reason, known.id


@pytest.mark.parametrize("known", OPERATIONS, ids=lambda known: known.id)
def test_an_operation_is_whole(known: Operation) -> None:
    RequestDecoder(known)
    assert known.path.startswith("/v1/")
    assert known.path.endswith("/")
    assert set(known.path_parameters) <= set(known.request.__struct_fields__)
    assert known.summary
    assert known.source
    assert known.tags
    assert known.request.__doc__
    assert (known.success_status == 204) == (known.response is None)
    assert operation(known.id) is known


@pytest.mark.parametrize("known", OPERATIONS, ids=lambda known: known.id)
def test_its_examples_keep_the_contract(known: Operation) -> None:
    given = dict(known.request_example)
    given |= dict.fromkeys(known.path_parameters, "x")
    msgspec.convert(given, known.request)
    if known.response is None:
        validate_response(known, 204, b"")
    else:
        api_id = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
        body = msgspec.json.encode({"api_id": api_id, **known.response_example})
        validate_response(known, known.success_status, body)


API_ID = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"


@pytest.mark.parametrize(
    ("name", "status", "body", "complaint"),
    [
        ("account.update", 202, {"message": "changed"}, "no api_id"),
        ("account.update", 200, {"api_id": API_ID, "message": "changed"}, "answers 200"),
        ("account.update", 202, {"api_id": API_ID}, "message"),
        ("account.update", 202, {"api_id": API_ID, "message": 1}, "Expected `str`"),
        ("account.update", 202, {"api_id": API_ID, "message": "x", "more": 1}, "unknown fields"),
        ("account.update", 202, {"api_id": API_ID, "message": "x", "error": "y"}, "an error"),
        ("account.update", 400, {"api_id": API_ID, "error": {"field": "x"}}, "error text"),
        ("account.update", 204, {"api_id": API_ID}, "204"),
        ("message.list", 400, {"api_id": API_ID, "error": "x"}, "objects"),
        ("message.list", 200, [], "object"),
    ],
)
def test_broken_answers_are_found(name: str, status: int, body: object, complaint: str) -> None:
    with pytest.raises(ContractBrokenError, match=complaint):
        validate_response(operation(name), status, msgspec.json.encode(body))


def test_a_background_call_keeps_the_contract() -> None:
    body = msgspec.json.encode({"api_id": API_ID, "message": "async api spawned"})
    validate_response(operation("application.get"), 202, body)
