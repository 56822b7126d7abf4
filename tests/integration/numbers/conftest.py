import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from number_desk import Desk

from trunkline.runtime.db import Database


@pytest.fixture
async def desk(database: Database) -> Desk:
    desk = Desk(database)
    await desk.open()
    return desk
