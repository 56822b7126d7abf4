"""The price list."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, func, select

from trunkline.billing.model import Direction, Price, Product
from trunkline.billing.pricelist import read_prices
from trunkline.billing.store.tables import tariff
from trunkline.runtime.changes import next_revision
from trunkline.runtime.db import BulkInsert, Connection

PRICES_TOPIC = "prices"

_NAMES = ("country", "direction", "product", "price", "variant", "prefixes", "origins")
_insert_prices = BulkInsert(tariff, (*_NAMES, "revision"))


def replace_prices(conn: Connection, new: Sequence[Price]) -> None:
    """Take a whole price list in the place of the one before."""
    revision = next_revision(conn)
    conn.execute(delete(tariff))
    _insert_prices.run(
        conn,
        [
            (
                one.country,
                one.direction.value if one.direction else "",
                one.product.value,
                one.price,
                one.variant,
                one.prefixes,
                one.origins,
                revision,
            )
            for one in new
        ],
    )


def import_prices(conn: Connection, path: Path) -> int:
    """Take the price list of a CSV file; return how many prices it has.

    Raises:
        PriceFileInvalid: names the line and the column at fault; the prices stay as they were.
    """
    new = read_prices(path)
    replace_prices(conn, new)
    return len(new)


def list_prices(conn: Connection) -> list[Price]:
    """Return the price list, sorted by country, direction and product."""
    columns = [tariff.c[name] for name in _NAMES]
    rows = conn.execute(
        select(*columns).order_by(
            tariff.c.country,
            tariff.c.direction,
            tariff.c.product,
            tariff.c.variant,
            tariff.c.prefixes,
            tariff.c.origins,
        )
    )
    return [
        Price(row[0], Direction(row[1]) if row[1] else None, Product(row[2]), *row[3:])
        for row in rows
    ]


def prices_changed_since(conn: Connection, revision: int) -> list[Price]:
    """Return the whole price list if it was replaced after that revision, else nothing."""
    newest = conn.execute(select(func.max(tariff.c.revision))).scalar_one()
    return list_prices(conn) if newest is not None and newest > revision else []
