"""Recognition and machine detection on a leg: spoken, sent as G.711, understood."""

import asyncio
import os
import signal
from collections.abc import Callable

import numpy as np
import pytest
from media_rig import sine
from senses_world import World

from trunkline.voice.events import Beeped, Heard, MachineJudged
from trunkline.voice.telephony import ListenSpec, MachineSpec, Refused

HINTS = ("sales", "billing", "cancel my order", "good morning")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what it looks at has no event
            await asyncio.sleep(0.02)


async def test_what_is_spoken_is_understood(world: World) -> None:
    listening = await world.ears.listen(world.leg, ListenSpec(hints=HINTS), world.tell)
    for number, (text, gender) in enumerate(
        (("good morning", "female"), ("cancel my order", "male"), ("billing", "female")), start=1
    ):
        await world.silence(0.4)
        await world.send(await world.spoken(text, gender))
        await world.silence(1.5)
        heard = await world.hears(Heard, number)
        assert isinstance(heard, Heard)
        assert (heard.text, heard.final, heard.error) == (text, True, "")
        assert 0 < heard.confidence <= 1
    await listening.close()
    assert world.leg.taps["tap0"]._closed


async def test_interim_results_come_before_the_final_one(world: World) -> None:
    spec = ListenSpec(hints=HINTS, interim=True)
    listening = await world.ears.listen(world.leg, spec, world.tell)
    audio = await world.spoken("cancel my order", "male")
    await world.send(np.concatenate([np.zeros(4000, np.int16), audio, np.zeros(2400, np.int16)]))
    await world.hears(Heard)
    await world.silence(2.0)
    await until(lambda: any(isinstance(one, Heard) and one.final for one in world.told))
    kinds = [one.final for one in world.told if isinstance(one, Heard)]
    assert kinds[-1] is True
    assert False in kinds
    await listening.close()


async def test_silence_noise_and_clicks_are_no_speech(world: World) -> None:
    listening = await world.ears.listen(world.leg, ListenSpec(hints=HINTS), world.tell)
    await world.silence(3.0)
    await world.send(np.random.default_rng(1).integers(-60, 60, 16_000))
    click = np.zeros(8000, np.int16)
    click[100:150] = 20_000
    await world.send(click)
    await world.silence(2.0)
    assert world.recogniser.child.starts == 0
    await listening.close()
    assert world.told == []


async def test_a_language_without_a_model_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="no model to recognise de-DE"):
        await world.ears.listen(world.leg, ListenSpec(language="de-DE"), world.tell)
    assert world.leg.taps == {}


async def test_a_recogniser_that_dies_is_told_and_comes_again(world: World) -> None:
    await world.recogniser.understand(b"\xff" * 8000, hints=("yes",))
    pid = world.recogniser.child.pid
    assert pid is not None
    listening = await world.ears.listen(world.leg, ListenSpec(hints=HINTS), world.tell)
    os.kill(pid, signal.SIGKILL)
    await world.send(await world.spoken("good morning"))
    await world.silence(1.5)
    heard = await world.hears(Heard)
    assert isinstance(heard, Heard)
    assert heard.error
    await listening.close()
    assert not (await world.recogniser.understand(b"\xff" * 8000, hints=("yes",))).error


async def test_the_leg_ends_in_mid_word(world: World) -> None:
    listening = await world.ears.listen(world.leg, ListenSpec(hints=HINTS), world.tell)
    await world.send((await world.spoken("good morning"))[:4000])
    world.leg.end()
    await until(lambda: listening.over)
    await listening.close()
    assert world.told == []


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("Hello?", False),
        ("You have reached the voicemail of Robert. Please leave a message.", True),
    ],
)
async def test_machines_are_told_from_people(world: World, text: str, machine: bool) -> None:
    judging = await world.ears.judge(world.leg, MachineSpec(), world.tell)
    await world.silence(0.5)
    await world.send(await world.spoken(text))
    await world.silence(5.0)
    judged = await world.hears(MachineJudged)
    assert judged == MachineJudged(world.leg.uuid, machine)
    assert judging.over
    await judging.close()
    assert len(world.told) == 1


async def test_a_beep_is_a_machine_at_once(world: World) -> None:
    judging = await world.ears.judge(world.leg, MachineSpec(), world.tell)
    await world.silence(0.3)
    await world.send(sine(1000, 8000))
    assert await world.hears(MachineJudged) == MachineJudged(world.leg.uuid, True)
    await judging.close()


async def test_a_beep_is_waited_for_through_a_greeting(world: World) -> None:
    awaiting = await world.ears.beep(world.leg, world.tell)
    await world.send(await world.spoken("Hello. Please leave a message after the tone."))
    await world.silence(0.3)
    assert world.told == []
    await world.send(sine(1000, 8000))
    assert await world.hears(Beeped) == Beeped(world.leg.uuid)
    assert awaiting.over
    await awaiting.close()
    assert len(world.told) == 1


async def test_a_judge_that_is_called_off_says_nothing(world: World) -> None:
    judging = await world.ears.judge(world.leg, MachineSpec(), world.tell)
    await world.silence(0.3)
    await judging.close()
    assert world.told == []
