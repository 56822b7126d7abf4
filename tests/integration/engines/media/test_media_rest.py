"""A media process that nobody uses rests, and wakes with the first command."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from trunkline.engines.media import MediaConfig, MediaProcess
from trunkline.engines.media import messages as m


@pytest.fixture
async def process() -> AsyncIterator[MediaProcess]:
    process = MediaProcess(MediaConfig(bind="127.0.0.1", first_port=0), lambda _: None)
    await process.start()
    yield process
    await process.close()


async def ticks_in(process: MediaProcess, seconds: float) -> int:
    before = (await process.stats()).ticks
    await asyncio.sleep(seconds)
    return (await process.stats()).ticks - before


async def test_it_rests_without_legs_and_wakes_with_one(process: MediaProcess) -> None:
    await asyncio.sleep(2.5)  # it stays awake for two seconds
    assert await ticks_in(process, 1.0) <= 10  # each question wakes it for a moment
    opened = await process.open_leg("leg")
    assert isinstance(opened, m.LegOpened)
    assert await ticks_in(process, 1.0) > 20
    skipped = (await process.stats()).skipped_ticks
    assert skipped < 100, "the time of rest, 125 ticks and more, is not made up for"
    await process.close_leg("leg")
