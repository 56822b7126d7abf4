import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from switch_rig import Pair, Station


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stations(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Two switches; the near one has two media processes, so that rooms span them."""
    folder = tmp_path_factory.mktemp("switch")
    near, far = Station(folder / "near", 2), Station(folder / "far", 1)
    await near.start()
    await far.start()
    yield Pair(near, far)
    await near.close()
    await far.close()


@pytest_asyncio.fixture(loop_scope="module")
async def pair(stations: Pair) -> AsyncIterator[Pair]:
    """The stations, which have to be free of calls after the test."""
    yield stations
    await stations.clear()
    stations.near.arrivals.clear()
    stations.far.arrivals.clear()
