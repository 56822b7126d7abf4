"""After `kill -9` of the process that has the calls, everybody they were with is told."""

import io
import time
import wave
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from baresip import free_port
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_phone import Phone, PhoneCall
from e2e_program import Program
from e2e_sink import Answer, Callback, Sink
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
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
    program: Program
    api: Api
    carrier: Phone
    user: Phone
    username: str


@pytest.fixture
def line(loop: BackgroundLoop, launch: Callable[..., Program]) -> Iterator[Line]:
    """The program, a carrier that knows it by a password, and a phone that has registered."""
    own = free_port()
    platform = f"127.0.0.1:{own}"
    carrier = Phone(loop, platform, secrets={"us": "ours"}).start()
    phones = [carrier]
    try:
        program = launch(config=TRUNK.format(port=carrier.port), sip_udp=platform)
        api = program.api()
        made = api.post("Endpoint/", username="phone", password=PASSWORD, alias="phone")
        phones.append(Phone(loop, platform, made["username"], PASSWORD).start())
        until(lambda: phones[1].state == "registered", "the registration")
        yield Line(program, api, carrier, phones[1], made["username"])
    finally:
        for phone in phones:
            phone.stop()


def hears(sink: Sink, path: str, body: str) -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def call(line: Line, to: str, answer_url: str) -> PhoneCall:
    before = len(line.carrier.calls)
    fields = {"from": NUMBER, "to": to, "answer_url": answer_url}
    made = line.api.post("Call/", **fields)
    assert made.status == 201, made
    return until(lambda: line.carrier.calls[before:], "the call")[0]


def conference_records(sink: Sink) -> list[Callback]:
    return [one for one in sink.at("/room") if one.params["ConferenceAction"] == "record"]


def told(calls: list[PhoneCall]) -> Any:
    return [one.cause for one in calls if one.over and one.cause]


def test_the_far_end_of_every_leg_hears_of_the_end(line: Line, sink: Sink) -> None:
    program, api, carrier, user, username = line
    conference = hears(
        sink,
        "/conference",
        f'<Conference record="true" recordWhenAlone="true" recordFileFormat="wav"'
        f' callbackUrl="{sink.url("/room")}">room</Conference>',
    )
    out = call(line, "12065559901", conference)
    phone = f"sip:{username}@phone.plivo.com"
    dials = hears(
        sink,
        "/dial",
        f'<Record recordSession="true" fileFormat="wav" callbackUrl="{sink.url("/session")}"/>'
        f"<Dial><User>{phone}</User></Dial>",
    )
    dialling = call(line, "12065559902", dials)
    app = api.post("Application/", app_name="in", answer_url=conference)["app_id"]
    assert api.post(f"Number/{NUMBER}/", app_id=app).status == 202
    came = carrier.dial(f"+{NUMBER}")
    dialled = until(lambda: user.calls, "the dialled phone")[0]
    legs = [out, dialling, came, dialled]
    until(lambda: all(one.answered for one in legs), "four legs")
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(4,)], "what is kept")
    # One that ended in peace is not told again.
    carrier.hang_up(came)
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(3,)], "what is left")
    came = carrier.dial(f"+{NUMBER}")
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(4,)], "the next")
    legs[2] = came

    uuid = sink.at("/dial")[0].params["CallUUID"]
    fields = {"callback_url": sink.url("/api"), "file_format": "wav"}
    tape = api.post(f"Call/{uuid}/Record/", **fields)
    assert tape.status == 202, tape
    time.sleep(1.5)  # so that there is something to keep

    program.kill()
    assert told(legs) == []
    assert not sink.at("/api") + sink.at("/session") + conference_records(sink)
    program.start()
    until(lambda: len(told(legs)) == 4, "a BYE for each", WITHIN_S)
    assert {one.cause for one in legs} == {'Q.850;cause=41;text="Temporary failure"'}
    until(lambda: program.rows("SELECT count(*) FROM call_dialogs") == [(0,)], "nothing is kept")
    parted = [one for one in program.log_events() if one["event"] == "call.parted"]
    assert [one["status"] for one in parted] == [200] * 4

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
    told_once = len(sink.seen)

    heard = carrier.heard
    program.kill()
    program.start()
    until(lambda: api.get("Call/", status="live").body["calls"] == [], "no call is left")
    assert carrier.heard == heard
    assert len(sink.seen) == told_once
    assert program.rows("SELECT count(*) FROM call_dialogs") == [(0,)]
