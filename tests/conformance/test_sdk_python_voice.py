"""Endpoints, call records and recordings by the unchanged Python SDK, against the whole program."""

import urllib.request
from collections.abc import Iterator

import plivo
import plivo.rest.client
import pytest
from conform_calls import CALLS
from e2e_program import Program
from plivo import exceptions

UNKNOWN = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
CONSTANTS = (
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)


@pytest.fixture
def client(program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[plivo.RestClient]:
    for name in CONSTANTS:
        monkeypatch.setattr(plivo.rest.client, name, f"{program.url}/v1/Account")
    made = plivo.RestClient(program.auth_id, program.auth_token, timeout=20)
    yield made
    made.session.close()
    made.multipart_session.close()


def test_endpoints(client: plivo.RestClient, program: Program) -> None:
    made = client.endpoints.create(username="desk", password="secret", alias="Test Account")
    assert made.message == "created"
    assert made.username.startswith("desk")
    one = client.endpoints.get(made.endpoint_id)
    assert (one.alias, one.sip_registered) == ("Test Account", "false")
    assert one.sip_uri == f"sip:{made.username}@phone.plivo.com"
    assert client.endpoints.update(made.endpoint_id, alias="Other").message == "changed"
    listed = client.endpoints.list(limit=20, offset=0)
    assert {each.alias for each in listed if each.endpoint_id == made.endpoint_id} == {"Other"}
    CALLS["registered_endpoint"](program, made.endpoint_id)
    assert client.endpoints.get(made.endpoint_id).sip_registered == "true"
    client.endpoints.delete(made.endpoint_id)
    with pytest.raises(exceptions.ResourceNotFoundError):
        client.endpoints.get(made.endpoint_id)
    with pytest.raises(exceptions.ValidationError, match="password"):
        client.endpoints.create(username="desk", password="no", alias="x")


def test_call_records(client: plivo.RestClient, program: Program) -> None:
    ended, live = (CALLS[kind](program, "") for kind in ("ended_call", "live_call"))
    record = client.calls.get(ended)
    assert (record.call_state, record.billed_duration) == ("ANSWER", 120)
    assert (record.total_rate, record.total_amount) == ("0.00850", "0.01700")
    assert (record.hangup_cause_code, record.hangup_source) == (4000, "Callee")
    listed = client.calls.list(
        call_direction="outbound",
        from_number="14155550100",
        parent_call_uuid=record.parent_call_uuid,
    )
    assert [one.call_uuid for one in listed] == [ended]
    assert listed.meta.total_count == 1
    assert live in client.live_calls.list_ids().calls
    assert client.calls.live_call_get(live).call_status == "in-progress"
    queued = CALLS["queued_call"](program, "")
    assert queued in client.queued_calls.list_ids().calls
    assert client.queued_calls.get(queued).call_status == "queued"
    for ask in (client.calls.get, client.calls.live_call_get, client.queued_calls.get):
        with pytest.raises(exceptions.ResourceNotFoundError):
            ask(UNKNOWN)
    with pytest.raises(exceptions.ValidationError, match="30 days"):
        client.calls.list(end_time__gt="2015-03-21 11:47", end_time__lt="2016-03-21 11:47")


def test_recordings(client: plivo.RestClient, program: Program) -> None:
    recording_id = CALLS["recording"](program, "")
    one = client.recordings.get(recording_id)
    assert (one.recording_type, one.recording_format) == ("conference", "mp3")
    assert one.recording_duration_ms == "3000.00000"
    with urllib.request.urlopen(one.recording_url, timeout=20) as answer:
        assert answer.headers["content-type"] == "audio/mpeg"
        assert len(answer.read()) == 24_004
    listed = client.recordings.list(call_uuid=one.call_uuid)
    assert [each.recording_id for each in listed] == [recording_id]
    one.delete()
    with pytest.raises(exceptions.ResourceNotFoundError):
        client.recordings.get(recording_id)
    transcription = CALLS["transcription"](program, "")
    assert client.transcriptions.get_transcription(transcription).transcription == "Hello"
