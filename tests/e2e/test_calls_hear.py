"""Calls that listen: machines, speech, streams; over SIP, with the simulated phones."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_stream import StreamServer
from e2e_waiting import until

from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.webhooks.voice import signatures_v3

NUMBER = "14155550100"
MACHINE, SPEAKS, ECHOES, SILENT = "15005558007", "15005558009", "15005558010", "15005558000"
PRESSES_SEVEN = "15005558307"
PATIENCE_S = 60.0


def hears(sink: Sink, body: str, path: str = "/answer") -> str:
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    return sink.url(path)


def call(api: Api, to: str, answer_url: str, **fields: Any) -> str:
    made = api.post("Call/", **{"from": NUMBER, "to": to, "answer_url": answer_url, **fields})
    assert made.status == 201, made
    return made["request_uuid"]


def told(sink: Sink, uuid: str, event: str) -> dict[str, str]:
    found = until(lambda: sink.of(CallUUID=uuid, Event=event), event, PATIENCE_S)
    return found[0].params


@pytest.fixture
def application(loop: BackgroundLoop) -> Iterator[StreamServer]:
    made = StreamServer(loop).start()
    yield made
    made.stop()


# --- answering machines --------------------------------------------------------------------------


def test_a_machine_is_hung_up(api: Api, sink: Sink) -> None:
    answer_url = hears(sink, "<Wait length='30'/>")
    uuid = call(api, MACHINE, answer_url, machine_detection="hangup")
    hangup = told(sink, uuid, "Hangup")
    assert (hangup["HangupCauseCode"], hangup["Machine"]) == ("9100", "true")


def test_a_message_is_left_after_the_beep(api: Api, sink: Sink) -> None:
    answer_url = hears(sink, '<Wait length="20" beep="true"/><Hangup reason="busy"/>')
    hangup = told(sink, call(api, MACHINE, answer_url), "Hangup")
    assert hangup["HangupCauseCode"] == "3010"
    assert 3 <= int(hangup["Duration"]) <= 10  # the greeting lasts 3 s


def test_a_human_being_goes_on(api: Api, sink: Sink) -> None:
    answer_url = hears(sink, "<Hangup/>")
    uuid = call(api, "14155550177", answer_url, machine_detection="hangup")
    assert "Machine" not in told(sink, uuid, "StartApp")
    assert told(sink, uuid, "Hangup")["HangupSource"] == "Answer XML"


# --- keys ----------------------------------------------------------------------------------------


def test_keys_reach_whoever_was_dialled(api: Api, sink: Sink) -> None:
    answer_url = hears(sink, f'<Dial timeLimit="4"><Number>{SILENT}</Number></Dial>')
    told(sink, call(api, PRESSES_SEVEN, answer_url), "Hangup")
    assert api.get(f"/sim/handsets/{SILENT}/calls")["calls"][-1]["digits"] == "07"


# --- speech --------------------------------------------------------------------------------------


def test_what_is_said_reaches_the_action(api: Api, sink: Sink) -> None:
    hears(sink, "<Hangup/>", "/heard")
    hints = (
        "hello this is a simulated phone the weather is fine today goodbye",
        "please hold the line we will be with you as soon as we can",
    )
    answer_url = hears(
        sink,
        f'<GetInput action="{sink.url("/heard")}" inputType="speech" hints="{",".join(hints)}"'
        ' executionTimeout="30" speechEndTimeout="2"/><Speak>Nothing.</Speak>',
    )
    uuid = call(api, SPEAKS, answer_url)
    (heard,) = until(
        lambda: [one for one in sink.at("/heard") if one.params["CallUUID"] == uuid],
        "the action",
        PATIENCE_S,
    )
    assert heard.params["InputType"] == "speech"
    assert heard.params["Speech"] == hints[0]
    assert 0 < float(heard.params["SpeechConfidenceScore"]) <= 1


# --- streams -------------------------------------------------------------------------------------


def test_audio_goes_out_and_comes_back(
    api: Api, sink: Sink, program: Program, application: StreamServer
) -> None:
    answer_url = hears(
        sink,
        '<Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000"'
        f' extraHeaders="shop=7" statusCallbackUrl="{sink.url("/stream")}">{application.url}'
        "</Stream>",
    )
    uuid = call(api, ECHOES, answer_url)
    (start,) = until(lambda: application.of("start"), "the stream", PATIENCE_S)
    assert start["start"]["callId"] == uuid
    assert start["start"]["accountId"] == program.auth_id
    assert told(sink, uuid, "StartStream")["StreamID"] == start["start"]["streamId"]
    nonce = application.headers["x-plivo-signature-v3-nonce"]
    signed = signatures_v3(program.auth_token, "GET", application.url, {}, nonce)
    assert application.headers["x-plivo-signature-v3"] == signed

    tone = (9000 * np.sin(2 * np.pi * 850 * np.arange(16_000) / 8000)).astype(np.int16)
    payload = base64.b64encode(ulaw_encode(tone).tobytes()).decode()
    media = {"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": payload}
    application.say(event="playAudio", media=media)
    application.say(event="checkpoint", streamId=start["start"]["streamId"], name="done")
    until(lambda: application.of("playedStream"), "the end of what was played", PATIENCE_S)
    octets = b"".join(base64.b64decode(one["media"]["payload"]) for one in application.of("media"))
    audio = FROM_ULAW[np.frombuffer(octets, np.uint8)].astype(float)
    loudest = np.argmax(np.abs(np.fft.rfft(audio))) * 8000 / len(audio)
    assert abs(loudest - 850) < 20

    application.leave()
    assert told(sink, uuid, "StopStream")["StatusReason"] == "Connection closed"
    assert told(sink, uuid, "Hangup")["HangupCauseCode"] == "4010"  # the document is done


def test_keys_are_streamed(api: Api, sink: Sink, application: StreamServer) -> None:
    answer_url = hears(
        sink,
        f'<Stream keepCallAlive="true" statusCallbackUrl="{sink.url("/stream")}">'
        f"{application.url}</Stream>",
    )
    uuid = call(api, PRESSES_SEVEN, answer_url)
    (digit, *_) = until(lambda: application.of("dtmf"), "the keys", PATIENCE_S)
    assert digit["dtmf"]["digit"] in "07"
    assert digit["streamId"] == told(sink, uuid, "StartStream")["StreamID"]
    application.leave()


def test_a_stream_that_nobody_takes_ends_and_the_call_goes_on(api: Api, sink: Sink) -> None:
    answer_url = hears(
        sink,
        f'<Stream keepCallAlive="true" statusCallbackUrl="{sink.url("/stream")}">'
        'ws://127.0.0.1:9/none</Stream><Hangup reason="busy"/>',
    )
    uuid = call(api, SILENT, answer_url)
    assert "connection_failed" in told(sink, uuid, "StopStream")["StatusReason"]
    assert told(sink, uuid, "Hangup")["HangupSource"] == "Answer XML"
