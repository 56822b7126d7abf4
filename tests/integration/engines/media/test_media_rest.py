"""A media process that nobody uses rests, and wakes with the first command."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from trunkline.engines.media import MediaConfig, MediaProcess
from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.frames import TICK_S


@pytest.fixture
async def process() -> AsyncIterator[MediaProcess]:
    process = MediaProcess(MediaConfig(bind="127.0.0.1", first_port=0), lambda _: None)
    await process.start()
    yield process
    await process.close()


async def time_in(process: MediaProcess, seconds: float) -> tuple[int, float]:
    """Return how many ticks' time went on there, done or skipped, and how many it should be."""
    loop = asyncio.get_running_loop()
    before, began = await process.stats(), loop.time()
    await asyncio.sleep(seconds)
    after, ended = await process.stats(), loop.time()
    passed = after.ticks + after.skipped_ticks - before.ticks - before.skipped_ticks
    return passed, (ended - began) / TICK_S


async def test_it_rests_without_legs_and_wakes_with_one(process: MediaProcess) -> None:
    await asyncio.sleep(2.5)  # it stays awake for two seconds
    passed, _ = await time_in(process, 1.0)
    assert passed <= 10  # each question wakes it for a moment
    opened = await process.open_leg("leg")
    assert isinstance(opened, m.LegOpened)
    passed, due = await time_in(process, 1.0)
    assert passed == pytest.approx(due, abs=5)  # nor is the time of rest made up for
    await process.close_leg("leg")
