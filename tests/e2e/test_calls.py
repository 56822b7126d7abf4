"""Calls of requests: they ring over SIP, run their XML, and end with the right record."""

from collections.abc import Callable
from typing import Any

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Callback, Sink
from e2e_waiting import until
from plivo import RestClient
from plivo.rest import client

NUMBER = "14155550100"
ANSWERS, BUSY, RINGS, RINGS_ON = "15005558000", "15005558001", "15005558101", "15005558002"
XML = "text/xml"


def hears(sink: Sink, body: str, path: str = "/answer") -> str:
    """Let an application answer with a document; return its URL."""
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type=XML)
    return sink.url(path)


def call(api: Api, to: str, answer_url: str, **fields: Any) -> str:
    made = api.post("Call/", **{"from": NUMBER, "to": to, "answer_url": answer_url, **fields})
    assert (made.status, made["message"]) == (201, "call fired"), made
    return made["request_uuid"]


def ended(sink: Sink, uuid: str) -> Callback:
    """Return the one hangup callback of a call."""
    found = until(lambda: sink.of(CallUUID=uuid, Event="Hangup"), "the hangup callback")
    assert len(found) == 1
    return found[0]


def record_of(api: Api, uuid: str) -> dict[str, Any]:
    answer = api.get(f"Call/{uuid}/")
    assert answer.status == 200, answer
    return answer.body


@pytest.fixture
def sdk(program: Program, monkeypatch: pytest.MonkeyPatch) -> RestClient:
    """The official client, unmodified but for the address."""
    for name in ("PLIVO_API_BASE_URI", "API_VOICE_BASE_URI"):
        monkeypatch.setattr(client, name, f"{program.url}/v1/Account")
    return RestClient(program.auth_id, program.auth_token)


def test_a_call_of_the_sdk(program: Program, api: Api, sink: Sink, sdk: RestClient) -> None:
    answer_url = hears(
        sink, '<Speak>Hello.</Speak><Play>beep.wav</Play><Hangup reason="rejected"/>'
    )
    made = sdk.calls.create(
        from_=NUMBER,
        to_=RINGS,
        answer_url=answer_url,
        ring_url=sink.url("/ring"),
        hangup_url=sink.url("/hangup"),
        caller_name="The shop",
        sip_headers={"shoe": "42"},
    )
    uuid = made.request_uuid
    told = ended(sink, uuid)
    (rang,) = sink.at("/ring")
    (asked,) = sink.at("/answer")
    events = [(one.params["Event"], one.params["CallStatus"]) for one in (rang, asked, told)]
    assert events == [("Ring", "ringing"), ("StartApp", "in-progress"), ("Hangup", "completed")]
    for one in (rang, asked, told):
        same = {
            "CallUUID": uuid,
            "RequestUUID": uuid,
            "From": NUMBER,
            "To": RINGS,
            "Direction": "outbound",
            "X-PH-shoe": "42",
            "CallerName": "The shop",
            "ParentAuthID": program.auth_id,
        }
        assert {name: one.params.get(name) for name in same} == same
        assert one.is_voice_signed_by(program.auth_token)
    record = record_of(api, uuid)
    assert (record["call_state"], record["call_direction"]) == ("ANSWER", "outbound")
    assert str(record["bill_duration"]) == told.params["Duration"]
    assert (record["hangup_cause_name"], record["hangup_source"]) == (
        told.params["HangupCauseName"],
        told.params["HangupSource"],
    )
    assert record["total_amount"] == told.params["TotalCost"] == record["total_rate"]
    query = "SELECT amount FROM ledger WHERE resource_id = :uuid"
    ((amount,),) = program.rows(query, uuid=uuid)
    assert amount == -round(float(record["total_amount"]) * 100_000)
    assert sdk.calls.get(uuid).call_uuid == uuid


@pytest.mark.parametrize(
    ("to", "code", "state", "status"),
    [
        (BUSY, 3010, "BUSY", "busy"),
        ("15005558003", 3110, "FAILED", "failed"),  # 603
        ("15005558004", 3050, "FAILED", "failed"),  # 404
        ("15005558006", 3090, "FAILED", "failed"),  # 503
        ("sip:nobody@phone.plivo.com", 2020, "FAILED", "failed"),
    ],
)
def test_calls_that_are_not_answered(
    api: Api, sink: Sink, to: str, code: int, state: str, status: str
) -> None:
    uuid = call(api, to, sink.url("/answer"))
    told = ended(sink, uuid)
    assert told.path == "/answer"  # without a hangup URL the answer URL is told
    assert (told.params["HangupCauseCode"], told.params["CallStatus"]) == (str(code), status)
    record = record_of(api, uuid)
    assert (record["hangup_cause_code"], record["call_state"]) == (code, state)
    assert (record["answer_time"], record["total_amount"]) == (None, "0.00000")


