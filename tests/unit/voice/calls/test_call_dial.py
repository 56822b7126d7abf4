"""Dial: who rings, who is taken, who hears what, and what is told of it."""

import pytest
from voice_leg import ScriptedLeg
from voice_rig import Rig

from trunkline.voice.causes import BUSY, CANCELED, NORMAL, Source, of_far_end
from trunkline.voice.session.orders import (
    HangUp,
    Legs,
    NoSuchLeg,
    NoSuchRecording,
    NotLive,
    NotNow,
    PauseRecording,
    Play,
    Record,
    SendDigits,
    StartStream,
    Stop,
    StopRecording,
    StopStream,
    Transfer,
)
from trunkline.voice.telephony import File, RecordingSpec, Silence, Speech, StreamSpec, Tone

ACTION, EVENTS = "https://app.test/dialled", "https://app.test/events"
NEXT = "<Speak>Next</Speak>"


def response(*elements: str) -> str:
    return f"<Response>{''.join(elements)}</Response>"


def dialling(attributes: str = "", *targets: str) -> str:
    inside = "".join(targets or ("<Number>14155550201</Number>", "<Number>14155550202</Number>"))
    return response(
        f"<Dial action='{ACTION}' callbackUrl='{EVENTS}' {attributes}>{inside}</Dial>", NEXT
    )


@pytest.fixture(autouse=True)
def action(rig: Rig) -> None:
    rig.pages.pages[ACTION] = response("<Speak>After</Speak>")
    rig.pages.pages["https://app.test/confirm"] = response("<Speak>Press 1</Speak>")


async def dial(rig: Rig, attributes: str = "", *targets: str) -> tuple[ScriptedLeg, ...]:
    leg = await rig.arrives(dialling(attributes, *targets))
    return (leg, *rig.placed)


def outcome(rig: Rig) -> tuple[str, str, str]:
    params = rig.asked(ACTION).params
    return params["DialStatus"], params["DialRingStatus"], params["DialHangupCause"]


async def test_all_ring_and_the_first_to_answer_is_taken(rig: Rig) -> None:
    a, b, c = await dial(rig)
    assert [leg.destination.address for leg in (b, c)] == ["14155550201", "14155550202"]
    assert b.destination.caller_id == "14155550111"
    assert a.state == "ringing"  # Dial does not answer
    b.rings()
    c.rings()
    c.answers()
    await rig.settle()
    assert a.state == "answered"
    assert a.connected is c
    assert (b.cause.code, c.state) == (9000, "answered")
    await rig.passes(30)
    c.leaves()
    await rig.settle()
    assert outcome(rig) == ("completed", "true", "NORMAL_CLEARING")
    assert rig.asked(ACTION).params["DialBLegUUID"] == c.uuid
    assert a.heard == [(Speech("After"),)]
    assert rig.book.causes[b.uuid].code == 9000
    assert rig.book.causes[c.uuid].source is Source.CALLEE


async def test_what_the_callback_is_told(rig: Rig) -> None:
    _, b, _ = await dial(rig)
    b.rings()
    b.answers()
    await rig.passes(61)
    b.leaves()
    await rig.settle()
    told = rig.told("dial")
    assert [one["DialAction"] for one in told] == ["answer", "connected", "hangup"]
    assert {one["DialBLegUUID"] for one in told} == {b.uuid}  # of the lost race: nothing
    assert told[0]["DialBLegFrom"] == "14155550111"
    assert told[0]["DialBLegTo"] == "14155550201"
    last = told[-1]
    assert (last["DialBLegDuration"], last["DialBLegBillDuration"]) == ("61", "120")
    assert last["DialBLegHangupCauseName"] == "Normal Hangup"
    assert (last["DialBLegHangupCauseCode"], last["DialBLegHangupSource"]) == ("4000", "Callee")
    assert last["DialALegUUID"] == last["CallUUID"]


