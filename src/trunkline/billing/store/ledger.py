"""Balances, the ledger that explains them, and what was used, added up by day."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from trunkline.billing.model import Debit
from trunkline.billing.store.tables import balances, ledger
from trunkline.billing.store.usage import add_usage
from trunkline.runtime.db import BulkInsert, BulkSelect, Connection

_insert_ledger = BulkInsert(
    ledger,
    ("resource_id", "kind", "account_id", "used_by", "amount", "fees", "at", "batch"),
    ignore_conflicts=True,
)
_select_ledger = BulkSelect(ledger, ("resource_id", "kind", "batch"), "resource_id")
_ADD_CASH_SQLITE = (
    "INSERT INTO balances (account_id, cash) VALUES (?, ?) "
    "ON CONFLICT (account_id) DO UPDATE SET cash = balances.cash + excluded.cash"
)
_ADD_CASH_POSTGRESQL = (
    "INSERT INTO balances (account_id, cash) "
    "SELECT * FROM unnest(%s::text[], %s::bigint[]) "
    "ON CONFLICT (account_id) DO UPDATE SET cash = balances.cash + excluded.cash"
)


def debit(conn: Connection, entries: Sequence[Debit]) -> dict[str, int]:
    """Charge `entries`, each `(kind, resource_id)` once ever; return what each account paid now.

    Costs of 0 are not in the ledger, only in the usage. One statement for the ledger, one for the
    usage and one for the balances, whatever the number of entries; they lock rows on PostgreSQL, so
    call it late in a transaction.
    """
    batch = secrets.randbits(62)
    rows = [
        (one.resource_id, one.kind, one.account_id, one.used_by or one.account_id, -one.amount,
         one.fees, one.at, batch)
        for one in entries
        if one.amount
    ]  # fmt: skip
    if _insert_ledger.run(conn, rows) != len(rows):
        entries = _charged_now(conn, entries, batch)
    paid: dict[str, int] = {}
    for one in entries:
        if one.amount:
            paid[one.account_id] = paid.get(one.account_id, 0) + one.amount
    add_usage(conn, entries)
    _add_cash(conn, ((account_id, -amount) for account_id, amount in paid.items()))
    return paid


def _charged_now(conn: Connection, entries: Sequence[Debit], batch: int) -> list[Debit]:
    ids = {one.resource_id for one in entries if one.amount}
    ours = {
        (resource_id, kind)
        for resource_id, kind, found in _select_ledger.fetch(conn, ids)
        if found == batch
    }
    first = {(one.resource_id, one.kind): one for one in reversed(entries) if one.amount}
    free = [one for one in entries if not one.amount]
    return [*free, *(one for key, one in first.items() if key in ours)]


def credit(
    conn: Connection, account_id: str, amount: int, *, kind: str, resource_id: str, at: float
) -> bool:
    """Put money on a main account, each `(kind, resource_id)` once ever; False if it was before."""
    row = (resource_id, kind, account_id, account_id, amount, 0, at, secrets.randbits(62))
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
