"""Pools over a real database, as a caller of the operations has them."""

import sys
from pathlib import Path

import pytest

from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database

sys.path.insert(0, str(Path(__file__).parents[1] / "parts"))
sys.path.insert(0, str(Path(__file__).parent / "parts"))

from pools_desk import PoolDesk


@pytest.fixture
async def desk(database: Database, clock: ControlledClock) -> PoolDesk:
    """Two accounts with numbers; the first has two subaccounts."""
    made = PoolDesk(database, clock)
    await made.open()
    return made