async def test_nobody_answers_in_time(rig: Rig) -> None:
    a, b, c = await dial(rig, "timeout='20'")
    b.rings()
    await rig.passes(19.9)
    assert b.state == "ringing"
    await rig.passes(0.2)
    assert (b.cause.code, c.cause.code) == (6010, 6010)
    assert outcome(rig) == ("no-answer", "true", "NO_ANSWER")
    assert a.heard == [(Speech("After"),)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (486, ("busy", "false", "USER_BUSY")),
        (603, ("failed", "false", "CALL_REJECTED")),
        (404, ("failed", "false", "UNALLOCATED_NUMBER")),
        (480, ("no-answer", "false", "NO_ANSWER")),
        (408, ("timeout", "false", "RECOVERY_ON_TIMER_EXPIRE")),
    ],
)
async def test_the_far_end_refuses(rig: Rig, status: int, expected: tuple[str, str, str]) -> None:
    _, b = await dial(rig, "", "<Number>14155550201</Number>")
    b.leaves(of_far_end(status))
    await rig.settle()
    assert outcome(rig) == expected


async def test_of_several_reasons_busy_says_most(rig: Rig) -> None:
    _, b, c = await dial(rig, "timeout='20'")
    b.leaves(BUSY)
    await rig.passes(21)
    assert c.cause.code == 6010
    assert outcome(rig)[0] == "busy"


async def test_whoever_cannot_be_called_is_passed_over(rig: Rig) -> None:
    rig.unplaceable.add("14155550201")
    _, c = await dial(rig)
    c.answers()
    await rig.settle()
    assert c.connected is not None


async def test_nobody_can_be_called(rig: Rig) -> None:
    rig.unplaceable |= {"14155550201", "14155550202"}
    await dial(rig)
    assert outcome(rig) == ("failed", "false", "INVALID_NUMBER_FORMAT")


async def test_an_empty_dial_falls_through(rig: Rig) -> None:
    leg = await rig.arrives(response(f"<Dial action='{ACTION}'></Dial>", NEXT))
    assert leg.heard == [(Speech("Next"),)]


@pytest.mark.parametrize(
    ("attributes", "inside", "cause"),
    [
        ("", "<Number>twelve</Number>", 2000),
        ("", "<User>not an address</User>", 2000),
        ("callType='whatsapp'", "<Number>14155550201</Number>", 5020),
    ],
)
async def test_a_dial_of_nobody_that_can_be_called_has_failed(
    rig: Rig, attributes: str, inside: str, cause: int
) -> None:
    leg, *called = await dial(rig, attributes, inside)
    assert not called
    assert outcome(rig)[:2] == ("failed", "false")
    assert leg.heard == [(Speech("After"),)]
    assert "ring" not in leg.said
    (refused,) = [one for uuid, one in rig.book.causes.items() if uuid != leg.uuid]
    assert refused.code == cause


async def test_more_than_may_ring_at_once_are_not_called(rig: Rig) -> None:
    numbers = [f"<Number>141555502{n:02}</Number>" for n in range(22)]
    a, *called = await dial(rig, "", "<Number>twelve</Number>", *numbers)
    assert len(called) == 19
    assert sorted(cause.code for cause in rig.book.causes.values()) == [1020, 1020, 1020, 2000]
    called[-1].answers()
    await rig.settle()
    assert a.connected is called[-1]


async def test_numbers_and_users_with_all_that_is_theirs(rig: Rig) -> None:
    _, b, c = await dial(
        rig,
        "callerId='+1 (415) 555-0100' callerName='Ann' sipHeaders='a=1,Plivo-x=2,b c=3'",
        "<Number sendDigits='ww12' sendDigitsMode='inband'>+1 (415) 555-0201</Number>",
        "<User sipHeaders='h=%20x' sipAuthUsername='u' sipAuthPassword='secret-pw'>"
        "sip:ann@phone.test</User>",
    )
    assert b.destination.address == "14155550201"
    assert (b.destination.caller_id, b.destination.caller_name) == ("14155550100", "Ann")
    assert b.destination.headers == {"X-PH-a": "1"}
    assert c.destination.headers == {"X-PH-a": "1", "X-PH-h": "%20x"}
    assert (c.destination.address, c.destination.auth_username) == ("sip:ann@phone.test", "u")
    assert b.sent == ""
    b.answers()
    await rig.settle()
    assert (b.sent, b.said[-1]) == ("ww12", "send in band")


async def test_digits_may_have_a_length(rig: Rig) -> None:
    a, b = await dial(rig, "", "<Number sendDigits='1w2@500'>14155550201</Number>")
    b.answers()
    await rig.settle()
    assert (b.sent, b.tone_ms) == ("1w2", 500)
    assert a.connected is b


