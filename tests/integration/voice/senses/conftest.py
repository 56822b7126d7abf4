import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

for folder in ("senses", "streams"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder / "parts"))
sys.path.insert(0, str(Path(__file__).parents[2] / "engines" / "media" / "parts"))

from senses_world import World  # noqa: E402


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path / "speech")
    yield made
    await made.close()
