import json
from typing import Any

import msgspec
import pytest

from trunkline.contract.catalog import operation
from trunkline.contract.decode import MAX_FIELDS, Callback, Decoded, RequestDecoder
from trunkline.contract.errors import BadRequest, InvalidParameter, MalformedBody, MissingParameter
from trunkline.contract.operations.accounts import SubaccountDelete
from trunkline.contract.operations.applications import ApplicationDelete
from trunkline.contract.operations.messages import MessageCreate, MessageList

JSON = "application/json"


def decode(
    name: str,
    body: bytes | str | dict[str, Any] = b"",
    query: str = "",
    content_type: str = JSON,
    **parameters: str,
) -> Decoded:
    if isinstance(body, dict):
        body = json.dumps(body)
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return RequestDecoder(operation(name)).decode(parameters, query, raw, content_type)


def create(**fields: Any) -> MessageCreate:
    request = decode("message.create", {"dst": "14155550123", **fields}).request
    assert isinstance(request, MessageCreate)
    return request


def test_a_message_as_the_python_sdk_sends_it() -> None:
    request = create(
        src="14155550100", text="Hi", type="sms", method="POST", log="true", trackable=False
    )
    assert (request.dst, request.src, request.text) == ("14155550123", "14155550100", "Hi")
    assert (request.log, request.trackable, request.message_expiry) == ("true", False, None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"dst": ["14155550123", "14155550124"]}, {"dst": "14155550123<14155550124"}),
        ({"dst": 14155550123}, {"dst": "14155550123"}),
        ({"log": True}, {"log": "true"}),
        ({"log": False}, {"log": "false"}),
        ({"log": "Content_Only"}, {"log": "content_only"}),
        ({"trackable": "True"}, {"trackable": True}),
        ({"trackable": 1}, {"trackable": True}),
        ({"trackable": "0"}, {"trackable": False}),
        ({"message_expiry": "5"}, {"message_expiry": 5}),
        ({"message_expiry": " 10799 "}, {"message_expiry": 10799}),
        ({"message_expiry": 60.0}, {"message_expiry": 60}),
        ({"message_expiry": None, "src": None}, {"message_expiry": None, "src": None}),
        ({"message_expiry": "", "method": "", "url": ""}, {"method": "POST", "url": None}),
        ({"type": "SMS", "method": "get"}, {"type": "sms", "method": "GET"}),
        ({"url": " https://a.example/x "}, {"url": "https://a.example/x"}),
        ({"media_urls": ["https://a.example/1"]}, {"media_urls": ["https://a.example/1"]}),
        (
            {"media_urls": "https://a.example/1, https://a.example/2"},
            {"media_urls": ["https://a.example/1", "https://a.example/2"]},
        ),
        ({"media_urls": ""}, {"media_urls": []}),
        ({"template": {"name": "x", "components": [1, {"a": None}]}}, {}),
        ({"template": '{"name": "x"}'}, {"template": {"name": "x"}}),
        ({"Text": "x", "powerpackUuid": "u"}, {"text": "x", "powerpack_uuid": "u"}),
        ({"unknown": {"deep": [1]}, "auth_id": "MA"}, {}),
        ({"text": "\ud83d\ude00 \u0001"}, {"text": "\U0001f600 \u0001"}),
    ],
)
def test_forms_that_are_understood(given: dict[str, Any], expected: dict[str, Any]) -> None:
    request = create(**given)
    for name, value in expected.items():
        assert getattr(request, name) == value


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"dst": True}, "dst"),
        ({"dst": [True]}, "dst"),
        ({"dst": {"a": 1}}, "dst"),
        ({"dst": "1" * 70_000}, "dst"),
        ({"dst": 10**30}, "dst"),
        ({"text": ["x"]}, "text"),
        ({"text": "x" * 40_000}, "text"),
        ({"text": "a\u0000b"}, "text"),
        ({"type": "fax"}, "type"),
        ({"log": "maybe"}, "log"),
        ({"trackable": "maybe"}, "trackable"),
        ({"trackable": 2}, "trackable"),
        ({"message_expiry": 4}, "message_expiry"),
        ({"message_expiry": 10_800}, "message_expiry"),
        ({"message_expiry": "１２"}, "message_expiry"),
        ({"message_expiry": "9" * 5000}, "message_expiry"),
        ({"message_expiry": 10**50}, "message_expiry"),
        ({"message_expiry": 5.5}, "message_expiry"),
        ({"message_expiry": True}, "message_expiry"),
        ({"url": "ftp://a.example/"}, "url"),
        ({"url": "https://a.example/ b"}, "url"),
        ({"url": "https://" + "a" * 3000}, "url"),
        ({"media_urls": ["x"]}, "media_urls"),
        ({"media_urls": ["https://a.example/"] * 11}, "media_urls"),
        ({"media_urls": 5}, "media_urls"),
        ({"template": []}, "template"),
        ({"template": "x"}, "template"),
        ({"template": {"a": "\u0000"}}, "template"),
        ({"template": {"\u0000": 1}}, "template"),
        ({"template": {"a": 10**40}}, "template"),
        (
            {
                "template": {
                    "a": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
                }
            },
            "template",
        ),
        ({"callback_url": "nowhere"}, "callback_url"),
        ({"callback_url": "http://a.example", "callback_method": "PUT"}, "callback_method"),
    ],
)
def test_fields_that_are_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        create(**given)
    assert caught.value.field == field
    assert caught.value.message.startswith(f"{field} parameter is invalid: ")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body", ["", "{}", '""', "null", "  ", '{"dst": null}', '{"dst": ""}', "dst="]
)
def test_a_required_field_that_is_missing(body: str) -> None:
    with pytest.raises(MissingParameter) as caught:
        decode("message.create", body)
    assert caught.value.message == "dst parameter is missing"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'dst': 1}",
        b"[]",
        b"[{}]",
        b"5",
        b"NaN",
        b"true",
        b"hello",
        b'"text"',
        b"\xff\xfe{\x00}\x00",
        b'{"dst": "\xff"}',
        b'{"dst": "1", "text": "\\ud800"}',
        b'{"dst": "1", "text": "\\udc00"}',
        b'{"dst": "1", "text": "\xed\xa0\x80"}',
        b'{"dst": NaN}',
        b'{"dst": 1e999}',
        b'{"dst": "1", "x": 1e999}',
        b'{"dst": "a\x00b"}',
        b'{"dst": "1", "x": ' + b"[" * 50_000,
        b'{"dst": "1", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"dst": ' + b"9" * 10_000 + b"}",
    ],
)
def test_bodies_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        decode("message.create", body)
    if not isinstance(caught.value, InvalidParameter):
        assert isinstance(caught.value, MalformedBody)
        assert caught.value.message.startswith("request body ")
    msgspec.json.encode(caught.value.message)


