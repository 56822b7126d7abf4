"""The callback that a recording is promised at its beginning is the one that is told at its end."""

import pytest
from voice_rig import Rig

from trunkline.voice.aftermath import outcome_of, written
from trunkline.voice.session.orders import Record
from trunkline.voice.telephony import RecordingSpec

TOLD = "https://app.test/told"
CALLBACK = f"callbackUrl='{TOLD}' callbackMethod='GET'"
MULTIPARTY = f"role='agent' recordingCallbackUrl='{TOLD}' recordingCallbackMethod='GET'"


def assert_as_promised(rig: Rig) -> None:
    """Hold the last callback to the promise, but for the time at which it is told."""
    (recorded,) = rig.book.recordings
    after = recorded.spec.aftermath
    assert after is not None
    told = [one for one in rig.callbacks if one.url == TOLD][-1]
    assert (told.kind, told.account_id, told.call_uuid, told.method) == (
        after.kind,
        after.account_id,
        after.call_uuid,
        after.method,
    )
    promised = after.params | written(after.shape, outcome_of(recorded.event))
    at = {"EventTimestamp"} & set(told.params)
    assert promised == {name: told.params[name] for name in set(told.params) - at}


@pytest.mark.parametrize(
    "document",
    [
        f"<Record {CALLBACK} maxLength='60' playBeep='false'/>",
        f"<Record {CALLBACK} recordSession='true'/><Wait length='60'/>",
        f"<Conference {CALLBACK} record='true' recordWhenAlone='true'>Room</Conference>",
        f"<MultiPartyCall {MULTIPARTY} record='true'>Nairobi</MultiPartyCall>",
        f"<MultiPartyCall {MULTIPARTY} recordParticipantTrack='true'>Nairobi</MultiPartyCall>",
    ],
    ids=["record", "session", "conference", "multiparty", "track"],
)
async def test_what_a_document_has_recorded(rig: Rig, document: str) -> None:
    leg = await rig.arrives(f"<Response>{document}</Response>")
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert_as_promised(rig)


async def test_what_a_request_has_recorded(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>x</Speak><Wait length='60'/></Response>")
    order = Record(
        spec=RecordingSpec("r-1"), callback_url=TOLD, callback_method="GET", api_id="api-1"
    )
    await rig.calls.do(leg.uuid, order)
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert_as_promised(rig)


async def test_without_a_url_nothing_is_promised(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Record recordSession='true'/><Wait/></Response>")
    ((spec, _),) = leg.recording.values()
    assert spec.aftermath is None
