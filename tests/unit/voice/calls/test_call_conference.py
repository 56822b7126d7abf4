"""Conferences and multiparty calls: who waits, who hears whom, what is told, who is sent away."""

import asyncio

import pytest
from voice_leg import ScriptedLeg
from voice_rig import ACCOUNT, Rig

from trunkline.voice.session.orders import GoOn, HangUp, NotNow, ToMember, Transfer
from trunkline.voice.telephony import RecordingSpec, Refused, Speech, Tone
from trunkline.voice.xml.check import read

ACTION, EVENTS = "https://app.test/action", "https://app.test/events"


def response(*elements: str) -> str:
    return f"<Response>{''.join(elements)}</Response>"


def conference(attributes: str = "", name: str = "Room") -> str:
    return response(
        f"<Conference callbackUrl='{EVENTS}' {attributes}>{name}</Conference>",
        "<Speak>After</Speak>",
    )


@pytest.fixture(autouse=True)
def pages(rig: Rig) -> None:
    rig.pages.pages[ACTION] = response("<Speak>Action</Speak>")
    rig.pages.pages["https://app.test/music"] = response("<Play>https://f.test/m.mp3</Play>")


async def join(rig: Rig, attributes: str = "", name: str = "Room") -> ScriptedLeg:
    return await rig.arrives(conference(attributes, name))


def events(rig: Rig, kind: str = "conference", name: str = "ConferenceAction") -> list[str]:
    return [one[name] for one in rig.told(kind)]


async def test_two_meet_and_part(rig: Rig) -> None:
    a = await join(rig)
    b = await join(rig)
    (room,) = rig.rooms
    assert list(room.members) == [a.uuid, b.uuid]
    a.leaves()
    await rig.settle()
    assert list(room.members) == [b.uuid]
    b.leaves()
    await rig.settle()
    assert room.closed
    assert events(rig) == ["enter", "enter", "exit", "exit"]
    told = rig.told("conference")
    assert {one["ConferenceName"] for one in told} == {"Room"}
    assert {one["ConferenceUUID"] for one in told} == {room.uuid}
    assert [one["ConferenceMemberID"] for one in told] == ["1", "2", "1", "2"]
    assert told[0]["ConferenceFirstMember"] == "true"
    assert told[3]["ConferenceLastMember"] == "true"


async def test_of_those_who_come_and_go_at_once_one_is_first_and_one_is_last(rig: Rig) -> None:
    rig.pages.slow["https://app.test/answer"] = 1.0
    legs = [await join(rig) for _ in range(3)]
    await rig.passes(1)
    assert events(rig) == ["enter"] * 3
    for leg in legs:
        leg.leaves()
    await rig.settle()
    assert events(rig)[3:] == ["exit"] * 3
    told = rig.told("conference")
    assert [one["ConferenceFirstMember"] for one in told[:3]] == ["true", "false", "false"]
    assert [one["ConferenceLastMember"] for one in told[3:]] == ["false", "false", "true"]


async def test_members_whose_process_ends_tell_of_their_end(rig: Rig) -> None:
    for _ in range(2):
        await join(rig, f"action='{ACTION}'")
    await rig.calls.close()
    assert [one["CallStatus"] for one in rig.told("action")] == ["completed"] * 2
    assert events(rig) == ["enter", "enter", "exit", "exit"]
    assert [one["CallStatus"] for one in rig.told("conference")[2:]] == ["completed"] * 2
    assert {cause.code for cause in rig.book.causes.values()} == {5010}


async def test_a_member_whose_call_is_hung_up_by_order_tells_the_action(rig: Rig) -> None:
    a = await join(rig, f"action='{ACTION}'")
    await rig.calls.do(a.uuid, HangUp())
    await rig.settle()
    (told,) = rig.told("action")
    assert (told["ConferenceName"], told["CallStatus"]) == ("Room", "completed")
    assert events(rig) == ["enter", "exit"]


async def test_names_are_apart_and_used_again(rig: Rig) -> None:
    a = await join(rig, name="One")
    await join(rig, name="Two")
    assert [len(room.members) for room in rig.rooms] == [1, 1]
    a.leaves()
    await rig.settle()
    await join(rig, name="One")
    assert len(rig.rooms) == 3


