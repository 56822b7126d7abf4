"""What a recording is promised at its beginning is what comes of it at its end."""

import pytest
from voice_rig import Rig

from trunkline.voice.aftermath import outcome_of, written
from trunkline.voice.session.orders import Record
from trunkline.voice.telephony import RecordingSpec

TOLD = "https://app.test/told"
TRANSCRIBED = "transcriptionType='auto' transcriptionUrl='https://app.test/text'"
ACTION = f"action='{TOLD}' method='GET'"
CALLBACK = f"callbackUrl='{TOLD}' callbackMethod='GET'"
MULTIPARTY = f"role='agent' recordingCallbackUrl='{TOLD}' recordingCallbackMethod='GET'"


def assert_as_promised(rig: Rig, many: int = 1) -> None:
    """Hold callbacks and transcription to the promise, but for what is true when it is told.

    A promise is kept when the process has died, and so the call has ended.
    """
    (recorded,) = rig.book.recordings
    after = recorded.spec.aftermath
    assert after is not None
    told = [one for one in rig.callbacks if one.url == TOLD]
    assert len(after.callbacks) == many
    for promise in after.callbacks:
        last = [one for one in told if one.kind == promise.kind][-1]
        assert (last.account_id, last.call_uuid, last.method) == (
            promise.account_id,
            promise.call_uuid,
            promise.method,
        )
        assert last.params["CallStatus"] == "completed"  # its end is told behind the recording's
        promised = promise.params | written(promise.shape, outcome_of(recorded.event))
        at = {"EventTimestamp", "CallStatus", "SequenceNumber"} & set(last.params)
        assert promised.pop("CallStatus") == "completed"
        assert promised == {name: last.params[name] for name in set(last.params) - at}
    wanted = after.transcribing
    assert bool(recorded.transcription) == (wanted is not None)
    if wanted is not None:
        way = recorded.transcription_url, recorded.transcription_method
        assert way == (wanted.url, wanted.method)


@pytest.mark.parametrize(
    "document",
    [
        f"<Record {CALLBACK} maxLength='60' playBeep='false'/>",
        f"<Record {CALLBACK} {TRANSCRIBED} transcriptionMethod='GET' playBeep='false'/>",
        f"<Record {CALLBACK} transcriptionType='hybrid' playBeep='false'/>",
        f"<Record {CALLBACK} recordSession='true'/><Wait length='60'/>",
        f"<Conference {CALLBACK} record='true' recordWhenAlone='true'>Room</Conference>",
        f"<Conference {CALLBACK} {TRANSCRIBED} record='true'>Room</Conference>",
        f"<MultiPartyCall {MULTIPARTY} record='true'>Nairobi</MultiPartyCall>",
        f"<MultiPartyCall {MULTIPARTY} recordParticipantTrack='true'>Nairobi</MultiPartyCall>",
    ],
    ids=[
        "record",
        "transcribed",
        "transcribed without a word",
        "session",
        "conference",
        "transcribed conference",
        "multiparty",
        "track",
    ],
)
async def test_what_a_document_has_recorded(rig: Rig, document: str) -> None:
    leg = await rig.arrives(f"<Response>{document}</Response>")
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert_as_promised(rig)


async def test_the_action_hears_of_a_recording_that_the_end_of_its_call_ended(rig: Rig) -> None:
    leg = await rig.arrives(f"<Response><Record {CALLBACK} {ACTION} playBeep='false'/></Response>")
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert_as_promised(rig, 2)


async def test_what_a_request_has_recorded(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>x</Speak><Wait length='60'/></Response>")
    order = Record(
        spec=RecordingSpec("r-1"), callback_url=TOLD, callback_method="GET", api_id="api-1",
        transcription="auto", transcription_url="https://app.test/text",
    )  # fmt: skip
    await rig.calls.do(leg.uuid, order)
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert_as_promised(rig)


async def test_without_a_url_nothing_is_promised(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Record recordSession='true'/><Wait/></Response>")
    ((spec, _),) = leg.recording.values()
    assert spec.aftermath is None
