"""What the carrier has for a customer: receipts and handsets' messages, until acknowledged."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from trunkline.protocols.smpp import DataSm, DeliverSm, status_name
from trunkline.protocols.smpp import status as codes
from trunkline.simulator.agenda import Agenda
from trunkline.simulator.counters import Counters

MAX_WAITING: Final = 100_000
# SMPP34 5.1.3: what another try would not mend.
PERMANENT: Final = frozenset(
    {codes.ESME_RINVDSTADR, codes.ESME_RINVSRCADR, codes.ESME_RX_P_APPN, codes.ESME_RX_R_APPN}
)
RETRY_S: Final = 5.0  # ours: how long after a refusal it is tried again without a new bind

OnAnswer = Callable[[int | None], None]
"""Told the command_status of the response, or None when the link went or the time was out."""


class Line(Protocol):
    """A bound session that takes deliver_sm."""

    @property
    def free(self) -> int:
        """How many requests may leave now; 0 when the session is gone."""
        ...

    def deliver(self, pdu: DeliverSm | DataSm, on_answer: OnAnswer) -> bool:
        """Send; False (and no callback) when it cannot be sent now."""
        ...


class Refused(Exception):
    """The customer will never take the message; `status` is its command_status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status_name(status)}")
        self.status = status


@dataclass(slots=True, eq=False)
class Delivery:
    """One PDU on its way; `done` is set once the customer has acknowledged it."""

    pdu: DeliverSm | DataSm
    is_receipt: bool
    done: asyncio.Future[None] | None = None
    tries: int = 0


class Outbox:
    """A customer's queue, kept in order over links that come and go.

    A delivery whose link dies unanswered is the next to go out again; one refused with an error
    goes again after RETRY_S or at the next bind. When `max_waiting` wait, the oldest is dropped
    and counted.
    """

    def __init__(self, agenda: Agenda, counters: Counters, max_waiting: int = MAX_WAITING) -> None:
        self._agenda = agenda
        self._counters = counters
        self._max_waiting = max_waiting
        self._waiting: deque[Delivery] = deque()
        self._returned: deque[Delivery] = deque()  # refused or lost: first to go again
        self._lines: list[Line] = []
        self._again_in_s: float | None = None

    def __len__(self) -> int:
        return len(self._waiting) + len(self._returned)

    @property
    def lines(self) -> int:
        return len(self._lines)

    def open_line(self, line: Line) -> None:
        """Use a newly bound session, and begin with everything not acknowledged before."""
        self._lines.append(line)
        self._again()

    def close_line(self, line: Line) -> None:
        if line in self._lines:
            self._lines.remove(line)

    def put(self, delivery: Delivery, line: Line | None = None) -> None:
        """Send at once, over `line` if it takes deliveries, or queue."""
        if not self._waiting:
            if line is not None and self._send(delivery, line):
                return
            if self._send_anywhere(delivery):
                return
        if len(self) >= self._max_waiting:
            (self._returned or self._waiting).popleft()
            self._counters.dropped += 1
        self._waiting.append(delivery)

    def flush(self) -> None:
        """Send what waits, as far as the windows let it."""
        while self._waiting and self._send_anywhere(self._waiting[0]):
            self._waiting.popleft()

    def _send_anywhere(self, delivery: Delivery) -> bool:
        for line in self._lines:
            if line.free > 0 and self._send(delivery, line):
                if len(self._lines) > 1:
                    self._lines.append(self._lines.pop(0))
                return True
        return False

    def _send(self, delivery: Delivery, line: Line) -> bool:
        if line.free <= 0 or not line.deliver(delivery.pdu, partial(self._answered, delivery)):
            return False
        delivery.tries += 1
        counters = self._counters
        if delivery.tries > 1:
            counters.redelivered += 1
        elif delivery.is_receipt:
            counters.receipts_sent += 1
        else:
            counters.mo_sent += 1
        return True

    def _answered(self, delivery: Delivery, status: int | None) -> None:
        counters = self._counters
        if status is None:
            self._return(delivery, 0.0)
            return
        if status != 0:
            counters.refused_by_client += 1
            if delivery.done is not None and status in PERMANENT:
                if not delivery.done.done():
                    delivery.done.set_exception(Refused(status))
                return
            self._return(delivery, RETRY_S)
            return
        if delivery.is_receipt:
            counters.receipts_acked += 1
        else:
            counters.mo_acked += 1
        if delivery.done is not None and not delivery.done.done():
            delivery.done.set_result(None)
        if self._waiting:
            self.flush()

    def _return(self, delivery: Delivery, after_s: float) -> None:
        self._returned.append(delivery)
        if self._again_in_s is None or after_s < self._again_in_s:
            self._again_in_s = after_s
            self._agenda.after(after_s, self._again)

    def _again(self) -> None:
        self._again_in_s = None
        self._waiting.extendleft(reversed(self._returned))
        self._returned.clear()
        self.flush()
