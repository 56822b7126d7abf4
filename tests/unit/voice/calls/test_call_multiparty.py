"""What a `<MultiPartyCall>` records, who is on hold there, and who finds no room in it."""

from voice_leg import ScriptedLeg
from voice_rig import ACCOUNT, Rig

from trunkline.voice.session.orders import StopRecording, ToMember
from trunkline.voice.telephony import File

RECORDED = "https://app.test/recorded"


async def attend(rig: Rig, attributes: str) -> ScriptedLeg:
    return await rig.arrives(
        "<Response><MultiPartyCall role='agent' enterSound='none' exitSound='none'"
        f" recordingCallbackUrl='{RECORDED}' {attributes}>Nairobi</MultiPartyCall>"
        "<Wait length='10'/></Response>"
    )


def told(rig: Rig) -> list[dict[str, str]]:
    return [dict(one.params) for one in rig.callbacks if one.url == RECORDED]


async def test_a_participant_is_recorded_by_itself(rig: Rig) -> None:
    leg = await attend(rig, "recordParticipantTrack='true' recordFileFormat='wav'")
    ((spec, _),) = leg.recording.values()
    assert (spec.session, spec.tracks, spec.format) == (True, "inbound", "wav")
    assert rig.rooms[0].recording == {}
    other = await attend(rig, "")
    await rig.passes(5)
    other.leaves()
    await rig.settle()
    assert leg.state == "answered"  # alone it leaves, and its call goes on
    assert leg.recording == {}
    (kept,) = rig.book.recordings
    assert (kept.conference, kept.multiparty, kept.event.duration_ms) == ("", False, 5_000)
    assert [one["EventName"] for one in told(rig)] == [
        "MPCRecordingInitiated", "MPCRecordingCompleted",
    ]  # fmt: skip
    assert {one["ParticipantCallUUID"] for one in told(rig)} == {leg.uuid}
    assert {one["MemberID"] for one in told(rig)} == {"1"}


async def test_it_is_kept_when_the_participant_hangs_up(rig: Rig) -> None:
    leg = await attend(rig, "recordParticipantTrack='true'")
    await rig.passes(3)
    leg.leaves()
    await rig.settle()
    (kept,) = rig.book.recordings
    assert kept.event.duration_ms == 3_000
    assert told(rig)[-1]["EventName"] == "MPCRecordingCompleted"


async def test_all_hear_that_it_is_recorded_and_no_more(rig: Rig) -> None:
    for name in ("begins", "ends"):
        page = f"<Response><Play>https://f.test/{name}.mp3</Play></Response>"
        rig.pages.pages[f"https://app.test/{name}"] = page
    await attend(
        rig,
        "record='true' startRecordingAudio='https://app.test/begins'"
        " stopRecordingAudio='https://app.test/ends' stopRecordingAudioMethod='POST'"
        " transcript='true' transcriptionUrl='https://app.test/text'",
    )
    (room,) = rig.rooms
    assert room.heard == [(File("https://f.test/begins.mp3"),)]
    assert rig.asked("https://app.test/begins").method == "GET"
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    await gathering.stop_recording()
    await rig.settle()
    assert room.heard[1:] == [(File("https://f.test/ends.mp3"),)]
    (kept,) = rig.book.recordings
    assert (kept.transcription, kept.transcription_url) == ("auto", "https://app.test/text")


async def test_a_recording_that_is_paused_is_told_so(rig: Rig) -> None:
    await attend(rig, "record='true'")
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    for paused in (True, True, False):
        await gathering.pause_recording(paused=paused)
    assert [one["EventName"] for one in told(rig)] == [
        "MPCRecordingInitiated", "MPCRecordingPaused", "MPCRecordingResumed",
    ]  # fmt: skip
    (recording,) = rig.rooms[0].recording
    assert {one["RecordingID"] for one in told(rig)} == {recording}
    assert len({one["RecordUrl"] for one in told(rig)}) == 1


async def test_an_order_does_not_end_what_the_element_asked_for(rig: Rig) -> None:
    leg = await attend(rig, "recordParticipantTrack='true'")
    await rig.calls.do(leg.uuid, StopRecording())
    assert len(leg.recording) == 1


async def test_it_is_recorded_once_two_have_come(rig: Rig) -> None:
    a = await attend(rig, "record='true' recordMinMemberCount='2' stayAlone='true'")
    (room,) = rig.rooms
    assert room.recording == {}
    b = await attend(rig, "stayAlone='true'")  # asks for no recording itself
    (recording,) = room.recording
    b.leaves()
    await rig.settle()
    assert list(room.recording) == [recording]
    a.leaves()
    await rig.settle()
    assert [one["EventName"] for one in told(rig)] == [
        "MPCRecordingInitiated", "MPCRecordingCompleted",
    ]  # fmt: skip


async def test_what_a_request_has_stopped_is_not_begun_again_by_who_comes(rig: Rig) -> None:
    await attend(rig, "record='true' stayAlone='true'")
    (room,) = rig.rooms
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    assert await gathering.stop_recording()
    late = await attend(rig, "record='true' stayAlone='true'")
    assert room.recording == {}
    late.leaves()
    await rig.settle()
    await attend(rig, "record='true' stayAlone='true'")
    assert room.recording == {}


async def test_who_is_alone_and_on_hold_is_recorded(rig: Rig) -> None:
    await attend(rig, "record='true' hold='true'")
    (room,) = rig.rooms
    assert len(room.recording) == 1
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    assert await gathering.stop_recording()


async def test_a_recording_goes_on_while_all_are_on_hold(rig: Rig) -> None:
    leg = await attend(rig, "record='true'")
    (room,) = rig.rooms
    await rig.calls.do(leg.uuid, ToMember(action="hold"))
    await rig.settle()
    assert len(room.recording) == 1
    assert rig.book.recordings == []


async def test_the_exit_action_is_told_when_it_is_full(rig: Rig) -> None:
    for _ in range(2):
        await attend(rig, "maxParticipants='2'")
    late = await attend(rig, f"maxParticipants='2' onExitActionUrl='{RECORDED}'")
    (room,) = rig.rooms
    assert late.uuid not in room.members
    (told_of,) = rig.told("action")
    names = ("MPCUUID", "MPCFriendlyName", "MemberID", "ParticipantJoinTime", "ParticipantRole")
    assert [told_of[name] for name in names] == [room.uuid, "Nairobi", "", "", "agent"]
    assert told_of["ParticipantCallUUID"] == late.uuid


async def test_one_that_ends_while_another_comes_is_not_entered(rig: Rig) -> None:
    """What is heard at a recording's beginning is fetched meanwhile."""
    slow = "https://app.test/slow"
    rig.pages.pages[slow] = "<Response><Play>https://f.test/begins.mp3</Play></Response>"
    rig.pages.slow[slow] = 1.0
    first = await attend(rig, "")
    late = await attend(rig, f"record='true' startRecordingAudio='{slow}'")
    await rig.passes(0.5)
    first.leaves()
    await rig.passes(2)
    ended, live = rig.rooms
    assert ended.closed
    assert list(live.members) == [late.uuid]
