"""Commands to calls of the whole program: what they do is heard, kept and recorded."""

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

NUMBER, ANSWERS, TALKS = "14155550100", "15005558000", "15005558630"


def call(api: Api, sink: Sink, document: str, to: str = ANSWERS, **fields: Any) -> str:
    path = f"/{abs(hash(document))}"
    sink.answers[path] = Answer(body=f"<Response>{document}</Response>", content_type="text/xml")
    body = {"from": NUMBER, "to": to, "answer_url": sink.url(path), **fields}
    made = api.post("Call/", **body)
    assert made.status == 201, made
    return made["request_uuid"]


def talking(api: Api, uuid: str) -> str:
    def is_answered() -> bool:
        found = api.get(f"Call/{uuid}/", status="live")
        return found.status == 200 and found["call_status"] == "in-progress"

    until(is_answered, "the call to be answered")
    return uuid


def record_of(api: Api, uuid: str) -> dict[str, Any]:
    until(lambda: api.get(f"Call/{uuid}/").status == 200, "the call's record")
    return api.get(f"Call/{uuid}/").body


def test_a_call_that_waits_for_its_turn_is_hung_up(
    launch: Callable[..., Program], sink: Sink
) -> None:
    api = launch(voice_calls_per_second="0.1").api()
    wait = '<Wait length="3600"/>'
    first = talking(api, call(api, sink, wait))
    second, third = (call(api, sink, wait) for _ in range(2))
    assert set(api.get("Call/", status="queued")["calls"]) == {second, third}
    assert api.delete(f"Call/{second}/").status == 204
    assert api.delete(f"Request/{third}/").status == 204
    assert api.get("Call/", status="queued")["calls"] == []
    for uuid in (second, third):
        record = record_of(api, uuid)
        assert (record["call_state"], record["hangup_source"]) == ("CANCEL", "API Request")
        assert record["hangup_cause_code"] == 1000
    assert api.delete("Call/").status == 204
    record = record_of(api, first)
    assert (record["hangup_cause_code"], record["hangup_source"]) == (4000, "API Request")


def test_participants_are_called_and_recorded(api: Api, sink: Sink) -> None:
    path = "MultiPartyCall/name_Sales/"
    added = api.post(
        f"{path}Participant/", role="agent", to=ANSWERS, status_callback_url=sink.url("/mpc"),
        call_status_callback_url=sink.url("/status"), **{"from": NUMBER},
    )  # fmt: skip
    assert added.status == 201, added
    (agent,) = added["calls"]

    def members() -> list[dict[str, Any]]:
        found = api.get(f"{path}Participant/")
        return found["objects"] if found.status == 200 else []

    until(members, "the agent to join")
    assert api.post(f"{path}Participant/1/", hold=True).status == 202
    recorded = api.post(f"{path}Record/", file_format="wav")  # of nobody who is heard, yet
    assert recorded.status == 202, recorded
    assert api.post(f"{path}Participant/1/", hold=False).status == 202
    customer = call(api, sink, '<MultiPartyCall role="customer">Sales</MultiPartyCall>', TALKS)
    until(lambda: len(members()) == 2, "the customer to join")
    assert [(one["role"], one["call_uuid"]) for one in members()] == [
        ("agent", agent["call_uuid"]), ("customer", customer),
    ]  # fmt: skip
    assert api.post(f"{path}Record/Pause/").status == 204
    assert api.get(path)["recording"] == "paused"
    assert api.post(f"{path}Record/Resume/").status == 204
    muted = api.post(f"{path}Participant/2/", mute=True)
    assert (muted.status, members()[1]["mute"]) == (202, True)
    uuid = api.get(path)["mpc_uuid"]
    assert api.delete(path).status == 200
    codes = {record_of(api, one)["hangup_cause_code"] for one in (agent["call_uuid"], customer)}
    assert codes == {4020}
    over = api.get(f"MultiPartyCall/uuid_{uuid}/")
    assert (over["status"], over["termination_cause_code"]) == ("Ended", 3000)
    assert api.get(path).status == 404
    recording = f"Recording/{recorded['recording_id']}/"
    until(lambda: api.get(recording).status == 200, "the recording")
    with urllib.request.urlopen(api.get(recording)["recording_url"], timeout=20) as answer:
        assert answer.read(4) == b"RIFF"
    until(lambda: sink.of(EventName="MPCEnd"), "word of its end")
    events = [one.params["EventName"] for one in sink.at("/mpc")]
    assert events[:3] == ["MPCInitialized", "MPCStart", "ParticipantJoin"]
    until(lambda: sink.of(CallUUID=agent["call_uuid"], Event="Hangup"), "word of the call")
    assert {one.params["CallUUID"] for one in sink.at("/status")} == {agent["call_uuid"]}


def test_a_call_is_transferred_and_recorded(api: Api, sink: Sink) -> None:
    sink.answers["/there"] = Answer(
        body='<Response><Wait length="3600"/></Response>', content_type="text/xml"
    )
    uuid = talking(api, call(api, sink, '<Speak loop="0">Hello</Speak>', TALKS))
    moved = api.post(f"Call/{uuid}/", aleg_url=sink.url("/there"))
    assert (moved.status, moved["message"]) == (202, "call transfered")
    until(lambda: sink.at("/there"), "the other document")
    recorded = api.post(
        f"Call/{uuid}/Record/", file_format="wav", callback_url=sink.url("/recorded")
    )
    assert recorded.status == 202, recorded
    assert api.post(f"Call/{uuid}/DTMF/", digits="1w2@100").status == 202
    assert api.post(f"Call/{uuid}/Speak/", text="You are on hold.").status == 202
    assert api.post(f"Call/{uuid}/Transfer/").status == 404
    assert api.delete(f"Call/{uuid}/Record/", url=recorded["url"]).status == 204
    (told,) = until(lambda: sink.at("/recorded"), "word of the recording")
    assert told.params["recording_id"] == recorded["recording_id"]
    assert told.params["api_id"] == recorded["api_id"]
    assert api.delete(f"Call/{uuid}/").status == 204
    assert record_of(api, uuid)["hangup_source"] == "API Request"
    assert api.delete(f"Call/{uuid}/").status == 404


