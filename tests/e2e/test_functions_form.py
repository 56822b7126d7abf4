"""The package's HTTP form over the running program: its metadata, its spellings, and rubbish."""

import json
from typing import Any

import pytest
from e2e_package import Package
from e2e_program import Program

HUGE = b'{"args": {"text": "' + b"x" * (1024 * 1024) + b'"}}'

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def package(program: Program) -> Package:
    return Package(program)


def test_the_metadata_lists_the_functions(package: Package) -> None:
    status, found = package.send("Plivo", None)
    assert (status, found["package"], len(found["blocks"])) == (200, "Plivo", 68)
    assert found["accounts"]["credentials"] == ["authId", "authToken"]
    assert package.send("plivo/", None) == (status, found)


def test_arguments_may_stand_at_the_top_and_empty_ones_anywhere(
    package: Package, program: Program
) -> None:
    login = {"authId": program.auth_id, "authToken": program.auth_token}
    status, found = package.post(
        "Plivo/getMessages", {**login, "limit": 1, "subaccount": "", "messageTime": None, "of": 1}
    )
    assert (status, found["callback"]) == (200, "success")
    assert found["contextWrites"]["to"]["meta"]["limit"] == 1


def test_refusals_of_the_api_name_the_argument(package: Package) -> None:
    told = package.ask("sendMessage", src="14155550100", text="Hi")["contextWrites"]["to"]
    assert told == {
        "status_code": "API_ERROR",
        "status_msg": "destination parameter is missing",
        "fields": ["destination"],
        "http_status": 400,
    }


def test_all_that_is_missing_is_named_at_once(package: Package) -> None:
    status, found = package.post("Plivo/makeCall", {"args": {"callTo": "1", "to": "here"}})
    assert (status, found["callback"]) == (200, "error")
    told = found["contextWrites"]["here"]
    assert told["fields"] == ["authId", "authToken", "callFrom", "answerUrl"]
    assert told["status_msg"] == "makeCall needs authId, authToken, callFrom and answerUrl"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not valid JSON"),
        (b"<args/>", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"args": {"src": "\\ud800"}}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"args": []}', "args must be a JSON object"),
        (b'{"args": null}', "args must be a JSON object"),
        (b'{"args": {"to": ["a"]}}', "to must be a string"),
    ],
)
def test_rubbish_is_refused_in_the_envelope(package: Package, body: bytes, message: str) -> None:
    status, found = package.send("Plivo/sendMessage", body)
    assert (status, found["callback"]) == (200, "error")
    told = found["contextWrites"]["to"]
    assert told["status_code"] == "JSON_VALIDATION"
    assert message in told["status_msg"]


@pytest.mark.parametrize("value", [{"a": {"b": [1]}}, [[1]], 1.5, True, "a\0b", 2**70, [{"a": 1}]])
@pytest.mark.parametrize("argument", ["destination", "text"])
def test_nested_types_are_refused_by_name(package: Package, argument: str, value: Any) -> None:
    fields = {"src": "14155550100", "destination": "14155550123", "text": "Hi"}
    told = package.ask("sendMessage", **fields | {argument: value})["contextWrites"]["to"]
    assert told["status_code"] in ("API_ERROR", "JSON_VALIDATION")
    assert told["fields"] == [argument]
    assert told["status_msg"].startswith(argument)


@pytest.mark.parametrize("uuid", [".", "..", "../..", "?x=1", "a/b", "#", "%2e", "x" * 5000])
def test_no_id_reaches_another_resource(package: Package, uuid: str) -> None:
    told = package.ask("hangupSingleCall", callUuid=uuid)
    assert told["callback"] == "error", told


@pytest.mark.parametrize(
    ("path", "method", "status", "message"),
    [
        ("Plivo/sendMesage", "POST", 404, "did you mean sendMessage?"),
        ("Plivo/sendMessage/more", "POST", 404, "there is no function"),
        ("Twilio/sendMessage", "POST", 404, "there is no package"),
        ("Plivo/sendMessage", "GET", 405, "use POST"),
        ("Plivo/sendMessage", "DELETE", 405, "use POST"),
        ("Plivo", "POST", 405, "use GET"),
    ],
)
def test_what_is_not_there_is_refused(
    package: Package, path: str, method: str, status: int, message: str
) -> None:
    body = b"{}" if method == "POST" else None
    found_status, found = package.send(path, body, method)
    assert found_status == status
    assert message in found["contextWrites"]["to"]["status_msg"]


def test_a_huge_body_is_refused(package: Package) -> None:
    status, found = package.send("Plivo/sendMessage", HUGE)
    assert status == 413
    assert "larger than 1048576 bytes" in json.dumps(found)
