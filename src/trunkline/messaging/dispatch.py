"""Take queued messages to a carrier, as fast as it takes them, and record what it answered."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from trunkline.messaging import status_callback
from trunkline.messaging.carriers.port import Accepted, Carrier, Outcome, Refused, Uncertain, Unsent
from trunkline.messaging.carriers.status import Outcome as Verdict
from trunkline.messaging.credit import Credit
from trunkline.messaging.model import Dispatch, ErrorCode, Failed, Released, Sent
from trunkline.messaging.routing import Router
from trunkline.messaging.store import answers, outbound
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database, DatabaseError

log = structlog.get_logger(__name__)

CLAIM_LIMIT = 250  # messages in one claim: half a window, whose commit overlaps the other half
POLL_S = 0.5  # finds messages queued by other processes, and retries that became due
DOWN_POLL_S = 1.0
GIVE_BACK_S = 2.0  # for a claim under way when the lane ends
MAX_ATTEMPTS = 5
BACKOFF_S = (1.0, 5.0, 15.0, 60.0, 120.0)
RecordSent = Callable[[Connection, Sequence[Sent]], Sequence[object] | None]


@dataclass(slots=True)
class Counters:
    """What happened since the start, for the metrics."""

    sent: int = 0
    failed: int = 0
    released: int = 0
    uncertain: int = 0


class Lane:
    """The queue of one carrier; owned by one task, `run`."""

    def __init__(
        self,
        carrier: Carrier,
        *,
        db: Database,
        clock: Clock,
        router: Router,
        credit: Credit,
        owner: str,
        resend_uncertain: bool,
        patience_s: float = 0.0,
    ) -> None:
        """Serve `carrier`; its messages stay for `patience_s` of real time while it is down."""
        self.carrier = carrier
        self.counters = Counters()
        self.record_sent: RecordSent = answers.record  # some kinds of messages keep more
        self._db = db
        self._clock = clock
        self._router = router
        self._credit = credit
        self._owner = owner
        self._resend = resend_uncertain
        self._patience_s = patience_s
        self._down_since: float | None = None
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be messages, or room for them, now."""
        self._woken.set()

    async def run(self) -> None:
        """Serve for ever; cancel to stop."""
        while True:
            try:
                await self._step()
            except DatabaseError as error:
                log.warning("dispatch.database", carrier=self.carrier.name, error=str(error))
                await asyncio.sleep(DOWN_POLL_S)

    async def _step(self) -> None:
        self._woken.clear()
        room = self.carrier.capacity()
        if room <= 0:
            if self._is_down_for_long():
                await self._move_away()
            await self._clock.wait(self._woken, DOWN_POLL_S)
            return
        claim = outbound.Claim(
            self.carrier.name, min(room, CLAIM_LIMIT), self._clock.now(), self._owner
        )
        rows = await self._claim(claim)
        for row in rows:
            self._hand_over(row)
        if not rows:
            await self._clock.wait(self._woken, POLL_S)

    async def _claim(self, claim: outbound.Claim) -> list[Dispatch]:
        claimed: asyncio.Future[list[Dispatch]] = self._db.submit(
            outbound.claim, claim, patient=True
        )
        try:
            return await asyncio.shield(claimed)
        except asyncio.CancelledError:
            # The lane ends, but the claim is made: what it took never left, so it goes back.
            await asyncio.wait({claimed}, timeout=GIVE_BACK_S)
            if claimed.done() and not claimed.cancelled() and claimed.exception() is None:
                for row in claimed.result():
                    self._give_back(row)
            raise

    def _give_back(self, row: Dispatch, after_s: float = 0.0) -> None:
        due_at = self._clock.now() + after_s
        item = Released(row, row.carrier, due_at, row.attempts, row.tried)
        self._write(outbound.release, item)

    def _is_down_for_long(self) -> bool:
        if self.carrier.is_up:
            self._down_since = None
            return False
        now = asyncio.get_running_loop().time()
        if self._down_since is None:
            self._down_since = now
        return now - self._down_since >= self._patience_s

    def _hand_over(self, row: Dispatch) -> None:
        if row.expires_at <= self._clock.now():
            self._fail(row, ErrorCode.EXPIRED)
        elif not self._credit.reserve(row.payer, row.cost):
            self._fail(row, ErrorCode.NO_CREDIT)
        else:
            self.carrier.submit(row)

    def settle(self, row: Dispatch, outcome: Outcome) -> None:
        """Record what became of a message handed to the carrier."""
        if isinstance(outcome, Accepted):
            self.counters.sent += 1
            sent = Sent(row, self.carrier.name, outcome.parts, self._clock.now())
            done = self._db.submit(self.record_sent, status_callback.made_ahead(sent), patient=True)
            done.add_done_callback(lambda recorded: self._charged(row, recorded))
            return
        self._credit.release(row.payer, row.cost)
        if isinstance(outcome, Unsent):
            self._give_back(row, outcome.after_s)
        elif isinstance(outcome, Uncertain):
            self._unanswered(row, outcome)
        else:
            self._refused(row, outcome)

    def _charged(self, row: Dispatch, recorded: "asyncio.Future[Any]") -> None:
        _log_failure(recorded)
        self._credit.charged(row.payer, row.cost)

    def _unanswered(self, row: Dispatch, outcome: Uncertain) -> None:
        self.counters.uncertain += 1
        log.info(
            "dispatch.uncertain",
            message_uuid=row.message_uuid,
            carrier=self.carrier.name,
            reason=outcome.reason,
            resend=self._resend,
        )
        if not self._resend or row.attempts + 1 >= MAX_ATTEMPTS:
            self._fail(row, ErrorCode.NETWORK)
            return
        other = self._another(row)
        self._release(row, other or self.carrier.name, 0.0 if other else BACKOFF_S[0])

    def _refused(self, row: Dispatch, outcome: Refused) -> None:
        status = outcome.status
        if status.alarm:
            log.warning(
                "dispatch.refused",
                carrier=self.carrier.name,
                status=status.name,
                cause=status.cause,
            )
        if status.outcome is Verdict.FAILED:
            self._fail(row, status.plivo_code)
            return
        if status.outcome is Verdict.TEMPORARY and row.attempts == 0:
            self._release(row, self.carrier.name, BACKOFF_S[0])
            return
        other = self._another(row)
        if other is not None:
            self._release(row, other, 0.0)
        elif status.outcome is Verdict.REROUTE or row.attempts + 1 >= MAX_ATTEMPTS:
            self._fail(row, status.plivo_code)
        else:
            self._release(row, self.carrier.name, BACKOFF_S[min(row.attempts, 4)])

    def _another(self, row: Dispatch) -> str | None:
        tried = [*row.tried.split(","), self.carrier.name]
        return self._router.another(row.recipient, row.country, row.sender, tried, row.type)

    def _fail(self, row: Dispatch, code: int) -> None:
        self.counters.failed += 1
        self._write(outbound.mark_failed, Failed(row, code, self._clock.now()))

    def _release(self, row: Dispatch, carrier: str, delay_s: float) -> None:
        self.counters.released += 1
        tried = row.tried
        if carrier != self.carrier.name:
            tried = f"{tried},{self.carrier.name}" if tried else self.carrier.name
        item = Released(row, carrier, self._clock.now() + delay_s, row.attempts + 1, tried)
        self._write(outbound.release, item)

    def _write(self, batch: Any, item: Any) -> "asyncio.Future[None]":
        # Patient: a dead database delays the record of what the carrier said, never loses it.
        future: asyncio.Future[None] = self._db.submit(batch, item, patient=True)
        future.add_done_callback(_log_failure)
        return future

    async def _move_away(self) -> None:
        """Hand messages that wait for a dead carrier to one that lives, where routes allow."""
        rows = await self._db.read(
            lambda conn: outbound.waiting_for(conn, self.carrier.name, CLAIM_LIMIT)
        )
        moves = [(other, row.message_uuid) for row in rows if (other := self._another(row))]
        if moves:
            await self._db.write(lambda conn: outbound.reroute(conn, moves))
        if len(moves) == CLAIM_LIMIT:
            self._woken.set()  # there may be more


def _log_failure(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("dispatch.not_recorded", error=str(error))