async def test_members_wait_for_the_moderator(rig: Rig) -> None:
    a = await join(rig, "startConferenceOnEnter='false' waitSound='https://app.test/music'")
    assert rig.rooms == []
    assert len(a.playing) == 1
    assert events(rig) == ["enter"]  # whoever is to come is called for that
    await rig.passes(7)
    assert len(a.playing) == 1
    assert len(a.heard) == 1  # on and on, without a gap
    b = await join(rig)
    await rig.settle()
    assert set(rig.rooms[0].members) == {a.uuid, b.uuid}
    assert not a.playing
    told = [
        (one["ConferenceMemberID"], one["ConferenceFirstMember"]) for one in rig.told("conference")
    ]
    assert told == [("1", "true"), ("2", "false")]


async def test_who_waits_in_vain_has_come_and_gone(rig: Rig) -> None:
    a = await join(rig, "startConferenceOnEnter='false'")
    a.leaves()
    await rig.settle()
    assert rig.rooms == []
    assert events(rig) == ["enter", "exit"]
    came, went = rig.told("conference")
    assert (came["CallStatus"], went["CallStatus"]) == ("in-progress", "completed")
    assert went["ConferenceLastMember"] == "true"


async def test_several_pieces_are_heard_over_and_over(rig: Rig) -> None:
    pieces = ("<Play>https://f.test/m.mp3</Play>", "<Speak>Please wait</Speak>")
    rig.pages.pages["https://app.test/music"] = response(*pieces)
    a = await join(rig, "startConferenceOnEnter='false' waitSound='https://app.test/music'")
    first = a.heard[0]
    await rig.passes(60)
    assert len(a.heard) > 2
    assert set(a.heard) == {first}
    assert len(first) == 2


async def test_music_that_cannot_be_had_is_not_tried_again(rig: Rig) -> None:
    rig.broken_files.add("https://f.test/lost.mp3")
    rig.pages.pages["https://app.test/lost"] = (
        "<Response><Play>https://f.test/lost.mp3</Play></Response>"
    )
    a = await join(rig, "startConferenceOnEnter='false' waitSound='https://app.test/lost'")
    await rig.passes(60)
    assert len(a.heard) == 1


async def test_the_moderators_going_ends_it(rig: Rig) -> None:
    a = await join(rig)
    b = await join(rig, "endConferenceOnExit='true'")
    b.leaves()
    await rig.settle()
    assert a.heard == [(Speech("After"),)]
    assert rig.rooms[0].closed


async def test_nobody_stays_alone_who_must_not(rig: Rig) -> None:
    a = await join(rig, "stayAlone='false'")
    await rig.passes(10)
    assert a.heard == []
    b = await join(rig)
    b.leaves()
    await rig.settle()
    assert a.heard == [(Speech("After"),)]


async def test_sounds_of_coming_and_going(rig: Rig) -> None:
    a = await join(rig, "enterSound='beep:1' exitSound='beep:2'")
    b = await join(rig, "enterSound='https://app.test/music'")
    (room,) = rig.rooms
    a.leaves()
    await rig.settle()
    assert [sounds[0] for sounds in room.heard[:1]] == [Tone()]
    assert room.heard[-1] == (Tone("beep2"),)
    assert len(room.heard) == 3
    assert b.state == "answered"


