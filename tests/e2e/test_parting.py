"""After `kill -9` of the process that has the calls, everybody they were with is told."""

import io
import time
import wave
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_phone import Phone, PhoneCall
from e2e_program import Program
from e2e_sink import Answer, Callback, Sink
from e2e_waiting import until
from free_ports import free_port

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
OTHER = "14155550101"
PASSWORD = "secret-of-the-phone"
TRUNK = """
[voice]
countries = "US"

[[trunks]]
name = "carrier"
host = "127.0.0.1"
port = {port}
username = "us"
password = "ours"
"""
WITHIN_S = 30.0


class Line(NamedTuple):
    """`user` and `rings` came by UDP, the two others by connections of their own."""

    program: Program
    api: Api
    carrier: Phone
    user: Phone
    rings: Phone
    connected: Phone
    connected_rings: Phone


@pytest.fixture
def line(loop: BackgroundLoop, launch: Callable[..., Program]) -> Iterator[Line]:
    """The program, a carrier that knows it by a password, and phones that have registered."""
    udp, tcp = (f"127.0.0.1:{free_port()}" for _ in range(2))
    carrier = Phone(loop, udp, secrets={"us": "ours"}).start()
    phones = [carrier]
    try:
        program = launch(config=TRUNK.format(port=carrier.port), sip_udp=udp, sip_tcp=tcp)
        api = program.api()

        def phone(alias: str, at: str, **more: Any) -> Phone:
            made = api.post("Endpoint/", username=alias, password=PASSWORD, alias=alias)
            phones.append(Phone(loop, at, made["username"], PASSWORD, **more).start())
            until(lambda: phones[-1].state == "registered", "the registration")
            return phones[-1]

        yield Line(
            program,
            api,
            carrier,
            phone("talks", udp),
            phone("rings", udp, answer=0),
            phone("connected", tcp, transport="tcp"),
            phone("connectedrings", tcp, transport="tcp", answer=0),
        )
    finally:
        for one in phones:
            one.stop()


def hears(sink: Sink, path: str, body: str) -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def call(line: Line, to: str, answer_url: str, callee: Phone | None = None) -> PhoneCall:
    callee = callee or line.carrier
    before = len(callee.calls)
    fields = {"from": NUMBER, "to": to, "answer_url": answer_url}
    made = line.api.post("Call/", **fields)
    assert made.status == 201, made
    return until(lambda: callee.calls[before:], "the call")[0]


def dialled(line: Line, caller: Phone, number: str) -> list[PhoneCall]:
    """Let somebody call a number that dials the phone which rings; return both legs."""
    before = len(line.rings.calls)
    made = caller.dial(f"+{number}")
    (other,) = until(lambda: line.rings.calls[before:], "the phone that rings")
    until(lambda: made.rang, "the caller to hear it ring")
    return [made, other]


def legs_kept(program: Program) -> int:
    return program.rows("SELECT count(*) FROM call_dialogs")[0][0]


def conference_records(sink: Sink) -> list[Callback]:
    return [one for one in sink.at("/room") if one.params["ConferenceAction"] == "record"]


def told(calls: list[PhoneCall]) -> Any:
    return [one.cause for one in calls if one.over and one.cause]