async def test_digits_go_to_who_answers_without_ringing(rig: Rig) -> None:
    target = "<Number sendDigits='12' sendOnPreanswer='true'>1415555020{}</Number>"
    _, b, c = await dial(rig, "confirmKey='1'", target.format(1), target.format(2))
    b.answers()
    c.rings()
    await rig.settle()
    assert (b.sent, c.sent) == ("12", "12")
    c.answers()
    await rig.settle()
    assert c.sent == "12"


async def test_the_caller_hears_it_ring(rig: Rig) -> None:
    leg = await rig.arrives(
        response("<Speak>Hold</Speak>", "<Dial><Number>14155550201</Number></Dial>")
    )
    await rig.passes(2)
    assert leg.heard[-1] == (Tone("ring"),)
    rig.placed[0].answers()
    await rig.settle()
    assert not leg.playing


async def test_music_is_heard_early(rig: Rig) -> None:
    rig.pages.pages["https://app.test/music"] = response("<Speak loop='0'>La</Speak>")
    a, b, _ = await dial(rig, "dialMusic='https://app.test/music'")
    assert (a.state, a.heard) == ("early", [(Speech("La", times=0),)])
    b.answers()
    await rig.settle()
    assert (a.state, a.connected, a.playing) == ("answered", b, {})


async def test_music_goes_on_until_somebody_answers(rig: Rig) -> None:
    rig.pages.pages["https://app.test/music"] = response("<Speak>La</Speak><Wait length='1'/>")
    a, b, _ = await dial(rig, "dialMusic='https://app.test/music'")
    await rig.passes(10)
    assert a.heard == [(Speech("La"), Silence(1.0))] * 4
    b.answers()
    await rig.passes(10)
    assert (len(a.heard), a.playing) == (4, {})


async def test_instead_of_music_that_cannot_be_had_it_rings(rig: Rig) -> None:
    rig.pages.pages["https://app.test/music"] = response("<Play>https://f.test/la.mp3</Play>")
    rig.broken_files.add("https://f.test/la.mp3")
    a, _, _ = await dial(rig, "dialMusic='https://app.test/music'")
    await rig.passes(10)
    assert a.heard == [(File("https://f.test/la.mp3", 0),), (Tone("ring"),)]


async def test_real_music_is_the_far_end(rig: Rig) -> None:
    a, b, c = await dial(rig, "dialMusic='real'")
    b.rings(early_media=True)
    await rig.settle()
    assert (a.state, a.connected) == ("early", b)
    c.answers()
    await rig.settle()
    assert a.connected is c
    assert b.cause.code == 9000


async def test_a_confirming_key_is_waited_for(rig: Rig) -> None:
    a, b, c = await dial(rig, "confirmKey='1' confirmSound='https://app.test/confirm'")
    b.answers()
    await rig.settle()
    assert b.heard == [(Speech("Press 1"),)]
    assert a.connected is None
    c.answers()
    await rig.settle()
    b.press("2")
    c.press("1")
    await rig.settle()
    assert a.connected is c
    assert b.cause.code == 9000
    told = [(one["DialBLegUUID"], one["DialAction"]) for one in rig.told("dial")]
    assert told[:2] == [(b.uuid, "answer"), (c.uuid, "answer")]
    assert set(told[2:]) == {(b.uuid, "hangup"), (c.uuid, "connected")}


async def test_whoever_does_not_confirm_is_let_go(rig: Rig) -> None:
    _, b = await dial(
        rig,
        "confirmKey='1' confirmSound='https://app.test/confirm' confirmTimeout='5'",
        "<Number>14155550201</Number>",
    )
    b.answers()
    await rig.passes(2 + 4.9)
    assert b.state == "answered"
    await rig.passes(0.2)
    assert b.cause.code == 9110
    answered, hung_up = rig.told("dial")
    assert (answered["DialAction"], hung_up["DialAction"]) == ("answer", "hangup")
    assert (hung_up["DialBLegHangupCauseCode"], hung_up["DialBLegDuration"]) == ("9110", "7")
    assert outcome(rig) == ("no-answer", "true", "NORMAL_CLEARING")