def test_a_call_that_rings_on_is_listed_and_given_up(api: Api, sink: Sink) -> None:
    uuid = call(api, RINGS_ON, sink.url("/answer"), ring_timeout=1, ring_url=sink.url("/ring"))
    until(lambda: sink.of(CallUUID=uuid, Event="Ring"), "the ringing")
    assert uuid in api.get("Call/", status="live")["calls"]
    live = api.get(f"Call/{uuid}/", status="live")
    assert (live["call_status"], live["to"], live["request_uuid"]) == ("ringing", RINGS_ON, uuid)
    told = ended(sink, uuid)
    assert (told.params["HangupCauseCode"], told.params["CallStatus"]) == ("6010", "no-answer")
    assert api.get(f"Call/{uuid}/", status="live").status == 404


def test_one_request_for_many(api: Api, sink: Sink) -> None:
    url = hears(sink, "<Hangup/>")
    ids = call(api, f"{ANSWERS}<{BUSY}<{ANSWERS}", url)
    assert len(ids) == len(set(ids)) == 2
    states = {ended(sink, uuid).params["To"]: record_of(api, uuid)["call_state"] for uuid in ids}
    assert states == {ANSWERS: "ANSWER", BUSY: "BUSY"}


def test_an_answer_url_that_fails_and_its_fallback(api: Api, sink: Sink) -> None:
    sink.answers["/broken"] = Answer(body="<Response><Nonsense", content_type=XML)
    uuid = call(api, ANSWERS, sink.url("/broken"), hangup_url=sink.url("/hangup"))
    assert ended(sink, uuid).params["HangupCauseCode"] == "8011"
    url = hears(sink, "<Hangup/>", "/fallback")
    uuid = call(api, ANSWERS, sink.url("/broken"), fallback_url=url, hangup_url=sink.url("/hangup"))
    assert ended(sink, uuid).params["HangupSource"] == "Answer XML"


def test_a_call_is_hung_up_by_request(api: Api, sink: Sink) -> None:
    uuid = call(api, ANSWERS, hears(sink, '<Wait length="120"/>'), hangup_url=sink.url("/hangup"))
    until(lambda: sink.of(CallUUID=uuid, Event="StartApp"), "the answer")

    live = api.get(f"Call/{uuid}/", status="live")
    assert live["call_status"] == "in-progress"
    assert api.delete(f"Call/{uuid}/").status == 204
    told = ended(sink, uuid)
    assert (told.params["HangupSource"], told.params["CallStatus"]) == ("API Request", "completed")
    assert api.delete(f"Call/{uuid}/").status == 404


def test_who_cannot_pay(launch: Callable[..., Program], sink: Sink) -> None:
    program = launch(starting_credit="0.025")  # a minute costs 0.01, and the first message 0.0077
    until(lambda: "First message:" in program.log(), "its own first message")
    api = program.api()
    url = hears(sink, '<Wait length="120"/>')
    first = call(api, ANSWERS, url, hangup_url=sink.url("/hangup"))
    until(lambda: sink.of(CallUUID=first, Event="StartApp"), "the answer")
    second = call(api, ANSWERS, url, hangup_url=sink.url("/hangup"))
    told = ended(sink, second)
    assert (told.params["HangupCauseCode"], told.params["TotalCost"]) == ("1010", "0.00000")
    assert api.delete(f"Call/{first}/").status == 204
    assert ended(sink, first).params["TotalCost"] == "0.01000"


def test_killed_in_mid_call(launch: Callable[..., Program], sink: Sink) -> None:
    program = launch(voice_calls_per_second="1")
    api = program.api()
    url = hears(sink, '<Wait length="600"/>')
    talking = call(api, ANSWERS, url, hangup_url=sink.url("/hangup"))
    until(lambda: sink.of(CallUUID=talking, Event="StartApp"), "the answer")
    waiting = call(api, f"{ANSWERS}<{BUSY}", url, hangup_url=sink.url("/hangup"))
    program.kill()
    program.start()
    told = ended(sink, talking)
    assert (told.params["HangupCauseCode"], told.params["CallStatus"]) == ("5010", "completed")
    assert record_of(api, talking)["hangup_cause_name"] == "Internal Error"
    for uuid in waiting:
        until(
            lambda uuid=uuid: (
                sink.of(CallUUID=uuid, Event="StartApp") or sink.of(CallUUID=uuid, Event="Hangup")
            ),
            "the call that waited",
        )
        assert len(sink.of(CallUUID=uuid, Event="StartApp")) <= 1
    api.delete("Call/")
