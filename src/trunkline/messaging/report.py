"""Delivery receipts from a carrier: store what they say, then acknowledge them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from trunkline.messaging.carriers.dialect import IdDialect, Learner, receipt_keys
from trunkline.messaging.carriers.status import DeliveryState, receipt_outcome
from trunkline.messaging.model import ReceiptItem, State
from trunkline.messaging.store import answers
from trunkline.protocols.sms.receipts import Receipt
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database

log = structlog.get_logger(__name__)

_STATES = {
    DeliveryState.DELIVERED: State.DELIVERED,
    DeliveryState.UNDELIVERED: State.UNDELIVERED,
    DeliveryState.SENT: None,
}


def _no_errors() -> dict[str, int]:
    return {}


@dataclass(slots=True)
class Reports:
    """Counts for the metrics."""

    matched: int = 0
    unmatched: int = 0
    not_final: int = 0


@dataclass(slots=True)
class Reporter:
    """Receives the receipts of one carrier."""

    carrier: str
    db: Database
    clock: Clock
    dialect: IdDialect = IdDialect.AUTO
    errors: Mapping[str, int] = field(default_factory=_no_errors)
    counters: Reports = field(default_factory=Reports)
    learner: Learner = field(init=False)

    def __post_init__(self) -> None:
        self.learner = Learner(self.dialect)

    def receive(self, receipt: Receipt, handset: str, acknowledge: Callable[[bool], None]) -> None:
        """Store a receipt; `acknowledge(True)` once it is durable, `(False)` if it cannot be."""
        outcome = receipt_outcome(receipt.stat, receipt.err, self.errors)
        state = _STATES[outcome.state]
        if not outcome.known:
            log.warning("receipt.unknown_stat", carrier=self.carrier, stat=receipt.stat)
        if state is None or receipt.intermediate:
            self.counters.not_final += 1
            acknowledge(True)
            return
        message_id = receipt.message_id.replace("\0", "")  # PostgreSQL cannot keep NUL
        item = ReceiptItem(
            self.carrier,
            receipt_keys(message_id, self.learner.dialect),
            handset,
            state,
            outcome.plivo_code or 0,
            self.clock.now(),
            f"id:{message_id} stat:{receipt.stat} err:{receipt.err}".replace("\0", ""),
        )
        try:
            stored = self.db.submit(answers.record, item)
        except Exception as error:  # noqa: BLE001 - edge: the carrier must hear "try again"
            log.warning("receipt.not_stored", carrier=self.carrier, error=str(error))
            acknowledge(False)
            return
        stored.add_done_callback(lambda done: self._stored(message_id, done, acknowledge))

    def _stored(
        self,
        message_id: str,
        done: "asyncio.Future[answers.Applied | None]",
        acknowledge: Callable[[bool], None],
    ) -> None:
        error = None if done.cancelled() else done.exception()
        if done.cancelled() or error is not None:
            log.warning("receipt.not_stored", carrier=self.carrier, error=str(error))
            acknowledge(False)
            return
        applied = done.result()
        if applied is None or applied.key is None:
            self.counters.unmatched += 1
        else:
            self.counters.matched += 1
            self.learner.matched(message_id, applied.key)
        acknowledge(True)
