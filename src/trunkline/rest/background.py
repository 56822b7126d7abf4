"""Background calls under way: owned tasks, a bounded number of them, their answers handed on."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from trunkline.contract.background import AsyncCall, AsyncResults
from trunkline.contract.errors import TooManyRequests, Unavailable
from trunkline.rest.asgi import HttpAnswer

_log = structlog.get_logger(__name__)

Run = Callable[[], Awaitable[HttpAnswer]]


class BackgroundCalls:
    """Owns the tasks; when `limit` are under way one more is refused."""

    def __init__(self, results: AsyncResults, limit: int) -> None:
        self._results = results
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks) + self._accepting

    async def accept(self, call: AsyncCall, run: Run) -> None:
        """Store `call`, then start it.

        Raises:
            TooManyRequests: as many are under way as may be.
            Unavailable: closed.
        """
        if self._closed:
            raise Unavailable("shutting down")
        if len(self) >= self._limit:
            raise TooManyRequests("too many background calls are under way")
        self._accepting += 1
        try:
            await self._results.accept(call)
        finally:
            self._accepting -= 1
        self.start(call, run)

    def start(self, call: AsyncCall, run: Run) -> None:
        """Start a call that is stored already; once closed it stays stored for the next start."""
        if self._closed:
            return
        task = asyncio.create_task(self._carry_out(call, run), name=f"background {call.api_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, call: AsyncCall, run: Run) -> None:
        try:
            answer = await run()
            await self._results.deliver(call, answer.status, answer.body)
        except Exception:  # noqa: BLE001 — the edge of a call: it stays stored and is run again
            _log.exception(
                "background call failed", api_id=call.api_id, operation=call.operation_id
            )

    async def aclose(self, timeout_s: float) -> None:
        """Wait up to `timeout_s` for calls under way, then cancel the rest; they stay stored."""
        self._closed = True
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=timeout_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
