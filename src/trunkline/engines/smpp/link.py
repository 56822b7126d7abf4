"""One bind of one carrier, kept up for ever."""

import asyncio
import logging
import random
from collections.abc import Callable
from enum import Enum
from typing import Final

from trunkline.engines.smpp.binding import Binding, Listener, bind_request
from trunkline.engines.smpp.config import LinkConfig
from trunkline.engines.smpp.stats import Stats
from trunkline.protocols.smpp import Request, StateError, encode, status, status_name

logger = logging.getLogger(__name__)

_STABLE_S: Final = 10.0  # an uptime after which reconnection starts from the shortest wait again


class LinkState(Enum):
    """Where a link stands; WAITING is the pause before the next attempt."""

    CONNECTING = "connecting"
    BINDING = "binding"
    UP = "up"
    DRAINING = "draining"
    WAITING = "waiting"
    CLOSED = "closed"


StateCallback = Callable[["Link", LinkState, str], None]


class Link:
    """Connects, binds, reconnects; what it receives goes to `listener`.

    EncodeError when the settings do not fit into a bind request.
    """

    def __init__(
        self,
        config: LinkConfig,
        listener: Listener,
        on_state: StateCallback,
        rng: random.Random,
    ) -> None:
        encode(bind_request(config), 1)  # EncodeError now rather than at every connection
        self.config: Final = config
        self.name: Final = config.name
        self.stats: Final = Stats()
        self.state = LinkState.CLOSED
        self.reason = ""
        """Why it is not UP, in words for an operator."""
        self.last_failure = ""
        """Why it was last not UP though it should have been; stays when it is UP again."""
        self._listener = listener
        self._on_state = on_state
        self._rng = rng
        self._sends: Final = config.bind_mode != "rx"
        self._binding: Binding | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def free(self) -> int:
        """How many submits have room now."""
        binding = self._binding
        if self.state is not LinkState.UP or not self._sends or binding is None:
            return 0
        return binding.free

    @property
    def window_used(self) -> int:
        """Submits that wait for their answer."""
        return 0 if self._binding is None else self._binding.in_flight

    def start(self) -> None:
        """Begin to connect; the link owns its task until `close`."""
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._run(loop), name=f"smpp {self.name}")

    def submit(self, request: Request, sent: tuple[float, object]) -> None:
        """Send a request; StateError when the link is not up, WindowFull, EncodeError."""
        if self._binding is None:
            raise StateError(f"{self.name} is {self.state.value}")
        now, context = sent
        self._binding.submit(request, context, now)

    async def close(self, drain_s: float) -> None:
        """Wait up to drain_s for what is unanswered, unbind, disconnect, stop for good."""
        if self._task is None:
            return
        binding = self._binding
        if binding is not None and self.state is LinkState.UP:
            self._become(LinkState.DRAINING, "closing")
            await binding.unbind(drain_s)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        self._become(LinkState.CLOSED, "closed")

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        attempt = 0
        while True:
            started = loop.time()
            try:
                refused, reason = await self._once(loop)
            except Exception as error:
                logger.exception("smpp %s: connection failed", self.name)
                refused, reason = False, f"internal error: {error!r}"
            attempt = 1 if loop.time() - started >= _STABLE_S else attempt + 1
            if self.state is not LinkState.DRAINING:
                self.last_failure = reason
                self._become(LinkState.WAITING, reason)
            await asyncio.sleep(self._backoff(attempt, refused=refused))
            self.stats.reconnects += 1

    async def _once(self, loop: asyncio.AbstractEventLoop) -> tuple[bool, str]:
        """One connection to its end: (the carrier refused the bind, why it ended)."""
        self._become(LinkState.CONNECTING, self.reason)
        binding = Binding(self.config, self.stats, self._listener, loop)
        try:
            await binding.connect()
        except (OSError, TimeoutError) as error:
            return False, f"cannot connect: {error or type(error).__name__}"
        self._binding = binding
        try:
            return await self._bound(binding)
        finally:
            await binding.end("closed")
            self._binding = None

    async def _bound(self, binding: Binding) -> tuple[bool, str]:
        self._become(LinkState.BINDING, self.reason)
        answer = await binding.bind()
        if isinstance(answer, str):
            return False, answer
        if answer != status.ESME_ROK:
            return True, f"bind refused: {status_name(answer)}"
        self._become(LinkState.UP, "")
        self._listener.on_room()
        return False, await binding.lost

    def _backoff(self, attempt: int, *, refused: bool) -> float:
        config = self.config
        wait_s = min(config.reconnect_min_s * 2.0 ** min(attempt - 1, 30), config.reconnect_max_s)
        if refused:
            wait_s = max(wait_s, config.refused_min_s)
        # Half of it is chance, so that the links of a fallen carrier do not come back as one.
        return wait_s * (0.5 + self._rng.random() / 2.0)

    def _become(self, state: LinkState, reason: str) -> None:
        if state is self.state and reason == self.reason:
            return
        self.state = state
        self.reason = reason
        self._on_state(self, state, reason)
