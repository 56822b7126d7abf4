"""Every operation on multiparty calls by the official Python SDK, over real HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from live_line import BOB, SUB, UNKNOWN, Line
from plivo import exceptions
from voice_leg import ScriptedLeg
from voice_rig import ACCOUNT

from trunkline.voice.telephony import File

EVENTS = "https://app.test/events"


def multiparty(role: str = "agent", attributes: str = "", name: str = "Sales") -> str:
    return (
        f"<Response><MultiPartyCall role='{role}' statusCallbackUrl='{EVENTS}' {attributes}>{name}"
        "</MultiPartyCall></Response>"
    )


async def joins(line: Line, role: str = "agent", attributes: str = "") -> ScriptedLeg:
    return await line.rig.arrives(multiparty(role, attributes))


def told(line: Line) -> list[str]:
    return [one["EventName"] for one in line.rig.told("multiparty")]


async def test_one_is_started_seen_and_ended(line: Line) -> None:
    leg = await joins(line, "customer", "startMpcOnEnter='false'")
    waiting = await line.ask(lambda c: c.multi_party_calls.get(friendly_name="Sales"))
    assert (waiting.status, waiting.start_time) == ("Initialized", None)
    started = await line.ask(lambda c: c.multi_party_calls.start(friendly_name="Sales"))
    assert started.message == "MPC: Sales started"
    assert line.rig.rooms[0].members.keys() == {leg.uuid}
    await line.rig.passes(30)
    one = await line.ask(lambda c: c.multi_party_calls.get(uuid=waiting.mpc_uuid))
    assert (one.status, one.recording, one.friendly_name) == ("Active", "not-recording", "Sales")
    assert (one.termination_cause_code, one.end_time, one.sub_account) == (None, None, None)
    assert one.creation_time == one.start_time == "2026-01-01 00:00:00+00:00"
    ended = await line.ask(lambda c: c.multi_party_calls.stop(uuid=one.mpc_uuid))
    assert ended.message == "MPC: Sales kick member(s) succeeded"
    assert line.rig.cause(leg) == 4020
    over = await line.ask(lambda c: c.multi_party_calls.get(uuid=one.mpc_uuid))
    assert (over.status, over.duration) == ("Ended", 30)
    assert (over.billed_duration, over.billed_amount) == (60, "0.00000")
    assert (over.termination_cause_code, over.termination_cause) == (3000, "Ended by API request")
    assert over.end_time == "2026-01-01 00:00:30+00:00"
    for use in (
        lambda c: c.multi_party_calls.get(friendly_name="Sales"),
        lambda c: c.multi_party_calls.start(uuid=one.mpc_uuid),
        lambda c: c.multi_party_calls.stop(uuid=one.mpc_uuid),
        lambda c: c.multi_party_calls.get(uuid=UNKNOWN),
        lambda c: c.request("GET", ("MultiPartyCall", "Sales"), is_voice_request=True),
        lambda c: c.request("GET", ("MultiPartyCall", "name_"), is_voice_request=True),
    ):
        with pytest.raises(exceptions.ResourceNotFoundError):
            await line.ask(use)


async def test_a_start_has_but_one_status(line: Line) -> None:
    await joins(line)
    for status in ("ended", "", None, ["active", "x"]):
        with pytest.raises(exceptions.ValidationError, match="status parameter is"):
            await line.ask(
                lambda c, status=status: c.request(
                    "POST", ("MultiPartyCall", "name_Sales"), {"status": status}
                )
            )


async def test_they_are_listed(line: Line) -> None:
    legs: list[ScriptedLeg] = []
    for name in ("A", "B", "C"):
        legs.append(await line.rig.arrives(multiparty(name=name)))
        await line.rig.passes(60)
    legs[0].leaves()
    await line.rig.settle()

    async def names(**filters: Any) -> list[str]:
        found = await line.ask(lambda c: c.multi_party_calls.list(**filters))
        return [one.friendly_name for one in found]

    assert await names() == ["C", "B", "A"]
    assert await names(status="active") == ["C", "B"]
    assert await names(status="ended") == ["A"]
    assert await names(friendly_name="B") == ["B"]
    assert await names(termination_cause_code=1000) == ["A"]
    assert await names(creation_time__gte="2026-01-01 00:01") == ["C", "B"]
    assert await names(end_time__lt="2026-01-01 00:03") == []
    assert await names(end_time__gte="2026-01-01 00:03") == ["A"]
    assert await names(limit=1, offset=1) == ["B"]
    page = await line.ask(lambda c: c.multi_party_calls.list(limit=1, offset=1))
    assert (page.meta.count, page.meta.limit) == (3, 1)
    assert page.meta.next == f"/v1/Account/{ACCOUNT}/MultiPartyCall/?limit=1&offset=2"
    with pytest.raises(exceptions.ValidationError, match="creation_time__gt parameter is"):
        await line.ask(
            lambda c: c.request(
                "GET", ("MultiPartyCall",), {"creation_time__gt": "2026-13-01 00:00"},
                is_voice_request=True,
            )
        )  # fmt: skip
    for auth_id in (BOB, SUB):
        found = await line.ask(lambda c: c.multi_party_calls.list(), auth_id)
        assert list(found) == []
        with pytest.raises(exceptions.ResourceNotFoundError):
            await line.ask(lambda c: c.multi_party_calls.get(friendly_name="B"), auth_id)


async def test_participants_are_seen_and_changed(line: Line) -> None:
    calls = {role: await joins(line, role) for role in ("agent", "customer", "supervisor")}
    (room,) = line.rig.rooms
    found = await line.ask(lambda c: c.multi_party_calls.list_participants(friendly_name="Sales"))
    assert [(one.member_id, one.role) for one in found] == [
        ("1", "agent"), ("2", "customer"), ("3", "supervisor"),
    ]  # fmt: skip
    one = await line.ask(lambda c: c.multi_party_calls.get_participant("2", friendly_name="Sales"))
    assert (one.call_uuid, one.member_address) == (calls["customer"].uuid, "14155550111")
    assert (one.mute, one.hold, one.exit_time, one.duration) == (False, False, None, None)
    changed = await line.ask(
        lambda c: c.multi_party_calls.update_participant(
            "2", friendly_name="Sales", mute=True, hold=True
        )
    )
    assert changed.mute == "MPC: Sales mute/unmute member(s) succeeded"
    assert changed.hold == "MPC: Sales hold/unhold member(s) succeeded"
    assert not hasattr(changed, "coach_mode")
    assert room.members[calls["customer"].uuid] == {"muted": True, "deaf": True}  # on hold
    await line.ask(
        lambda c: c.multi_party_calls.update_participant("2", friendly_name="Sales", hold=False)
    )
    assert room.members[calls["customer"].uuid] == {"muted": True, "deaf": False}
    await line.ask(
        lambda c: c.multi_party_calls.update_participant(
            "3", friendly_name="Sales", coach_mode=False
        )
    )
    assert "heard_by" not in room.members[calls["supervisor"].uuid]
    assert told(line)[-4:] == [
        "ParticipantMute", "ParticipantHold", "ParticipantUnhold", "ParticipantCoachModeStop",
    ]  # fmt: skip
    with pytest.raises(exceptions.ValidationError, match="nothing is to be changed"):
        await line.ask(
            lambda c: c.request("POST", ("MultiPartyCall", "name_Sales", "Participant", "2"), {})
        )
    kicked = await line.ask(
        lambda c: c.multi_party_calls.kick_participant("2", friendly_name="Sales")
    )
    assert kicked.message == "MPC: Sales kick member(s) succeeded"
    assert line.rig.cause(calls["customer"]) == 4030
    gone = await line.ask(lambda c: c.multi_party_calls.get_participant("2", friendly_name="Sales"))
    assert (gone.exit_cause, gone.duration) == ("Participant Kicked", 0)
    assert (gone.billed_duration, gone.billed_amount) == (0, "0.00000")
    for use in (
        lambda c: c.multi_party_calls.kick_participant("2", friendly_name="Sales"),
        lambda c: c.multi_party_calls.update_participant("9", friendly_name="Sales", mute=True),
        lambda c: c.multi_party_calls.get_participant("9", friendly_name="Sales"),
        lambda c: c.multi_party_calls.get_participant("1", friendly_name="Other"),
    ):
        with pytest.raises(exceptions.ResourceNotFoundError):
            await line.ask(use)
    await line.ask(lambda c: c.multi_party_calls.kick_participant("all", friendly_name="Sales"))
    assert {leg.state for leg in calls.values()} == {"ended"}


async def test_recordings(line: Line) -> None:
    await joins(line)
    which = {"friendly_name": "Sales"}
    with pytest.raises(exceptions.InvalidRequestError, match="'Sales' is not recorded"):
        await line.ask(lambda c: c.multi_party_calls.pause_recording(**which))
    answer = await line.ask(
        lambda c: c.multi_party_calls.start_recording(
            **which, file_format="wav", recording_callback_url="https://app.test/recorded"
        )
    )
    assert answer.message == "MPC: Sales started recording"
    (room,) = line.rig.rooms
    assert answer.recording_id in room.recording

    async def state() -> str:
        return (await line.ask(lambda c: c.multi_party_calls.get(**which))).recording

    assert await state() == "recording"
    await line.ask(lambda c: c.multi_party_calls.pause_recording(**which))
    assert (await state(), room.paused) == ("paused", {answer.recording_id: True})
    await line.ask(lambda c: c.multi_party_calls.resume_recording(**which))
    assert (await state(), room.paused) == ("recording", {answer.recording_id: False})
    await line.ask(lambda c: c.multi_party_calls.stop_recording(**which))
    assert await state() == "not-recording"
    (kept,) = line.rig.book.recordings
    assert (kept.conference, kept.multiparty, kept.spec.format) == ("Sales", True, "wav")
    recorded = [one.params for one in line.rig.callbacks if one.url == "https://app.test/recorded"]
    assert [one["EventName"] for one in recorded] == [
        f"MPCRecording{what}" for what in ("Initiated", "Paused", "Resumed", "Completed")
    ]
    for which_id in ("RecordingID", "RecordingUUID"):
        assert {one[which_id] for one in recorded} == {answer.recording_id}
    assert {one["RecordingFormat"] for one in recorded} == {"wav"}
    assert all(one["RecordingURL"] == one["RecordUrl"] for one in recorded)
    assert [one["SequenceNumber"] for one in recorded] == ["1", "2", "3", "4"]
    over = recorded[-1]
    assert over["RecordingDuration"] == str(kept.event.duration_ms // 1000)
    for which_time in ("RecordingStartTime", "RecordingEndTime"):
        assert datetime.fromisoformat(over[which_time]).utcoffset() == timedelta(0)
    with pytest.raises(exceptions.ValidationError, match="transcription_url parameter is missing"):
        await line.ask(
            lambda c: c.request(
                "POST", ("MultiPartyCall", "name_Sales", "Record"), {"transcript": True},
                is_voice_request=True,
            )
        )  # fmt: skip


async def test_recordings_of_participants(line: Line) -> None:
    a, b = await joins(line), await joins(line)
    which = {"friendly_name": "Sales"}
    answer = await line.ask(
        lambda c: c.multi_party_calls.start_participant_recording("1", **which, file_format="wav")
    )
    assert answer.message == "MPC: Sales record started"
    assert (list(a.recording), b.recording) == ([answer.recording_id], {})
    await line.ask(lambda c: c.multi_party_calls.pause_participant_recording("1", **which))
    await line.ask(lambda c: c.multi_party_calls.resume_participant_recording("1", **which))
    assert a.said[-2:] == [f"pause {answer.recording_id}", f"resume {answer.recording_id}"]
    with pytest.raises(exceptions.InvalidRequestError, match="no recording is under way"):
        await line.ask(lambda c: c.multi_party_calls.pause_participant_recording("2", **which))
    await line.ask(lambda c: c.multi_party_calls.stop_participant_recording("1", **which))
    assert a.recording == {}
    await line.ask(lambda c: c.multi_party_calls.start_participant_recording("all", **which))
    assert [len(leg.recording) for leg in (a, b)] == [1, 1]


async def test_sounds_for_participants(line: Line) -> None:
    a, b = await joins(line), await joins(line)
    which = {"friendly_name": "Sales"}
    played = await line.ask(
        lambda c: c.multi_party_calls.start_play_audio("1", **which, url="https://f.test/1.mp3")
    )
    assert (played.message, played.mpcMemberId, played.mpcName) == (
        "play queued into MPC", ["1"], "Sales",
    )  # fmt: skip
    assert (list(a.playing.values()), b.playing) == ([(File("https://f.test/1.mp3"),)], {})
    await line.ask(lambda c: c.multi_party_calls.stop_play_audio("1", **which))
    assert a.playing == {}

    def ask(method: str, body: dict[str, Any]) -> Any:
        path = ("MultiPartyCall", "name_Sales", "Member", "all", "Speak")
        return line.ask(lambda c: c.request(method, path, body, is_voice_request=True))

    spoken = await ask("POST", {"text": "You are next", "mix": False})
    assert (spoken.message, spoken.mpcMemberId) == ("speak queued into MPC", ["1", "2"])
    assert (a.layers[-1], len(b.playing)) == ("cover", 1)
    await ask("DELETE", {})
    assert (a.playing, b.playing) == ({}, {})
    with pytest.raises(exceptions.ValidationError, match="text parameter is missing"):
        await ask("POST", {})


# --- adding participants -------------------------------------------------------------------------


async def test_a_participant_is_called(line: Line) -> None:
    answer = await line.ask(
        lambda c: c.multi_party_calls.add_participant(
            "agent", friendly_name="Sales", from_="14155550100", to_="14155550122",
            call_status_callback_url="https://app.test/status", status_callback_url=EVENTS,
            sip_headers="a=1", send_digits="1w2", mute=True, caller_name="Ann",
        )
    )  # fmt: skip
    assert answer.message == "add participant action initiated"
    (made,) = answer.calls
    assert (made["from"], made["to"]) == ("14155550100", "14155550122")
    (leg,) = line.rig.placed
    assert leg.uuid == made["call_uuid"]
    assert leg.destination is not None
    assert (leg.destination.caller_name, leg.destination.headers) == ("Ann", {"X-PH-a": "1"})
    leg.rings()
    leg.answers()
    await line.rig.settle()
    assert leg.sent == "1w2"
    (one,) = await line.ask(lambda c: c.multi_party_calls.list_participants(friendly_name="Sales"))
    assert (one.role, one.call_uuid, one.mute) == ("agent", leg.uuid, True)
    assert told(line) == ["MPCInitialized", "MPCStart", "ParticipantJoin"]
    leg.leaves()
    await line.rig.settle()
    status = [one.params for one in line.rig.callbacks if one.url == "https://app.test/status"]
    assert [one["Event"] for one in status] == ["Ring", "Hangup"]
    assert {one["RequestUUID"] for one in status} == {answer.request_uuid}


async def test_agents_are_called_in_turn(line: Line) -> None:
    answer = await line.ask(
        lambda c: c.multi_party_calls.add_participant(
            "agent", friendly_name="Sales", from_="14155550100",
            to_="14155550122<sip:desk@phone.test<+1 415 555 0124",
            ring_timeout="10<20<30", delay_dial="0<5",
        )
    )  # fmt: skip
    assert [one["to"] for one in answer.calls] == [
        "14155550122", "sip:desk@phone.test", "14155550124",
    ]  # fmt: skip
    rig = line.rig
    assert [leg.uuid for leg in rig.placed] == [answer.calls[0]["call_uuid"]]
    await rig.passes(5)
    assert [leg.uuid for leg in rig.placed] == [one["call_uuid"] for one in answer.calls]
    await rig.passes(6)
    assert [leg.state for leg in rig.placed] == ["ended", "ringing", "ringing"]
    assert rig.cause(rig.placed[0]) == 6010
    for leg in rig.placed[1:]:
        leg.answers()
    await rig.settle()
    found = await line.ask(lambda c: c.multi_party_calls.list_participants(friendly_name="Sales"))
    assert len(list(found)) == 2


async def test_a_live_call_becomes_a_participant(line: Line) -> None:
    leg = await line.talks()
    answer = await line.ask(
        lambda c: c.multi_party_calls.add_participant(
            "customer", friendly_name="Sales", call_uuid=leg.uuid
        )
    )
    assert [one["call_uuid"] for one in answer.calls] == [leg.uuid]
    assert line.rig.rooms[0].members.keys() == {leg.uuid}
    one = await line.ask(lambda c: c.multi_party_calls.get(friendly_name="Sales"))
    other = await line.talks()
    await line.ask(
        lambda c: c.multi_party_calls.add_participant(
            "supervisor", uuid=one.mpc_uuid, call_uuid=other.uuid
        )
    )
    assert line.rig.rooms[0].members.keys() == {leg.uuid, other.uuid}
    with pytest.raises(exceptions.ResourceNotFoundError, match="is not live"):
        await line.ask(
            lambda c: c.multi_party_calls.add_participant(
                "customer", friendly_name="Sales", call_uuid=UNKNOWN
            )
        )
    with pytest.raises(exceptions.ResourceNotFoundError):
        await line.ask(
            lambda c: c.multi_party_calls.add_participant(
                "customer", friendly_name="Sales", call_uuid=leg.uuid
            ),
            BOB,
        )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "from parameter is missing"),
        ({"from": "14155550100"}, "to parameter is missing"),
        ({"from": "14155550100", "to": "<"}, "to parameter is missing"),
        ({"from": "x", "to": "14155550122"}, "from parameter is invalid"),
        ({"from": "14155550100", "to": "nobody"}, "to parameter is invalid: 'nobody' is neither"),
        ({"from": "14155550100", "to": "14155550122", "call_uuid": "x"}, "call_uuid cannot be"),
        ({"from": "1415", "to": "<".join(["14155550122"] * 21)}, "more than 20 destinations"),
        ({"from": "1415", "to": "1415<1416", "role": "customer"}, "one destination alone"),
        ({"from": "1415", "to": "1416", "ring_timeout": "1<2"}, "ring_timeout parameter is"),
        ({"from": "1415", "to": "1416", "ring_timeout": "0"}, "ring_timeout parameter is"),
        ({"from": "1415", "to": "1416", "delay_dial": "x"}, "delay_dial parameter is"),
        ({"from": "1415", "to": "1416", "role": "boss"}, "role parameter is invalid"),
        ({"from": "1415", "to": "1416", "max_duration": 299}, "max_duration parameter is"),
        ({"from": "1415", "to": "1416", "enter_sound": "bang"}, "enter_sound parameter is"),
        ({"from": "1415", "to": "1416", "send_digits": "x"}, "send_digits parameter is"),
        ({"from": "1415", "to": "1416", "confirm_key": "12"}, "confirm_key parameter is invalid"),
        ({"call_uuid": UNKNOWN, "confirm_key": "1"}, "confirm_key parameter is invalid"),
        ({"from": "1415", "to": "1416", "confirm_key_sound_url": "https://a.test"},
         "confirm_key parameter is missing"),
        ({"from": "1415", "to": "1416", "dial_music": "loud"}, "dial_music parameter is invalid"),
        ({"from": "1415", "to": "1416", "transcript": True}, "transcription_url parameter is"),
        ({"from": "1415", "to": "1416", "status_callback_events": "x"}, "status_callback_events"),
        ({"from": "1415", "to": "1416", "create_mpc_with_single_participant": False},
         "create_mpc_with_single_participant parameter is invalid"),
    ],
)  # fmt: skip
async def test_who_cannot_be_added(line: Line, given: dict[str, Any], why: str) -> None:
    body = {"role": "agent", **given}
    with pytest.raises(exceptions.ValidationError, match=why):
        await line.ask(
            lambda c: c.request(
                "POST", ("MultiPartyCall", "name_Sales", "Participant"), body,
                is_voice_request=True,
            )
        )  # fmt: skip
    assert line.rig.placed == []


async def test_callers_that_may_not_be_shown(line: Line) -> None:
    line.control.barred.add((ACCOUNT, "14155550109", "14155550123"))
    with pytest.raises(exceptions.ValidationError, match="from parameter is invalid: 14155550109"):
        await line.ask(
            lambda c: c.multi_party_calls.add_participant(
                "agent", friendly_name="Sales", from_="14155550109",
                to_="14155550122<14155550123",
            )
        )  # fmt: skip
    assert line.rig.placed == []


async def test_who_cannot_be_reached_does_not_join(line: Line) -> None:
    line.rig.unplaceable.add("14155550122")
    answer = await line.ask(
        lambda c: c.multi_party_calls.add_participant(
            "agent", friendly_name="Sales", from_="14155550100", to_="14155550122"
        )
    )
    assert line.rig.book.causes[answer.calls[0]["call_uuid"]].code == 2000
    with pytest.raises(exceptions.ResourceNotFoundError):
        await line.ask(
            lambda c: c.multi_party_calls.add_participant(
                "agent", uuid=UNKNOWN, from_="14155550100", to_="14155550123"
            )
        )
