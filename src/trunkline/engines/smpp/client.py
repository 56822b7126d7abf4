"""One carrier: its links, its rate, and the batch-wise way to submit to it."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from trunkline.engines.smpp.config import ClientConfig, LinkConfig
from trunkline.engines.smpp.delivery import Delivery
from trunkline.engines.smpp.link import Link, LinkState
from trunkline.engines.smpp.outcome import (
    THROTTLES,
    Answered,
    NoResponse,
    NoResponseReason,
    Outcome,
    Throttled,
)
from trunkline.engines.smpp.rate import RateController
from trunkline.engines.smpp.wire import Sent
from trunkline.protocols.smpp import AlertNotification, DataSm, DeliverSm, Request, Response

logger = logging.getLogger(__name__)

_RETRY_S: Final = 1.0  # after an on_capacity that failed

OnResult = Callable[[object, Outcome], None]
OnDeliver = Callable[[DeliverSm | DataSm, Delivery], None]
OnState = Callable[[Link, LinkState, str], None]


class Client:
    """Submits over N links at the carrier's rate; everything comes back by callback, in the loop.

    on_result(context, outcome): exactly once for every submit that returned True.
    on_deliver(pdu, delivery): store it, then `delivery.ack()`.
    on_capacity(): there is capacity again, after the application had used up all that `capacity()`
    last said, or had seen 0. Who submits less has nothing left to send, and is not woken.
    on_state(link, state, reason): a link changed. on_alert(pdu, link name): alert_notification.
    """

    def __init__(
        self,
        config: ClientConfig,
        *,
        on_result: OnResult,
        on_deliver: OnDeliver,
        on_capacity: Callable[[], None] | None = None,
        on_state: OnState | None = None,
        on_alert: Callable[[AlertNotification, str], None] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.config: Final = config
        self._on_result = on_result
        self._on_deliver = on_deliver
        self._on_capacity = on_capacity
        self._on_state = on_state
        self._on_alert = on_alert
        rng = rng or random.Random()  # noqa: S311  jitter, not a secret
        self.links: Final[tuple[Link, ...]] = tuple(
            Link(each, self, self._link_state, rng) for each in _link_configs(config)
        )
        self._rate = RateController(config.tps, config.burst, 0.0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._granted = 0  # what capacity() last said, less what was submitted since
        self._starved = True  # the grant is used up, so new capacity is to be told
        self._told = False  # on_capacity is due in this turn of the loop
        self._token_timer: asyncio.TimerHandle | None = None

    # -- for the application ---------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to connect all links; returns before they are up."""
        self._loop = asyncio.get_running_loop()
        self._rate = RateController(self.config.tps, self.config.burst, self._loop.time())
        for link in self.links:
            link.start()

    async def close(self, drain_s: float = 5.0) -> None:
        """Stop: wait up to drain_s for answers, unbind. The rest comes back as disconnected."""
        await asyncio.gather(*(link.close(drain_s) for link in self.links))
        if self._token_timer is not None:
            self._token_timer.cancel()
            self._token_timer = None

    @property
    def rate(self) -> float:
        """Messages a second the client allows itself now; infinity while nothing limits."""
        return self._rate.rate

    @property
    def up(self) -> int:
        """Links that are bound."""
        return sum(link.state is LinkState.UP for link in self.links)

    def capacity(self) -> int:
        """How many submits would be sent now: room in the windows, within the rate."""
        loop = self._loop
        if loop is None:
            return 0
        room = self._room()
        if room:
            room = min(room, self._rate.available(loop.time()))
        self._granted = room
        if not room:
            self._starve(loop)
        return room

    def submit(self, pdu: Request, context: object) -> bool:
        """Send now over the link with most room; False when there is no capacity.

        pdu: SubmitSm, DataSm, SubmitMulti, QuerySm, CancelSm, ReplaceSm. EncodeError when it does
        not fit its fields: nothing was sent then.
        """
        loop = self._loop
        if loop is None:
            return False
        best, most = None, 0
        for link in self.links:
            free = link.free
            if free > most:
                best, most = link, free
        now = loop.time()
        if best is None or not self._rate.available(now):
            self._starve(loop)
            return False
        best.submit(pdu, (now, context))
        self._rate.take(now)
        self._granted -= 1
        if self._granted <= 0:
            self._starve(loop)
        return True

    # -- Listener --------------------------------------------------------------------------------

    def on_answer(self, link: str, sent: Sent, response: Response, now: float) -> None:
        sent_at, context = sent
        code = response.command_status
        outcome: Outcome
        if code in THROTTLES:
            self._rate.throttled(sent_at, now)
            outcome = Throttled(code, link)
        else:
            self._rate.accepted(sent_at, now)
            outcome = Answered(code, getattr(response, "message_id", ""), link, response)
        if self._starved:
            self.on_room()
        self._on_result(context, outcome)

    def on_no_answer(self, link: str, sent: Sent, reason: NoResponseReason) -> None:
        try:
            self._on_result(sent[1], NoResponse(reason, link))
        except Exception:
            logger.exception("smpp %s: on_result failed", link)

    def on_message(self, pdu: DeliverSm | DataSm, delivery: Delivery) -> None:
        self._on_deliver(pdu, delivery)

    def on_alert(self, pdu: AlertNotification, link: str) -> None:
        if self._on_alert is not None:
            self._on_alert(pdu, link)

    def on_room(self) -> None:
        """A slot or a link came free: tell at the end of this turn of the loop, once."""
        if self._starved and not self._told and self._loop is not None:
            self._told = True
            self._loop.call_soon(self._tell)

    # -- inside ----------------------------------------------------------------------------------

    def _room(self) -> int:
        room = 0
        for link in self.links:
            room += link.free
        return room

    def _starve(self, loop: asyncio.AbstractEventLoop) -> None:
        self._starved = True
        if self._token_timer is None and self._room():
            wait_s = self._rate.wait_s(loop.time())
            if wait_s > 0.0:
                self._token_timer = loop.call_later(wait_s, self._tokens)
            else:
                self.on_room()

    def _tokens(self) -> None:
        self._token_timer = None
        self._tell()

    def _tell(self) -> None:
        self._told = False
        if not self._starved or not self.capacity():
            return
        self._starved = False
        if self._on_capacity is None:
            return
        try:
            self._on_capacity()
        except Exception:
            logger.exception("smpp %s: on_capacity failed", self.config.link.name)
            self._starved = True
            if self._token_timer is None and self._loop is not None:
                self._token_timer = self._loop.call_later(_RETRY_S, self._tokens)

    def _link_state(self, link: Link, state: LinkState, reason: str) -> None:
        logger.info("smpp %s: %s %s", link.name, state.value, reason)
        if self._on_state is not None:
            self._on_state(link, state, reason)


def _link_configs(config: ClientConfig) -> tuple[LinkConfig, ...]:
    if config.binds == 1:
        return (config.link, *config.more)
    name = config.link.name
    equal = tuple(replace(config.link, name=f"{name}#{n + 1}") for n in range(config.binds))
    return (*equal, *config.more)
