"""A process beside the main one dies: another is started, and nothing is lost."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until


def children(pid: int) -> list[int]:
    """Return the processes that one has started, by Linux's own account."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def of_role(pid: int, role: str) -> int | None:
    """Return the process that serves a role, or None while there is none."""
    for child in children(pid):
        try:
            name = Path(f"/proc/{child}/comm").read_text()
        except OSError:
            continue
        if name == f"tl-{role}\n":
            return child
    return None


@pytest.mark.parametrize("role", ["webhooks", "messaging"])
def test_messages_and_callbacks_survive_the_death_of_a_process(
    launch: Callable[..., Program], sink: Sink, role: str
) -> None:
    program = launch(own_processes="true")
    api = program.api()
    helper = of_role(program.pid, role)
    dst = "<".join(f"1305555{number:04d}" for number in range(300))
    uuids = api.send(dst, url=sink.url("/status"))
    assert helper is not None
    os.kill(helper, signal.SIGKILL)
    until(lambda: of_role(program.pid, role) not in (None, helper), "another process")
    wanted = {(uuid, state) for uuid in uuids for state in ("queued", "sent", "delivered")}

    def told() -> set[tuple[str, str]]:
        return {(one.params["MessageUUID"], one.params["Status"]) for one in list(sink.seen)}

    until(lambda: wanted <= told(), "all callbacks", 60)
    assert program.stop() == 0
    assert "Traceback" not in program.log()


def test_it_goes_with_the_program(launch: Callable[..., Program]) -> None:
    program = launch(own_processes="true")
    helpers = children(program.pid)
    assert len(helpers) == 3  # carriers, webhooks, audio
    program.kill()
    until(lambda: not any(map(_lives, helpers)), "their end")


def test_figures_of_all_processes_are_readable(program: Program) -> None:
    """A line that the main process cannot read would take news of commits down with it."""
    for carrier in ("simulator", "simulator_mms", "whatsapp_simulator"):
        until(lambda carrier=carrier: program.metrics()[f"carrier_{carrier}_up"], carrier)
    assert "relay.unreadable" not in program.log()
    assert "companion.slow" not in program.log()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