async def test_a_confirming_sound_without_key_is_only_heard(rig: Rig) -> None:
    a, b, _ = await dial(rig, "confirmSound='https://app.test/confirm'")
    b.answers()
    await rig.passes(1.9)
    assert a.connected is None
    await rig.passes(0.2)
    assert a.connected is b


async def test_a_machine_is_not_connected(rig: Rig) -> None:
    a, b, c = await dial(rig, "machineDetection='hangup'")
    b.answers()
    await rig.settle()
    assert ("judge" in b.said, a.connected) == (True, None)
    b.judged(machine=True)
    await rig.settle()
    assert b.cause.code == 9100
    c.answers()
    await rig.settle()
    c.judged(machine=False)
    await rig.settle()
    assert a.connected is c
    told = [(one["DialAction"], one.get("DialBLegMachine")) for one in rig.told("dial")]
    assert told == [("answer", None), ("hangup", "true"), ("answer", None), ("connected", "false")]


async def test_who_cannot_be_judged_is_connected(rig: Rig) -> None:
    a, b, _ = await dial(rig, "machineDetection='hangup'")
    b.unjudged = True
    b.answers()
    await rig.settle()
    assert a.connected is b


async def test_who_says_nothing_is_no_machine(rig: Rig) -> None:
    a, b, _ = await dial(rig, "machineDetection='hangup' timeout='3'")
    b.answers()
    await rig.passes(5.9)
    assert a.connected is None
    await rig.passes(0.2)
    assert a.connected is b


async def test_a_machine_is_told_of_while_the_two_talk(rig: Rig) -> None:
    a, b, _ = await dial(rig, "machineDetection='true'")
    b.answers()
    await rig.settle()
    assert a.connected is b
    b.judged(machine=True)
    await rig.settle()
    b.leaves()
    await rig.settle()
    assert rig.told("dial")[-1]["DialBLegMachine"] == "true"
    assert rig.asked(ACTION).params["DialBLegMachine"] == "true"
    assert "Machine" not in rig.asked(ACTION).params  # that is the caller's


async def test_a_caller_that_leaves_stops_the_ringing(rig: Rig) -> None:
    a, b, c = await dial(rig)
    b.rings()
    await rig.settle()
    a.leaves()
    await rig.settle()
    assert (b.cause.code, c.cause.code) == (1000, 1000)
    (told,) = rig.told("action")
    assert (told["DialStatus"], told["CallStatus"]) == ("cancel", "completed")
    assert told["DialHangupCause"] == "ORIGINATOR_CANCEL"
    assert set(rig.book.causes) == {a.uuid, b.uuid, c.uuid}


async def test_a_caller_that_leaves_as_somebody_answers(rig: Rig) -> None:
    a, b, c = await dial(rig)
    b.answers()
    a.leaves(CANCELED)  # its end comes right behind the answer
    await rig.settle()
    assert (b.state, c.state) == ("ended", "ended")
    assert set(rig.book.causes) == {a.uuid, b.uuid, c.uuid}
    assert rig.cause(a) == 1000
    assert [one["DialAction"] for one in rig.told("dial")] == ["answer", "hangup"]
    (told,) = rig.told("action")
    assert (told["CallStatus"], told["DialBLegUUID"]) == ("completed", b.uuid)


async def test_a_caller_that_leaves_ends_the_talk(rig: Rig) -> None:
    a, b, _ = await dial(rig)
    b.answers()
    await rig.passes(10)
    a.leaves()
    await rig.settle()
    assert rig.book.causes[b.uuid] == NORMAL.by(Source.CALLER)
    assert rig.told("dial")[-1]["DialAction"] == "hangup"
    (told,) = rig.told("action")
    assert told["DialStatus"] == "completed"


@pytest.mark.parametrize("talks", [False, True])
async def test_a_call_that_is_hung_up_by_order_tells_the_action(rig: Rig, talks: bool) -> None:
    a, b, c = await dial(rig)
    if talks:
        b.answers()
        await rig.settle()
    await rig.calls.do(a.uuid, HangUp())
    await rig.settle()
    (told,) = rig.told("action")
    assert told["DialStatus"] == ("completed" if talks else "cancel")
    assert told["CallStatus"] == "completed"
    assert (b.state, c.state) == ("ended", "ended")