def test_a_recording_that_was_stopped_makes_room_for_another(api: Api, sink: Sink) -> None:
    told = sink.url("/anew")
    call(api, sink, f'<Conference callbackUrl="{told}">Anew</Conference>', TALKS)
    call(
        api, sink, f'<MultiPartyCall role="agent" statusCallbackUrl="{told}">Anew</MultiPartyCall>',
        TALKS,
    )  # fmt: skip
    until(lambda: sink.of(ConferenceAction="enter", ConferenceName="Anew"), "a member")
    until(lambda: sink.of(EventName="ParticipantJoin", MPCName="Anew"), "a participant")
    for path in ("Conference/Anew/", "MultiPartyCall/name_Anew/"):
        for _ in range(3):
            started = api.post(f"{path}Record/", file_format="wav")
            assert started.status == 202, started
            assert api.delete(f"{path}Record/").status == 204
        if path.startswith("MultiPartyCall/"):
            assert api.get(path)["recording"] == "not-recording"
            paused = api.post(f"{path}Record/Pause/")
            assert (paused.status, paused["error"]) == (409, "'Anew' is not recorded")
    assert api.delete("Call/").status == 204


def test_a_main_account_reaches_what_it_lists_of_its_subaccounts(api: Api, sink: Sink) -> None:
    with subaccount(api, "Oslo office") as sub, subaccount(api, "Bergen office") as sibling:
        agent = '<MultiPartyCall role="agent">Oslo</MultiPartyCall>'
        first, mine = call(sub, sink, agent, TALKS), call(api, sink, agent, TALKS)

        def listed(**query: str) -> list[dict[str, Any]]:
            found = api.get("MultiPartyCall/", friendly_name="Oslo", **query)
            return found["objects"]

        until(lambda: listed() and listed(sub_account=sub.auth_id), "both to have begun")
        (one,) = listed(sub_account=sub.auth_id)
        which = one["resource_uri"].removeprefix(api.root)
        assert api.get(which)["mpc_uuid"] == one["mpc_uuid"]
        added = api.post(f"{which}Participant/", role="customer", to=ANSWERS, **{"from": NUMBER})
        assert added.status == 201, added
        (second,) = [each["call_uuid"] for each in added["calls"]]
        there = one["participants"].removeprefix(api.root)
        until(lambda: len(api.get(there)["objects"]) == 2, "the second one, where the first is")
        assert [each["call_uuid"] for each in api.get(there)["objects"]] == [first, second]
        assert sub.get(f"Call/{second}/", status="live").status == 200
        assert sibling.get(which).status == 404
        assert api.delete(which).status == 200
        assert record_of(sub, first)["hangup_cause_code"] == 4020
        assert api.get(f"Call/{mine}/", status="live").status == 200
        assert api.delete("Call/").status == 204


@contextmanager
def subaccount(api: Api, name: str) -> Iterator[Api]:
    made = api.post("Subaccount/", name=name, enabled=True)
    with closing(Api(api.url, made["auth_id"], made["auth_token"])) as sub:
        yield sub


def test_what_was_recorded_for_a_moment_is_there(api: Api, sink: Sink) -> None:
    uuid = talking(api, call(api, sink, '<Wait length="60"/>'))
    told = sink.url("/moment")
    for form in ("mp3", "wav"):
        path = f"Call/{uuid}/Record/"
        made = api.post(path, file_format=form, callback_url=told)
        assert api.delete(path).status == 204
        until(lambda of=made: sink.of(recording_id=of["recording_id"]), "word of it")
        found = api.get(f"Recording/{made['recording_id']}/")
        assert float(found["recording_duration_ms"]) >= 20
        with urllib.request.urlopen(found["recording_url"], timeout=20) as answer:
            assert answer.read(2) in (b"RI", b"\xff\xe3")
    assert api.delete(f"Call/{uuid}/").status == 204


def test_a_call_ends_with_its_credit_when_time_is_moved(
    launch: Callable[..., Program], sink: Sink
) -> None:
    # Two minutes cost 0.02, and the first message 0.0077.
    program = launch("--clock", "controlled", starting_credit="0.028")
    api = program.api()
    url = sink.url("/out-of-credit")
    uuid = talking(api, call(api, sink, '<Wait length="3600"/>', hangup_url=url))
    program.advance(90)
    assert api.get(f"Call/{uuid}/", status="live").status == 200
    program.advance(90)
    record = record_of(api, uuid)
    assert (record["hangup_cause_code"], record["bill_duration"]) == (1010, 120)
    assert record["total_amount"] == "0.02000"


def test_a_call_is_charged_for_no_second_beyond_its_limit(
    launch: Callable[..., Program], sink: Sink
) -> None:
    program = launch("--clock", "controlled")
    api = program.api()
    uuid = talking(
        api,
        call(api, sink, '<Wait length="3600"/>', time_limit=30, hangup_url=sink.url("/limited")),
    )
    program.advance(30.4)  # so late the program notices
    record = record_of(api, uuid)
    assert (record["hangup_cause_code"], record["bill_duration"]) == (6000, 30)
    (told,) = until(lambda: sink.of(CallUUID=uuid, Event="Hangup"), "word of it")
    assert (told.params["Duration"], told.params["TotalCost"]) == ("30", record["total_amount"])
