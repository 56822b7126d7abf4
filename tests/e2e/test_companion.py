"""The program's second process dies: the first one starts another, and no callback is lost."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

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


def test_callbacks_survive_the_death_of_the_process_that_sends_them(
    launch: Callable[..., Program], sink: Sink
) -> None:
    program = launch()
    api = program.api()
    (helper,) = children(program.pid)
    dst = "<".join(f"1305555{number:04d}" for number in range(300))
    uuids = api.send(dst, url=sink.url("/status"))
    os.kill(helper, signal.SIGKILL)
    until(lambda: [one for one in children(program.pid) if one != helper], "another process")
    wanted = {(uuid, state) for uuid in uuids for state in ("queued", "sent", "delivered")}

    def told() -> set[tuple[str, str]]:
        return {(one.params["MessageUUID"], one.params["Status"]) for one in list(sink.seen)}

    until(lambda: wanted <= told(), "all callbacks", 60)
    assert program.stop() == 0
    assert "Traceback" not in program.log()


def test_it_goes_with_the_program(launch: Callable[..., Program]) -> None:
    program = launch()
    (helper,) = children(program.pid)
    program.kill()
    until(lambda: not _lives(helper), "its end")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
