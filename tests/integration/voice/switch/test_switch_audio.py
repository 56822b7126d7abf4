"""What is heard: playbacks and their layers, bridges, recordings; told apart by their spectrum."""

import asyncio

import numpy as np
import pytest
from switch_rig import Events, Pair, power_at, read_wav, sine, until

from trunkline.engines.media.messages import Digit as MediaDigit
from trunkline.engines.media.messages import TapAudio
from trunkline.values.ids import new_uuid
from trunkline.voice.causes import NORMAL
from trunkline.voice.events import Answered, Digit, Ended, PlaybackEnded, RecordingEnded, Voice
from trunkline.voice.switch import Reached, SwitchConfig, TapFrame
from trunkline.voice.telephony import File, Leg, LegGone, RecordingSpec, Refused, Silence, Tone

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("switch-audio"),  # they share their engines
]

# A tone has -12 dBFS; on a busy machine it may be a tenth of what was recorded meanwhile.
LOUD, QUIET = -36.0, -45.0


class Ear:
    """Records what a far leg receives, that is what the near end of its call is made to hear."""

    def __init__(self, pair: Pair, leg: Leg, events: Events, name: str) -> None:
        self.pair, self.leg, self.events, self.name = pair, leg, events, name

    async def open(self) -> "Ear":
        await self.leg.record(RecordingSpec(self.name, "wav", "mono"))
        return self

    async def close(self):
        await self.leg.stop_recording(self.name)
        await until(
            lambda: any(e.recording_id == self.name for e in self.events.of(RecordingEnded))
        )
        return read_wav(self.pair.far.shelf.kept[self.name])


async def hears(pair: Pair, leg: Leg, events: Events, name: str, seconds: float = 0.6):
    """Record what a leg receives for a while."""
    ear = await Ear(pair, leg, events, name).open()
    await asyncio.sleep(seconds)
    return await ear.close()


async def test_a_file_is_heard_by_the_far_end_and_its_end_is_told(pair: Pair) -> None:
    talk = await pair.talk()
    ear = await Ear(pair, talk.far, talk.far_events, "file").open()
    playback = await talk.near.play([File("tone:440/0.5"), File("tone:1000/0.5")])
    ended = await talk.near_events.got(PlaybackEnded)
    assert (ended.playback, ended.error) == (playback, "")
    audio = await ear.close()
    assert power_at(audio, 440) > LOUD
    assert power_at(audio, 1000) > LOUD
    assert power_at(audio, 700) < QUIET
    await talk.near.hang_up(NORMAL)


@pytest.mark.parametrize("codec", ["PCMA", "G722", "opus"])
async def test_each_codec_is_spoken(pair: Pair, codec: str) -> None:
    core = pair.far.switch._core
    usual, core.config = core.config, SwitchConfig(codecs=(codec,))  # type: ignore[misc]
    try:
        talk = await pair.talk()
    finally:
        core.config = usual  # type: ignore[misc]
    await talk.near.play([File("tone:1000/0.2", times=0)])
    await asyncio.sleep(0.3)
    heard = await hears(pair, talk.far, talk.far_events, f"codec-{codec}")
    assert power_at(heard, 1000) > LOUD
    assert power_at(heard, 1500) < QUIET
    await talk.near.hang_up(NORMAL)
    await talk.far_events.got(Ended)


async def test_two_legs_that_are_connected_hear_each_other(pair: Pair) -> None:
    one, two = await pair.talk(), await pair.talk()
    await one.near.connect(two.near)
    await one.far.play([File("tone:440/0", times=0)])
    await two.far.play([File("tone:1000/0.2", times=0)])
    await one.far.play([File("tone:600/0.2", times=0)])
    await asyncio.sleep(0.3)
    at_two = await hears(pair, two.far, two.far_events, "two")
    at_one = await hears(pair, one.far, one.far_events, "one")
    assert power_at(at_two, 600) > LOUD
    assert power_at(at_two, 1000) < QUIET
    assert power_at(at_one, 1000) > LOUD
    assert power_at(at_one, 600) < QUIET
    await one.near.disconnect()
    await asyncio.sleep(0.3)
    assert power_at(await hears(pair, two.far, two.far_events, "apart"), 600) < QUIET
    for talk in (one, two):
        await talk.near.hang_up(NORMAL)


