"""Calls that we make, and orders from outside: every order has its answer."""

import asyncio

import pytest
from voice_leg import ScriptedLeg
from voice_rig import ANSWER, Rig

from trunkline.voice.call import Machine, Plan
from trunkline.voice.causes import (
    BUSY,
    NORMAL,
    NOT_REGISTERED,
    OUT_OF_CREDITS,
    Source,
    of_far_end,
)
from trunkline.voice.events import Ended
from trunkline.voice.interpreter.walk import Start
from trunkline.voice.live import LiveCalls, TooMany
from trunkline.voice.session.mailbox import MOST_ITEMS
from trunkline.voice.session.orders import (
    Busy,
    GoOn,
    HangUp,
    NoSuchRecording,
    NotLive,
    NotNow,
    Order,
    Play,
    Record,
    SendDigits,
    StartStream,
    Stop,
    StopRecording,
    StopStream,
    ToMember,
    Transfer,
)
from trunkline.voice.telephony import File, RecordingSpec, Refused, Speech, StreamSpec, Tone
from trunkline.voice.xml.check import read

ENDLESS = "<Response><Speak loop='0'>Hello</Speak></Response>"
RING = "https://app.test/ring"


# --- calls that we make --------------------------------------------------------------------------


async def test_a_call_rings_is_answered_and_runs_its_document(rig: Rig) -> None:
    call, leg = await rig.calls_out(ENDLESS, ring_url=RING)
    assert rig.pages.asked == []
    leg.rings()
    leg.rings(early_media=True)
    await rig.passes(3)
    (ring,) = rig.told("ring")
    assert (ring["Event"], ring["CallStatus"], ring["Direction"]) == ("Ring", "ringing", "outbound")
    leg.answers()
    await rig.settle()
    params = rig.asked(ANSWER).params
    assert (params["Event"], params["CallStatus"]) == ("StartApp", "in-progress")
    same = ("CallUUID", "RequestUUID", "ALegUUID", "ALegRequestUUID")
    assert {params[name] for name in same} == {call.facts.call_uuid}
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    assert rig.book.lines == [
        (what, leg.uuid) for what in ("started", "ringing", "answered", "ended")
    ]
    (told,) = rig.told("hangup")
    assert (told["HangupSource"], told["Duration"]) == ("Callee", "5")


@pytest.mark.parametrize(
    ("status", "code", "call_status"),
    [
        (486, 3010, "busy"),
        (480, 3000, "no-answer"),
        (408, 3070, "timeout"),
        (404, 3050, "failed"),
        (487, 1000, "no-answer"),
        (503, 3090, "failed"),
        (600, 3100, "busy"),
        (603, 3110, "failed"),
        (499, 3080, "failed"),
        (599, 3080, "failed"),
        (699, 3100, "busy"),
    ],
)
async def test_a_call_that_is_refused(rig: Rig, status: int, code: int, call_status: str) -> None:
    _, leg = await rig.calls_out(ENDLESS)
    leg.leaves(of_far_end(status))
    await rig.settle()
    (told,) = rig.told("hangup")
    assert (told["HangupCauseCode"], told["CallStatus"]) == (str(code), call_status)
    assert (told["Duration"], told["BillDuration"]) == ("0", "0")
    assert rig.pages.asked == []


async def test_a_call_that_is_not_answered(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, ring_timeout_s=30.0)
    leg.rings()
    await rig.passes(29.9)
    assert leg.state == "ringing"
    await rig.passes(0.2)
    assert rig.cause(leg) == 6010
    assert rig.told("hangup")[0]["CallStatus"] == "no-answer"


async def test_a_call_that_is_to_ring_only(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, hangup_on_ring_s=5.0)
    await rig.passes(20)
    leg.rings()
    await rig.passes(5)
    assert rig.cause(leg) == 6000


async def test_a_call_that_cannot_be_made(rig: Rig) -> None:
    rig.unplaceable.add("14155550122")
    await rig.calls_out(ENDLESS)
    (told,) = rig.told("hangup")
    assert told["HangupCauseCode"] == "2000"


async def test_digits_follow_the_answer(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, send_digits="1w2")
    leg.rings()
    await rig.settle()
    assert leg.sent == ""
    leg.answers()
    await rig.settle()
    assert leg.sent == "1w2"


async def test_digits_may_go_before_the_answer(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, send_digits="12", send_on_preanswer=True)
    leg.rings()
    leg.answers()
    await rig.settle()
    assert leg.sent == "12"


async def test_digits_go_to_who_answers_without_ringing(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, send_digits="12", send_on_preanswer=True)
    leg.answers()
    await rig.settle()
    assert leg.sent == "12"


