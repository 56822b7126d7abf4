"""How fast this machine is at the moment: CPU time of a fixed piece of Python.

A virtual core is slower while its neighbour works, so that the same program's CPU time a message
differs by a half from run to run. Divided by the gauge taken meanwhile, it can be compared.
"""

import time
from typing import NamedTuple

REFERENCE_S = 0.0030  # what the piece takes on the machine of docs/performance.md at rest
_ROUNDS = 1_500


class _Row(NamedTuple):
    number: int
    name: str
    at: float


def gauge() -> float:
    """Run the piece once; 1.0 is the reference's speed, 0.5 half of it."""
    began = time.thread_time()
    rows: dict[str, _Row] = {}
    text = ""
    for number in range(_ROUNDS):
        row = _Row(number, f"n{number}", number * 0.5)
        rows[row.name] = row
        text = f"{row.name}&at={row.at}&text={text[:20]}"
        rows.get(text.partition("&")[0])
    return REFERENCE_S / max(1e-6, time.thread_time() - began)