@pytest.mark.parametrize("talks", [False, True])
async def test_a_call_that_ends_with_its_process_tells_the_action(rig: Rig, talks: bool) -> None:
    a, b, c = await dial(rig)
    if talks:
        b.answers()
        await rig.settle()
    await rig.calls.close()
    (told,) = rig.told("action")
    assert told["DialStatus"] == ("completed" if talks else "cancel")
    assert told["CallStatus"] == "completed"
    assert (b.state, c.state) == ("ended", "ended")
    assert rig.cause(a) == 5010


async def test_a_leg_that_rings_is_hung_up_by_order(rig: Rig) -> None:
    a, b, c = await dial(rig)
    b.rings()
    await rig.settle()
    with pytest.raises(NotNow):
        await rig.calls.do(b.uuid, SendDigits(digits="1"))
    await rig.calls.do(b.uuid, HangUp())
    await rig.settle()
    assert rig.book.causes[b.uuid] == CANCELED.by(Source.API)
    assert (a.state, c.state) == ("ringing", "ringing")
    with pytest.raises(NotLive):
        await rig.calls.do(b.uuid, HangUp())
    c.answers()
    await rig.settle()
    assert a.connected is c


async def test_keys_reach_the_other_side(rig: Rig) -> None:
    a, b, _ = await dial(rig, "hangupOnStar='true'")
    b.answers()
    await rig.settle()
    a.press("12#")
    b.press("3*")
    a.press("4", audible=True)  # the tone itself is heard there
    await rig.settle()
    assert (a.sent, b.sent) == ("3*", "12#")
    a.press("*")
    await rig.settle()
    assert b.sent == "12#"


async def test_star_ends_the_dial_not_the_call(rig: Rig) -> None:
    a, b, _ = await dial(rig, "hangupOnStar='true'")
    b.answers()
    await rig.settle()
    a.press("*")
    await rig.settle()
    assert b.state == "ended"
    assert a.heard == [(Speech("After"),)]


async def test_star_is_but_a_key_else(rig: Rig) -> None:
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    a.press("*")
    await rig.settle()
    assert b.state == "answered"


async def test_the_time_limit_ends_the_dial(rig: Rig) -> None:
    a, b, _ = await dial(rig, "timeLimit='60'")
    await rig.passes(10)
    b.answers()
    await rig.passes(59.9)
    assert b.state == "answered"
    await rig.passes(0.2)
    assert b.cause.code == 6000
    assert outcome(rig) == ("completed", "true", "ALLOTTED_TIMEOUT")
    assert a.state == "answered"


async def test_the_time_limit_counts_from_the_answer_and_is_all_that_is_charged(rig: Rig) -> None:
    _, b, _ = await dial(rig, "timeLimit='60' confirmKey='5'")
    await rig.passes(10)
    b.answers()
    await rig.passes(20)
    b.press("5")
    await rig.passes(39.9)
    assert b.state == "answered"
    await rig.passes(0.2)
    assert b.cause.code == 6000
    (over,) = [one for one in rig.told("dial") if one["DialAction"] == "hangup"]
    assert (over["DialBLegDuration"], over["DialBLegBillDuration"]) == ("60", "60")


async def test_digits_that_are_looked_for_are_told(rig: Rig) -> None:
    a, b, _ = await dial(rig, "digitsMatch='123, 23,9' digitsMatchBLeg='#0'")
    b.answers()
    await rig.settle()
    a.press("0123")
    b.press("#0")
    await rig.settle()
    told = [one for one in rig.told("dial") if one["DialAction"] == "digits"]
    assert [(one["DialDigitsMatch"], one["DialDigitsPressedBy"]) for one in told] == [
        ("123", "ALeg"),
        ("#0", "BLeg"),
    ]


async def test_without_action_the_next_element_follows(rig: Rig) -> None:
    leg = await rig.arrives(response("<Dial><Number>14155550201</Number></Dial>", NEXT))
    rig.placed[0].leaves(BUSY)
    await rig.settle()
    assert leg.state == "answered"
    assert leg.heard == [(Speech("Next"),)]


async def test_a_recording_starts_when_the_dial_is_answered(rig: Rig) -> None:
    leg = await rig.arrives(
        response(
            "<Record startOnDialAnswer='true' redirect='false' action='https://app.test/r'/>",
            "<Dial><Number>14155550201</Number></Dial>",
        )
    )
    assert not leg.recording
    rig.placed[0].answers()
    await rig.settle()
    ((spec, _),) = leg.recording.values()
    assert spec.session
    assert rig.told("action")[0]["RecordingDuration"] == "-1"


