"""Participants who are called: confirmation, dial music, the account's pace, what is told of it."""

from typing import Any

import pytest
from live_line import Line
from plivo import exceptions
from voice_leg import ScriptedLeg

from trunkline.voice.causes import BUSY
from trunkline.voice.telephony import File, Tone

EVENTS = "https://app.test/events"
FROM, TO = "14155550100", "14155550122"
MUSIC = "<Response><Play>https://f.test/m.mp3</Play></Response>"
CONFIRM = "<Response><Speak>Press one</Speak></Response>"
INSIDE = (
    "<Response><MultiPartyCall role='customer' exitSound='none'>Sales</MultiPartyCall></Response>"
)


async def add(line: Line, **fields: Any) -> Any:
    body = {"role": "agent", "from": FROM, "to": TO, **fields}
    return await line.ask(
        lambda c: c.request(
            "POST", ("MultiPartyCall", "name_Sales", "Participant"), body, is_voice_request=True
        )
    )


async def members(line: Line) -> list[str]:
    found = await line.ask(lambda c: c.multi_party_calls.list_participants(friendly_name="Sales"))
    return [one.call_uuid for one in found]


async def answered(line: Line, leg: ScriptedLeg) -> None:
    leg.rings()
    leg.answers()
    await line.rig.settle()


async def test_who_presses_the_key_takes_part(line: Line) -> None:
    line.rig.pages.pages["https://app.test/confirm"] = CONFIRM
    await add(
        line, confirm_key="1", confirm_key_sound_url="https://app.test/confirm",
        confirm_key_sound_method="GET",
    )  # fmt: skip
    (leg,) = line.rig.placed
    await answered(line, leg)
    assert [one.text for one in leg.heard[0]] == ["Press one"]  # type: ignore[union-attr]
    assert line.rig.asked("https://app.test/confirm").method == "GET"
    leg.press("2")
    await line.rig.settle()
    assert line.rig.rooms == []
    leg.press("1")
    await line.rig.settle()
    assert await members(line) == [leg.uuid]
    assert all(one[0] != leg.heard[0][0] for one in leg.playing.values())


@pytest.mark.parametrize("sound", ["", "https://app.test/confirm", "https://app.test/nothing"])
async def test_who_does_not_confirm_is_let_go(line: Line, sound: str) -> None:
    line.rig.pages.pages["https://app.test/confirm"] = CONFIRM
    await add(line, confirm_key="#", **({"confirm_key_sound_url": sound} if sound else {}))
    (leg,) = line.rig.placed
    await answered(line, leg)
    await line.rig.passes(59)
    assert leg.state == "answered"
    await line.rig.passes(4)  # a minute from the end of what was asked
    assert line.rig.cause(leg) == 9110
    assert line.rig.rooms == []


async def test_who_hangs_up_before_confirming_is_gone(line: Line) -> None:
    await add(line, confirm_key="1")
    (leg,) = line.rig.placed
    await answered(line, leg)
    leg.leaves()
    await line.rig.settle()
    assert line.rig.cause(leg) == 4000


async def test_those_inside_hear_that_somebody_is_called(line: Line) -> None:
    await line.rig.arrives(INSIDE)
    (room,) = line.rig.rooms
    before = dict(room.playing)

    def music() -> list[Any]:
        return [sounds for key, sounds in room.playing.items() if key not in before]

    await add(line, to=f"{TO}<14155550123", dial_music="Real")
    assert music() == [(Tone("ring"),)]  # once for both
    first, second = line.rig.placed
    first.leaves()
    await line.rig.settle()
    assert music() == [(Tone("ring"),)]
    await answered(line, second)
    assert (Tone("ring"),) not in music()
    room.playing.clear()
    line.rig.pages.pages["https://app.test/music"] = MUSIC
    await add(line, dial_music="https://app.test/music")
    for _ in range(3):  # over and over
        assert list(room.playing.values()) == [(File("https://f.test/m.mp3"),)]
        room.has_played()
        await line.rig.settle()
    line.rig.placed[-1].leaves()
    await line.rig.settle()
    assert room.playing == {}
    await add(line, dial_music="https://app.test/music")
    room.has_played(error="404")
    await line.rig.settle()
    assert room.playing == {}  # what cannot be had is not asked for again
    line.rig.placed[-1].leaves()
    await line.rig.settle()
    for silent in ("none", "https://app.test/nothing"):
        await add(line, dial_music=silent)
        assert room.playing == {}
        line.rig.placed[-1].leaves()
        await line.rig.settle()


