"""The whole program with real parts: `parts/` has the program, a customer, carriers, a client."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from e2e_fixtures import (
    api,
    engine,
    handset,
    launch,
    loop,
    new_database,
    new_sink,
    new_smsc,
    program,
    sink,
)
from e2e_phones import new_phone

__all__ = [
    "api",
    "engine",
    "handset",
    "launch",
    "loop",
    "new_database",
    "new_phone",
    "new_sink",
    "new_smsc",
    "program",
    "sink",
]
