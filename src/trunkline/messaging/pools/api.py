"""Handlers of the operations of Powerpacks and their number pools."""

from collections.abc import Mapping

from trunkline.contract.context import Handler
from trunkline.messaging.pools import number_pools, powerpacks
from trunkline.messaging.pools.ports import Rent, Unrent
from trunkline.runtime.changes import Mirror
from trunkline.runtime.db import Database


def handlers(
    *, db: Database, rent: Rent, unrent: Unrent, mirrors: tuple[Mirror, ...]
) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id; `mirrors` are the copies they change."""
    packs = powerpacks.PowerpackApi(db=db, unrent=unrent, mirrors=mirrors)
    numbers = number_pools.NumberPoolApi(db=db, rent=rent, unrent=unrent, mirrors=mirrors)
    return {**powerpacks.handlers(packs), **number_pools.handlers(numbers)}