@pytest.mark.parametrize(
    ("written", "pair"),
    [("a=1,b", "'b'"), ("a b=1", "'a b=1'"), ("=1", "'=1'"), (f"a={'v' * 121}", "'a=vv")],
)
async def test_headers_that_cannot_be_sent_are_refused(line: Line, written: str, pair: str) -> None:
    why = f"sip_headers parameter is invalid: {pair}.* is not key=value"
    with pytest.raises(exceptions.ValidationError, match=why):
        await add(line, sip_headers=written)
    assert line.rig.placed == []
    await add(line, sip_headers=" a=1 ,, X-PH-b=2,Plivo-c=3,")  # a reserved name is passed over
    assert line.rig.placed[0].destination.headers == {"X-PH-a": "1", "X-PH-b": "2"}


async def test_nobody_hears_it_in_an_empty_one(line: Line) -> None:
    await add(line, dial_music="real")
    assert line.rig.rooms == []
    assert len(line.rig.placed) == 1


async def test_participants_wait_for_the_accounts_pace(line: Line) -> None:
    line.control.waiting.most = 2
    await add(line, to="<".join(f"1415555012{n}" for n in range(5)))
    assert len(line.rig.placed) == 2
    await line.rig.passes(1.01)
    assert len(line.rig.placed) == 4
    await line.rig.passes(1.01)
    assert [leg.destination.address for leg in line.rig.placed if leg.destination] == [
        f"1415555012{n}" for n in range(5)
    ]


async def test_an_addition_to_what_has_ended_meanwhile_is_told(line: Line) -> None:
    events = {"status_callback_url": EVENTS, "status_callback_events": "add-participant-api-events"}
    customer = await line.rig.arrives(INSIDE.replace("role=", "stayAlone='false' role="))
    (one,) = await line.ask(lambda c: c.multi_party_calls.list())
    await add(line, **events)
    (leg,) = line.rig.placed
    leg.rings()
    customer.leaves()
    await line.rig.settle()
    leg.leaves(BUSY)
    await line.rig.settle()
    last = line.rig.told("multiparty")[-1]
    assert last["EventName"] == "AddParticipantByAPIActionCompleted"
    assert last["MPCUUID"] == one.mpc_uuid
    (ended,) = await line.ask(lambda c: c.multi_party_calls.list())
    assert (ended.status, ended.stay_alone) == ("Ended", False)


async def test_the_addition_is_told(line: Line) -> None:
    answer = await add(
        line, status_callback_url=EVENTS, status_callback_events="add-participant-api-events",
        delay_dial="5",
    )  # fmt: skip

    def told() -> list[str]:
        return [one["EventName"] for one in line.rig.told("multiparty")]

    assert told() == ["AddParticipantByAPIActionInitiated"]
    await line.rig.passes(5)
    assert told() == ["AddParticipantByAPIActionInitiated"]
    await answered(line, line.rig.placed[0])
    assert told() == ["AddParticipantByAPIActionInitiated", "AddParticipantByAPIActionCompleted"]
    first = line.rig.told("multiparty")[0]
    assert (first["MPCName"], first["ParticipantRole"]) == ("Sales", "agent")
    assert first["ParticipantCallUUID"] == answer.calls[0]["call_uuid"]
    assert first["RequestUUID"] == answer.request_uuid


async def test_tracks_of_a_participant_are_recorded_apart(line: Line) -> None:
    leg = await line.rig.arrives(INSIDE)

    def ask(method: str, what: str = "", **body: Any) -> Any:
        path = ("MultiPartyCall", "name_Sales", "Participant", "1", "Record", what)
        path = tuple(one for one in path if one)
        return line.ask(lambda c: c.request(method, path, body, is_voice_request=True))

    for track in ("inbound", "outbound", "all"):
        await ask("POST", record_track_type=track)
    specs = [spec for spec, _ in leg.recording.values()]
    assert [(one.tracks, one.channels) for one in specs] == [
        ("inbound", "mono"), ("outbound", "mono"), ("both", "stereo"),
    ]  # fmt: skip
    paused = specs[0].recording_id
    await ask("POST", "Pause", record_track_type="inbound")
    assert leg.said[-1] == f"pause {paused}"
    await ask("DELETE", record_track_type="outbound")
    assert [spec.tracks for spec, _ in leg.recording.values()] == ["inbound", "both"]
    with pytest.raises(exceptions.InvalidRequestError, match="no recording is under way"):
        await ask("POST", "Pause", record_track_type="outbound")
    await ask("DELETE")
    assert leg.recording == {}
    with pytest.raises(exceptions.ValidationError, match="record_track_type parameter is invalid"):
        await ask("POST", record_track_type="left")
