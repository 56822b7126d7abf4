"""The simulated phones over SIP and RTP: what they do, what they hear, whom they dial."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from voice_caller import Caller, level_at, until

from trunkline.engines.media import MediaConfig, stream_of
from trunkline.engines.media import messages as m
from trunkline.engines.sip import Answered, Ended, Failed, Hop, Offered, Progress
from trunkline.protocols import sdp
from trunkline.runtime.clock import ControlledClock
from trunkline.simulator.voice import (
    Dialling,
    Does,
    NoPlatform,
    VoiceConfig,
    VoiceSimulator,
)
from trunkline.simulator.voice.audio import Audio

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("simulator_voice"),  # one media process a side serves all of them
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def both(tmp_path_factory):
    """Give the simulator, its clock and the platform that calls it."""
    clock = ControlledClock(1_767_225_600.0)
    phones = VoiceSimulator(VoiceConfig(), clock)
    caller = Caller(tmp_path_factory.mktemp("heard"))
    await phones.start()
    await caller.start()
    phones.platform = Hop("udp", "127.0.0.1", caller.agent.port())
    yield phones, clock, caller
    await caller.close()
    await phones.stop()
    assert phones.active == 0


@pytest.fixture
def phones(both):
    return both[0]


@pytest.fixture
def clock(both):
    return both[1]


@pytest.fixture
def caller(both):
    both[2].talks.clear()
    yield both[2]
    for talk in both[2].talks:
        talk.call.hang_up()  # what a test that failed leaves would be in the others' way


async def answered(phones, caller, number):
    """Call a number that answers; gives the call, recorded."""
    talk = await caller.place(phones.port, number)
    await talk.hears((await talk.got(Answered)).sdp)
    return talk


async def hung_up(phones, talk):
    """Hang up, and wait until the handset knows."""
    talk.call.hang_up()
    await talk.got(Ended)
    await until(lambda: phones.active == 0)


def last(phones, number):
    return phones.calls(number)[-1]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("15005558001", 486),
        ("15005558003", 603),
        ("15005558004", 404),
        ("15005558006", 503),
        ("+15005559488", 488),
        ("alice", 404),
    ],
)
async def test_it_refuses(phones, caller, number, status):
    talk = await caller.place(phones.port, number, caller_name="Ann")
    failed = await talk.got(Failed)
    assert (failed.status, failed.local) == (status, False)
    await until(lambda: last(phones, number).state == "ended")
    seen = last(phones, number)
    assert (seen.sip_status, seen.ended_by, seen.other) == (status, "handset", "14155550100")
    assert (seen.caller_name, seen.placed, seen.duration_s) == ("Ann", False, 0.0)


async def test_it_rings_until_the_caller_gives_up(phones, clock, caller):
    talk = await caller.place(phones.port, "15005558002", headers=(("X-PH-Note", "hi"),))
    assert (await talk.got(Progress)).status == 180
    assert last(phones, "15005558002").state == "ringing"
    talk.call.hang_up()
    assert (await talk.got(Failed)).status == 487
    await until(lambda: last(phones, "15005558002").state == "ended")
    seen = last(phones, "15005558002")
    assert (seen.ended_by, seen.sip_status) == ("platform", 487)
    assert seen.headers == {"X-PH-Note": "hi"}


async def test_it_rings_for_three_minutes_at_most(phones, clock, caller):
    talk = await caller.place(phones.port, "15005558014")
    await until(lambda: phones.calls("15005558014"))
    await until(lambda: clock._sleepers)
    assert not talk.seen(Progress)
    clock.advance(180.0)
    assert (await talk.got(Failed)).status == 480


async def test_an_ordinary_phone_rings_and_is_answered(phones, clock, caller):
    talk = await caller.place(phones.port, "+4915112345678")
    await talk.got(Progress)
    assert not talk.seen(Answered)
    await until(lambda: clock._sleepers)
    clock.advance(1.0)
    await talk.hears((await talk.got(Answered)).sdp)
    assert last(phones, "4915112345678").state == "answered"
    await until(lambda: phones._audio.lines)
    await talk.do(m.Watch(leg=talk.leg, speech=True))
    await until(lambda: talk.told(m.SpeechStopped))  # it says hello, and is quiet
    await talk.do(m.SendDigits(talk.leg, "42#"))
    await talk.play(500.0, 1_000)
    await until(lambda: last(phones, "4915112345678").digits == "42#")
    await until(lambda: last(phones, "4915112345678").sound_s > 0.2)
    await talk.call.send_digit("7")
    clock.advance(5.0)
    await hung_up(phones, talk)
    seen = last(phones, "4915112345678")
    assert (seen.state, seen.ended_by, seen.digits) == ("ended", "platform", "42#7")
    assert seen.duration_s == 5.0
    assert 0.2 < seen.sound_s < 3.0


async def test_after_so_many_seconds(phones, clock, caller):
    talk = await caller.place(phones.port, "15005558107")
    await talk.got(Progress)
    await until(lambda: clock._sleepers)
    clock.advance(6.0)
    assert not talk.seen(Answered)
    clock.advance(1.0)
    await talk.got(Answered)
    await hung_up(phones, talk)


async def test_it_hangs_up(phones, clock, caller):
    talk = await answered(phones, caller, "15005558209")
    await until(lambda: clock._sleepers)
    clock.advance(9.0)
    ended = await talk.got(Ended)
    assert ended.side == "remote"
    await until(lambda: last(phones, "15005558209").state == "ended")
    seen = last(phones, "15005558209")
    assert (seen.ended_by, seen.duration_s) == ("handset", 9.0)


async def test_early_media(phones, clock, caller):
    talk = await caller.place(phones.port, "15005558011")
    progress = await talk.got(Progress)
    assert progress.status == 183
    await talk.hears(progress.sdp)
    await talk.hears_now(lambda heard: min(level_at(heard, 440.0), level_at(heard, 480.0)) > -30.0)
    clock.advance(2.0)
    assert (await talk.got(Failed)).status == 404


async def test_digits(phones, clock, caller):
    talk = await answered(phones, caller, "15005558442")
    await until(lambda: clock._sleepers)
    clock.advance(1.0)
    await until(lambda: len(talk.told(m.Digit)) == 3)
    assert [(each.digit, each.method) for each in talk.told(m.Digit)] == [
        ("4", "rfc4733"),
        ("2", "rfc4733"),
        ("#", "rfc4733"),
    ]
    await hung_up(phones, talk)


async def test_echo(phones, caller):
    talk = await answered(phones, caller, "15005558010")
    await talk.play(700.0, 60_000)
    await talk.hears_now(lambda heard: level_at(heard, 700.0) > -20.0)
    await talk.do(m.StopPlay(leg=talk.leg))
    await talk.hears_now(lambda heard: level_at(heard, 700.0) < -50.0)
    await hung_up(phones, talk)


async def test_a_machine_beeps(phones, clock, caller):
    talk = await answered(phones, caller, "15005558501")
    await talk.hears_now(lambda heard: level_at(heard, 360.0) > -40.0 > level_at(heard, 1000.0))
    await talk.hears_now(lambda heard: level_at(heard, 1000.0) > -15.0)
    clock.advance(30.0)
    assert (await talk.got(Ended)).side == "remote"


async def test_no_audio_at_all(phones, caller):
    talk = await answered(phones, caller, "15005558013")
    silent = await answered(phones, caller, "15005558000")
    await until(lambda: silent.told(m.MediaStarted))
    assert not talk.told(m.MediaStarted)
    silent.call.hang_up()
    await hung_up(phones, talk)


async def test_an_offer_that_comes_late_and_a_hold(phones, caller):
    talk = await caller.place(phones.port, "15005558009", late=True)
    got = await talk.got(Answered)
    assert got.offer
    described, agreed = sdp.answer(sdp.parse(got.sdp), talk.local)
    assert talk.call.acknowledge(sdp.serialize(described))
    await caller.media.set_stream(talk.leg, stream_of(agreed))
    await until(lambda: talk.told(m.MediaStarted))
    held = sdp.serialize(sdp.offer(sdp.hold(talk.local, version=2)))
    reply = await talk.call.reinvite(held)
    assert reply.accepted
    assert b"a=recvonly" in reply.sdp
    assert (await talk.call.reinvite(b"v=0\r\nrubbish")).status == 488
    asked = await talk.call.reinvite(b"")
    assert asked.accepted
    await hung_up(phones, talk)


async def test_descriptions_that_are_none(phones, caller):
    for rubbish in (b"v=0\r\nnothing", b"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n"):
        talk = await caller.place(phones.port, "15005558000", sdp=rubbish)
        assert (await talk.got(Failed)).status == 488
    assert last(phones, "15005558000").reason.startswith("not acceptable: ")


async def test_a_handset_dials(phones, clock, caller):
    async def on_call(talk):
        talk.call.ring(180)
        await caller.answer(talk)

    caller.on_call = on_call
    plan = Dialling(digits="5w*", digits_after_s=2.0, hang_up_after_s=4.0, does=Does.TALK)
    seen = await phones.dial("14155550123", "14155550100", plan)
    assert (seen.state, seen.placed, seen.other) == ("ringing", True, "14155550100")
    await until(lambda: caller.talks)
    talk = caller.talks[0]
    assert talk.call.request.target.username == "+14155550100"
    assert talk.call.request.from_.parsed.username == "+14155550123"
    await until(lambda: last(phones, "14155550123").state == "answered")
    await until(lambda: len(clock._sleepers) == 2)
    clock.advance(2.0)
    await until(lambda: [each.digit for each in talk.told(m.Digit)] == ["5", "*"])
    clock.advance(2.0)
    assert (await talk.got(Ended)).side == "remote"
    await until(lambda: phones.active == 0)
    assert last(phones, "+14155550123").duration_s == 4.0


async def test_a_handset_dials_in_vain(phones, caller):
    caller.on_call = lambda talk: talk.call.reject(404)
    seen = await phones.dial("14155550124", "14155550199")
    assert (seen.state, seen.sip_status, seen.ended_by) == ("ended", 404, "platform")
    caller.on_call = lambda talk: None
    with pytest.raises(TimeoutError):
        await phones.dial("14155550124", "14155550199", timeout_s=0.2)
    await until(lambda: caller.talks and caller.talks[-1].seen(Ended))
    assert last(phones, "14155550124").state == "ended"
    platform, phones.platform = phones.platform, None
    with pytest.raises(NoPlatform):
        await phones.dial("14155550124", "14155550199")
    phones.platform = platform


async def test_media_that_dies_ends_calls_and_comes_again(phones, caller):
    talk = await answered(phones, caller, "15005558000")
    process = phones._audio._process
    process._process.kill()
    ended = await talk.got(Ended)
    assert 'text="the audio is lost"' in ended.cause
    await until(lambda: process.restarts == 1 and process.ready)
    again = await answered(phones, caller, "15005558000")
    await hung_up(phones, again)


async def test_no_leg_is_left(phones, caller):
    for _ in range(3):
        talk = await caller.place(phones.port, "15005558000")
        talk.call.hang_up()
        await until(lambda talk=talk: talk.seen((Failed, Ended)))
    await until(lambda: phones.active == 0)
    assert not phones._audio.lines
    stats = await phones._audio._process.stats()
    assert stats.legs == 0
    assert not [each for each in caller.talks if each.seen(Offered)]


async def test_more_calls_than_it_has_and_a_caller_without_audio(caller):
    phones = VoiceSimulator(VoiceConfig(max_calls=1, media_timeout_s=0.4), ControlledClock())
    await phones.start()
    talk = await caller.place(phones.port, "15005558000")
    await talk.got(Answered)
    further = await caller.place(phones.port, "15005558000")
    failed = await further.got(Failed)
    assert (failed.status, failed.headers.get("retry-after")) == (503, "2")
    assert "no audio came" in (await talk.got(Ended)).cause  # nothing was sent to it
    await until(lambda: phones.active == 0)
    assert [(one.state, one.ended_by) for one in phones.calls("15005558000")] == [
        ("ended", "handset")
    ]
    await phones.stop()
    assert phones.port == 0


async def test_a_first_call_that_is_given_up_leaves_the_process_to_the_next():
    audio = Audio(MediaConfig(bind="127.0.0.1", first_port=16_000, last_port=16_039))
    before = children()
    first = asyncio.create_task(audio.open("first"))
    await until(lambda: children() - before)
    first.cancel()
    await asyncio.wait([first])
    assert (await audio.open("second")).leg == "second"
    assert len(children() - before) == 1
    await audio.stop()
    assert children() == before


async def test_a_process_that_has_not_come_up_yet_is_ended():
    audio = Audio(MediaConfig(bind="127.0.0.1", first_port=16_040, last_port=16_079))
    before = children()
    first = asyncio.create_task(audio.open("first"))
    await until(lambda: children() - before)
    await audio.stop()
    assert children() == before
    await asyncio.wait([first])
    assert first.cancelled()


def children():
    """Give the process ids of what this process has started."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}