async def test_what_a_room_refuses_ends_no_call(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await join(rig)
    (room,) = rig.rooms

    async def refuse(*_: object) -> str:
        raise Refused("64 playbacks are under way")

    for what in ("play", "record"):
        monkeypatch.setattr(room, what, refuse)
    b = await join(rig, "enterSound='beep:1' exitSound='beep:2' record='true'")
    assert (b.state, list(room.members)[1:]) == ("answered", [b.uuid])
    assert "RecordingID" not in rig.told("conference")[-1]
    b.leaves()
    await rig.settle()
    assert events(rig) == ["enter", "enter", "exit"]


async def test_a_full_conference_is_passed_over(rig: Rig) -> None:
    await join(rig, "maxMembers='1'")
    b = await join(rig, "maxMembers='1'")
    assert b.heard == [(Speech("After"),)]
    assert events(rig) == ["enter"]


async def test_the_action_is_asked_when_it_is_full(rig: Rig) -> None:
    await join(rig)
    b = await join(rig, f"maxMembers='1' action='{ACTION}'")
    assert b.heard == [(Speech("Action"),)]
    asked = rig.asked(ACTION).params
    assert (asked["ConferenceName"], asked["ConferenceMemberID"]) == ("Room", "")
    assert asked["ConferenceUUID"] == rig.rooms[0].uuid


async def test_muted_members_and_orders(rig: Rig) -> None:
    a = await join(rig, "muted='true'")
    b = await join(rig)
    (room,) = rig.rooms
    assert room.members[a.uuid] == {"muted": True, "deaf": False}
    await rig.calls.do(a.uuid, ToMember(action="unmute"))
    await rig.calls.do(b.uuid, ToMember(action="deaf"))
    assert room.members[a.uuid] == {"muted": False, "deaf": False}
    assert room.members[b.uuid] == {"muted": False, "deaf": True}
    await rig.calls.do(a.uuid, ToMember(action="play", sounds=(Speech("You"),)))
    assert (a.heard, a.layers) == ([(Speech("You"),)], ["mix"])
    with pytest.raises(NotNow):
        await rig.calls.do(b.uuid, ToMember(action="play", sounds=(Speech("You"),)))
    await rig.calls.do(a.uuid, ToMember(action="stop"))
    assert not a.playing


async def test_kicked_members_go_on_and_hung_up_ones_do_not(rig: Rig) -> None:
    a = await join(rig)
    b = await join(rig)
    await rig.calls.do(a.uuid, ToMember(action="kick"))
    await rig.settle()
    assert a.heard == [(Speech("After"),)]
    await rig.calls.do(b.uuid, ToMember(action="hangup"))
    await rig.settle()
    assert rig.told("hangup")[0]["HangupSource"] == "API Request"
    assert rig.cause(b) == 4000


async def test_star_leaves_and_the_action_is_asked(rig: Rig) -> None:
    a = await join(rig, f"hangupOnStar='true' action='{ACTION}' record='true'")
    await rig.passes(4)
    a.press("*")
    await rig.settle()
    assert a.heard[-1] == (Speech("Action"),)
    params = rig.asked(ACTION).params
    assert params["ConferenceName"] == "Room"
    assert params["RecordUrl"].endswith(f"{params['RecordingID']}.mp3")
    (recorded,) = [one for one in rig.told("conference") if one["ConferenceAction"] == "record"]
    assert recorded["RecordingDuration"] == "4"
    assert rig.book.recordings[0].conference == "Room"


async def test_keys_are_sent_to_who_enters(rig: Rig) -> None:
    a = await join(rig, "sendDigits='1w2@500'")
    assert (a.sent, a.tone_ms) == ("1w2", 500)


async def test_keys_are_told_and_relayed(rig: Rig) -> None:
    a = await join(rig, "digitsMatch='#0,90'")
    b = await join(rig, "relayDTMF='false'")
    a.press("1#0")
    b.press("5")
    await rig.settle()
    assert b.sent == "1#0"
    assert a.sent == ""
    told = [one for one in rig.told("conference") if one["ConferenceAction"] == "digits"]
    assert [one["ConferenceDigitsMatch"] for one in told] == ["#0"]


async def test_who_speaks_is_told(rig: Rig) -> None:
    a = await join(rig, "floorEvent='true'")
    assert a.watching
    a.sounds(active=True)
    a.sounds(active=False)
    await rig.settle()
    assert events(rig)[-1] == "floor"
    assert events(rig).count("floor") == 1


async def test_the_time_limit_is_everybodys(rig: Rig) -> None:
    a = await join(rig, "timeLimit='60'")
    b = await join(rig)
    await rig.passes(60)
    assert a.heard == b.heard == [(Speech("After"),)]


# --- multiparty calls ----------------------------------------------------------------------------


async def attend(rig: Rig, role: str, attributes: str = "", inside: str = "") -> ScriptedLeg:
    return await rig.arrives(
        response(
            f"<MultiPartyCall role='{role}' enterSound='none' exitSound='none' "
            f"statusCallbackUrl='{EVENTS}' {attributes}>Nairobi{inside}</MultiPartyCall>"
        )
    )


def statuses(rig: Rig) -> list[str]:
    return events(rig, "multiparty", "EventName")


async def test_a_multiparty_call_from_its_beginning_to_its_end(rig: Rig) -> None:
    a = await attend(
        rig, "Customer", "startMpcOnEnter='false' onExitActionUrl='https://app.test/x'"
    )
    assert statuses(rig) == ["MPCInitialized", "ParticipantJoin"]
    b = await attend(rig, "agent", "endMpcOnExit='true'")
    await rig.passes(30)
    b.leaves()
    await rig.settle()
    assert rig.cause(a) == 4020
    assert statuses(rig) == [
        "MPCInitialized", "ParticipantJoin", "MPCStart", "ParticipantJoin", "ParticipantExit",
        "ParticipantExit", "MPCEnd",
    ]  # fmt: skip
    end = rig.told("multiparty")[-1]
    assert [end[f"MPC{what}"] for what in ("Duration", "BilledDuration", "BilledAmount")] == [
        "30", "120", "0.00000",
    ]  # fmt: skip
    (exit_action,) = rig.told("action")
    assert exit_action["MPCFriendlyName"] == "Nairobi"
    assert exit_action["ParticipantRole"] == "customer"


@pytest.mark.parametrize("how", ["ended", "hung up"])
async def test_one_whose_participants_leave_at_once_ends_once(rig: Rig, how: str) -> None:
    legs = [await attend(rig, "agent") for _ in range(3)]
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    await rig.passes(10)
    if how == "ended":
        gathering.end()
    else:
        for leg in legs:
            leg.leaves()
    await rig.settle()
    assert statuses(rig)[-4:] == ["ParticipantExit"] * 3 + ["MPCEnd"]
    assert statuses(rig).count("MPCEnd") == 1
    assert rig.ports.rooms.past_of("multiparty", ACCOUNT) == [gathering]


@pytest.mark.parametrize("how", ["together", "one by one"])
async def test_its_end_is_told_whoever_leaves_last(rig: Rig, how: str) -> None:
    """Who was added by a request without a URL has nobody to tell."""
    first = await attend(rig, "agent", "stayAlone='true'")
    untold = response(
        "<MultiPartyCall role='agent' enterSound='none' exitSound='none' stayAlone='true'>Nairobi"
        "</MultiPartyCall>"
    )
    others = [await rig.arrives(untold) for _ in range(2)]
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    if how == "together":
        gathering.end()
    else:
        first.leaves()
        await rig.settle()
        assert statuses(rig)[-1] == "ParticipantExit"
        for leg in others:
            leg.leaves()
    await rig.settle()
    assert statuses(rig)[-2:] == ["ParticipantExit", "MPCEnd"]
    assert statuses(rig).count("MPCEnd") == 1


async def test_who_comes_while_the_last_one_leaves_goes_on_with_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = await attend(rig, "agent")
    (room,) = rig.rooms
    removes, let_out = room.remove, asyncio.Event()

    async def remove(leg: ScriptedLeg) -> None:
        await let_out.wait()
        await removes(leg)

    monkeypatch.setattr(room, "remove", remove)
    a.leaves()
    await rig.settle()
    b = await attend(rig, "agent")
    let_out.set()
    await rig.settle()
    assert statuses(rig) == [
        "MPCInitialized", "MPCStart", "ParticipantJoin", "ParticipantJoin", "ParticipantExit",
    ]  # fmt: skip
    assert list(room.members) == [b.uuid]
    b.leaves()
    await rig.settle()
    assert statuses(rig)[-2:] == ["ParticipantExit", "MPCEnd"]


async def test_a_customer_who_gives_up_ends_what_never_started(rig: Rig) -> None:
    a = await attend(rig, "customer", "startMpcOnEnter='false'")
    a.leaves()
    await rig.settle()
    assert statuses(rig) == ["MPCInitialized", "ParticipantJoin", "ParticipantExit", "MPCEnd"]
    assert [one["CallStatus"] for one in rig.told("multiparty")][1:] == [
        "in-progress", "completed", "completed",
    ]  # fmt: skip


async def test_a_supervisor_coaches_agents_alone(rig: Rig) -> None:
    agent = await attend(rig, "agent")
    await attend(rig, "customer")
    coach = await attend(rig, "supervisor")
    (room,) = rig.rooms
    assert room.members[coach.uuid]["heard_by"] == [agent.uuid]
    await rig.calls.do(coach.uuid, ToMember(action="uncoach"))
    assert "heard_by" not in room.members[coach.uuid]
    assert statuses(rig)[-1] == "ParticipantCoachModeStop"


@pytest.mark.parametrize("role", ["agent", "customer"])
async def test_nobody_but_a_supervisor_coaches(rig: Rig, role: str) -> None:
    await attend(rig, "agent")
    other = await attend(rig, role)
    (room,) = rig.rooms
    await rig.calls.do(other.uuid, ToMember(action="coach"))
    assert "heard_by" not in room.members[other.uuid]
    assert statuses(rig)[-1] == "ParticipantJoin"


async def test_a_customer_on_hold_hears_music(rig: Rig) -> None:
    music = "<CustomerHoldMusic><Play>https://f.test/h.mp3</Play></CustomerHoldMusic>"
    await attend(rig, "agent")
    customer = await attend(rig, "customer", inside=music)
    (room,) = rig.rooms
    await rig.calls.do(customer.uuid, ToMember(action="hold"))
    await rig.settle()
    assert room.members[customer.uuid] == {"muted": True, "deaf": True}
    assert customer.playing
    await rig.calls.do(customer.uuid, ToMember(action="unhold"))
    await rig.settle()
    assert room.members[customer.uuid] == {"muted": False, "deaf": False}
    assert not customer.playing
    assert statuses(rig)[-2:] == ["ParticipantHold", "ParticipantUnhold"]


@pytest.mark.parametrize("way", ["transfer", "fetched"])
async def test_a_participant_that_goes_elsewhere_tells_the_exit_action(rig: Rig, way: str) -> None:
    agent = await attend(rig, "agent", f"onExitActionUrl='{ACTION}' onExitActionMethod='GET'")
    await attend(rig, "customer", "stayAlone='true'")
    (gathering,) = rig.ports.rooms.all_of("multiparty", ACCOUNT)
    if way == "transfer":
        await rig.calls.do(agent.uuid, Transfer(aleg_url="https://app.test/music"))
    else:
        await rig.calls.do(agent.uuid, GoOn(document=read(response("<Wait/>").encode())))
    await rig.settle()
    (told,) = rig.told("action")
    assert (told["ParticipantRole"], told["CallStatus"]) == ("agent", "in-progress")
    assert agent.state == "answered"
    assert [one.exit_cause for one in gathering.past] == ["Participant Call Transferred"]


async def test_a_coach_speaks_to_no_agent_on_hold(rig: Rig) -> None:
    agent = await attend(rig, "agent")
    other = await attend(rig, "agent")
    coach = await attend(rig, "supervisor")
    (room,) = rig.rooms
    await rig.calls.do(agent.uuid, ToMember(action="hold"))
    assert room.members[coach.uuid]["heard_by"] == [other.uuid]
    await rig.calls.do(agent.uuid, ToMember(action="unhold"))
    assert room.members[coach.uuid]["heard_by"] == [agent.uuid, other.uuid]


async def test_keys_are_heard_by_those_who_hear_the_participant(rig: Rig) -> None:
    agent, customer, coach = [
        await attend(rig, role, "relayDTMFInputs='true'")
        for role in ("agent", "customer", "supervisor")
    ]
    coach.press("1")
    await rig.calls.do(customer.uuid, ToMember(action="hold"))
    agent.press("2")
    customer.press("3")
    await rig.settle()
    assert [leg.sent for leg in (agent, customer, coach)] == ["1", "", "2"]
    await rig.calls.do(customer.uuid, ToMember(action="unhold"))
    await rig.calls.do(coach.uuid, ToMember(action="uncoach"))
    coach.press("4")
    customer.press("5")
    await rig.settle()
    assert [leg.sent for leg in (agent, customer, coach)] == ["145", "4", "25"]


async def test_a_participant_that_is_kicked(rig: Rig) -> None:
    await attend(rig, "agent")
    customer = await attend(rig, "customer")
    await rig.calls.do(customer.uuid, ToMember(action="kick"))
    await rig.settle()
    assert rig.cause(customer) == 4030


async def test_only_events_that_are_asked_for_are_told(rig: Rig) -> None:
    asked = "statusCallbackEvents='participant-digit-input-events participant-speak-events'"
    a = await attend(rig, "agent", asked)
    a.press("7")
    a.sounds(active=True)
    await rig.settle()
    assert statuses(rig) == ["ParticipantDigitInput", "ParticipantSpeakStart"]
    assert rig.told("multiparty")[0]["Digits"] == "7"


async def test_it_has_ended_for_who_must_not_stay_alone(rig: Rig) -> None:
    await attend(rig, "customer")
    agent = await attend(rig, "agent")
    agent.leaves()
    await rig.settle()
    (gathering,) = rig.ports.rooms.past_of("multiparty", ACCOUNT)
    assert gathering.termination == 1010
    assert [one.exit_cause for one in gathering.past] == ["Participant Call Hangup", "MPC Ended"]


async def test_it_has_ended_for_whose_time_is_up(rig: Rig) -> None:
    legs = [await attend(rig, "agent", f"maxDuration='{most_s}'") for most_s in (600, 300)]
    await rig.passes(300)
    assert [rig.cause(leg) for leg in legs] == [4020, 4020]
    (gathering,) = rig.ports.rooms.past_of("multiparty", ACCOUNT)
    assert gathering.termination == 2000
    assert [one.exit_cause for one in gathering.past] == ["MPC Ended", "MPC Ended"]


async def test_waiting_has_an_end(rig: Rig) -> None:
    customer = await attend(rig, "customer", "startMpcOnEnter='false' waitTime='20'")
    await rig.passes(19.9)
    assert customer.state == "answered"
    await rig.passes(0.2)
    assert rig.cause(customer) == 4010


async def test_who_is_alone_is_left_out_of_the_recording(rig: Rig) -> None:
    a = await join(rig, "record='true' recordWhenAlone='false'")
    (room,) = rig.rooms
    assert room.recording == {}
    b = await join(rig)  # asks for nothing
    assert len(room.recording) == 1
    (recording,) = room.recording
    b.leaves()
    await rig.settle()
    assert room.paused == {recording: True}
    await join(rig)
    assert room.paused == {recording: False}
    a.leaves()
    await rig.settle()
    assert room.paused == {recording: True}


async def test_what_a_request_has_stopped_is_not_begun_again_by_who_comes(rig: Rig) -> None:
    await join(rig, "record='true'")
    (room,) = rig.rooms
    (gathering,) = rig.ports.rooms.all_of("conference", ACCOUNT)
    assert await gathering.stop_recording()
    await join(rig, "record='true'")
    assert room.recording == {}
    spec = RecordingSpec("again", "mp3", "mono")  # another request begins it
    await gathering.record(spec, lambda _: None)
    assert list(room.recording) == ["again"]


@pytest.mark.parametrize(
    "element",
    [
        "<Conference startConferenceOnEnter='false' action='{0}'>Room</Conference>",
        "<MultiPartyCall role='agent' startMpcOnEnter='false' onExitActionUrl='{0}'>Room"
        "</MultiPartyCall>",
    ],
    ids=["conference", "multiparty"],
)
async def test_who_leaves_as_it_starts_is_told_of(rig: Rig, element: str) -> None:
    waits = await rig.arrives(f"<Response>{element.format('https://app.test/left')}</Response>")
    kind = "conference" if "<Conference" in element else "multiparty"
    gathering = rig.ports.rooms.find(kind, ACCOUNT, "Room")
    assert gathering is not None
    gathering.start()
    waits.leaves()  # its end comes right behind the word of the start
    await rig.settle()
    (told,) = rig.told("action")
    assert told["CallStatus"] == "completed"
    assert rig.cause(waits) == 4000
