import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from voice_desk import Desk

from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database


@pytest.fixture
async def desk(database: Database, clock: ControlledClock, tmp_path: Path) -> Desk:
    """The operations of voice over a database, with two accounts and two subaccounts."""
    made = Desk(database, clock, tmp_path)
    await made.open()
    return made
