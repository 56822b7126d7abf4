"""Registrations over a real database and a moved clock: see `parts/`."""

import sys
from pathlib import Path

import pytest

from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from registration_office import Office


@pytest.fixture
async def office(database: Database, clock: ControlledClock) -> Office:
    """Two accounts, a subaccount of the first, and numbers of the first."""
    office = Office(database, clock)
    await office.open()
    return office
