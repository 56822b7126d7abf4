"""Charges the next month of every rented number, and takes back what is not paid for."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import structlog

from trunkline.accounts import store as accounts
from trunkline.accounts.model import BillingMode, Scope
from trunkline.billing import store as billing
from trunkline.numbers import store
from trunkline.numbers.model import OwnedNumber
from trunkline.numbers.rent import day_of, first_of_next_month, rent_of
from trunkline.numbers.store import owned
from trunkline.runtime.changes import Mirror, catch_up
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.sweep import keep_sweeping

log = structlog.get_logger(__name__)

SWEEP_S = 3_600.0  # how late a month may be charged, and an unpaid number be tried again
GRACE_DAYS = 7  # that a prepaid account without credit keeps its numbers
BATCH = 500


class Renewals:
    """Sweeps every hour; harmless when several processes do: a month is charged once."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        on_release: Sequence[store.OnRelease],
        mirrors: Sequence[Mirror] = (),
    ) -> None:
        """Work on `db`; `mirrors` are the copies in memory that this changes."""
        self._db = db
        self._clock = clock
        self._on_release = on_release
        self._mirrors = mirrors

    async def run(self) -> None:
        """Sweep for ever; cancel to stop."""
        await keep_sweeping(self._clock, SWEEP_S, self.sweep)

    async def sweep(self) -> None:
        """Charge all that is due now, batch by batch, each in a transaction of its own."""
        now = self._clock.now()
        changed = False
        while True:  # each round is one month: the program may have stood still for several
            after, paid = "", 0
            while True:
                step = await self._db.write(lambda conn, after=after: self._batch(conn, now, after))
                if step is None:
                    break
                after, batch_paid = step
                paid += batch_paid
                changed = True
            if not paid:
                break
        if changed:
            await catch_up(self._db, *self._mirrors)

    def _batch(self, conn: Connection, now: float, after: str) -> tuple[str, int] | None:
        """Renew the next numbers; return the last of them and how many were paid for."""
        today = day_of(now)
        due = owned.due(conn, today.isoformat(), BATCH, after)
        if not due:
            return None
        by_month: dict[tuple[str, str], list[OwnedNumber]] = defaultdict(list)
        for one in due:
            by_month[one.main_auth_id, str(one.renews_on)].append(one)
        paid = sum(self._renew(conn, month, some, now) for (_, month), some in by_month.items())
        return due[-1].number, paid

    def _renew(self, conn: Connection, month: str, some: Sequence[OwnedNumber], now: float) -> int:
        payable, owed = _sorted_out(conn, some)
        billing.debit(conn, [rent_of(one, month, now) for one in payable])
        until = first_of_next_month(date.fromisoformat(month)).isoformat()
        owned.renewed(conn, payable, until)
        if owed:
            self._dun(conn, owed, day_of(now))
        return len(payable)

    def _dun(self, conn: Connection, owed: Sequence[OwnedNumber], today: date) -> None:
        newly = [one for one in owed if one.unpaid_since is None]
        owned.unpaid(conn, newly, today.isoformat())
        last = (today - timedelta(days=GRACE_DAYS)).isoformat()
        lost = [one for one in owed if one.unpaid_since is not None and one.unpaid_since <= last]
        if lost:
            log.warning("numbers.unpaid", numbers=[one.number for one in lost])
            scope = Scope(lost[0].main_auth_id)
            store.release(conn, scope, [one.number for one in lost], self._on_release)


def _sorted_out(
    conn: Connection, some: Sequence[OwnedNumber]
) -> tuple[list[OwnedNumber], list[OwnedNumber]]:
    """Tell which of one account's numbers it can pay for, and which not."""
    payer = some[0].main_auth_id
    if accounts.billing_mode(conn, payer) is BillingMode.POSTPAID:
        return [*some], []
    left = billing.balance(conn, payer)
    payable: list[OwnedNumber] = []
    owed: list[OwnedNumber] = []
    for one in some:
        if one.monthly_price and one.monthly_price > left:
            owed.append(one)
            continue
        left -= one.monthly_price
        payable.append(one)
    return payable, owed
