"""Commands over the bus: results, refusals, strangers, silence, rubbish."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from voice_control import ANN, BOB, SUB, Control
from voice_leg import ScriptedLeg
from voice_rig import Rig

from trunkline.contract.errors import (
    Conflict,
    NotFound,
    ServerError,
    TooManyRequests,
    Unavailable,
)
from trunkline.runtime.bus import InProcessBus
from trunkline.runtime.db import DatabaseError
from trunkline.voice.call import Machine
from trunkline.voice.commands import results, wire
from trunkline.voice.commands.client import CallControl
from trunkline.voice.commands.server import _DOERS, CommandServer
from trunkline.voice.session.mailbox import MOST_ITEMS
from trunkline.voice.session.orders import HangUp, NotLive, Stop
from trunkline.voice.telephony import File, Speech

ENDLESS = "<Response><Speak loop='0'>Hello</Speak></Response>"
ROOM = "<Response><Conference callbackUrl='https://app.test/room'>Room</Conference></Response>"
AUDIO = (wire.Audio(url="https://f.test/a.mp3"),)


@pytest.fixture
def control(rig: Rig) -> Control:
    return Control(rig)


@pytest.fixture
def client(control: Control) -> Iterator[CallControl]:
    with control.served() as client:
        yield client


async def talks(rig: Rig) -> ScriptedLeg:
    return await rig.arrives(ENDLESS)


async def done(rig: Rig, client: CallControl, command: wire.Command) -> str:
    """Have a command carried out while the call's task gets its turns."""
    asked = asyncio.create_task(client.do(command))
    await rig.settle()
    return await asked


