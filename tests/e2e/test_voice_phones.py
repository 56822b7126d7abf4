"""Calls with real phones: what is said, heard and typed, and what the records say of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from baresip import Audio, Baresip, level_at, read_channels, tone, wav
from e2e_api import Api
from e2e_loop import BackgroundLoop
from e2e_phones import NewPhone
from e2e_program import Program
from e2e_sink import Answer, Callback, Sink
from e2e_waiting import until
from plivo import RestClient
from plivo.rest import client

from trunkline.engines.media.dsp.g711 import ulaw_encode
from trunkline.engines.speech import Recogniser, RecogniserConfig

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
XML = "text/xml"
DOMAIN = "phone.plivo.com"


def hears(sink: Sink, path: str, body: str) -> str:
    """Let an application answer with a document; return its URL."""
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type=XML)
    return sink.url(path)


def plays(sink: Sink, path: str, frequency: float) -> str:
    """Let an application have a sound file of one tone, half a second; return its URL."""
    sink.answers[path] = Answer(body=wav(tone(frequency, 0.5)), content_type="audio/wav")
    return sink.url(path)


def told(sink: Sink, path: str) -> Callback:
    (one,) = until(lambda: sink.at(path), path)
    return one


async def understood(audio: Audio, hints: tuple[str, ...]) -> str:
    """Ask the recogniser which of these was said."""
    recogniser = Recogniser(RecogniserConfig())
    try:
        found = await recogniser.understand(ulaw_encode(audio).tobytes(), hints=hints)
        return found.text
    finally:
        await recogniser.close()


@pytest.fixture
def sdk(program: Program, monkeypatch: pytest.MonkeyPatch) -> RestClient:
    """The official client, unmodified but for the address."""
    for name in ("PLIVO_API_BASE_URI", "API_VOICE_BASE_URI"):
        monkeypatch.setattr(client, name, f"{program.url}/v1/Account")
    return RestClient(program.auth_id, program.auth_token)


def test_a_phone_is_called_hears_types_and_is_recorded(
    program: Program, api: Api, sink: Sink, sdk: RestClient, new_phone: NewPhone, tmp_path: Path
) -> None:
    phone = new_phone("anna", sound=tone(700.0, 100.0))
    digits = f'<GetDigits action="{sink.url("/digits")}" numDigits="2" playBeep="false">'
    spoken = '<Speak loop="0">Please press two keys.</Speak>'
    answer = hears(sink, "/answer", f"{digits}{spoken}</GetDigits>")
    recording = 'maxLength="2" fileFormat="wav" playBeep="false"'
    hears(sink, "/digits", f'<Record action="{sink.url("/record")}" {recording}/>')
    hears(sink, "/record", "<Hangup/>")
    made = sdk.calls.create(
        from_=NUMBER, to_=f"sip:{phone.user}@{DOMAIN}", answer_url=answer,
        hangup_url=sink.url("/hangup"),
    )  # fmt: skip
    phone.wait_for("CALL_ESTABLISHED")
    until(lambda: np.any(np.abs(phone.hearing()) > 2_000), "speech")
    phone.press("42")
    assert told(sink, "/digits").params["Digits"] == "42"
    recorded = told(sink, "/record").params
    hangup = told(sink, "/hangup")
    phone.wait_for("CALL_CLOSED")
    assert level_at(phone.heard(), 700.0) < -45.0  # it does not hear itself
    # what it said is in the recording
    file = tmp_path / "recorded.wav"
    found = requests.get(recorded["RecordUrl"], timeout=20)
    assert found.status_code == 200
    file.write_bytes(found.content)
    said, was_heard = read_channels(file)  # stereo by default
    assert 1.5 < len(said) / 8_000 < 2.5
    assert level_at(said[4_000:12_000], 700.0) > -15.0
    assert level_at(was_heard[4_000:12_000], 700.0) < -45.0
    # and the books agree
    uuid = made.request_uuid
    cdr = until(lambda: api.get(f"Call/{uuid}/").body, "the record")
    assert (cdr["call_state"], cdr["call_uuid"]) == ("ANSWER", uuid)
    assert cdr["total_amount"] == hangup.params["TotalCost"]
    ledger = program.rows("SELECT amount FROM ledger WHERE resource_id = :uuid", uuid=uuid)
    assert sum(amount for (amount,) in ledger) == -round(float(cdr["total_amount"]) * 100_000)
    for one in sink.seen:
        assert one.params["CallUUID"] == uuid
        assert one.is_voice_signed_by(program.auth_token)


def test_a_phone_calls_and_hears_its_application(
    api: Api, sink: Sink, program: Program, new_phone: NewPhone, loop: BackgroundLoop
) -> None:
    answer = hears(sink, "/answer", '<Speak>Good morning.</Speak><Wait length="60"/>')
    made = api.post(
        "Application/", app_name="phones", answer_url=answer, hangup_url=sink.url("/hangup")
    )
    phone = new_phone("bert", app_id=made["app_id"])
    phone.dial(f"sip:4915112345678@{program.sip}")
    phone.wait_for("CALL_ESTABLISHED")
    until(lambda: np.any(np.abs(phone.hearing()) > 2_000), "speech")
    phone.wait(lambda: np.abs(phone.hears_next(0.4)).max() < 200, "the end of it")
    phone.hang_up()
    hints = ("good morning", "good evening", "please wait", "thank you")
    assert loop.run(understood(phone.hearing(), hints)) == "good morning"
    ended = told(sink, "/hangup").params
    asked = told(sink, "/answer").params
    assert (asked["Direction"], asked["To"]) == ("inbound", "4915112345678")
    assert asked["From"] == f"sip:{phone.user}@{DOMAIN}"
    assert (ended["CallUUID"], ended["CallStatus"]) == (asked["CallUUID"], "completed")
    cdr = api.get(f"Call/{asked['CallUUID']}/").body
    assert (cdr["call_direction"], cdr["hangup_source"]) == ("inbound", ended["HangupSource"])


def test_two_phones_ring_and_the_first_one_talks(
    api: Api, sink: Sink, sdk: RestClient, new_phone: NewPhone
) -> None:
    caller = new_phone("carl", sound=tone(500.0, 100.0))
    quick = new_phone("dora", sound=tone(900.0, 100.0), answer="manual")
    late = new_phone("emil", sound=tone(1300.0, 100.0), answer="manual")
    users = "".join(f"<User>sip:{one.user}@{DOMAIN}</User>" for one in (quick, late))
    answer = hears(sink, "/answer", f'<Dial action="{sink.url("/dialled")}">{users}</Dial>')
    sdk.calls.create(from_=NUMBER, to_=f"sip:{caller.user}@{DOMAIN}", answer_url=answer)
    for one in (quick, late):
        one.wait_for("CALL_INCOMING")
    quick.answer()
    late.wait_for("CALL_CLOSED")
    caller.wait(lambda: level_at(caller.hears_next(0.5), 900.0) > -15.0, "the other")
    heard, there = caller.hears_next(0.5), quick.hears_next(0.5)
    assert level_at(there, 500.0) > -15.0
    assert max(level_at(heard, 500.0), level_at(heard, 1300.0)) < -45.0
    assert max(level_at(there, 900.0), level_at(there, 1300.0)) < -45.0
    quick.hang_up()
    dialled = told(sink, "/dialled").params
    assert (dialled["DialStatus"], dialled["DialRingStatus"]) == ("completed", "true")
    assert not late.seen("CALL_ESTABLISHED")


def test_a_call_is_transferred_in_mid_prompt(
    api: Api, sink: Sink, sdk: RestClient, new_phone: NewPhone
) -> None:
    phone = new_phone("fred")
    answer = hears(sink, "/answer", f'<Play loop="0">{plays(sink, "/low.wav", 600.0)}</Play>')
    other = hears(sink, "/other", f'<Play loop="0">{plays(sink, "/high.wav", 1_000.0)}</Play>')
    uuid = sdk.calls.create(
        from_=NUMBER, to_=f"sip:{phone.user}@{DOMAIN}", answer_url=answer
    ).request_uuid
    phone.wait(lambda: level_at(phone.hears_next(0.5), 600.0) > -25.0, "the first prompt")
    sdk.calls.transfer(uuid, legs="aleg", aleg_url=other, aleg_method="POST")
    phone.wait(lambda: level_at(phone.hears_next(0.5), 1_000.0) > -25.0, "the second prompt")
    assert level_at(phone.hears_next(0.5), 600.0) < -50.0
    assert told(sink, "/other").params["CallUUID"] == uuid
    phone.hang_up()
    until(lambda: api.get(f"Call/{uuid}/").body.get("call_state") == "ANSWER", "the record")


def test_a_simulated_phone_calls_presses_and_hears_keys(
    program: Program, api: Api, sink: Sink
) -> None:
    answer = hears(
        sink,
        "/answer",
        f'<GetDigits action="{sink.url("/digits")}" numDigits="2" playBeep="false"/>',
    )
    hears(sink, "/digits", "<DTMF>7#</DTMF><Wait length='2'/><Hangup/>")
    made = api.post("Application/", app_name="simulated", answer_url=answer)
    number = program.numbers[-1]
    assert api.post(f"Number/{number}/", app_id=made["app_id"]).status == 202
    handset = "/sim/handsets/12065559911/calls"
    placed = api.post(handset, to=number, digits="42", digits_after_s=0.2)
    assert placed.status == 202, placed
    assert told(sink, "/digits").params["Digits"] == "42"

    def over() -> dict[str, Any] | None:
        call = api.get(handset)["calls"][-1]
        return call if call["state"] == "ended" else None

    call = until(over, "the end of the call")
    assert (call["digits"], call["ended_by"], call["placed"]) == ("7#", "platform", True)
    assert api.post(handset, to="12065550000").status == 404
    assert api.post(f"Number/{number}/", app_id="").status == 202


TONES = (410.0, 530.0, 690.0, 870.0, 1090.0, 1370.0, 1730.0, 2150.0)  # no sum or difference of them
QUIET = 2_000.0  # amplitude: seven of them together are not clipped


def levels(phone: Baresip, seconds: float = 0.5) -> list[float]:
    """Give how loud each of the tones is in what a phone hears from now on, in dBFS."""
    heard = phone.hears_next(seconds)
    return [level_at(heard, frequency) for frequency in TONES]


def hears_when(phone: Baresip, right: Callable[[list[float]], bool], what: str) -> None:
    """Wait until half a second of what a phone hears is as it should be."""
    phone.wait(lambda: right(levels(phone)), what)


def _orders_to_members(api: Api, sink: Sink, phones: list[Baresip]) -> None:
    """Mute, make deaf, play to and kick a member each; every effect is heard."""
    ids = {
        one.params["To"].partition("@")[0].removeprefix("sip:"): one.params["ConferenceMemberID"]
        for one in sink.of(ConferenceAction="enter")
    }

    def order(phone: Baresip, what: str, **fields: Any) -> None:
        path = f"Conference/eight/Member/{ids[phone.user]}/{what}/"
        assert api.post(path, **fields).status in (202, 204), what

    mute, deaf, played_to, kicked, witness = phones[:5]
    order(mute, "Mute")
    hears_when(witness, lambda found: found[0] < -50.0 < found[1], "the mute one's silence")
    hears_when(mute, lambda found: found[0] < -50.0 < found[4], "the others")
    order(deaf, "Deaf")
    hears_when(deaf, lambda found: max(found) < -50.0, "nothing")
    hears_when(witness, lambda found: found[1] > -30.0, "the deaf one")
    order(played_to, "Play", url=plays(sink, "/high.wav", 3_100.0), loop=0)
    played_to.wait(lambda: level_at(played_to.hears_next(0.5), 3_100.0) > -30.0, "what is played")
    assert level_at(witness.hears_next(0.5), 3_100.0) < -50.0
    order(kicked, "Kick")
    kicked.wait_for("CALL_CLOSED")
    hears_when(witness, lambda found: found[3] < -50.0 < found[1], "one less")


def test_a_conference_of_eight(
    api: Api, sink: Sink, sdk: RestClient, new_phone: NewPhone, tmp_path: Path
) -> None:
    phones = [
        new_phone(f"guest{number}", sound=tone(frequency, 60.0, QUIET))
        for number, frequency in enumerate(TONES)
    ]
    rules = f'enterSound="" callbackUrl="{sink.url("/room")}" record="true" recordFileFormat="wav"'
    answer = hears(sink, "/answer", f"<Conference {rules}>eight</Conference>")
    to = "<".join(f"sip:{one.user}@{DOMAIN}" for one in phones)
    uuids = sdk.calls.create(from_=NUMBER, to_=to, answer_url=answer).request_uuid
    assert len(uuids) == 8
    until(lambda: len(sink.of(ConferenceAction="enter")) == 8, "eight members")
    for number, one in enumerate(phones):
        found = levels(one)
        assert found.pop(number) < -50.0, (number, found)  # itself
        assert min(found) > -30.0, (number, found)
    _orders_to_members(api, sink, phones)
    for one in phones:
        if not one.seen("CALL_CLOSED"):
            one.hang_up()

    def recording() -> list[dict[str, Any]]:
        listed = api.get("Recording/", conference_name="eight", recording_type="conference")
        return listed.body["objects"]

    (kept,) = until(recording, "the recording")
    file = tmp_path / "conference.wav"
    file.write_bytes(requests.get(kept["recording_url"], timeout=20).content)
    (mixed,) = read_channels(file)
    assert min(level_at(mixed[8_000:12_000], each) for each in TONES) > -30.0
