"""Calls with real phones: what is said, heard and typed, and what the records say of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from baresip import Baresip, level_at, read_channels, tone
from e2e_api import Api
from e2e_phones import NewPhone
from e2e_program import Program
from e2e_sink import Answer, Callback, Sink
from e2e_waiting import until
from plivo import RestClient
from plivo.rest import client

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NUMBER = "14155550100"
XML = "text/xml"
DOMAIN = "phone.plivo.com"


def hears(sink: Sink, path: str, body: str) -> str:
    """Let an application answer with a document; return its URL."""
    sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type=XML)
    return sink.url(path)


def told(sink: Sink, path: str) -> Callback:
    (one,) = until(lambda: sink.at(path), path)
    return one


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
    api: Api, sink: Sink, program: Program, new_phone: NewPhone
) -> None:
    answer = hears(sink, "/answer", '<Speak loop="0">Good morning.</Speak>')
    made = api.post(
        "Application/", app_name="phones", answer_url=answer, hangup_url=sink.url("/hangup")
    )
    phone = new_phone("bert", app_id=made["app_id"])
    phone.dial(f"sip:4915112345678@{program.sip}")
    phone.wait_for("CALL_ESTABLISHED")
    until(lambda: np.any(np.abs(phone.hearing()) > 2_000), "speech")
    phone.hang_up()
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


TONES = (410.0, 530.0, 690.0, 870.0, 1090.0, 1370.0, 1730.0, 2150.0)  # no sum or difference of them
QUIET = 2_000.0  # amplitude: seven of them together are not clipped


def levels(phone: Baresip, seconds: float = 0.5) -> list[float]:
    """Give how loud each of the tones is in what a phone hears from now on, in dBFS."""
    heard = phone.hears_next(seconds)
    return [level_at(heard, frequency) for frequency in TONES]


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
    for one in phones:
        one.hang_up()

    def recording() -> list[dict[str, Any]]:
        listed = api.get("Recording/", conference_name="eight", recording_type="conference")
        return listed.body["objects"]

    (kept,) = until(recording, "the recording")
    file = tmp_path / "conference.wav"
    file.write_bytes(requests.get(kept["recording_url"], timeout=20).content)
    (mixed,) = read_channels(file)
    assert min(level_at(mixed[-8_000:-2_000], each) for each in TONES) > -30.0