async def test_a_call_is_hung_up(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    await done(rig, client, wire.HangUpCall(scope=ANN, call_uuid=leg.uuid))
    await rig.settle()
    assert rig.book.causes[leg.uuid].source.value == "API Request"
    with pytest.raises(NotFound, match=rf"call '{leg.uuid}' is not live"):
        await client.do(wire.HangUpCall(scope=ANN, call_uuid=leg.uuid))


async def test_strangers_and_siblings_find_nothing(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    for scope in (BOB, SUB):
        for command in (
            wire.HangUpCall(scope=scope, call_uuid=leg.uuid),
            wire.PlayToCall(scope=scope, call_uuid=leg.uuid, audio=AUDIO),
            wire.TransferCall(scope=scope, call_uuid=leg.uuid, aleg_url="https://app.test/x"),
            wire.SendKeys(scope=scope, call_uuid=leg.uuid, digits="1"),
            wire.CancelRequest(scope=scope, request_uuid=leg.uuid),
        ):
            with pytest.raises(NotFound):
                await client.do(command)
        await client.do(wire.HangUpAllCalls(scope=scope))
        with pytest.raises(NotFound):
            await client.ask(
                wire.RecordCall(scope=scope, call_uuid=leg.uuid, tape=wire.Tape()), results.Recorded
            )
        with pytest.raises(NotFound):
            await client.ask(wire.ListStreams(scope=scope, call_uuid=leg.uuid), results.Streams)
    assert leg.state == "answered"
    assert leg.said == ["answer", "play"]


async def test_a_main_account_reaches_its_subaccounts_calls(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    found = rig.calls.find(leg.uuid)
    assert found is not None
    found.facts.account_id = SUB.account_id
    await done(rig, client, wire.SendKeys(scope=ANN, call_uuid=leg.uuid, digits="1"))
    await done(rig, client, wire.SendKeys(scope=SUB, call_uuid=leg.uuid, digits="2"))
    assert leg.sent == "12"
    with pytest.raises(NotFound, match="the call is not connected with another leg"):
        await done(
            rig, client, wire.SendKeys(scope=ANN, call_uuid=leg.uuid, digits="3", legs="both")
        )
    assert leg.sent == "12"  # none, or both


async def test_queued_calls_are_hung_up_too(
    rig: Rig, control: Control, client: CallControl
) -> None:
    control.waiting.calls = [(ANN, "q-1", "r-1"), (ANN, "q-2", "r-2"), (ANN, "q-3", "r-2"),
                             (BOB, "q-4", "r-4"), (ANN, "q-5", "r-5")]  # fmt: skip
    await client.do(wire.HangUpCall(scope=ANN, call_uuid="q-1"))
    await client.do(wire.CancelRequest(scope=ANN, request_uuid="r-2"))
    for command in (
        wire.HangUpCall(scope=ANN, call_uuid="q-1"),
        wire.HangUpCall(scope=ANN, call_uuid="q-4"),
        wire.CancelRequest(scope=ANN, request_uuid="r-4"),
    ):
        with pytest.raises(NotFound):
            await client.do(command)
    await client.do(wire.HangUpAllCalls(scope=ANN))
    assert [one[1] for one in control.waiting.calls] == ["q-4"]


async def test_a_call_that_has_its_turn_meanwhile_is_hung_up(
    rig: Rig, control: Control, client: CallControl
) -> None:
    control.waiting.meanwhile = lambda: rig.calls_out(ENDLESS)
    await done(rig, client, wire.HangUpCall(scope=ANN, call_uuid="uuid-1"))
    await rig.settle()
    assert rig.book.causes["uuid-1"].code == 1000


async def test_a_request_is_cancelled_while_it_rings(rig: Rig, client: CallControl) -> None:
    call, leg = await rig.calls_out(ENDLESS)
    leg.rings()
    request = call.facts.request_uuid
    await done(rig, client, wire.CancelRequest(scope=ANN, request_uuid=request))
    await rig.settle()
    assert rig.cause(leg) == 1000


async def test_all_calls_are_hung_up(rig: Rig, client: CallControl) -> None:
    legs = [await talks(rig) for _ in range(3)]
    await done(rig, client, wire.HangUpAllCalls(scope=ANN))
    await rig.settle()
    assert {leg.state for leg in legs} == {"ended"}
    await client.do(wire.HangUpAllCalls(scope=ANN))


async def test_what_is_not_answered_can_only_be_ended(rig: Rig, client: CallControl) -> None:
    _, leg = await rig.calls_out(ENDLESS)
    leg.rings()
    await rig.settle()
    uuid = leg.uuid
    for command in (
        wire.TransferCall(scope=ANN, call_uuid=uuid, aleg_url="https://app.test/x"),
        wire.PlayToCall(scope=ANN, call_uuid=uuid, audio=AUDIO),
        wire.SendKeys(scope=ANN, call_uuid=uuid, digits="1"),
        wire.StartStream(scope=ANN, call_uuid=uuid, url="wss://app.test/s"),
    ):
        with pytest.raises(Conflict, match="the call is not answered yet"):
            await done(rig, client, command)
    leg.answers()
    await rig.settle()
    assert leg.state == "answered"


async def test_a_transfer_while_a_machine_is_looked_for(rig: Rig, client: CallControl) -> None:
    rig.pages.pages["https://app.test/x"] = "<Response><Speak>There</Speak></Response>"
    _, leg = await rig.calls_out(ENDLESS, machine=Machine())
    leg.answers()
    await rig.settle()
    assert leg.heard == []
    command = wire.TransferCall(scope=ANN, call_uuid=leg.uuid, aleg_url="https://app.test/x")
    await done(rig, client, command)
    await rig.settle()
    assert leg.heard == [(Speech("There"),)]


@pytest.mark.parametrize("named", ["first", "other"])
async def test_one_leg_of_a_dial_is_added_to_a_multiparty_call(
    rig: Rig, client: CallControl, named: str
) -> None:
    first = await rig.arrives(
        "<Response><Dial><Number>14155550201</Number></Dial><Speak loop='0'>Left</Speak></Response>"
    )
    (other,) = rig.placed
    other.answers()
    await rig.settle()
    added = first if named == "first" else other
    command = wire.AddParticipants(
        scope=ANN, which=wire.Which(kind="multiparty", name="Sales"),
        attributes={"role": "agent"}, to=(), call_uuid=added.uuid,
    )  # fmt: skip
    asked = asyncio.create_task(client.ask(command, results.Added))
    await rig.settle()
    (told,) = (await asked).calls
    assert (told.call_uuid, told.recipient) == (
        added.uuid,
        "14155550201" if named == "other" else "14155550100",
    )
    gathering = rig.ports.rooms.find("multiparty", ANN.account_id, "Sales")
    assert gathering is not None
    assert [one.call_uuid for one in gathering.members.values()] == [added.uuid]
    if named == "other":  # who is left goes on behind the Dial
        assert first.heard == [(Speech("Left", times=0),)]
    else:
        assert other.state == "ended"
    await rig.calls.close()


async def test_play_speak_and_stop(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    files = (*AUDIO, wire.Audio(url="https://f.test/b.wav", times=0))
    await done(rig, client, wire.PlayToCall(scope=ANN, call_uuid=leg.uuid, audio=files, mix=False))
    spoken = (wire.Audio(text="Hi", voice="MAN", language="de-DE"),)
    await done(
        rig, client, wire.PlayToCall(scope=ANN, call_uuid=leg.uuid, audio=spoken, kind="speak")
    )
    assert leg.heard[1:] == [
        (File("https://f.test/a.mp3"), File("https://f.test/b.wav", 0)),
        (Speech("Hi", "MAN", "de-DE"),),
    ]
    assert leg.layers[1:] == ["cover", "mix"]
    await done(rig, client, wire.StopPlayingToCall(scope=ANN, call_uuid=leg.uuid, kind="play"))
    assert len(leg.playing) == 2
    with pytest.raises(NotFound, match="not connected with another leg"):
        await done(
            rig, client,
            wire.PlayToCall(scope=ANN, call_uuid=leg.uuid, audio=AUDIO, legs="both"),
        )  # fmt: skip


async def test_recordings(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    tape = wire.Tape(format="wav", channels="mono", max_s=60, api_id="api-1",
                     callback_url="https://app.test/recorded")  # fmt: skip
    asked = asyncio.create_task(
        client.ask(wire.RecordCall(scope=ANN, call_uuid=leg.uuid, tape=tape), results.Recorded)
    )
    await rig.settle()
    recorded = await asked
    (spec, _) = leg.recording[recorded.recording_id]
    assert (spec.format, spec.channels, spec.max_s) == ("wav", "mono", 60)
    with pytest.raises(NotFound, match="no such recording"):
        await done(
            rig, client, wire.StopRecordingCall(scope=ANN, call_uuid=leg.uuid, url="https://x")
        )
    stop = wire.StopRecordingCall(scope=ANN, call_uuid=leg.uuid, url=recorded.url)
    await done(rig, client, stop)
    await rig.settle()
    assert not leg.recording
    (told,) = rig.told("record")
    assert (told["api_id"], told["record_url"]) == ("api-1", recorded.url)


async def test_streams(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    start = wire.StartStream(
        scope=ANN, call_uuid=leg.uuid, url="wss://app.test/s", status_url="https://app.test/told"
    )
    stream_id = await done(rig, client, start)
    assert leg.streams[stream_id].headers == (("X-Plivo-Signature-V3", "signed"),)
    with pytest.raises(Conflict, match="has a stream already"):
        await done(rig, client, start)
    leg.stream_told("StartStream")
    await rig.settle()

    async def streams() -> list[results.StreamFacts]:
        found = await client.ask(wire.ListStreams(scope=ANN, call_uuid=leg.uuid), results.Streams)
        return list(found.streams)

    (one,) = await streams()
    assert (one.stream_id, one.status, one.url) == (stream_id, "streaming", "wss://app.test/s")
    assert one.started_at == rig.clock.now()
    with pytest.raises(NotFound, match="stream 'other' not found"):
        await client.do(wire.StopStream(scope=ANN, call_uuid=leg.uuid, stream_id="other"))
    await rig.passes(4)
    await done(rig, client, wire.StopStream(scope=ANN, call_uuid=leg.uuid, stream_id=stream_id))
    await rig.settle()
    (one,) = await streams()
    assert one.status == "stopped"
    assert one.ended_at == rig.clock.now()
    assert [each["Event"] for each in rig.told("stream")] == ["StartStream", "StopStream"]


# --- what can go wrong on the way ----------------------------------------------------------------


async def test_nobody_serves(control: Control) -> None:
    with pytest.raises(Unavailable, match="--role voice"):
        await control.client.do(wire.HangUpAllCalls(scope=ANN))
    with control.served() as client:
        await client.do(wire.HangUpAllCalls(scope=ANN))
        with pytest.raises(ValueError, match="served already"):
            CommandServer(
                control.bus, control.rig.calls, control.rig.ports, control.waiting, control.bars
            )
    with pytest.raises(Unavailable):
        await control.client.do(wire.HangUpAllCalls(scope=ANN))


async def test_a_silent_server_is_no_error_of_5xx() -> None:
    bus = InProcessBus()

    async def silent(_payload: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    bus.serve(wire.SUBJECT, silent)
    with pytest.raises(Conflict, match="may still be done"):
        await CallControl(bus, answer_s=0.01).do(wire.HangUpAllCalls(scope=ANN))
    await bus.close()


async def test_a_database_that_is_away(control: Control) -> None:
    async def away(*_: object, **__: object) -> int:
        raise DatabaseError("the database is away")

    control.waiting.cancel = away  # type: ignore[method-assign]
    with control.served() as client, pytest.raises(Unavailable, match="database"):
        await client.do(wire.HangUpAllCalls(scope=ANN))


async def test_a_defect_is_a_server_error() -> None:
    bus = InProcessBus()

    async def broken(_payload: bytes) -> bytes:
        raise ZeroDivisionError

    bus.serve(wire.SUBJECT, broken)
    with pytest.raises(ServerError):
        await CallControl(bus).do(wire.HangUpAllCalls(scope=ANN))


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xc1", b"\x80", msgspec.msgpack.encode({"type": "Nonsense"}),
     msgspec.msgpack.encode({"type": "HangUpCall", "scope": 5, "call_uuid": "x"}),
     b"\x91" * 10_000],
)  # fmt: skip
async def test_rubbish_on_the_bus_is_answered(
    control: Control, client: CallControl, payload: bytes
) -> None:
    answer = await control.bus.request(wire.SUBJECT, payload, timeout_s=5)
    outcome = msgspec.msgpack.decode(answer, type=results.Outcome)
    assert outcome.why == "unread"


async def test_a_full_mailbox_is_too_many_requests(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    call = rig.calls.find(leg.uuid)
    assert call is not None
    for _ in range(MOST_ITEMS):
        call._mailbox.order(Stop())
    with pytest.raises(TooManyRequests):
        await client.do(wire.SendKeys(scope=ANN, call_uuid=leg.uuid, digits="1"))
    await rig.calls.close()


async def test_every_command_has_a_doer_and_survives_the_bus() -> None:
    known = set(wire.Command.__subclasses__())
    assert set(_DOERS) | {wire.AddParticipants} == known


async def test_members_of_a_conference(rig: Rig, client: CallControl) -> None:
    a, b, c = [await rig.arrives(ROOM) for _ in range(3)]
    which = wire.Which(kind="conference", name="Room")

    async def order(action: str, *members: str, **more: object) -> list[str]:
        command = wire.ToMembers(
            scope=ANN, which=which, members=members, action=action, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        asked = asyncio.create_task(client.ask(command, results.Members))
        await rig.settle()
        return list((await asked).members)

    assert await order("mute", "1", "2") == ["1", "2"]
    (room,) = rig.rooms
    assert [room.members[leg.uuid]["muted"] for leg in (a, b, c)] == [True, True, False]
    assert await order("unmute") == ["1", "2", "3"]
    assert await order("deaf", "3", "3") == ["3"]
    with pytest.raises(NotFound, match="member '9' is not in 'Room'"):
        await order("mute", "1", "9")
    assert room.members[a.uuid]["muted"] is False
    with pytest.raises(Conflict, match="the member is deaf"):
        await order("play", "3", audio=AUDIO)
    assert await order("play", audio=AUDIO) == ["1", "2"]
    assert await order("play", "1", audio=(wire.Audio(text="Hi"),), kind="speak") == ["1"]
    assert len(a.playing) == 2
    await order("stop", "1", kind="speak")
    assert list(a.playing.values()) == [(File("https://f.test/a.mp3"),)]
    await order("kick", "2")
    await rig.settle()
    assert b.state == "ended"  # nothing follows in its document
    await order("hangup", "1")
    await rig.settle()
    assert rig.book.causes[a.uuid].source.value == "API Request"
    facts = await client.ask(wire.GetGathering(scope=ANN, which=which), results.GatheringFacts)
    assert [(one.member_id, one.deaf, one.sender) for one in facts.members] == [
        ("3", True, "14155550111")
    ]
    assert [(one.member_id, one.exit_cause) for one in facts.past] == [
        ("2", "Participant Kicked"), ("1", "Participant Call Hangup"),
    ]  # fmt: skip


async def test_a_main_account_reaches_its_subaccounts_multiparty_calls(
    rig: Rig, client: CallControl
) -> None:
    document = "<Response><MultiPartyCall role='agent'>Sales</MultiPartyCall></Response>"
    leg = await rig.arrives(document, account_id=SUB.account_id, main_id=SUB.main_id)
    own = await rig.arrives(document)
    (of_sub,) = rig.ports.rooms.all_of("multiparty", SUB.account_id)
    which = wire.Which(kind="multiparty", uuid=of_sub.uuid)
    facts = await client.ask(wire.GetGathering(scope=ANN, which=which), results.GatheringFacts)
    assert [one.call_uuid for one in facts.members] == [leg.uuid]
    sibling = wire.Scope("SAOTHEROTHEROTHEROTH", SUB.main_id)
    for scope in (BOB, sibling):
        with pytest.raises(NotFound, match="is not live"):
            await client.ask(wire.GetGathering(scope=scope, which=which), results.GatheringFacts)
    (of_main,) = rig.ports.rooms.all_of("multiparty", ANN.account_id)
    upwards = wire.Which(kind="multiparty", uuid=of_main.uuid)
    with pytest.raises(NotFound, match="is not live"):
        await client.ask(wire.GetGathering(scope=SUB, which=upwards), results.GatheringFacts)
    add = wire.AddParticipants(
        scope=ANN, which=which, attributes={"role": "customer"}, sender="14155550100",
        to=(wire.Dialled(address="14155550123", ring_timeout_s=30, delay_s=0),),
    )  # fmt: skip
    await client.ask(add, results.Added)
    await rig.settle()
    rig.placed[-1].answers()
    await rig.settle()
    assert (len(of_sub.members), len(of_main.members)) == (2, 1)
    await client.ask(wire.EndGathering(scope=ANN, which=which), results.GatheringFacts)
    await rig.settle()
    assert (leg.state, own.state) == ("ended", "answered")


async def test_conferences_are_anothers(rig: Rig, client: CallControl) -> None:
    leg = await rig.arrives(ROOM)
    which = wire.Which(kind="conference", name="Room")
    for scope in (BOB, SUB):
        none = await client.ask(
            wire.ListGatherings(scope=scope, kind="conference"), results.Gatherings
        )
        assert none.gatherings == []
        for command, result in (
            (wire.GetGathering(scope=scope, which=which), results.GatheringFacts),
            (wire.EndGathering(scope=scope, which=which), results.GatheringFacts),
            (wire.RecordGathering(scope=scope, which=which, tape=wire.Tape()), results.Recorded),
            (wire.ToMembers(scope=scope, which=which, action="kick"), results.Members),
        ):
            with pytest.raises(NotFound, match="conference 'Room' is not live"):
                await client.ask(command, result)
        await client.do(wire.EndAllConferences(scope=scope))
    assert leg.state == "answered"


async def test_a_conference_is_recorded(rig: Rig, client: CallControl) -> None:
    leg = await rig.arrives(ROOM)
    which = wire.Which(kind="conference", name="Room")
    tape = wire.Tape(callback_url="https://app.test/r", api_id="api-1", transcription="auto",
                     transcription_url="https://app.test/t")  # fmt: skip
    record = wire.RecordGathering(scope=ANN, which=which, tape=tape)
    recorded = await client.ask(record, results.Recorded)
    with pytest.raises(Conflict, match="'Room' is recorded already"):
        await client.ask(record, results.Recorded)
    await rig.passes(5)
    await client.do(wire.StopRecordingGathering(scope=ANN, which=which))
    await client.do(wire.StopRecordingGathering(scope=ANN, which=which))
    (kept,) = rig.book.recordings
    assert (kept.conference, kept.facts.call_uuid, kept.multiparty) == ("Room", leg.uuid, False)
    assert (kept.transcription, kept.transcription_url) == ("auto", "https://app.test/t")
    (told,) = [one for one in rig.callbacks if one.url == "https://app.test/r"]
    assert told.params["recording_id"] == recorded.recording_id
    assert (told.params["api_id"], told.params["recording_duration"]) == ("api-1", "5")
    assert told.params["conference_name"] == told.params["conferenceName"] == "Room"
    assert told.params["recordUrl"] == told.params["record_url"] == recorded.url
    assert told.params["recordingId"] == recorded.recording_id
    assert told.params["recordingDurationMs"] == "5000"


async def test_a_gathering_is_recorded_anew_while_the_file_before_is_finished(
    rig: Rig, client: CallControl
) -> None:
    await rig.arrives("<Response><MultiPartyCall role='agent'>Sales</MultiPartyCall></Response>")
    await rig.arrives(ROOM)
    for kind, name, room in zip(
        ("multiparty", "conference"), ("Sales", "Room"), rig.rooms, strict=True
    ):
        room.files_take_time = True
        which = wire.Which(kind="multiparty" if kind == "multiparty" else "conference", name=name)
        record = wire.RecordGathering(scope=ANN, which=which, tape=wire.Tape())
        get = wire.GetGathering(scope=ANN, which=which)
        first = await client.ask(record, results.Recorded)
        await client.do(wire.StopRecordingGathering(scope=ANN, which=which))
        assert (await client.ask(get, results.GatheringFacts)).recording == "not-recording"
        for paused in (True, False):
            with pytest.raises(Conflict, match=f"'{name}' is not recorded"):
                await client.do(wire.PauseRecordingGathering(scope=ANN, which=which, paused=paused))
        second = await client.ask(record, results.Recorded)
        assert (await client.ask(get, results.GatheringFacts)).recording == "recording"
        await client.do(wire.PauseRecordingGathering(scope=ANN, which=which, paused=True))
        assert room.paused == {second.recording_id: True}
        await client.do(wire.StopRecordingGathering(scope=ANN, which=which))
        room.finishes_files()
        kept = [one.spec.recording_id for one in rig.book.recordings]
        assert kept == [first.recording_id, second.recording_id]
        rig.book.recordings.clear()


async def test_a_participant_whose_recording_was_stopped_is_not_paused(
    rig: Rig, client: CallControl
) -> None:
    leg = await rig.arrives(
        "<Response><MultiPartyCall role='agent'>Sales</MultiPartyCall></Response>"
    )
    leg.files_take_time = True
    which = wire.Which(kind="multiparty", name="Sales")
    record = wire.RecordMembers(scope=ANN, which=which, members=("1",), tape=wire.Tape())
    pause = wire.PauseRecordingMembers(scope=ANN, which=which, members=("1",), paused=True)
    for word in ("first", "second"):
        asked = asyncio.create_task(client.ask(record, results.Recorded))
        await rig.settle()
        recorded = await asked
        if word == "first":
            await done(
                rig, client, wire.StopRecordingMembers(scope=ANN, which=which, members=("1",))
            )
            with pytest.raises(Conflict, match="no recording is under way"):
                await done(rig, client, pause)
    await done(rig, client, pause)
    assert [one for one in leg.said if one.startswith("pause")] == [
        f"pause {recorded.recording_id}"
    ]


async def test_a_conference_whose_last_member_is_leaving_is_not_recorded(
    rig: Rig, client: CallControl
) -> None:
    await rig.arrives(ROOM)
    gathering = rig.ports.rooms.find("conference", ANN.account_id, "Room")
    assert gathering is not None
    gathering.members.clear()
    which = wire.Which(kind="conference", name="Room")
    with pytest.raises(Conflict, match="nobody is in 'Room'"):
        await client.ask(
            wire.RecordGathering(scope=ANN, which=which, tape=wire.Tape()), results.Recorded
        )


async def test_participants_of_whom_the_last_is_leaving_are_not_recorded(
    rig: Rig, client: CallControl
) -> None:
    await rig.arrives("<Response><MultiPartyCall role='agent'>Sales</MultiPartyCall></Response>")
    gathering = rig.ports.rooms.find("multiparty", ANN.account_id, "Sales")
    assert gathering is not None
    gathering.members.clear()
    which = wire.Which(kind="multiparty", name="Sales")
    record = wire.RecordMembers(scope=ANN, which=which, members=(), tape=wire.Tape())
    with pytest.raises(Conflict, match="nobody is in 'Sales'"):
        await client.ask(record, results.Recorded)


async def test_a_conference_that_waits_is_not_recorded(rig: Rig, client: CallControl) -> None:
    document = ROOM.replace("<Conference", "<Conference startConferenceOnEnter='false'")
    await rig.arrives(document)
    which = wire.Which(kind="conference", name="Room")
    record = wire.RecordGathering(scope=ANN, which=which, tape=wire.Tape())
    with pytest.raises(Conflict, match="nobody is in the room"):
        await client.ask(record, results.Recorded)
    facts = await client.ask(wire.GetGathering(scope=ANN, which=which), results.GatheringFacts)
    assert facts.recording == "not-recording"


async def test_a_multiparty_call_is_ended_while_it_is_recorded(
    rig: Rig, client: CallControl
) -> None:
    document = "<Response><MultiPartyCall role='{}'>Sales</MultiPartyCall></Response>"
    legs = [await rig.arrives(document.format(role)) for role in ("agent", "customer")]
    which = wire.Which(kind="multiparty", name="Sales")
    await client.ask(
        wire.RecordGathering(scope=ANN, which=which, tape=wire.Tape()), results.Recorded
    )
    await client.ask(wire.EndGathering(scope=ANN, which=which), results.GatheringFacts)
    await rig.settle()
    assert [rig.cause(leg) for leg in legs] == [4020, 4020]
    assert [one.conference for one in rig.book.recordings] == ["Sales"]
    assert rig.rooms[0].closed


async def test_what_a_request_has_ended_is_said_to_be_ended_by_it(
    rig: Rig, client: CallControl
) -> None:
    document = "<Response><MultiPartyCall role='agent' {}>Sales</MultiPartyCall></Response>"
    kicked, ended, other = [await rig.arrives(document.format("")) for _ in range(3)]
    which = wire.Which(kind="multiparty", name="Sales")
    await done(rig, client, wire.ToMembers(scope=ANN, which=which, members=("1",), action="kick"))
    await client.ask(wire.EndGathering(scope=ANN, which=which), results.GatheringFacts)
    await rig.settle()
    sources = {leg: rig.book.causes[leg.uuid].source for leg in (kicked, ended, other)}
    assert sources == {kicked: "API Request", ended: "API Request", other: "API Request"}
    left = await rig.arrives(document.format(""))
    moderator = await rig.arrives(document.format("endMpcOnExit='true'"))
    moderator.leaves()
    await rig.settle()
    assert (rig.cause(left), rig.book.causes[left.uuid].source) == (4020, "Plivo")


async def test_conferences_are_hung_up(rig: Rig, client: CallControl) -> None:
    legs = [await rig.arrives(ROOM.replace("Room<", f"{name}<")) for name in "AABC"]
    found = await client.ask(wire.ListGatherings(scope=ANN, kind="conference"), results.Gatherings)
    assert [one.name for one in found.gatherings] == ["A", "B", "C"]
    which = wire.Which(kind="conference", name="A")
    asked = asyncio.create_task(
        client.ask(wire.EndGathering(scope=ANN, which=which), results.GatheringFacts)
    )
    await rig.settle()
    await asked
    await rig.settle()
    assert [leg.state for leg in legs] == ["ended", "ended", "answered", "answered"]
    await done(rig, client, wire.EndAllConferences(scope=ANN))
    await rig.settle()
    assert {leg.state for leg in legs} == {"ended"}
    with pytest.raises(NotFound):
        await client.ask(wire.GetGathering(scope=ANN, which=which), results.GatheringFacts)


async def test_hanging_up_what_ends_at_that_moment(rig: Rig, client: CallControl) -> None:
    leg = await talks(rig)
    asked = asyncio.create_task(client.do(wire.HangUpAllCalls(scope=ANN)))
    leg.leaves()
    await rig.settle()
    await asked
    with pytest.raises(NotLive):
        await rig.calls.do(leg.uuid, HangUp())
