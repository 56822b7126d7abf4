"""Functions become requests, answers become results; no I/O."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.functions import FunctionError, fields_of, find, functions, request_of, result_of
from trunkline.functions.calls import filled, known
from trunkline.functions.model import (
    BadArgument,
    MissingArguments,
    UnknownArgument,
    UnknownFunction,
)


def asked(name: str, **arguments: Any) -> Any:
    return request_of(find(name), "MA1", "secret", arguments)


def test_a_function_becomes_its_operation() -> None:
    made = asked("sendMessage", src="14155550100", destination="1<2", text="Hi", log="false")
    assert (made.method, made.target) == ("POST", "/v1/Account/MA1/Message/")
    assert json.loads(made.content) == {
        "src": "14155550100", "dst": "1<2", "text": "Hi", "log": "false",
    }  # fmt: skip
    login = base64.b64encode(b"MA1:secret").decode()
    assert ("Authorization", f"Basic {login}") in made.headers


def test_every_function_can_be_asked_for() -> None:
    targets = set[tuple[str, str]]()
    for one in functions():
        made = request_of(one, "MA1", "x", dict.fromkeys(one.required, "value"))
        targets.add((made.method, made.target))
        assert one.operation.name == one.name
        assert find(one.snake) is one
    assert len(targets) == 68


def test_the_live_functions_ask_for_live_calls() -> None:
    assert asked("getLiveCalls").target == "/v1/Account/MA1/Call/?status=live"
    assert asked("getSingleLiveCallDetails", callUuid="a b").target.endswith("a%20b/?status=live")


def test_lists_and_maps_take_the_form_of_their_field() -> None:
    made = fields_of(
        find("makeCall"),
        {"callFrom": 1, "callTo": ["2", 3], "answerUrl": "u", "sipHeaders": {"a": "b", "c": 1}},
    )
    assert made == {"from": 1, "to": "2<3", "answer_url": "u", "sip_headers": "a=b,c=1"}
    assert fields_of(find("playMusicFile"), {"callUuid": "u", "urls": ["a", "b"]})["urls"] == "a,b"


def test_names_are_read_in_either_spelling() -> None:
    assert fields_of(find("get_rented_numbers"), {"number_starts_with": "24"}) == {
        "number_startswith": "24"
    }


def test_empty_arguments_are_dropped_but_false_and_zero_stay() -> None:
    given = {"name": "x", "enabled": False, "nothing": None}
    assert filled([given, {}, [], "", {"a": {"b": " "}}, 0]) == [
        {"name": "x", "enabled": False}, 0,
    ]  # fmt: skip
    assert fields_of(find("getMessages"), {"limit": 0, "offset": "", "subaccount": None}) == {
        "limit": 0
    }


def test_what_is_missing_is_named_all_at_once() -> None:
    with pytest.raises(MissingArguments) as caught:
        asked("makeCall", callTo=" ", callFrom="1")
    assert caught.value.fields == ("callTo", "answerUrl")
    assert caught.value.message == "makeCall needs callTo and answerUrl"
    assert caught.value.told()["status_code"] == "REQUIRED_FIELDS"


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownArgument, match="did you mean answerUrl"):
        asked("makeCall", answerUri="x")
    with pytest.raises(UnknownFunction, match="did you mean sendMessage"):
        find("sendMesage")
    assert known(find("getPricing"), {"country_iso": "US", "to": "x"}) == {"country_iso": "US"}


@pytest.mark.parametrize("value", ["\ud800", "a\0b", ".", "..", [[[["a"] * 2]]], {"a": 2**64}])
def test_what_no_path_can_carry_is_refused_by_name(value: Any) -> None:
    if value == [[[["a"] * 2]]]:
        for _ in range(40):
            value = [value]
    with pytest.raises(BadArgument):
        asked("hangupSingleCall", callUuid=value)


CODES = ("REQUIRED_FIELDS", "JSON_VALIDATION")
WORDS = ["", " ", "a", "a<b", "\0", "\ud800", "é"]
ODD = [None, True, 0, -(2**70), 1.5, float("nan"), *WORDS]


@given(
    st.dictionaries(
        st.sampled_from(["src", "destination", "text", "url", "log"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_any_arguments_give_a_request_or_a_clear_error(arguments: dict[str, Any]) -> None:
    error = None
    try:
        made = asked("sendMessage", **arguments)
    except FunctionError as caught:
        error = caught
    else:
        assert set(json.loads(made.content)) <= {"src", "dst", "text", "url", "log"}
    assert error is None or (error.message and error.code in CODES)


def test_answers_become_results() -> None:
    assert result_of(find("hangupCalls"), 204, None) == {"status": "success"}
    assert result_of(find("getPricing"), 200, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("status", "body", "message", "fields"),
    [
        (400, {"error": "dst parameter is missing"}, "destination parameter is missing",
         ("destination",)),
        (400, {"error": "text parameter is invalid: x"}, "text parameter is invalid: x", ("text",)),
        (401, {"error": "invalid authentication credentials"},
         "invalid authentication credentials", ()),
        (502, "<html>", "<html>", ()),
        (200, "<html>", "the API's answer is no JSON object", ()),
        (301, None, "the API answered with status 301", ()),
    ],
)  # fmt: skip
def test_refusals_are_told_in_the_words_of_the_function(
    status: int, body: Any, message: str, fields: tuple[str, ...]
) -> None:
    with pytest.raises(FunctionError) as caught:
        result_of(find("sendMessage"), status, body)
    error = caught.value
    assert (error.message, error.fields, error.status) == (message, fields, status)
    assert error.told()["http_status"] == status
    assert error.code == "API_ERROR"
