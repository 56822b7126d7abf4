"""Watches balances and asks for payments; one object a process, any number of processes."""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from trunkline.billing.model import Payment
from trunkline.billing.recharge.port import Outcome, Payments
from trunkline.billing.store import recharges
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.sweep import keep_sweeping
from trunkline.values.ids import new_uuid

log = structlog.get_logger(__name__)

CHECK_S = 2.0
LEASE_S = 60.0  # another process asks again when this one died with a payment under way
RETRY_S = 3_600.0  # after a refusal, longer each time
LONGEST_S = 86_400.0


class Recharger:
    """Tops up every account that has a rule and less than its threshold."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        payments: Payments,
        on_paid: Callable[[], Awaitable[None]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._payments = payments
        self._on_paid = on_paid

    async def run(self) -> None:
        """Watch for ever; cancel to stop."""
        await keep_sweeping(self._clock, CHECK_S, self.sweep)

    async def sweep(self) -> None:
        """Ask for every payment that is due, one after the other."""
        for account_id in await self._db.read(partial(recharges.due, now=self._clock.now())):
            await self._recharge(account_id)

    async def _recharge(self, account_id: str) -> None:
        now = self._clock.now()
        payment = await self._db.write(
            lambda conn: recharges.claim(conn, account_id, now, now + LEASE_S, new_uuid())
        )
        if payment is None:
            return  # another process does it
        outcome = await self._payments.take(payment)
        log.info(
            "recharge.asked",
            outcome=outcome.value,
            account=account_id,
            payment_id=payment.payment_id,
        )
        if outcome is not Outcome.UNKNOWN:
            await self._db.write(lambda conn: self._settle(conn, payment, outcome))
        if outcome is Outcome.PAID:
            await self._on_paid()

    def _settle(self, conn: Connection, payment: Payment, outcome: Outcome) -> None:
        now = self._clock.now()
        if outcome is Outcome.PAID:
            recharges.paid(conn, payment, now)
        else:
            recharges.declined(conn, payment, now, RETRY_S, LONGEST_S)
