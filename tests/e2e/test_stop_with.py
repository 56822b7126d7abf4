"""`trunkline up --stop-with` ends with the process it was started for."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from e2e_program import Program
from e2e_waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_it_ends_with_its_owner_and_its_clock_flows(launch: Callable[..., Program]) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    program = launch("--clock", "flowing", "--stop-with", str(owner.pid))
    api = program.api()
    before = api.get("/admin/clock")
    assert before["controlled"] is True
    program.advance(3_600)
    later = until(lambda: api.get("/admin/clock")["now"] > before["now"] + 3_600.05, "its flow")
    assert later
    api.close()
    owner.communicate(b"\n", timeout=10)
    until(lambda: not program.is_running, "its end")
    assert f"process {owner.pid} is gone" in program.log()
