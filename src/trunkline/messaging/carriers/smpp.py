"""An SMPP carrier behind the `Carrier` port; the one file of messaging that talks to the engine."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import structlog

from trunkline.engines.smpp import (
    Answered,
    Client,
    ClientConfig,
    Delivery,
    Throttled,
)
from trunkline.engines.smpp import (
    Outcome as Answer,
)
from trunkline.messaging.carriers import pdus
from trunkline.messaging.carriers.dialect import response_key
from trunkline.messaging.carriers.pdus import PduRules
from trunkline.messaging.carriers.port import (
    Accepted,
    Inbound,
    OnOutcome,
    Refused,
    Uncertain,
    Unsent,
)
from trunkline.messaging.carriers.status import SUBMIT, SubmitStatus, submit_status
from trunkline.messaging.model import Dispatch, Part
from trunkline.protocols.smpp import DataSm, DeliverSm, SubmitSm, status
from trunkline.runtime.clock import Clock

log = structlog.get_logger(__name__)

REVIEW_S = 1.0
# "Queue full" is often the handset's own queue: then the next message must not wait for this one.
THROTTLES = 5  # of each part, until the message makes room for others
PAUSE_S = 10.0


@dataclass(slots=True)
class _Flight:
    """A message at the carrier, until all its parts are answered."""

    dispatch: Dispatch
    left: int
    keys: list[str]
    refused: SubmitStatus | None = None
    lost: str = ""
    throttles: int = 0


@dataclass(slots=True)
class _PartFlight:
    flight: _Flight
    index: int
    pdu: SubmitSm


def _no_codes() -> dict[int, int]:
    return {}


@dataclass(slots=True, kw_only=True)
class SmppCarrier:
    """Sends messages over the binds of one carrier, and takes in what it delivers."""

    name: str
    config: ClientConfig
    rules: PduRules
    clock: Clock
    inbound: Inbound
    on_outcome: OnOutcome
    on_room: Callable[[], None]
    codes: Mapping[int, int] = field(default_factory=_no_codes)
    client: Client = field(init=False)
    _again: deque[_PartFlight] = field(init=False, default_factory=deque[_PartFlight])
    _reference: int = field(init=False, default=0)
    _review_at: float = field(init=False, default=0.0)
    _closed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.client = Client(
            self.config,
            on_result=self._answered,
            on_deliver=self._delivered,
            on_capacity=self._room,
        )

    @property
    def is_up(self) -> bool:
        return self.client.up > 0

    def capacity(self) -> int:
        if self._again:
            self._review()
            self._resend()
        return max(0, self.client.capacity() - len(self._again))

    def submit(self, dispatch: Dispatch) -> None:
        if self._closed:
            self.on_outcome(dispatch, Unsent())
            return
        self._reference += 1
        try:
            parts = pdus.submits(dispatch, self.rules, self._reference)
        except ValueError as error:
            log.warning("carrier.unsendable", carrier=self.name, error=str(error))
            self.on_outcome(dispatch, Refused(SUBMIT[status.ESME_RINVMSGLEN]))
            return
        flight = _Flight(dispatch, len(parts), [""] * len(parts))
        for index, pdu in enumerate(parts):
            part = _PartFlight(flight, index, pdu)
            if self._again or not self.client.submit(pdu, part):
                self._again.append(part)

    async def start(self) -> None:
        """Begin to bind."""
        await self.client.start()

    async def close(self, drain_s: float) -> None:
        """Unbind after the outstanding answers, or `drain_s`; every message gets its outcome."""
        await self.client.close(drain_s)
        self._give_back(lambda _: True)
        held, self._again = self._again, deque()
        for flight in {id(part.flight): part.flight for part in held}.values():
            self.on_outcome(flight.dispatch, Uncertain("closing"))
        self._closed = True

    def _give_back(self, wanted: Callable[[_Flight], bool], after_s: float = 0.0) -> None:
        """Put messages of which no part has left, and that are `wanted` back, into the queue."""
        waiting = Counter(id(part.flight) for part in self._again)
        back = {
            id(part.flight): part.flight
            for part in self._again
            if waiting[id(part.flight)] == len(part.flight.keys) and wanted(part.flight)
        }
        if back:
            self._again = deque(part for part in self._again if id(part.flight) not in back)
            for flight in back.values():
                self.on_outcome(flight.dispatch, Unsent(after_s))

    def _review(self) -> None:
        """Let go of what has expired, and of what another carrier may take while this is down."""
        now = self.clock.now()
        if not self.is_up:
            self._give_back(lambda _: True)
        elif now >= self._review_at:
            self._review_at = now + REVIEW_S
            self._give_back(lambda flight: flight.dispatch.expires_at <= now)

    def _resend(self) -> None:
        """Send parts that found no room or were throttled; they come before new messages."""
        while self._again and self.client.capacity() > 0:
            part = self._again.popleft()
            if not self.client.submit(part.pdu, part):
                self._again.appendleft(part)
                return

    def _room(self) -> None:
        self._resend()
        self.on_room()

    def _answered(self, context: object, answer: Answer) -> None:
        part = cast("_PartFlight", context)
        flight = part.flight
        if isinstance(answer, Throttled):
            self._again.appendleft(part)
            flight.throttles += 1
            if flight.throttles >= THROTTLES * len(flight.keys):
                self._give_back(lambda one: one is flight, PAUSE_S)
            self.on_room()  # the lane asks for the capacity again, which resends first
            return
        if isinstance(answer, Answered):
            if answer.status == status.ESME_ROK:
                flight.keys[part.index] = response_key(answer.message_id)
            else:
                flight.refused = submit_status(answer.status, self.codes)
        else:
            flight.lost = answer.reason
        flight.left -= 1
        if flight.left == 0:
            self._landed(flight)

    def _landed(self, flight: _Flight) -> None:
        if flight.refused is not None:
            self.on_outcome(flight.dispatch, Refused(flight.refused))
        elif flight.lost:
            self.on_outcome(flight.dispatch, Uncertain(flight.lost))
        else:
            total = len(flight.keys)
            parts = tuple(Part(key, at, total) for at, key in enumerate(flight.keys, 1))
            self.on_outcome(flight.dispatch, Accepted(parts))

    def _delivered(self, pdu: DeliverSm | DataSm, delivery: Delivery) -> None:
        ends = pdus.ends_of(pdu)
        receipt = pdus.receipt_of(pdu)

        def acknowledge(stored: bool) -> None:
            # SMPP34 5.1.3: RX_T_APPN asks the carrier to deliver again.
            delivery.ack(status.ESME_ROK if stored else status.ESME_RX_T_APPN)

        if receipt is not None:
            self.inbound.receipt(receipt, ends.sender, acknowledge)
        elif pdus.is_receipt(pdu):
            log.warning("receipt.unreadable", carrier=self.name)
            delivery.ack(status.ESME_ROK)
        elif not self.inbound.knows(ends.recipient):
            delivery.ack(status.ESME_RINVDSTADR)
        else:
            content = pdus.content_of(pdu)
            self.inbound.message(ends, content, self.rules.alphabet, acknowledge)