def test_forms() -> None:
    form = "dst=14155550123&text=Hello+%E2%82%AC&trackable=True&media_urls=https://a.example/1"
    for content_type in ("application/x-www-form-urlencoded", JSON, "", "nonsense"):
        request = decode("message.create", form, content_type=content_type).request
        assert isinstance(request, MessageCreate)
        assert (request.text, request.trackable) == ("Hello €", True)
    repeated = decode("message.create", "dst=14155550123&dst=14155550124&text=a&text=b").request
    assert isinstance(repeated, MessageCreate)
    assert (repeated.dst, repeated.text) == ("14155550123<14155550124", "b")


def test_json_whatever_the_content_type_says() -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert decode("message.create", {"dst": "14155550123"}, content_type=content_type)
    assert decode("message.create", b'\xef\xbb\xbf{"dst": "14155550123"}')


def test_multipart_is_refused_in_words() -> None:
    with pytest.raises(MalformedBody, match="multipart"):
        decode("message.create", "--x\r\n", content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize("form", ["dst=%FF", "%FF=1", "&".join(["a=b"] * (MAX_FIELDS + 1))])
def test_forms_and_queries_that_cannot_be_read(form: str) -> None:
    with pytest.raises(BadRequest):
        decode("message.create", form)
    with pytest.raises(BadRequest):
        decode("message.list", query=form)


def test_arguments_of_delete_in_query_body_or_both() -> None:
    for body, query in (
        ({}, "cascade=true"),
        ({"cascade": True}, ""),
        ({"cascade": "True"}, "cascade=false"),
        (b"", "cascade=True"),
    ):
        request = decode("subaccount.delete", body, query, subauth_id="SA").request
        assert request == SubaccountDelete(subauth_id="SA", cascade=True)


def test_a_body_on_get_means_nothing() -> None:
    request = decode("message.list", b"{not json", "limit=5").request
    assert isinstance(request, MessageList)
    assert request.limit == 5


def test_the_path_wins_over_leaked_parameters() -> None:
    request = decode("application.delete", {"app_id": "2"}, "app_id=3", app_id="1").request
    assert request == ApplicationDelete(app_id="1")


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("message_time_gte=2026-01-01%2000:00", "message_time__gte", "2026-01-01 00:00"),
        ("message_time__gte=2026-01-01+00:00:00", "message_time__gte", "2026-01-01 00:00:00"),
        ("sub_account=SA2025RK4E639VJFZAMM", "subaccount", "SA2025RK4E639VJFZAMM"),
        ("error_code=900", "error_code", "900"),
        ("limit=", "limit", 20),
        ("message_state=DELIVERED", "message_state", "delivered"),
        ("&?search=hack&limit=3", "limit", 3),
    ],
)
def test_names_and_values_of_filters(query: str, field: str, value: object) -> None:
    assert getattr(decode("message.list", query=query).request, field) == value


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("limit=0", "limit parameter is invalid: must be at least 1"),
        ("limit=21", "limit parameter is invalid: must be at most 20"),
        ("limit=x", "limit parameter is invalid: must be an integer"),
        ("offset=-1", "offset parameter is invalid: must be at least 0"),
        ("offset=99999999999", "offset parameter is invalid: must be at most 2147483647"),
        (
            "message_time=yesterday",
            "message_time parameter is invalid: must be YYYY-MM-DD HH:MM[:SS[.ffffff]]",
        ),
        (
            "subaccount=MA",
            "subaccount parameter is invalid: must be SA and 18 capital letters or digits",
        ),
        (
            "message_direction=up",
            "message_direction parameter is invalid: must be one of inbound, outbound",
        ),
        ("error_code=%00", "error_code parameter is invalid: must not contain NUL characters"),
    ],
)
def test_refusals_are_worded(query: str, why: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        decode("message.list", query=query)
    assert caught.value.message == why


def test_a_callback_makes_it_a_background_call() -> None:
    body = {"dst": "14155550123", "callback_url": "https://a.example/done"}
    assert decode("message.create", body).callback == Callback("https://a.example/done", "POST")
    body["callback_method"] = "get"
    assert decode("message.create", body).callback == Callback("https://a.example/done", "GET")
    body["callback_url"] = ""
    assert decode("message.create", body).callback is None


def test_an_update_can_clear_a_url_and_leave_the_rest() -> None:
    request = decode(
        "application.update", {"message_url": "", "answer_method": ""}, app_id="1"
    ).request
    assert getattr(request, "message_url") == ""  # noqa: B009
    assert getattr(request, "answer_method") is None  # noqa: B009
    assert getattr(request, "answer_url") is None  # noqa: B009


def test_both_paths_agree() -> None:
    plain = {"dst": "14155550123", "src": "14155550100", "text": "é", "message_expiry": 60}
    fast = decode("message.create", plain)
    slow = decode("message.create", {**plain, "unknown": 1})
    assert fast == slow
