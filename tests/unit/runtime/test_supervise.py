"""The supervisor: crashes by policy, and stopping in order within limits."""

import asyncio
from collections.abc import Iterator

import pytest
import structlog

from trunkline.runtime import supervise
from trunkline.runtime.supervise import Supervisor, WhenItFails


@pytest.fixture(autouse=True)
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[structlog.typing.EventDict]]:
    monkeypatch.setattr(supervise, "RESTART_FIRST_S", 0.001)
    with structlog.testing.capture_logs() as captured:
        yield captured


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def test_a_crash_stops_the_program(events: list[structlog.typing.EventDict]) -> None:
    async def crash() -> None:
        raise LookupError("gone")

    supervisor = Supervisor()
    supervisor.start("steady", forever)
    supervisor.start("shaky", crash)
    reason = await asyncio.wait_for(supervisor.wait(), 1)
    assert reason == "crash of shaky: LookupError: gone"
    assert supervisor.failed
    await supervisor.close()
    assert [(e["event"], e["task"]) for e in events] == [("task.crashed", "shaky")]


async def test_a_crash_that_may_be_mended_starts_again() -> None:
    runs: list[int] = []

    async def shaky() -> None:
        runs.append(len(runs))
        if len(runs) < 4:
            raise LookupError
        supervisor.request_stop("enough")

    supervisor = Supervisor()
    supervisor.start("shaky", shaky, when_it_fails=WhenItFails.RESTART)
    assert await asyncio.wait_for(supervisor.wait(), 1) == "enough"
    await supervisor.close()
    assert (runs, supervisor.restarts, supervisor.failed) == ([0, 1, 2, 3], {"shaky": 3}, False)


async def test_a_crash_while_stopping_is_no_alarm(
    events: list[structlog.typing.EventDict],
) -> None:
    stopping = asyncio.Event()
    runs: list[int] = []

    async def shaky() -> None:
        runs.append(1)
        await stopping.wait()
        raise LookupError("killed too")

    supervisor = Supervisor()
    supervisor.start("shaky", shaky, when_it_fails=WhenItFails.RESTART)
    await asyncio.sleep(0)
    supervisor.request_stop("SIGTERM")
    stopping.set()
    await asyncio.sleep(0.01)
    assert (supervisor.reason, runs) == ("SIGTERM", [1])
    assert [(event["event"], event["log_level"]) for event in events] == [("task.ended", "info")]
    await supervisor.close()


async def test_the_last_started_is_stopped_first_and_asked_before_it_is_cancelled() -> None:
    order: list[str] = []
    quit_now = asyncio.Event()

    async def polite() -> None:
        await quit_now.wait()
        order.append("polite ended")

    async def stop() -> None:
        order.append("asked")
        quit_now.set()

    async def plain() -> None:
        try:
            await forever()
        finally:
            order.append("plain cancelled")

    supervisor = Supervisor()
    supervisor.start("plain", plain)
    supervisor.start("polite", polite, stop=stop)
    await asyncio.sleep(0)
    await supervisor.close()
    assert order == ["asked", "polite ended", "plain cancelled"]


async def test_one_that_does_not_listen_is_cancelled_in_time(
    events: list[structlog.typing.EventDict],
) -> None:
    async def deaf() -> None:
        return

    supervisor = Supervisor()
    supervisor.start("deaf", forever, stop=deaf, stop_timeout_s=0.01)
    await asyncio.sleep(0)
    await asyncio.wait_for(supervisor.close(), 1)
    assert [event["event"] for event in events] == ["task.slow_to_stop"]


async def test_a_failing_stop_does_not_hurt_the_others(
    events: list[structlog.typing.EventDict],
) -> None:
    ended: list[str] = []

    async def ends() -> None:
        try:
            await forever()
        finally:
            ended.append("first")

    async def fail() -> None:
        raise LookupError

    supervisor = Supervisor()
    supervisor.start("first", ends)
    supervisor.start("second", forever, stop=fail)
    await asyncio.sleep(0)
    await supervisor.close()
    assert ended == ["first"]
    assert [event["event"] for event in events] == ["task.stop_failed"]
