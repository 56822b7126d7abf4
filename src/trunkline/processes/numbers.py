"""Numbers in the whole program: what they cost, who hears of their release, their rent."""

from collections.abc import Mapping

from trunkline.accounts.model import Scope
from trunkline.accounts.store import OnSubaccountDelete
from trunkline.compliance.store import owners as registrations
from trunkline.contract.context import Handler
from trunkline.messaging.pools.ports import Rent, Unrent
from trunkline.messaging.pools.store import members as pool_members
from trunkline.numbers import store
from trunkline.numbers.api import available, carriers, owned
from trunkline.numbers.errors import RentRefused
from trunkline.numbers.prices import list_prices
from trunkline.numbers.renew import Renewals
from trunkline.numbers.rent import Renting
from trunkline.numbers.sample_inventory import sample_inventory
from trunkline.numbers.store import OnRelease, inventory
from trunkline.numbers.store.carriers import on_subaccount_delete as carriers_of_subaccount
from trunkline.processes.foundation import Foundation
from trunkline.runtime.db import Connection
from trunkline.runtime.supervise import WhenItFails

ON_RELEASE: tuple[OnRelease, ...] = (pool_members.on_release, registrations.on_release)
"""Told when numbers leave an account: unrented, unpaid, their carrier or subaccount removed."""

ON_SUBACCOUNT_DELETE: tuple[OnSubaccountDelete, ...] = (
    carriers_of_subaccount(ON_RELEASE),
    store.on_subaccount_delete(ON_RELEASE),
)


def renting(base: Foundation) -> Renting:
    """Return what rents and gives back numbers, for every domain."""
    return Renting(price_of=list_prices(base.rates), on_release=ON_RELEASE)


def rent_for_pools(base: Foundation) -> Rent:
    """Return what rents a number that is put into a pool."""
    rents = renting(base)

    def rent(conn: Connection, scope: Scope, number: str, at: float) -> None:
        try:
            rents.rent(conn, scope, number, at)
        except RentRefused as refused:  # raised on, so that the transaction is undone
            raise available.refusal(refused) from None

    return rent


def unrent_for_pools(base: Foundation) -> Unrent:
    """Return what gives a number back that leaves its pool for good."""
    rents = renting(base)

    def unrent(conn: Connection, scope: Scope, number: str, _at: float) -> None:
        rents.unrent(conn, scope, [number])

    return unrent


def handlers(base: Foundation) -> Mapping[str, Handler]:
    """Return the handlers of numbers and incoming carriers."""
    mirrors = (base.numbers, base.balances)
    rents = renting(base)
    return {
        **owned.handlers(
            owned.NumberApi(db=base.db, rates=base.rates, renting=rents, mirrors=mirrors)
        ),
        **available.handlers(
            available.PhoneNumberApi(db=base.db, rates=base.rates, renting=rents, mirrors=mirrors)
        ),
        **carriers.handlers(
            carriers.CarrierApi(db=base.db, on_release=ON_RELEASE, mirrors=(base.numbers,))
        ),
    }


def start(base: Foundation) -> None:
    """Charge rents from now on."""
    renewals = Renewals(
        db=base.db,
        clock=base.clock,
        on_release=ON_RELEASE,
        mirrors=(base.numbers, base.balances),
    )
    base.supervisor.start("renewals", renewals.run, when_it_fails=WhenItFails.RESTART)


def stock(conn: Connection) -> None:
    """Take the sample inventory if there is none."""
    if inventory.count(conn) == 0:
        inventory.fill(conn, list(sample_inventory()))