async def test_a_sound_that_cannot_be_had_is_passed_over(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.near.play([File("http://nowhere/a.mp3"), Tone("beep")])
    assert (await talk.near_events.got(PlaybackEnded)).error == ""
    await talk.near.play([File("http://nowhere/a.mp3")])
    assert "404" in (await talk.near_events.got(PlaybackEnded, 2)).error
    await talk.near.play([Silence(0.05)])
    assert (await talk.near_events.got(PlaybackEnded, 3)).error == ""
    await talk.near.hang_up(NORMAL)
    await talk.far_events.got(Ended)


# --- layers --------------------------------------------------------------------------------------


async def test_layers_take_the_place_mix_and_cover(pair: Pair) -> None:
    talk = await pair.talk()
    near, far, told = talk.near, talk.far, talk.near_events
    first = await near.play([File("tone:440/0.2", times=0)])
    second = await near.play([File("tone:600/0.2", times=0)])
    assert (await told.got(PlaybackEnded)).playback == first
    mixed = await near.play([File("tone:1000/0.2", times=0)], layer="mix")
    await asyncio.sleep(0.2)
    both = await hears(pair, far, talk.far_events, "both")
    assert power_at(both, 600) > LOUD
    assert power_at(both, 1000) > LOUD
    assert power_at(both, 440) < QUIET
    cover = await near.play([File("tone:2000/0.2", times=0)], layer="cover")
    await asyncio.sleep(0.2)
    covered = await hears(pair, far, talk.far_events, "covered")
    assert power_at(covered, 2000) > LOUD
    assert power_at(covered, 600) < QUIET
    assert power_at(covered, 1000) < QUIET
    await near.stop_playing(cover)
    await near.stop_playing(mixed)
    await near.stop_playing("unknown")
    await asyncio.sleep(0.2)
    again = await hears(pair, far, talk.far_events, "again")
    assert power_at(again, 600) > LOUD
    assert power_at(again, 1000) < QUIET
    await near.stop_playing(second)
    await until(lambda: len(told.of(PlaybackEnded)) == 4)
    assert [event.playback for event in told.of(PlaybackEnded)] == [first, cover, mixed, second]
    assert not any(event.error for event in told.of(PlaybackEnded))
    await near.hang_up(NORMAL)


async def test_a_playback_is_stopped_while_its_sound_is_fetched(pair: Pair) -> None:
    talk = await pair.talk()
    pair.near.sounds.held = asyncio.Event()
    try:
        playback = await talk.near.play([File("tone:440/1"), File("tone:600/1")])
        await talk.near.stop_playing(playback)
        assert (await talk.near_events.got(PlaybackEnded)).error == ""
        await talk.near.play([File("tone:440/1")])
        await talk.near.hang_up(NORMAL)
        await talk.near_events.got(Ended)
        # The end of what was still awaited is not told: Ended is the last word.
        assert len(talk.near_events.of(PlaybackEnded)) == 1
    finally:
        pair.near.sounds.held.set()
        pair.near.sounds.held = None


# --- rooms ---------------------------------------------------------------------------------------

TONES = (440, 700, 1100, 1700)


async def gathered(pair: Pair, count: int):
    """So many calls; each far end sounds a tone of its own."""
    talks = [await pair.talk() for _ in range(count)]
    for talk, tone in zip(talks, TONES, strict=False):
        await talk.far.play([File(f"tone:{tone}/0.5", times=0)])
    return talks


async def levels(pair: Pair, talks, name: str) -> list[list[bool]]:
    """Who hears whose tone."""
    await asyncio.sleep(0.4)
    heard = await asyncio.gather(
        *(hears(pair, talk.far, talk.far_events, f"{name}-{n}") for n, talk in enumerate(talks))
    )
    return [[power_at(audio, tone) > LOUD for tone in TONES[: len(talks)]] for audio in heard]


async def test_a_room_over_two_media_processes(pair: Pair) -> None:
    talks = await gathered(pair, 4)
    events = Events()
    room = await pair.near.switch.open_room(new_uuid(), events)
    for talk in talks:
        await room.add(talk.near)
    assert len({talk.near.channel.process for talk in talks}) == 2
    others = [[a != b for b in range(4)] for a in range(4)]
    assert await levels(pair, talks, "all") == others

    await room.set(talks[0].near, muted=True, deaf=False)
    await room.set(talks[3].near, muted=False, deaf=True)
    silenced = [[a not in (b, 3) and b != 0 for b in range(4)] for a in range(4)]
    assert await levels(pair, talks, "set") == silenced

    await room.remove(talks[1].near)
    await room.add(talks[0].near)
    await room.add(talks[3].near)
    kicked = [[a != b and 1 not in (a, b) for b in range(4)] for a in range(4)]
    assert await levels(pair, talks, "kicked") == kicked

    await talks[2].near.hang_up(NORMAL)
    await talks[2].near_events.got(Ended)
    left = [talks[0], talks[3]]
    await asyncio.sleep(0.4)
    heard = await hears(pair, left[0].far, left[0].far_events, "left")
    assert power_at(heard, TONES[3]) > LOUD
    assert power_at(heard, TONES[2]) < QUIET
    await room.close()
    for talk in talks:
        await talk.near.hang_up(NORMAL)


async def test_a_room_plays_to_all_and_is_recorded(pair: Pair) -> None:
    talks = await gathered(pair, 3)
    events = Events()
    room = await pair.near.switch.open_room(new_uuid(), events)
    with pytest.raises(Refused):
        await room.record(RecordingSpec("nobody", "wav"))
    for talk in talks:
        await room.add(talk.near)
    for impossible in ({"silence_s": 1.0}, {"finish_on": "#"}, {"tracks": "inbound"}):
        with pytest.raises(Refused, match="recorded whole"):
            await room.record(RecordingSpec("part", "wav", **impossible))
    url = await room.record(RecordingSpec("room", "wav", "mono"))
    await room.play([File("tone:2300/0.5")])
    await asyncio.sleep(0.3)
    heard = await asyncio.gather(
        *(hears(pair, t.far, t.far_events, f"announced-{n}") for n, t in enumerate(talks))
    )
    assert all(power_at(audio, 2300) > LOUD for audio in heard)
    await until(lambda: events.of(PlaybackEnded))
    await room.stop_recording("room")
    recorded = await events.got(RecordingEnded)
    assert (recorded.url, recorded.leg) == (url, room.uuid)
    audio = read_wav(pair.near.shelf.kept["room"])
    assert all(power_at(audio, tone) > LOUD for tone in (*TONES[:3], 2300))
    # What everybody has left ends what the room still records.
    await room.record(RecordingSpec("rest", "wav", "mono"))
    await asyncio.sleep(0.1)
    for talk in talks:
        await talk.near.hang_up(NORMAL)
    await until(lambda: len(events.of(RecordingEnded)) == 2)
    assert events.of(RecordingEnded)[1].why == "hangup"
    await room.close()
    await room.close()
    with pytest.raises(Refused):
        await room.play([Tone()])


@pytest.mark.parametrize("apart", [False, True], ids=["one process", "two processes"])
async def test_a_coach_is_heard_by_the_agent_alone(pair: Pair, apart: bool) -> None:
    talks = []
    while len({talk.near.channel.process for talk in talks}) < 2 or len(talks) < 5:
        talks += await gathered(pair, 1)
    by_process: dict[object, list] = {}
    for talk in talks:
        by_process.setdefault(talk.near.channel.process, []).append(talk)
    most, fewest = sorted(by_process.values(), key=len, reverse=True)
    agent, customer, coach = (fewest[0], *most[:2]) if apart else most[:3]
    for talk, tone in zip((agent, customer, coach), TONES, strict=False):
        await talk.far.play([File(f"tone:{tone}/0.5", times=0)])
    room = await pair.near.switch.open_room(new_uuid(), Events())
    for talk in (agent, customer, coach):
        await room.add(talk.near)
    await room.set(coach.near, muted=False, deaf=False, heard_by=[agent.near])
    wanted = [[False, True, True], [True, False, False], [True, True, False]]
    assert await levels(pair, [agent, customer, coach], "coached") == wanted
    await room.add(coach.near)  # come back, it is a coach still
    assert await levels(pair, [agent, customer, coach], "still") == wanted
    await room.set(coach.near, muted=False, deaf=False)
    assert (await levels(pair, [agent, customer, coach], "open"))[1] == [True, False, True]
    await room.set(coach.near, muted=False, deaf=False, heard_by=[agent.near])
    await room.close()
    for talk in talks:
        await talk.near.hang_up(NORMAL)


async def test_a_bridge_moves_from_one_leg_to_another(pair: Pair) -> None:
    talks = await gathered(pair, 3)
    one, two, three = (talk.near for talk in talks)
    await one.connect(two)
    await one.connect(three)
    wanted = [[False, False, True], [False] * 3, [True, False, False]]
    assert await levels(pair, talks, "moved") == wanted
    with pytest.raises(Refused):
        await one.connect(one)
    await three.hang_up(NORMAL)
    await talks[2].near_events.got(Ended)
    with pytest.raises(LegGone):
        await one.connect(three)
    await one.connect(two)
    assert (await levels(pair, talks[:2], "again")) == [[False, True], [True, False]]
    for leg in (one, two):
        await leg.hang_up(NORMAL)


# --- keys, voice, recordings ---------------------------------------------------------------------


async def test_keys_go_both_ways(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.near_events.got(Answered)
    await talk.near.send_digits("12w#")
    await talk.far.send_digits("A0", tone_ms=60)
    await until(lambda: len(talk.far_events.of(Digit)) == 3)
    await until(lambda: len(talk.near_events.of(Digit)) == 2)
    assert [event.digit for event in talk.far_events.of(Digit)] == ["1", "2", "#"]
    assert [event.digit for event in talk.near_events.of(Digit)] == ["A", "0"]
    for digits in ("1x", "9" * 600):
        with pytest.raises(Refused):
            await talk.near.send_digits(digits)
    await talk.near.send_digits("")
    await talk.near.hang_up(NORMAL)


async def test_keys_may_be_sent_as_tones(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.near_events.got(Answered)
    ear = await Ear(pair, talk.far, talk.far_events, "keys").open()
    await talk.near.send_digits("2", tone_ms=400, inband=True)
    await asyncio.sleep(0.6)
    audio = await ear.close()
    assert min(power_at(audio, 697), power_at(audio, 1336)) > LOUD
    assert power_at(audio, 1209) < QUIET
    assert talk.far_events.of(Digit) == []  # it knows events, and was sent none
    await talk.near.hang_up(NORMAL)


async def test_voice_is_told_while_it_is_watched(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.near.watch_voice(on=True)
    await talk.far.play([File("tone:440/0.6")])
    await until(lambda: len(talk.near_events.of(Voice)) == 2)
    assert [event.active for event in talk.near_events.of(Voice)] == [True, False]
    await talk.near.watch_voice(on=False)
    await talk.far.play([File("tone:440/0.3")])
    await until(lambda: len(talk.far_events.of(PlaybackEnded)) == 2)
    assert len(talk.near_events.of(Voice)) == 2
    await talk.near.hang_up(NORMAL)


async def test_recordings_end_by_key_silence_length_and_hangup(pair: Pair) -> None:
    talk = await pair.talk()
    near, told = talk.near, talk.near_events
    await near.record(RecordingSpec("key", "wav", "mono", finish_on="#"))
    await asyncio.sleep(0.2)
    await talk.far.send_digits("1#")
    ended = await told.got(RecordingEnded)
    assert (ended.why, ended.digit, ended.error) == ("key", "#", "")
    await near.record(RecordingSpec("length", "mp3", "mono", max_s=0.3))
    ended = await told.got(RecordingEnded, 2)
    assert (ended.why, ended.duration_ms) == ("length", 300)
    assert ended.end_ms - ended.start_ms == 300
    assert pair.near.shelf.kept["length"].read_bytes()[:1] == b"\xff"
    await talk.far.play([File("tone:440/0.8")])
    await near.record(RecordingSpec("silence", "wav", "mono", silence_s=0.6))
    ended = await told.got(RecordingEnded, 3)
    assert ended.why == "silence"
    assert ended.duration_ms >= 1000  # the sound, then the silence
    await near.record(RecordingSpec("hangup", "wav", "stereo", session=True))
    for track in ("inbound", "outbound"):
        await near.record(RecordingSpec(track, "wav", "mono", session=True, tracks=track))
    await near.play([File("tone:600/1")])
    await talk.far.play([File("tone:1000/1")])
    with pytest.raises(Refused):
        await near.record(RecordingSpec("hangup", "wav"))
    await asyncio.sleep(0.7)
    await talk.far.hang_up(NORMAL)
    await until(lambda: told.of(Ended))
    assert [event.why for event in told.of(RecordingEnded)][3:] == ["hangup"] * 3
    assert isinstance(told.all[-1], Ended)
    kept = pair.near.shelf.kept
    both = [read_wav(kept["hangup"], n) for n in (0, 1)]
    apart = [read_wav(kept[track]) for track in ("inbound", "outbound")]
    for said, heard in (both, apart):
        assert power_at(said, 1000) > LOUD
        assert power_at(said, 600) < QUIET
        assert power_at(heard, 600) > LOUD
        assert power_at(heard, 1000) < QUIET


async def test_who_goes_on_talking_is_not_silent_to_a_recording_that_begins(pair: Pair) -> None:
    talk = await pair.talk()
    near, told = talk.near, talk.near_events
    await near.watch_voice(on=True)
    await talk.far.play([File("tone:440/1", times=0)])
    assert (await told.got(Voice)).active  # told once, and before the recording
    await near.record(RecordingSpec("talked", "wav", "mono", max_s=2.0, silence_s=1.0))
    assert (await told.got(RecordingEnded)).why == "length"
    await near.record(RecordingSpec("ceased", "wav", "mono", max_s=60.0, silence_s=1.0))
    await talk.far.hang_up(NORMAL)
    assert (await told.got(RecordingEnded, 2)).why == "hangup"


async def test_a_recording_leaves_out_its_pauses(pair: Pair) -> None:
    talk = await pair.talk()
    near, told = talk.near, talk.near_events
    events = Events()
    room = await pair.near.switch.open_room(new_uuid(), events)
    await near.record(RecordingSpec("paused-leg", "wav", "stereo", session=True))
    await near.pause_recording("paused-leg", paused=True)
    await near.pause_recording("unknown", paused=True)
    await near.play([File("tone:600/0.4")])
    await told.got(PlaybackEnded)
    await near.pause_recording("paused-leg", paused=False)
    await near.play([File("tone:1500/0.4")])
    await told.got(PlaybackEnded, 2)
    await near.stop_recording("paused-leg")
    await told.got(RecordingEnded)
    heard = read_wav(pair.near.shelf.kept["paused-leg"], 1)
    assert power_at(heard, 1500) > LOUD
    assert power_at(heard, 600) < QUIET
    await room.add(near)
    await room.record(RecordingSpec("paused-room", "wav", "mono"))
    await room.pause_recording("paused-room", paused=True)
    await room.play([File("tone:600/0.4")])
    await until(lambda: events.of(PlaybackEnded))
    await room.pause_recording("paused-room", paused=False)
    await room.play([File("tone:1500/0.4")])
    await until(lambda: len(events.of(PlaybackEnded)) == 2)
    await room.stop_recording("paused-room")
    await events.got(RecordingEnded)
    heard = read_wav(pair.near.shelf.kept["paused-room"])
    assert power_at(heard, 1500) > LOUD
    assert power_at(heard, 600) < QUIET
    await room.close()
    await near.hang_up(NORMAL)
    await told.got(Ended)


async def test_a_shelf_that_refuses_is_told(pair: Pair) -> None:
    talk = await pair.talk()
    shelf = pair.near.shelf
    try:
        shelf.refuses = "begin"
        with pytest.raises(Refused, match="disk"):
            await talk.near.record(RecordingSpec("none", "wav"))
        shelf.refuses = "finish"
        await talk.near.record(RecordingSpec("lost", "wav"))
        await asyncio.sleep(0.1)
        await talk.near.stop_recording("lost")
        ended = await talk.near_events.got(RecordingEnded)
        assert (ended.error, ended.start_ms, ended.end_ms) == ("the disk is full", 0, 0)
    finally:
        shelf.refuses = ""
    await talk.near.hang_up(NORMAL)


# --- taps ----------------------------------------------------------------------------------------


async def test_a_tap_hears_and_is_heard(pair: Pair) -> None:
    talk = await pair.talk()
    await talk.far.play([File("tone:440/5")])
    tap = await talk.near.open_tap(tracks=("inbound",), encoding="l16", rate=16000)
    frames = []
    while len(frames) < 40:
        item = await tap.next()
        assert isinstance(item, TapFrame)
        frames.append(item)
    assert {len(frame.audio) for frame in frames} == {640}
    assert [frame.at_ms for frame in frames] == sorted(frame.at_ms for frame in frames)
    heard = np.frombuffer(b"".join(frame.audio for frame in frames), np.int16)
    assert power_at(heard[::2], 440) > LOUD
    await tap.feed(sine(1000, 1.0).tobytes(), encoding="l16", rate=8000)
    await tap.checkpoint("said")
    assert power_at(await hears(pair, talk.far, talk.far_events, "fed"), 1000) > LOUD
    while not isinstance(item := await tap.next(), Reached):
        assert item is not None
    assert item.name == "said"
    await tap.feed(sine(1000, 2.0).tobytes(), rate=8000)
    assert await tap.clear() > 1000
    with pytest.raises(Refused):
        await tap.feed(b"x", encoding="l16", rate=11025)
    await tap.close()
    await tap.close()
    other = await talk.near.open_tap()
    await talk.near.hang_up(NORMAL)
    while (await other.next()) is not None:
        pass
    with pytest.raises(LegGone):
        await other.feed(b"\x7f" * 160)
    with pytest.raises(LegGone):
        await talk.near.open_tap()


async def test_who_does_not_read_a_tap_loses_the_oldest(pair: Pair) -> None:
    talk = await pair.talk()
    tap = await talk.near.open_tap()
    for number in range(600):
        tap.on_media(TapAudio(tap.name, "inbound", number * 20, b""))
    assert tap.dropped >= 100
    first = await tap.next()
    assert isinstance(first, TapFrame)
    assert first.at_ms >= 2000
    await tap.close()
    await talk.near.hang_up(NORMAL)


async def test_a_key_that_sounds_is_kept_out_of_the_end(pair: Pair) -> None:
    talk = await pair.talk()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await talk.near.record(RecordingSpec("tone", "wav", "mono", finish_on="#"))
    await asyncio.sleep(1.0)
    pressed = MediaDigit(talk.near.channel.id, "#", 200, "inband")
    pair.near.switch.on_media(pressed)
    ended = await talk.near_events.got(RecordingEnded)
    assert (ended.why, ended.digit) == ("key", "#")
    assert (loop.time() - began) * 1000 - ended.duration_ms >= 300
    assert len(read_wav(pair.near.shelf.kept["tone"])) == ended.duration_ms * 8
    await talk.near.hang_up(NORMAL)
