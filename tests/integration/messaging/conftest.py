"""Messaging over a real database, with carriers that do as they are told: see `parts/`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from messaging_world import World, open_world


@pytest.fixture
async def world(database: Database, clock: ControlledClock) -> AsyncIterator[World]:
    """An account with credit, numbers and an application, and two carriers, a before b."""
    made = await open_world(database, clock)
    yield made
    await made.stop()
