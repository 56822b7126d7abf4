"""Whole applications of calls, written with the official SDK: what they are told, and when."""

import io
import urllib.request
import wave
from typing import Any

import numpy as np
import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Callback, Sink
from e2e_waiting import until
from plivo import plivoxml

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
SILENT, RINGS_ON, TALKS = "15005558000", "15005558002", "15005558630"
LEAVES_SOON, PRESSES = "15005558201", "15005558405"  # after a second; 0 5 #
PATIENCE_S = 40.0


def hears(sink: Sink, path: str, *elements: Any) -> str:
    """Let an application answer with what the SDK makes of these; return its URL."""
    response = plivoxml.ResponseElement()
    for element in elements:
        response.add(element)
    sink.answers[path] = Answer(body=response.to_string(), content_type="text/xml")
    return sink.url(path)


def call(api: Api, sink: Sink, to: str, answer_url: str, **fields: Any) -> str:
    body = {"to": to, "answer_url": answer_url, "hangup_url": sink.url("/hangup"), **fields}
    made = api.post("Call/", **{"from": NUMBER}, **body)
    assert made.status == 201, made
    return made["request_uuid"]


def told(sink: Sink, **params: str) -> Callback:
    return until(lambda: sink.of(**params), str(params), PATIENCE_S)[0]


def words(sink: Sink, path: str, name: str) -> list[tuple[str, str]]:
    """Return what a callback was told, with the state of the call it was told of."""
    return [(one.params[name], one.params["CallStatus"]) for one in sink.at(path)]


def assert_paid(program: Program, api: Api, uuid: str) -> dict[str, Any]:
    """Hold a record, its hangup callback's cost and the ledger together; return the record."""
    record = api.get(f"Call/{uuid}/").body
    query = "SELECT amount FROM ledger WHERE resource_id = :uuid"
    paid = sum(amount for (amount,) in program.rows(query, uuid=uuid))
    assert paid == -round(float(record["total_amount"]) * 100_000)
    assert record["billed_duration"] == (60 if record["answer_time"] else 0)
    return record


def test_an_agent_is_called_for_a_caller_who_waits(program: Program, api: Api, sink: Sink) -> None:
    events = {"callback_url": sink.url("/events"), "action": sink.url("/left")}
    waits = plivoxml.ConferenceElement(
        "desk", start_conference_on_enter=False, record=True, record_file_format="wav", **events
    )
    helps = plivoxml.ConferenceElement("desk", end_conference_on_exit=True, **events)
    hears(sink, "/left", plivoxml.HangupElement(reason="busy"))
    caller = call(api, sink, TALKS, hears(sink, "/caller", waits))
    came = told(sink, CallUUID=caller, ConferenceAction="enter").params
    assert (came["ConferenceFirstMember"], came.get("RecordUrl")) == ("true", None)
    assert api.get("Conference/desk/")["conference_member_count"] == "1"

    agent = call(api, sink, SILENT, hears(sink, "/agent", helps))
    told(sink, CallUUID=agent, ConferenceAction="enter")
    until(lambda: api.get("Conference/desk/")["conference_member_count"] == "2", "both")
    assert api.post("Conference/desk/Member/1/Mute/").status == 202
    assert api.delete("Conference/desk/Member/1/Mute/").status == 204
    until(lambda: api.get(f"Call/{agent}/", status="live").status == 200, "the agent's call")
    recorded_s = 1.5
    until(lambda: float(api.get("Conference/desk/")["conference_run_time"]) >= recorded_s, "talk")
    assert api.delete(f"Call/{agent}/").status == 204
    for uuid in (caller, agent):
        told(sink, CallUUID=uuid, Event="Hangup")
    until(lambda: len(sink.of(ConferenceAction="exit")) == 2, "both to be told as gone")
    until(lambda: sink.of(ConferenceAction="record"), "word of the recording")

    states = {
        one.params["CallUUID"]: one.params["CallStatus"] for one in sink.of(ConferenceAction="exit")
    }
    assert states == {caller: "in-progress", agent: "completed"}
    entered = [one.params["CallUUID"] for one in sink.of(ConferenceAction="enter")]
    assert entered == [caller, agent]
    records = [assert_paid(program, api, uuid) for uuid in (caller, agent)]
    assert {one["conference_uuid"] for one in records} == {came["ConferenceUUID"]}
    causes = [(one["hangup_cause_code"], one["hangup_source"]) for one in records]
    assert causes == [(3010, "Answer XML"), (4000, "API Request")]
    heard = fetched(told(sink, ConferenceAction="record").params["RecordUrl"])
    assert np.abs(heard).max() > 1_000  # what the caller said


