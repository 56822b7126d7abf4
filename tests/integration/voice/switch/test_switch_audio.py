"""What is heard: playbacks and their layers, bridges, recordings; told apart by their spectrum."""

import asyncio

import pytest
from switch_rig import Events, Pair, power_at, read_wav, until

from trunkline.voice.causes import NORMAL
from trunkline.voice.telephony import (
    Ended,
    File,
    Leg,
    PlaybackEnded,
    RecordingEnded,
    RecordingSpec,
    Silence,
    Tone,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOUD, QUIET = -25.0, -45.0


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
