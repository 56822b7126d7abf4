"""What a carrier says about messages it has: reduced to stages, stored."""

import structlog

from trunkline.messaging.carriers.cloud_errors import plivo_code
from trunkline.messaging.whatsapp.model import ORIGINS, Stage, StatusItem
from trunkline.messaging.whatsapp.store import outbound as store
from trunkline.protocols.whatsapp.events import StatusEvent
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database

log = structlog.get_logger(__name__)

_STAGES = {
    "sent": Stage.SENT,
    "delivered": Stage.DELIVERED,
    "read": Stage.READ,
    "failed": Stage.FAILED,
}


class StatusReporter:
    """Takes the statuses of all WhatsApp carriers; one object a process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self.matched = 0
        self.unmatched = 0

    async def take(self, carrier: str, event: StatusEvent) -> None:
        """Store a status; on return it is durable.

        Raises:
            DatabaseError: it is not; the carrier must send it again.
        """
        stage = _STAGES.get(event.status)
        if stage is None:  # "deleted", "warning": nothing that a record shows
            return
        code = 0
        if stage is Stage.FAILED:
            code = plivo_code(event.error)
            log.info(
                "whatsapp.failed",
                carrier=carrier,
                error=event.error,
                plivo_code=code,
                reason=event.error_text[:200],
            )
        origin = event.category if event.category in ORIGINS else ""
        item = StatusItem(carrier, event.message_id, stage, origin, code, self._clock.now())
        if await self._db.submit(store.apply, item):
            self.matched += 1
        else:
            self.unmatched += 1
