"""The owner of a process's long-lived tasks: starts them, watches them, stops them in order."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

import structlog

log = structlog.get_logger(__name__)

Run = Callable[[], Awaitable[None]]

RESTART_FIRST_S = 0.1
RESTART_MOST_S = 30.0
CALM_S = 60.0  # a task that ran this long starts again with the first delay
STOP_TIMEOUT_S = 10.0


class WhenItFails(Enum):
    """What a crash of a task means for the program."""

    STOP = "stop"  # nothing works without it: stop the program, whoever runs it starts it again
    RESTART = "restart"  # start it again, with a growing delay


@dataclass(slots=True)
class _Child:
    name: str
    run: Run
    stop: Run | None
    when_it_fails: WhenItFails
    stop_timeout_s: float
    task: asyncio.Task[None] = field(init=False)


class Supervisor:
    """Owns named tasks between `start` and `close`; a task that returns is simply done."""

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._stopping = asyncio.Event()
        self.reason: str | None = None
        self.restarts: dict[str, int] = {}

    def start(
        self,
        name: str,
        run: Run,
        *,
        when_it_fails: WhenItFails = WhenItFails.STOP,
        stop: Run | None = None,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        """Run a coroutine function as a task of this supervisor.

        Args:
            name: for logs and metrics.
            run: called again for a restart.
            when_it_fails: what a crash means.
            stop: asks the task to end by itself; without it the task is cancelled.
            stop_timeout_s: how long `stop` may take, and then how long cancelling may.
        """
        child = _Child(name, run, stop, when_it_fails, stop_timeout_s)
        loop = asyncio.get_running_loop()
        child.task = loop.create_task(self._watch(child), name=name)
        self._children.append(child)

    def request_stop(self, reason: str) -> None:
        """Ask the program to end; the first reason is kept."""
        if not self._stopping.is_set():
            self.reason = reason
            self._stopping.set()

    def stop_on_signals(self) -> None:
        """End on SIGINT and SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            name = signal.Signals(number).name
            loop.add_signal_handler(number, self.request_stop, name)

    def stop_with(self, pid: int) -> None:
        """End as soon as that process does; at once if it is gone already."""
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self.request_stop(f"process {pid} is gone")
            return
        loop = asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(handle)
            os.close(handle)
            self.request_stop(f"process {pid} is gone")

        loop.add_reader(handle, gone)

    @property
    def stopping(self) -> bool:
        """Whether someone asked to stop."""
        return self._stopping.is_set()

    @property
    def failed(self) -> bool:
        """Whether the reason to stop is a crash."""
        return self.reason is not None and self.reason.startswith("crash")

    async def wait(self) -> str:
        """Return the reason once someone asked to stop."""
        await self._stopping.wait()
        return self.reason or ""

    async def close(self) -> None:
        """Stop all tasks, the last started first, each within its time limit."""
        self.request_stop("closed")
        while self._children:
            await _stop(self._children.pop())

    async def _watch(self, child: _Child) -> None:
        loop = asyncio.get_running_loop()
        delay = RESTART_FIRST_S
        while True:
            began = loop.time()
            try:
                await child.run()
                return
            except Exception as error:
                text = f"{type(error).__name__}: {error}"
                if self._stopping.is_set():  # a child process may hear the same signal first
                    log.info("task.ended", task=child.name, error=text)
                    return
                log.exception("task.crashed", task=child.name, then=child.when_it_fails.value)
                if child.when_it_fails is WhenItFails.STOP:
                    self.request_stop(f"crash of {child.name}: {text}")
                    return
            if loop.time() - began >= CALM_S:
                delay = RESTART_FIRST_S
            await asyncio.sleep(delay)
            delay = min(delay * 2, RESTART_MOST_S)
            self.restarts[child.name] = self.restarts.get(child.name, 0) + 1


async def _stop(child: _Child) -> None:
    if child.stop is not None and not child.task.done():
        await _ask(child, child.stop)
    if not child.task.done():
        child.task.cancel()
        await asyncio.wait({child.task}, timeout=child.stop_timeout_s)
    if not child.task.done():
        log.error("task.stuck", task=child.name, waited_s=child.stop_timeout_s)


async def _ask(child: _Child, stop: Run) -> None:
    try:
        async with asyncio.timeout(child.stop_timeout_s):
            await stop()
            await asyncio.wait({child.task})
    except TimeoutError:
        log.warning("task.slow_to_stop", task=child.name, waited_s=child.stop_timeout_s)
    except Exception:
        log.exception("task.stop_failed", task=child.name)
