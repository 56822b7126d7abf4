"""A process that does one thing after the other: started when needed, again when it dies.

Requests and answers are octets with four octets of length before them, on its standard input and
output. It ends when its input does, so it does not outlive us.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from trunkline.engines.speech.errors import ChildDied, SpeechBusy
from trunkline.engines.speech.serving import LENGTH

log = structlog.get_logger(__name__)

MOST_OCTETS: Final = 8 << 20
_END_S: Final = 2.0
_PAUSE_S: Final = (0.5, 30.0)  # between starts, when it dies again and again
_PATIENCE: Final = 2  # deaths in a row before there are pauses
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(slots=True)
class _Request:
    octets: bytes
    timeout_s: float
    answer: asyncio.Future[bytes]


class Child:
    """One process; made inside a running event loop, ended by `close`."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        most_waiting: int = 100,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`module` is run with `arguments`; `most_waiting` requests wait for it, others fail."""
        self._module = module
        self._command = (sys.executable, "-m", module, *arguments)
        self._environment = {**os.environ, **_ONE_THREAD, **(environment or {})}
        self._queue: asyncio.Queue[_Request] = asyncio.Queue(most_waiting)
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._deaths = 0  # in a row
        self._not_before = 0.0
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None else self._process.pid

    async def ask(self, octets: bytes, *, timeout_s: float) -> bytes:
        """Return the answer; `timeout_s` counts from when the process gets the request.

        Raises:
            SpeechBusy: too many requests wait.
            ChildDied: no answer will come; the request may be made again.
        """
        if self._closed:
            raise ChildDied("Speech is switched off.")
        if self._task is None:
            self._task = asyncio.create_task(self._serve(), name=f"speech: {self._module}")
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Request(octets, timeout_s, answer))
        except asyncio.QueueFull:
            raise SpeechBusy("Too much waits for the speech engine.") from None
        return await answer

    async def close(self) -> None:
        """End the process; what waits fails."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        while not self._queue.empty():
            _fail(self._queue.get_nowait(), "Speech is switched off.")
        await self._end()

    async def _serve(self) -> None:
        while True:
            request = await self._queue.get()
            if request.answer.done():
                continue  # who asked has gone
            try:
                async with asyncio.timeout(request.timeout_s):
                    octets = await self._exchange(request.octets)
            except asyncio.CancelledError:
                _fail(request, "Speech is switched off.")
                raise
            except TimeoutError:
                await self._died(request, f"no answer within {request.timeout_s:g} s")
            except (OSError, EOFError, ValueError) as error:
                await self._died(request, str(error) or type(error).__name__)
            else:
                self._deaths = 0
                if not request.answer.done():
                    request.answer.set_result(octets)

    async def _exchange(self, octets: bytes) -> bytes:
        process = await self._running()
        requests, answers = process.stdin, process.stdout
        if requests is None or answers is None:
            raise OSError("it was started without pipes")
        requests.write(LENGTH.pack(len(octets)) + octets)
        await requests.drain()
        (length,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
        if length > MOST_OCTETS:
            raise ValueError(f"an answer of {length} octets")
        return await answers.readexactly(length)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None:
            return self._process
        if asyncio.get_running_loop().time() < self._not_before:
            raise OSError("it has died too often, and is not started yet")
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        return self._process

    async def _died(self, request: _Request, reason: str) -> None:
        if self._process is not None:
            self._deaths += 1
            if self._deaths > _PATIENCE:
                first, most = _PAUSE_S
                pause_s = min(first * 2 ** (self._deaths - _PATIENCE - 1), most)
                self._not_before = asyncio.get_running_loop().time() + pause_s
            log.warning("speech.died", module=self._module, reason=reason, deaths=self._deaths)
        await self._end()
        _fail(request, f"The speech engine failed: {reason}.")

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # it holds nothing that is worth a farewell
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await process.wait()


def _fail(request: _Request, reason: str) -> None:
    if not request.answer.done():
        request.answer.set_exception(ChildDied(reason))