# --- orders in the midst of a Dial ---------------------------------------------------------------


async def test_the_other_leg_goes_elsewhere(rig: Rig) -> None:
    rig.pages.pages["https://app.test/b"] = response("<Speak loop='0'>For B</Speak>")
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    order = Transfer(legs="bleg", bleg_url="https://app.test/b", bleg_method="GET")
    assert await rig.calls.do(a.uuid, order) == ""
    await rig.settle()
    assert b.heard == [(Speech("For B", times=0),)]
    assert a.heard == [(Speech("After"),)]
    asked = rig.asked("https://app.test/b")
    assert (asked.method, asked.params["CallUUID"]) == ("GET", b.uuid)
    assert asked.params["ALegUUID"] == a.uuid
    assert rig.calls.find(b.uuid) is not rig.calls.find(a.uuid)
    b.leaves()
    await rig.settle()
    assert rig.book.causes[b.uuid].code == 4000
    assert a.uuid not in rig.book.causes


async def test_both_legs_go_elsewhere(rig: Rig) -> None:
    rig.pages.pages["https://app.test/a"] = response("<Speak loop='0'>For A</Speak>")
    rig.pages.pages["https://app.test/b"] = response("<Speak loop='0'>For B</Speak>")
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    order = Transfer(legs="both", aleg_url="https://app.test/a", bleg_url="https://app.test/b")
    await rig.calls.do(a.uuid, order)
    await rig.settle()
    assert (a.state, b.state) == ("answered", "answered")
    assert a.heard == [(Speech("For A", times=0),)]
    assert b.heard == [(Speech("For B", times=0),)]
    assert not [one for one in rig.pages.asked if one.url == ACTION]


async def test_the_first_leg_alone_goes_elsewhere(rig: Rig) -> None:
    rig.pages.pages["https://app.test/a"] = response("<Speak loop='0'>For A</Speak>")
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    await rig.calls.do(a.uuid, Transfer(aleg_url="https://app.test/a"))
    await rig.settle()
    assert b.state == "ended"
    assert a.heard == [(Speech("For A", times=0),)]


async def test_orders_to_the_other_leg_by_its_own_uuid(rig: Rig) -> None:
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    await rig.calls.do(b.uuid, SendDigits(digits="5"))
    await rig.calls.do(a.uuid, SendDigits(digits="6", leg="bleg"))
    assert b.sent == "56"
    await rig.calls.do(b.uuid, HangUp())
    await rig.settle()
    assert b.cause == NORMAL.by(Source.API)
    assert a.heard == [(Speech("After"),)]


def to_record(name: str) -> Record:
    return Record(spec=RecordingSpec(name), callback_url="https://app.test/recorded", api_id="1")


async def test_the_other_leg_is_recorded_by_its_own_uuid(rig: Rig) -> None:
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    url = await rig.calls.do(b.uuid, to_record("r-1"))
    assert (list(a.recording), list(b.recording)) == ([], ["r-1"])
    await rig.calls.do(a.uuid, StopRecording())
    with pytest.raises(NoSuchRecording):
        await rig.calls.do(a.uuid, StopRecording(url=url))
    await rig.passes(5)
    await rig.calls.do(b.uuid, PauseRecording(paused=True))
    await rig.calls.do(b.uuid, StopRecording(url=url))
    await rig.settle()
    (told,) = rig.told("record")
    assert (told["call_uuid"], told["CallUUID"], told["recording_duration"]) == (
        b.uuid,
        b.uuid,
        "5",
    )
    assert [one.facts.call_uuid for one in rig.book.recordings] == [b.uuid]