def fetched(url: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return the samples of a WAV file."""
    with (
        urllib.request.urlopen(url, timeout=20) as answer,
        wave.open(io.BytesIO(answer.read())) as file,
    ):
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def test_agents_are_called_no_longer_than_the_caller_waits(
    program: Program, api: Api, sink: Sink
) -> None:
    customer = plivoxml.MultiPartyCallElement(
        "desk", role="customer", start_mpc_on_enter=False, status_callback_url=sink.url("/events"),
    )  # fmt: skip
    caller = call(api, sink, SILENT, hears(sink, "/customer", customer))
    told(sink, EventName="ParticipantJoin")

    def agents(name: str, to: str, **fields: str) -> list[str]:
        added = api.post(
            f"MultiPartyCall/name_{name}/Participant/", role="agent", to=to,
            call_status_callback_url=sink.url("/agents"), **{"from": NUMBER}, **fields,
        )  # fmt: skip
        assert added.status == 201, added
        return [one["call_uuid"] for one in added["calls"]]

    called = agents("desk", f"{RINGS_ON}<{SILENT}", delay_dial="0<60")
    (elsewhere,) = agents("begins_with_them", RINGS_ON)
    for uuid in (called[0], elsewhere):
        told(sink, CallUUID=uuid, Event="Ring")
    assert api.get("Call/", status="queued")["calls"] == [called[1]]
    assert api.delete(f"Call/{caller}/").status == 204
    causes = [told(sink, CallUUID=uuid, Event="Hangup").params for uuid in called]
    assert {(one["HangupCauseCode"], one["HangupSource"]) for one in causes} == {("4020", "Plivo")}
    until(lambda: len(api.get("Call/", status="live")["calls"]) == 1, "one that rings on")
    assert api.get("Call/", status="live")["calls"] == [elsewhere]
    assert api.get("Call/", status="queued")["calls"] == []
    for uuid in called:
        assert assert_paid(program, api, uuid)["call_state"] == "CANCEL"
    assert api.get("MultiPartyCall/name_desk/").status == 404
    assert api.delete(f"Call/{elsewhere}/").status == 204


def test_a_caller_gives_up_waiting_for_an_agent(program: Program, api: Api, sink: Sink) -> None:
    customer = plivoxml.MultiPartyCallElement(
        "queue", role="customer", start_mpc_on_enter=False, status_callback_url=sink.url("/events"),
    )  # fmt: skip
    uuid = call(api, sink, LEAVES_SOON, hears(sink, "/customer", customer))
    ended = told(sink, CallUUID=uuid, Event="Hangup").params
    until(lambda: sink.of(EventName="MPCEnd"), "its end")
    assert words(sink, "/events", "EventName") == [
        ("MPCInitialized", "in-progress"), ("ParticipantJoin", "in-progress"),
        ("ParticipantExit", "completed"), ("MPCEnd", "completed"),
    ]  # fmt: skip
    assert api.get("MultiPartyCall/name_queue/").status == 404
    record = assert_paid(program, api, uuid)
    assert (record["hangup_source"], ended["HangupSource"]) == ("Callee", "Callee")


def test_a_caller_gives_up_while_it_rings(program: Program, api: Api, sink: Sink) -> None:
    dial = plivoxml.DialElement(action=sink.url("/dialled"), callback_url=sink.url("/events"))
    dial.add(plivoxml.NumberElement(RINGS_ON))
    uuid = call(api, sink, LEAVES_SOON, hears(sink, "/answer", dial))
    dialled = told(sink, CallUUID=uuid, DialStatus="cancel").params
    found = (dialled["DialHangupCause"], dialled["DialRingStatus"], dialled["CallStatus"])
    assert found == ("ORIGINATOR_CANCEL", "true", "completed")
    assert sink.at("/events") == []  # nobody answered
    told(sink, CallUUID=uuid, Event="Hangup")
    legs = until(lambda: api.get("Call/", parent_call_uuid=uuid)["objects"], "the other leg")
    assert [(one["call_state"], one["hangup_source"]) for one in legs] == [("CANCEL", "Caller")]
    for one in (uuid, legs[0]["call_uuid"]):
        assert_paid(program, api, one)


def test_a_menu_that_is_slow_falls_back_and_takes_a_message(
    program: Program, api: Api, sink: Sink
) -> None:
    sink.answers["/slow"] = Answer(hang=True)
    menu = plivoxml.GetDigitsElement(
        action=sink.url("/chosen"), num_digits=4, finish_on_key="#", valid_digits="05", timeout=5
    )
    menu.add(plivoxml.SpeakElement("Your extension, please.", loop=3))
    fallback = hears(sink, "/fallback", menu, plivoxml.HangupElement(reason="rejected"))
    desk = plivoxml.DialElement(action=sink.url("/nobody"), timeout=1)
    hears(sink, "/chosen", desk.add(plivoxml.NumberElement(RINGS_ON)))
    message = plivoxml.RecordElement(
        action=sink.url("/taken"), callback_url=sink.url("/recorded"), play_beep=False,
        file_format="wav", max_length=60, timeout=60,
    )  # fmt: skip
    hears(sink, "/nobody", message)
    uuid = call(
        api, sink, PRESSES, sink.url("/slow#rt=300&rc=0"), fallback_url=fallback,
        fallback_method="GET", time_limit=5,
    )  # fmt: skip
    assert told(sink, CallUUID=uuid, Digits="05").path == "/chosen"
    (asked,), (again,) = sink.at("/slow"), sink.at("/fallback")
    assert (again.method, again.at - asked.at < 2.0) == ("GET", True)
    assert (
        told(sink, CallUUID=uuid, DialStatus="no-answer").params["DialHangupCause"] == "NO_ANSWER"
    )
    ended = told(sink, CallUUID=uuid, Event="Hangup").params
    assert (ended["HangupCauseCode"], ended["CallStatus"]) == ("6000", "completed")
    (recorded,) = until(lambda: sink.at("/recorded"), "the recording")
    (taken,) = until(lambda: sink.at("/taken"), "the action")
    for one in (recorded, taken):
        assert one.params["CallStatus"] == "completed"
        assert 1 <= int(one.params["RecordingDuration"]) <= 4
    assert recorded.params["RecordUrl"] == taken.params["RecordUrl"]
    assert assert_paid(program, api, uuid)["call_duration"] in (5, 6)
