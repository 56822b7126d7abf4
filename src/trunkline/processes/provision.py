"""What a first start needs: prices, an account with credit, a few numbers."""

from dataclasses import dataclass

from trunkline.accounts import store as accounts_store
from trunkline.accounts.model import Account, NewAccount
from trunkline.billing import store as billing_store
from trunkline.billing.pricelist import read_prices, sample_prices
from trunkline.compliance import samples as registrations
from trunkline.numbers import store as numbers_store
from trunkline.numbers.samples import sample_numbers
from trunkline.processes import numbers
from trunkline.processes.foundation import Foundation
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

FIRST_ACCOUNT = "Default account"


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The account a developer works with, and its numbers."""

    account: Account
    numbers: list[str]


async def prices(base: Foundation) -> None:
    """Take the configured price file, or the sample list when there is none yet."""
    path = base.settings.prices

    def write(conn: Connection) -> None:
        if path is not None:
            billing_store.replace_prices(conn, read_prices(path))
            return
        known, sample = set(billing_store.list_prices(conn)), sample_prices()
        # None yet, or an older sample list: the newer one has all its lines, and more.
        if known <= set(sample) and len(known) < len(sample):
            billing_store.replace_prices(conn, sample)

    await base.db.write(write)


async def developer(base: Foundation) -> Provisioned:
    """Return the first account, made with credit and numbers if there is none; numbers to rent."""
    now = base.clock.now()

    def write(conn: Connection) -> Provisioned:
        numbers.stock(conn)
        known = accounts_store.list_main_accounts(conn, base.keyring)
        account = known[0] if known else _open(conn, base, now)
        owned, _ = numbers_store.list_owned(conn, account.scope, Page(limit=20))
        return Provisioned(account, [number.number for number in owned])

    return await base.db.write(write)


def _open(conn: Connection, base: Foundation, now: float) -> Account:
    account = accounts_store.create_account(conn, base.keyring, NewAccount(name=FIRST_ACCOUNT), now)
    owned = sample_numbers(account.auth_id, now)
    numbers_store.add(conn, owned)
    registrations.register(conn, account.auth_id, owned, now)
    billing_store.credit(
        conn,
        account.auth_id,
        base.settings.starting_credit,
        kind="starting_credit",
        resource_id=account.auth_id,
        at=now,
    )
    return account