async def test_what_goes_on_in_the_other_leg_goes_elsewhere_with_it(rig: Rig) -> None:
    rig.pages.pages["https://app.test/b"] = response("<Wait length='600'/>")
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    await rig.calls.do(b.uuid, to_record("r-1"))
    await rig.calls.do(a.uuid, Play(sounds=(Speech("On", times=0),), legs="bleg"))
    await rig.calls.do(a.uuid, Transfer(legs="bleg", bleg_url="https://app.test/b"))
    await rig.passes(5)
    assert (list(b.recording), len(b.playing)) == (["r-1"], 1)
    assert rig.cause(a) == 4010  # which did not wait for it
    await rig.calls.do(b.uuid, Stop(kind="play"))
    await rig.calls.do(b.uuid, StopRecording())
    await rig.settle()
    assert not b.playing
    (told,) = rig.told("record")
    assert (told["call_uuid"], told["recording_duration"]) == (b.uuid, "5")


async def test_what_is_played_is_stopped_by_the_leg_that_hears_it_or_asked_for_it(
    rig: Rig,
) -> None:
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()

    def heard() -> tuple[int, int]:
        return len(a.playing), len(b.playing)

    def play(legs: Legs = "aleg") -> Play:
        return Play(sounds=(Speech("On", times=0),), legs=legs)

    await rig.calls.do(a.uuid, play())
    await rig.calls.do(b.uuid, play())
    assert heard() == (1, 1)
    await rig.calls.do(b.uuid, Stop())
    assert heard() == (1, 0)
    await rig.calls.do(b.uuid, play())
    await rig.calls.do(a.uuid, Stop())
    assert heard() == (0, 1)
    await rig.calls.do(b.uuid, Stop())
    for asker, other in ((a, b), (b, a)):
        await rig.calls.do(asker.uuid, play("both"))
        assert heard() == (1, 1)
        await rig.calls.do(other.uuid, Stop())
        assert (len(other.playing), len(asker.playing)) == (0, 1)
        await rig.calls.do(asker.uuid, play("bleg"))
        await rig.calls.do(asker.uuid, Stop())
        assert heard() == (0, 0)


async def test_the_other_legs_recording_is_told_after_the_end(rig: Rig) -> None:
    a, b, _ = await dial(rig)
    b.answers()
    b.keeping_s = 3.0
    await rig.settle()
    await rig.calls.do(b.uuid, to_record("r-1"))
    await rig.passes(5)
    a.leaves()
    await rig.passes(4)
    assert [one["call_uuid"] for one in rig.told("record")] == [b.uuid]
    (hangup,) = rig.told("hangup")
    assert (rig.cause(a), hangup["Duration"]) == (4000, "5")


def to_stream(name: str) -> StartStream:
    return StartStream(spec=StreamSpec(name, "wss://app.test/s"), status_url="https://app.test/s")


async def test_the_other_leg_is_streamed_by_its_own_uuid_wherever_it_goes(rig: Rig) -> None:
    rig.pages.pages["https://app.test/b"] = response("<Wait length='600'/>")
    a, b, _ = await dial(rig)
    b.answers()
    await rig.settle()
    await rig.calls.do(b.uuid, to_stream("s-b"))
    with pytest.raises(NotNow):
        await rig.calls.do(b.uuid, to_stream("s-c"))
    await rig.calls.do(a.uuid, to_stream("s-a"))
    await rig.calls.do(a.uuid, StopStream())
    assert (list(a.streams), list(b.streams)) == ([], ["s-b"])
    await rig.calls.do(a.uuid, Transfer(legs="bleg", bleg_url="https://app.test/b"))
    await rig.passes(5)
    assert rig.cause(a) == 4010  # which did not wait for it
    with pytest.raises(NotNow):
        await rig.calls.do(b.uuid, to_stream("s-c"))
    await rig.calls.do(b.uuid, StopStream(stream_id="s-b"))
    await rig.settle()
    assert not b.streams
    await rig.calls.do(b.uuid, to_stream("s-c"))
    told = [(one["CallUUID"], one["StreamID"]) for one in rig.told("stream")]
    assert (b.uuid, "s-b") in told
    assert {uuid for uuid, stream in told if stream != "s-a"} == {b.uuid}


async def test_without_another_leg_orders_to_it_are_refused(rig: Rig) -> None:
    a, _, _ = await dial(rig)
    with pytest.raises(NoSuchLeg):
        await rig.calls.do(a.uuid, SendDigits(digits="6", leg="bleg"))
    with pytest.raises(NoSuchLeg):
        await rig.calls.do(a.uuid, Transfer(legs="bleg", bleg_url="https://app.test/b"))
    assert a.state == "ringing"
