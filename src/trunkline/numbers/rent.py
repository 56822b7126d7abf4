"""Rent a number from the inventory and give it back; other domains do it here too."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from trunkline.accounts import store as accounts
from trunkline.accounts.model import BillingMode, Scope
from trunkline.applications import store as applications
from trunkline.billing import store as billing
from trunkline.billing.model import Debit
from trunkline.numbers import store
from trunkline.numbers.errors import NoCredit, NotForRent, NumberTaken, PapersMissing
from trunkline.numbers.model import InventoryNumber, OwnedNumber
from trunkline.numbers.store import inventory
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid

SETUP = "number_setup"  # kinds of entries in the ledger
RENT = "number_rent"

PriceOf = Callable[[InventoryNumber], tuple[int, int]]
"""Setup and monthly price of a number in 0.00001 dollar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a number is wanted; without `app_id` it gets the account's default application."""

    app_id: str | None = None
    cnam_lookup: bool = False
    verification: str | None = None
    compliance_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renting:
    """Functions on a connection, so that they are part of their caller's transaction."""

    price_of: PriceOf
    on_release: Sequence[store.OnRelease] = ()

    def rent(
        self, conn: Connection, scope: Scope, number: str, at: float, terms: Terms | None = None
    ) -> OwnedNumber:
        """Give a free number to `scope.account_id`.

        Its main account pays the setup and the rent to the end of the month.

        Raises:
            RentRefused: it cannot be had; the caller's transaction must be rolled back.
        """
        terms = terms or Terms()
        found = inventory.find(conn, number)
        if found is None:
            raise NotForRent(number)
        if found.restriction and not terms.compliance_id:
            raise PapersMissing(number, found.restriction)
        setup, monthly = self.price_of(found)
        today = day_of(at)
        owned = OwnedNumber(
            number=number,
            main_auth_id=scope.main_auth_id,
            account_id=scope.account_id,
            app_id=terms.app_id or applications.number_default(conn, scope.account_id),
            country=found.country,
            number_type=found.number_type,
            sms_enabled=found.sms_enabled,
            mms_enabled=found.mms_enabled,
            voice_enabled=found.voice_enabled,
            added_at=at,
            region=found.region,
            state=found.state,
            city=found.city,
            lata=found.lata,
            rate_center=found.rate_center,
            setup_price=setup,
            monthly_price=monthly,
            voice_price=found.voice_price,
            rental_id=new_uuid(),
            renews_on=first_of_next_month(today).isoformat(),
            cnam_lookup=terms.cnam_lookup,
            verification=terms.verification,
            compliance_id=terms.compliance_id,
        )
        if store.add(conn, [owned]) == 0:
            raise NumberTaken(number)
        _charge(conn, owned, rest_of_month(monthly, today), at)
        return owned

    def unrent(self, conn: Connection, scope: Scope, numbers: Sequence[str]) -> list[str]:
        """Take numbers from whoever of `scope` has them; return those that it had.

        What was paid for the month is not paid back.
        """
        return store.release(conn, scope, numbers, self.on_release)


def rent_of(owned: OwnedNumber, month: str, at: float) -> Debit:
    """Return the cost of the month that begins on that date."""
    resource_id = f"{owned.rental_id}/{month}"
    return Debit(
        owned.main_auth_id, owned.monthly_price, RENT, resource_id, at, used_by=owned.account_id
    )


def day_of(at: float) -> date:
    """Return the day of a moment (UTC)."""
    return datetime.fromtimestamp(at, UTC).date()


def first_of_next_month(day: date) -> date:
    """Return when the next month's rent is due."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def rest_of_month(monthly: int, day: date) -> int:
    """Return the part of a month's rent for the days from `day` to its end, rounded up."""
    days = calendar.monthrange(day.year, day.month)[1]
    return -(-monthly * (days - day.day + 1) // days)


def _charge(conn: Connection, owned: OwnedNumber, rent: int, at: float) -> None:
    if owned.setup_price + rent == 0:
        return
    payer = owned.main_auth_id
    first = rent_of(owned, day_of(at).isoformat(), at)._replace(amount=rent)
    used_by = owned.account_id
    setup = Debit(payer, owned.setup_price, SETUP, str(owned.rental_id), at, used_by=used_by)
    billing.debit(conn, [setup, first])
    # Afterwards: the debit holds the balance, so nobody else spends it meanwhile.
    prepaid = accounts.billing_mode(conn, payer) is BillingMode.PREPAID
    if prepaid and billing.balance(conn, payer) < 0:
        raise NoCredit(owned.number)