def test_the_far_end_of_every_leg_hears_of_the_end(line: Line, sink: Sink) -> None:
    program, api, carrier, user = line[:4]
    conference = hears(
        sink,
        "/conference",
        f'<Conference record="true" recordWhenAlone="true" recordFileFormat="wav"'
        f' callbackUrl="{sink.url("/room")}">room</Conference>',
    )
    out = call(line, "12065559901", conference)
    dials = hears(
        sink,
        "/dial",
        f'<Record recordSession="true" fileFormat="wav" callbackUrl="{sink.url("/session")}"'
        f' transcriptionUrl="{sink.url("/text")}"/>'
        f"<Dial><User>{user.address}</User></Dial>",
    )
    dialling = call(line, "12065559902", dials)
    app = api.post("Application/", app_name="in", answer_url=conference)["app_id"]
    assert api.post(f"Number/{NUMBER}/", app_id=app).status == 202
    came = carrier.dial(f"+{NUMBER}")
    user_leg = until(lambda: user.calls, "the dialled phone")[0]
    legs = [out, dialling, came, user_leg]
    until(lambda: all(one.answered for one in legs), "four legs")
    until(lambda: legs_kept(program) == 4, "what is kept")
    # One that ended in peace is not told again.
    carrier.hang_up(came)
    until(lambda: legs_kept(program) == 3, "what is left")
    came = carrier.dial(f"+{NUMBER}")
    until(lambda: legs_kept(program) == 4, "the next")
    legs[2] = came
    waiting, flowing = call_who_wait(line, sink)
    until(lambda: legs_kept(program) == 10, "what is kept of those that wait")

    later = wait_for_later(line, sink)
    uuid = sink.at("/dial")[0].params["CallUUID"]
    fields = {"callback_url": sink.url("/api"), "file_format": "wav"}
    tape = api.post(f"Call/{uuid}/Record/", **fields)
    assert tape.status == 202, tape
    time.sleep(1.5)  # so that there is something to keep

    program.kill()
    assert told(legs + waiting + flowing) == []
    assert not sink.at("/api") + sink.at("/session") + conference_records(sink)
    program.start()
    until(lambda: len(told(legs + waiting)) == 8, "a word for each", WITHIN_S)
    assert told(flowing) == []
    for phone in (line.connected, line.connected_rings):
        phone.register_anew()
    until(lambda: len(told(flowing)) == 2, "a word by the connections that came anew", WITHIN_S)
    legs += waiting + flowing
    assert {one.cause for one in legs} == {'Q.850;cause=41;text="Temporary failure"'}
    assert [one.status for one in legs if one.status] == [503, 503]  # who called, and waited
    until(lambda: legs_kept(program) == 0, "nothing is kept")
    parted = [one for one in program.log_events() if one["event"] == "call.parted"]
    found = sorted((one["what"], one["status"]) for one in parted)
    expected = {"farewell": [200] * 5, "invitation": [487] * 3, "unanswered": [200] * 2}
    assert found == [(what, status) for what, all_ in expected.items() for status in all_]

    (by_api,) = until(lambda: sink.at("/api"), "the callback of the API's recording")
    (by_xml,) = until(lambda: sink.at("/session"), "the callback of the session's recording")
    (of_room,) = until(lambda: conference_records(sink), "the callback of the conference's")
    assert by_api.params["recording_id"] == tape["recording_id"]
    for one, url, ms in (
        (by_api, "record_url", "recording_duration_ms"),
        (by_xml, "RecordUrl", "RecordingDurationMs"),
        (of_room, "RecordUrl", "RecordingDurationMs"),
    ):
        lasts, answer = int(one.params[ms]), httpx.get(one.params[url])
        assert lasts > 1_000
        assert answer.status_code == 200
        with wave.open(io.BytesIO(answer.content)) as audio:
            assert abs(audio.getnframes() / audio.getframerate() * 1000 - lasts) <= 20
        assert one.is_voice_signed_by(program.auth_token)
    (text,) = until(lambda: sink.at("/text"), "what was said in the session")
    assert text.params["recording_id"] == by_xml.params["RecordingID"]
    (over,) = until(lambda: sink.at("/added"), "the end of the participant who was to be called")
    assert (over.params["CallUUID"], over.params["HangupCauseCode"]) == (later, "5010")
    # Noted as told, too: else it would be told again.
    until(lambda: program.rows("SELECT 1 FROM webhooks WHERE state < 2") == [], "all callbacks")
    told_once = len(sink.seen)

    heard = carrier.heard
    program.kill()
    program.start()
    until(lambda: api.get("Call/", status="live").body["calls"] == [], "no call is left")
    assert carrier.heard == heard
    assert sink.seen[told_once:] == []
    assert legs_kept(program) == 0


def call_who_wait(line: Line, sink: Sink) -> tuple[list[PhoneCall], list[PhoneCall]]:
    """Have calls that ring, both ways; return the legs, and apart those by phones' connections.

    Whoever calls from here is the carrier to the program, by its address.
    """
    dials = hears(sink, "/rings", f"<Dial><User>{line.rings.address}</User></Dial>")
    app = line.api.post("Application/", app_name="rings", answer_url=dials)["app_id"]
    assert line.api.post(f"Number/{OTHER}/", app_id=app).status == 202
    waits = hears(sink, "/waits", '<Wait length="120"/>')
    caller, called = dialled(line, line.carrier, OTHER)
    by_tcp, called_too = dialled(line, line.connected, OTHER)
    connected, rings = line.connected, line.connected_rings
    talks = call(line, connected.address, waits, connected)
    unanswered = call(line, rings.address, waits, rings)
    until(lambda: talks.answered, "the phone that talks")
    return [caller, called, by_tcp, called_too], [talks, unanswered]


def wait_for_later(line: Line, sink: Sink) -> str:
    """Have somebody to be called in ten minutes for a multiparty call; return the call's uuid."""
    fields = {"from": NUMBER, "to": "12065559903", "role": "agent", "delay_dial": "600"}
    where, status = "MultiPartyCall/name_Sales/Participant/", sink.url("/added")
    made = line.api.post(where, **fields, call_status_callback_url=status)
    assert made.status == 201, made
    uuid = made["calls"][0]["call_uuid"]
    assert line.api.get("Call/", status="queued")["calls"] == [uuid]
    return uuid