async def test_who_cannot_be_judged_is_no_machine(rig: Rig) -> None:
    _, leg = await rig.calls_out("<Response><Speak>Hi</Speak></Response>", machine=Machine())
    leg.unjudged = True
    leg.answers()
    await rig.settle()
    assert "Machine" not in rig.asked(ANSWER).params
    assert leg.heard == [(Speech("Hi"),)]


async def test_no_document_is_followed_while_a_machine_is_looked_for(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, machine=Machine())
    leg.answers()
    await rig.passes(4)
    assert rig.pages.asked == []
    leg.judged(machine=True)
    await rig.settle()
    assert rig.asked(ANSWER).params["Machine"] == "true"


async def test_a_machine_may_be_hung_up_on(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, machine=Machine("hangup"))
    leg.answers()
    leg.judged(machine=True)
    await rig.settle()
    assert rig.cause(leg) == 9100
    assert rig.told("hangup")[0]["Machine"] == "true"


async def test_a_person_is_not_told_of(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, machine=Machine("hangup"))
    leg.answers()
    leg.judged(machine=False)
    await rig.settle()
    assert "Machine" not in rig.asked(ANSWER).params


async def test_nobody_judges(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS, machine=Machine())
    leg.answers()
    await rig.passes(6.1)
    assert len(rig.pages.asked) == 1


@pytest.mark.parametrize(("mode", "ends"), [("true", False), ("hangup", True)])
async def test_a_machine_is_told_of_beside_the_call(rig: Rig, mode: str, ends: bool) -> None:
    machine = Machine(mode, url="https://app.test/machine")  # type: ignore[arg-type]
    _, leg = await rig.calls_out(ENDLESS, machine=machine)
    leg.answers()
    await rig.settle()
    assert len(rig.pages.asked) == 1
    leg.judged(machine=True)
    await rig.settle()
    (told,) = rig.told("machine")
    assert (told["Machine"], told["Event"]) == ("true", "MachineDetection")
    assert (leg.state == "ended") is ends


# --- orders --------------------------------------------------------------------------------------


