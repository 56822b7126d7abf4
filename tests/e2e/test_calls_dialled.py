"""Whom a Dial calls, what it is told of them, and what is kept of keys: with simulated phones."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from e2e_api import Api
from e2e_sink import Answer, Sink
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
ANSWERS, MACHINE, PRESSES_FOUR = "14155550166", "15005558007", "15005558304"
RINGS_ON = "15005558002"
PATIENCE_S = 40.0


def hears(sink: Sink, path: str, body: str) -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def call(api: Api, sink: Sink, body: str, to: str = ANSWERS) -> str:
    """Let a simulated phone hear a document; return the call's id."""
    sink.seen.clear()
    made = api.post("Call/", **{"from": NUMBER}, to=to, answer_url=hears(sink, "/answer", body))
    assert made.status == 201, made
    return made["request_uuid"]


def dial(api: Api, sink: Sink, attributes: str, *numbers: str) -> dict[str, str]:
    """Let a simulated phone's call dial others; return what the action was told."""
    action = hears(sink, "/dialled", "<Hangup/>")
    inside = "".join(f"<Number>{number}</Number>" for number in numbers)
    events = f'callbackUrl="{sink.url("/events")}"'
    call(api, sink, f'<Dial action="{action}" {events} {attributes}>{inside}</Dial>')
    (told,) = until(lambda: sink.at("/dialled"), "the action", PATIENCE_S)
    return dict(told.params)


def legs(api: Api, told: dict[str, str], many: int) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]] | None:
        rows = api.get("Call/", parent_call_uuid=told["DialALegUUID"]).body["objects"]
        return rows if len(rows) == many else None

    return until(found, f"the records of {many} legs")


def test_nobody_that_can_be_called(api: Api, sink: Sink) -> None:
    told = dial(api, sink, "", "twelve", "sip:nobody@phone.plivo.com")
    outcome = (told["DialStatus"], told["DialRingStatus"], told["DialBLegUUID"])
    assert outcome == ("failed", "false", "")
    found = {leg["to_number"]: leg["hangup_cause_code"] for leg in legs(api, told, 2)}
    assert found == {"twelve": 2000, "sip:nobody@phone.plivo.com": 2020}


def test_a_machine_is_not_connected(api: Api, sink: Sink) -> None:
    told = dial(api, sink, 'machineDetection="hangup"', MACHINE)
    assert told["DialStatus"] == "failed"
    (leg,) = legs(api, told, 1)
    assert leg["hangup_cause_code"] == 9100
    answered, hung_up = until(lambda: sink.at("/events")[1:] and sink.at("/events"), "callbacks")
    assert (answered.params["DialAction"], hung_up.params["DialAction"]) == ("answer", "hangup")
    assert hung_up.params["DialBLegMachine"] == "true"


@pytest.mark.parametrize(("mode", "events"), [("rfc2833", "42#"), ("inband", "")])
def test_keys_are_sent_as_events_or_as_tones(api: Api, sink: Sink, mode: str, events: str) -> None:
    """The phone takes events, and listens for no tones."""
    number = "14155550167"
    action = hears(sink, "/dialled", "<Hangup/>")
    keys = f'sendDigits="42#" sendDigitsMode="{mode}"'
    dialling = f'<Dial action="{action}" timeLimit="2"><Number {keys}>{number}</Number></Dial>'
    call(api, sink, dialling)
    until(lambda: sink.at("/dialled"), "the action", PATIENCE_S)
    assert api.get(f"/sim/handsets/{number}/calls")["calls"][-1]["digits"] == events


def test_keys_that_cut_a_prompt_short_are_not_kept(api: Api, sink: Sink) -> None:
    action = hears(sink, "/typed", "")
    asking = f'<GetDigits action="{action}" numDigits="1" redirect="false" log="false">'
    prompt = f"<Speak>{'Enter your secret number. ' * 20}</Speak>"
    uuid = call(api, sink, f"{asking}{prompt}</GetDigits><Hangup/>", PRESSES_FOUR)
    (typed,) = until(lambda: sink.at("/typed"), "the digits")  # it speaks for 30 s
    assert typed.params["Digits"] == "0"

    def kept() -> dict[str, list[str]] | None:
        rows = api.get("/admin/webhooks", resource=uuid, kind="voice.unlogged")["objects"]
        done = [one for one in rows if one["state"] == "delivered"]
        return parse_qs(done[0]["body"]) if done else None

    found = until(kept, "what is kept of it")
    assert (found["Digits"], found["CallUUID"]) == (["hidden"], [uuid])


@pytest.mark.parametrize(
    ("body", "code"),
    [("<Redirect>/next</Redirect>", 7024), ("<Record action='/next' maxLength='1'/>", 7022)],
)
def test_addresses_are_absolute(api: Api, sink: Sink, body: str, code: int) -> None:
    uuid = call(api, sink, body, "15005558009")  # it speaks
    (told,) = until(lambda: sink.of(CallUUID=uuid, Event="Hangup"), "the end", PATIENCE_S)
    assert told.params["HangupCauseCode"] == str(code)


def test_a_call_that_rings_is_not_streamed(api: Api, sink: Sink) -> None:
    uuid = call(api, sink, "<Hangup/>", RINGS_ON)
    until(lambda: api.get(f"Call/{uuid}/", status="live").status == 200, "the call")
    refused = api.post(f"Call/{uuid}/Stream/", service_url="ws://127.0.0.1:9/s")
    assert (refused.status, "not answered yet" in refused["error"]) == (409, True)
    assert api.delete(f"Call/{uuid}/").status == 204
