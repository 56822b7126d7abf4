"""Where call control notes what becomes of its calls.

Nothing of it may be lost, and no call may wait for it: steps are queued for the next group commit
and written when the database is there. Only the end of a call is waited for, by who needs its bill.
"""

import asyncio

import structlog

from trunkline.billing.balances import Balances
from trunkline.runtime.db import Database
from trunkline.voice.credit import CallCredit
from trunkline.voice.records.model import Answered, Begun, Call, CallState, Ended, Rang, Step
from trunkline.voice.records.store import calls

log = structlog.get_logger(__name__)


class CallBook:
    """One object a control process; `credit` follows its calls."""

    def __init__(self, db: Database, balances: Balances) -> None:
        self.credit = CallCredit(balances)
        self._db = db
        self._balances = balances
        self._waiting: dict[str, Call] = {}

    def started(self, call: Call) -> asyncio.Future[Call | None]:
        """Record a new call, queued or in hand; durable when the future is done."""
        if call.state == CallState.QUEUED:  # who waits may use nothing up
            self._waiting[call.call_uuid] = call
        elif call.node:
            self.credit.open(call.call_uuid, call.main_id, call.rate)
        return self._note(call)

    def begun(self, call_uuid: str, node: str) -> None:
        """A queued call, which was in the hand of this node from its start, is placed."""
        call = self._waiting.pop(call_uuid, None)
        if call is not None:
            self.credit.open(call_uuid, call.main_id, call.rate)
        self._note(Begun(call_uuid, node))

    def ringing(self, call_uuid: str, at: float) -> None:
        """The other side rings."""
        self._note(Rang(call_uuid, at))

    def answered(self, call_uuid: str, at: float) -> asyncio.Future[Call | None]:
        """It is answered: from now on it costs; recorded when the future is done."""
        self.credit.answered(call_uuid, at)
        return self._note(Answered(call_uuid, at))

    async def ended(self, end: Ended) -> Call | None:
        """End a call and return its record with the bill; None if it had ended before.

        Once this has been called the end is noted, also if who waits for it is cancelled.
        """
        self._waiting.pop(end.call_uuid, None)
        return await asyncio.shield(self._note(end))

    def _note(self, step: Step) -> asyncio.Future[Call | None]:
        noted: asyncio.Future[Call | None] = self._db.submit(calls.record, step, patient=True)
        noted.add_done_callback(lambda done: self._written(step, done))
        return noted

    def _written(self, step: Step, done: asyncio.Future[Call | None]) -> None:
        if isinstance(step, Ended):
            self.credit.close(step.call_uuid)
        error = None if done.cancelled() else done.exception()
        if error is not None:
            log.error("calls.not_recorded", call_uuid=step.call_uuid, error=str(error))
        elif not done.cancelled():
            record = done.result()
            if record is not None and record.amount:
                self._balances.charged({record.main_id: record.amount})