async def test_hang_up_ends_a_call(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    assert await rig.calls.do(leg.uuid, HangUp()) == ""
    await rig.settle()
    assert rig.book.causes[leg.uuid].code == 4000
    assert rig.told("hangup")[0]["HangupSource"] == "API Request"
    with pytest.raises(NotLive):
        await rig.calls.do(leg.uuid, HangUp())


async def test_hang_up_cancels_a_call_that_rings(rig: Rig) -> None:
    _, leg = await rig.calls_out(ENDLESS)
    await rig.calls.do(leg.uuid, HangUp())
    await rig.settle()
    assert rig.cause(leg) == 1000
    assert rig.book.causes[leg.uuid].source is Source.API


async def test_the_platform_may_end_a_call(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    await rig.calls.do(leg.uuid, HangUp(cause=OUT_OF_CREDITS))
    await rig.settle()
    assert rig.cause(leg) == 1010


async def test_a_transfer_in_mid_prompt(rig: Rig) -> None:
    rig.pages.pages["https://app.test/there"] = "<Response><Speak>There</Speak></Response>"
    leg = await rig.arrives(ENDLESS)
    await rig.passes(1)
    order = Transfer(aleg_url="https://app.test/there", aleg_method="GET")
    await rig.calls.do(leg.uuid, order)
    await rig.settle()
    assert leg.heard[-1] == (Speech("There"),)
    assert len(leg.playing) == 1
    assert rig.asked("https://app.test/there").method == "GET"
    await rig.passes(2)
    assert rig.cause(leg) == 4010


@pytest.mark.parametrize(
    ("url", "method", "code"),
    [
        ("https://app.test/none", "POST", 7013),
        ("nonsense", "POST", 7023),
        ("https://app.test/none", "PUT", 7033),
        ("https://app.test/broken", "POST", 8013),
    ],
)
async def test_a_transfer_that_fails_ends_the_call(
    rig: Rig, url: str, method: str, code: int
) -> None:
    rig.pages.pages["https://app.test/broken"] = "<Response>"
    leg = await rig.arrives(ENDLESS)
    await rig.calls.do(leg.uuid, Transfer(aleg_url=url, aleg_method=method))
    await rig.settle()
    assert rig.cause(leg) == code


async def test_a_transfer_while_a_document_is_fetched(rig: Rig) -> None:
    rig.pages.slow[ANSWER] = 30
    rig.pages.pages["https://app.test/there"] = ENDLESS
    leg = await rig.arrives("<Response/>")
    await rig.passes(1)
    await rig.calls.do(leg.uuid, Transfer(aleg_url="https://app.test/there"))
    await rig.settle()
    assert leg.heard == [(Speech("Hello", times=0),)]


@pytest.mark.parametrize("slow", [ANSWER, "https://app.test/fallback", "https://app.test/next"])
async def test_a_call_is_added_elsewhere_while_a_document_is_fetched(rig: Rig, slow: str) -> None:
    fallback = "https://app.test/fallback"
    first = 500 if slow == fallback else f"<Response><Redirect>{slow}</Redirect></Response>"
    rig.pages.pages |= {slow: ENDLESS} | ({} if slow == ANSWER else {ANSWER: first})
    rig.pages.slow[slow] = 30
    leg = await rig.arrives(start=Start(ANSWER, fallback_url=fallback))
    await rig.passes(1)
    document = read(b"<Response><Speak loop='0'>Here</Speak></Response>")
    await rig.calls.do(leg.uuid, GoOn(document=document))
    await rig.passes(60)
    assert leg.heard == [(Speech("Here", times=0),)]
    assert not rig.told("hangup")


async def test_sounds_are_played_beside_the_document(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>Hello</Speak><Wait length='60'/></Response>")
    files = (File("https://f.test/1.mp3"), File("https://f.test/2.mp3"))
    await rig.calls.do(leg.uuid, Play(sounds=files))
    await rig.calls.do(leg.uuid, Play(sounds=(Speech("Now"),), kind="speak", mix=False))
    assert leg.heard[1:] == [files, (Speech("Now"),)]
    assert leg.layers == ["main", "mix", "cover"]
    assert len(leg.playing) == 3
    await rig.calls.do(leg.uuid, Stop(kind="speak"))
    assert len(leg.playing) == 2
    await rig.calls.do(leg.uuid, Stop())
    await rig.settle()
    assert [list(leg.playing.values())] == [[(Speech("Hello"),)]]
    await rig.passes(2)
    assert leg.state == "answered"


async def test_sounds_may_have_a_length(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>x</Speak><Wait length='60'/></Response>")
    await rig.calls.do(leg.uuid, Play(sounds=(File("https://f.test/1.mp3", 0),), length_s=10))
    await rig.passes(9.9)
    assert leg.playing
    await rig.passes(0.2)
    assert not leg.playing
    assert leg.state == "answered"


async def test_a_call_is_recorded_by_order(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    order = Record(
        spec=RecordingSpec("r-1", max_s=60, session=True),
        callback_url="https://app.test/recorded",
        api_id="api-1",
    )
    assert await rig.calls.do(leg.uuid, order) == "https://files.test/r-1.mp3"
    await rig.passes(60)
    (told,) = rig.told("record")
    assert told["api_id"] == "api-1"
    assert told["record_url"] == "https://files.test/r-1.mp3"
    assert told["call_uuid"] == leg.uuid
    assert told["recording_id"] == told["recordingId"] == "r-1"
    assert told["recording_duration"] == told["recordingDuration"] == "60"
    assert told["recordingDurationMs"] == "60000"
    assert len(rig.book.recordings) == 1


async def test_a_recording_that_came_to_nothing_has_no_url(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    order = Record(spec=RecordingSpec("r-1"), callback_url="https://app.test/recorded")
    await rig.calls.do(leg.uuid, order)
    leg.fails_to_record()
    await rig.settle()
    (told,) = rig.told("record")
    assert (told["record_url"], told["recording_duration_ms"]) == ("", "0")
    assert rig.book.recordings == []
    assert leg.state == "answered"


@pytest.mark.parametrize("order", [Play, Record, SendDigits])
async def test_a_caller_that_hears_nothing_yet(rig: Rig, order: type) -> None:
    fields = {
        Play: {"sounds": (Tone(),)}, Record: {"spec": RecordingSpec("r-1")},
        SendDigits: {"digits": "1"},
    }[order]  # fmt: skip
    waiting = await rig.arrives('<Response><Wait length="9"/></Response>')
    with pytest.raises(NotNow, match="not answered yet"):
        await rig.calls.do(waiting.uuid, order(**fields))
    early = await rig.arrives(
        "<Response><PreAnswer><Speak>x</Speak></PreAnswer><Wait length='9'/></Response>"
    )
    await rig.passes(2)
    assert early.state == "early"
    await rig.calls.do(early.uuid, order(**fields))


async def test_recordings_are_stopped_by_order(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    for name in ("r-1", "r-2", "r-3"):
        await rig.calls.do(leg.uuid, Record(spec=RecordingSpec(name)))
    await rig.calls.do(leg.uuid, StopRecording(url="https://files.test/r-2.mp3"))
    assert list(leg.recording) == ["r-1", "r-3"]
    with pytest.raises(NoSuchRecording):
        await rig.calls.do(leg.uuid, StopRecording(url="https://files.test/r-2.mp3"))
    await rig.calls.do(leg.uuid, StopRecording())
    assert not leg.recording


async def test_recordings_end_with_the_call(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>Hello</Speak></Response>")
    order = Record(spec=RecordingSpec("r-1"), callback_url="https://app.test/recorded")
    await rig.calls.do(leg.uuid, order)
    await rig.passes(2)
    assert rig.cause(leg) == 4010
    assert rig.told("record")[0]["recording_duration"] == "2"


async def test_streams_are_started_and_stopped_by_order(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    order = StartStream(
        spec=StreamSpec("s-1", "wss://app.test/"), status_url="https://app.test/stream"
    )
    assert await rig.calls.do(leg.uuid, order) == "s-1"
    leg.stream_told("StartStream")
    await rig.settle()
    with pytest.raises(NotNow):
        await rig.calls.do(leg.uuid, StartStream(spec=StreamSpec("s-2", "wss://app.test/")))
    with pytest.raises(NotNow):
        await rig.calls.do(leg.uuid, StopStream(stream_id="s-2"))
    await rig.calls.do(leg.uuid, StopStream(stream_id="s-1"))
    await rig.settle()
    told = rig.told("stream")
    assert [one["Event"] for one in told] == ["StartStream", "StopStream"]
    assert (told[1]["StreamID"], told[1]["StatusReason"]) == ("s-1", "API request")


async def test_a_stream_in_a_document(rig: Rig) -> None:
    leg = await rig.arrives(
        "<Response><Stream bidirectional='true' keepCallAlive='true' extraHeaders='a=1,b=2' "
        "audioTrack='both' contentType='audio/x-mulaw;rate=8000' "
        "statusCallbackUrl='https://app.test/stream'>wss://app.test/audio</Stream></Response>"
    )
    (spec,) = leg.streams.values()
    assert (spec.url, spec.bidirectional, spec.track) == ("wss://app.test/audio", True, "inbound")
    assert (spec.content_type, spec.extra_headers) == ("audio/x-mulaw;rate=8000", "a=1,b=2")
    assert spec.headers == (("X-Plivo-Signature-V3", "signed"),)
    await rig.passes(100)
    assert leg.state == "answered"
    leg.stream_told("StopStream", "Connection error")
    await rig.settle()
    assert rig.cause(leg) == 4010
    assert rig.told("stream")[0]["StatusReason"] == "Connection error"


async def test_a_stream_whose_call_is_over(rig: Rig) -> None:
    stream = (
        "<Stream statusCallbackUrl='https://app.test/s' keepCallAlive='true'>wss://a.test</Stream>"
    )
    leg = await rig.arrives(f"<Response>{stream}</Response>")
    leg.stream_told("StartStream")
    await rig.passes(5)
    leg.leaves()
    await rig.settle()
    told = [(one["Event"], one["CallStatus"]) for one in rig.told("stream")]
    assert told == [("StartStream", "in-progress"), ("StopStream", "completed")]


async def test_a_stream_beside_the_document(rig: Rig) -> None:
    leg = await rig.arrives(
        "<Response><Stream>wss://app.test/a</Stream><Stream>wss://app.test/b</Stream>"
        "<Stream>https://app.test/c</Stream><Speak>On</Speak></Response>"
    )
    assert [spec.url for spec in leg.streams.values()] == ["wss://app.test/a"]
    assert leg.heard == [(Speech("On"),)]


async def test_orders_to_members_need_a_conference(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    with pytest.raises(NotNow):
        await rig.calls.do(leg.uuid, ToMember(action="mute"))


async def test_an_order_whose_call_ends_is_answered(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    leg.leaves()
    waiting = asyncio.ensure_future(rig.calls.do(leg.uuid, SendDigits(digits="1")))
    with pytest.raises(NotLive):
        await waiting


async def test_orders_to_calls_nobody_knows(rig: Rig) -> None:
    with pytest.raises(NotLive):
        await rig.calls.do("nobody", HangUp())


async def test_a_call_that_does_not_keep_up_turns_orders_away(rig: Rig) -> None:
    leg = await rig.arrives(ENDLESS)
    call = rig.calls.find(leg.uuid)
    assert call is not None
    for _ in range(MOST_ITEMS):
        call._mailbox.order(Order())
    with pytest.raises(Busy):
        await call.do(HangUp())
    call._mailbox._items.clear()


async def test_a_process_takes_as_many_calls_as_it_may(rig: Rig) -> None:
    calls = LiveCalls(lambda _: rig.ports, most=1)
    facts = rig.facts("c-1", "outbound", "14155550100", "14155550122")
    rig.calls = calls
    await rig.calls_out(ENDLESS)
    assert calls.full
    with pytest.raises(TooMany):
        await rig.calls_out(ENDLESS)
    assert [call.facts.account_id for call in calls.of_account(facts.account_id)]


async def test_closing_ends_all_calls(rig: Rig) -> None:
    inbound = await rig.arrives(ENDLESS)
    _, outbound = await rig.calls_out(ENDLESS)
    closing = asyncio.ensure_future(rig.calls.close())
    await rig.passes(6)
    await closing
    assert (inbound.state, outbound.state) == ("ended", "ended")
    assert {cause.code for cause in rig.book.causes.values()} == {5010}
    assert len(rig.calls) == 0


@pytest.mark.parametrize(
    "element",
    [
        "<Conference action='{0}' callbackUrl='{1}'>Room</Conference>",
        "<MultiPartyCall role='agent' onExitActionUrl='{0}' statusCallbackUrl='{1}'>Room"
        "</MultiPartyCall>",
        "<Dial action='{0}' callbackUrl='{1}'><Number>14155550201</Number></Dial>",
    ],
)
async def test_actions_hear_of_the_end_of_the_process(rig: Rig, element: str) -> None:
    urls = "https://app.test/action", "https://app.test/events"
    await rig.arrives(f"<Response>{element.format(*urls)}</Response>")
    if rig.placed:
        rig.placed[0].answers()
    await rig.settle()
    told = len(rig.callbacks)
    closing = asyncio.ensure_future(rig.calls.close())
    await rig.passes(6)
    await closing
    assert [one.url for one in rig.callbacks if one.url == urls[0]] == [urls[0]]
    assert {one.params["CallStatus"] for one in rig.callbacks[told:]} == {"completed"}


async def test_a_call_that_fails_is_told_of_and_takes_nobody_along(rig: Rig) -> None:
    def broken(_: object) -> str:
        raise RuntimeError("a bug")

    other = await rig.arrives(ENDLESS)
    leg = await rig.arrives(broken)
    await rig.settle()
    assert rig.cause(leg) == 5010
    assert rig.told("hangup")[0]["HangupSource"] == "Error"
    assert other.state == "answered"


async def test_caller_headers_are_in_every_request(rig: Rig) -> None:
    rig.pages.pages[ANSWER] = "<Response><Dial><Number>14155550201</Number></Dial></Response>"
    facts = rig.facts("c-9", "inbound", "sip:a@b", "14155550100")
    facts.headers["X-PH-Key"] = "value"
    from_sip = ScriptedLeg("c-9", rig.clock)
    rig.calls.arrived(from_sip, facts, Plan(Start(ANSWER), "https://app.test/hangup"))
    await rig.settle()
    assert rig.asked(ANSWER).params["X-PH-Key"] == "value"
    assert rig.placed[-1].destination.headers == {"X-PH-Key": "value"}
    rig.placed[-1].leaves(BUSY)
    await rig.settle()
    assert rig.told("hangup")[-1]["X-PH-Key"] == "value"


async def test_a_refusal_to_place_may_name_its_cause(rig: Rig) -> None:
    rig.unplaceable.add("14155550122")
    rig.refusal = Refused("not registered", NOT_REGISTERED)
    call, _ = await rig.calls_out("<Response/>")
    assert rig.book.causes[call.facts.call_uuid] == NOT_REGISTERED


async def test_a_leg_that_ended_under_a_command_says_why(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>one</Speak><Speak>two</Speak></Response>")
    leg.state = "ended"  # what it recorded is being kept, so nothing was told yet
    await rig.passes(3)
    assert leg.uuid not in rig.book.causes
    leg.tell(Ended(leg.uuid, NORMAL.by(Source.CALLER)))
    await rig.settle()
    assert rig.book.causes[leg.uuid] == NORMAL.by(Source.CALLER)


async def test_a_leg_that_never_says_why_it_ended_is_given_up(rig: Rig) -> None:
    leg = await rig.arrives("<Response><Speak>one</Speak><Speak>two</Speak></Response>")
    leg.state = "ended"
    await rig.passes(10)
    assert rig.cause(leg) == 5000
