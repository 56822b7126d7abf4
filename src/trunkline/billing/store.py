"""All SQL of prices, balances and the ledger; amounts in 0.00001 dollar."""

import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Table,
    Text,
    delete,
    func,
    select,
)

from trunkline.billing.model import Debit, Direction, Price, Product
from trunkline.billing.pricelist import read_prices
from trunkline.runtime.changes import next_revision
from trunkline.runtime.db import BulkInsert, BulkSelect, Connection, metadata

PRICES_TOPIC = "prices"

prices = Table(
    "prices",
    metadata,
    Column("country", Text, primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("product", Text, primary_key=True),
    Column("price", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
)
balances = Table(
    "balances",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("cash", BigInteger, nullable=False),
)
ledger = Table(
    "ledger",
    metadata,
    Column("resource_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # below 0: cost
    Column[float]("at", Float, nullable=False),
    Column("batch", BigInteger, nullable=False),  # tells this call's rows from those there before
    sqlite_with_rowid=False,  # one tree instead of two: half the work of an insert
)

_insert_prices = BulkInsert(prices, ("country", "direction", "product", "price", "revision"))
_insert_ledger = BulkInsert(
    ledger,
    ("resource_id", "kind", "account_id", "amount", "at", "batch"),
    ignore_conflicts=True,
)
_select_ledger = BulkSelect(ledger, ("account_id", "amount", "batch"), "resource_id")
_ADD_CASH_SQLITE = (
    "INSERT INTO balances (account_id, cash) VALUES (?, ?) "
    "ON CONFLICT (account_id) DO UPDATE SET cash = balances.cash + excluded.cash"
)
_ADD_CASH_POSTGRESQL = (
    "INSERT INTO balances (account_id, cash) "
    "SELECT * FROM unnest(%s::text[], %s::bigint[]) "
    "ON CONFLICT (account_id) DO UPDATE SET cash = balances.cash + excluded.cash"
)


def replace_prices(conn: Connection, new: Sequence[Price]) -> None:
    """Take a whole price list in the place of the one before."""
    revision = next_revision(conn)
    conn.execute(delete(prices))
    _insert_prices.run(
        conn,
        [(one.country, one.direction.value, one.product.value, one.price, revision) for one in new],
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
    rows = conn.execute(
        select(prices.c.country, prices.c.direction, prices.c.product, prices.c.price).order_by(
            prices.c.country, prices.c.direction, prices.c.product
        )
    )
    return [Price(row[0], Direction(row[1]), Product(row[2]), row[3]) for row in rows]


def prices_changed_since(conn: Connection, revision: int) -> list[Price]:
    """Return the whole price list if it was replaced after that revision, else nothing."""
    newest = conn.execute(select(func.max(prices.c.revision))).scalar_one()
    return list_prices(conn) if newest is not None and newest > revision else []


def debit(conn: Connection, entries: Sequence[Debit]) -> dict[str, int]:
    """Charge `entries`, each `(kind, resource_id)` once ever; return what each account paid now.

    Costs of 0 leave no trace. One statement for the ledger and one for the balances, whatever the
    number of entries; it locks the balances on PostgreSQL, so call it late in a transaction.
    """
    batch = secrets.randbits(62)
    rows = [
        (resource_id, kind, account_id, -amount, at, batch)
        for account_id, amount, kind, resource_id, at in entries
        if amount
    ]
    paid: dict[str, int] = {}
    if _insert_ledger.run(conn, rows) == len(rows):
        for row in rows:
            paid[row[2]] = paid.get(row[2], 0) - row[3]
    else:
        for account_id, amount, found in _select_ledger.fetch(conn, {row[0] for row in rows}):
            if found == batch:
                paid[account_id] = paid.get(account_id, 0) - amount
    _add_cash(conn, ((account_id, -amount) for account_id, amount in paid.items()))
    return paid


def credit(
    conn: Connection, account_id: str, amount: int, *, kind: str, resource_id: str, at: float
) -> bool:
    """Put money on a main account, each `(kind, resource_id)` once ever; False if it was before."""
    row = (resource_id, kind, account_id, amount, at, secrets.randbits(62))
    if _insert_ledger.run(conn, [row]) == 0:
        return False
    _add_cash(conn, [(account_id, amount)])
    return True


def balance(conn: Connection, account_id: str) -> int:
    """Return what a main account has; 0 if it never had anything."""
    found = conn.execute(select(balances.c.cash).where(balances.c.account_id == account_id))
    return found.scalar_one_or_none() or 0


def all_balances(conn: Connection) -> dict[str, int]:
    """Return every balance by main account."""
    return {row[0]: row[1] for row in conn.execute(select(balances.c.account_id, balances.c.cash))}


def _add_cash(conn: Connection, changes: Iterable[tuple[str, int]]) -> None:
    # In one order for everybody: two transactions must not wait for each other's rows.
    rows = sorted(changes)
    if not rows:
        return
    # Driver SQL: through Core each row costs twice as much.
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(_ADD_CASH_SQLITE, rows)
    else:
        accounts, cash = zip(*rows, strict=True)
        conn.exec_driver_sql(_ADD_CASH_POSTGRESQL, (list(accounts), list(cash)))
