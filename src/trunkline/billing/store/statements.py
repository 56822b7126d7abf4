"""Pages of the ledger, the newest entry first."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from trunkline.billing.store.tables import ledger
from trunkline.runtime.db import Connection


class Entry(NamedTuple):
    """One line: `amount` below 0 is a cost, of which `fees` are networks'; 0.00001 dollar."""

    at: float
    account_id: str
    used_by: str
    kind: str
    resource_id: str
    amount: int
    fees: int

    @property
    def cursor(self) -> str:
        """Names this entry, to go on after it."""
        return f"{self.at!r}:{self.kind}:{self.resource_id}"


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Whose entries: a main account's, narrowed to one subaccount, a kind, and a time."""

    account_id: str
    used_by: str = ""
    kind: str = ""
    since: float | None = None
    until: float | None = None  # not included


_COLUMNS = tuple(ledger.c[name] for name in Entry._fields)


def list_entries(
    conn: Connection, wanted: LedgerFilter, limit: int = 100, after: str = ""
) -> list[Entry]:
    """Return entries, the newest first, from behind the one that the cursor `after` names.

    Raises:
        ValueError: `after` is no cursor.
    """
    where: list[ColumnElement[bool]] = [ledger.c.account_id == wanted.account_id]
    if wanted.used_by:
        where.append(ledger.c.used_by == wanted.used_by)
    if wanted.kind:
        where.append(ledger.c.kind == wanted.kind)
    if wanted.since is not None:
        where.append(ledger.c.at >= wanted.since)
    if wanted.until is not None:
        where.append(ledger.c.at < wanted.until)
    if after:
        where += _behind(after)
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(ledger.c.at.desc(), ledger.c.resource_id.desc(), ledger.c.kind.desc())
        .limit(limit)
    )
    return list(map(Entry._make, rows))


def _behind(cursor: str) -> list[ColumnElement[bool]]:
    at, first, rest = cursor.partition(":")
    kind, second, resource_id = rest.partition(":")
    moment = float(at) if first else math.nan
    if not second or not math.isfinite(moment):
        raise ValueError("not a cursor of this list")
    same = or_(
        ledger.c.resource_id < resource_id,
        and_(ledger.c.resource_id == resource_id, ledger.c.kind < kind),
    )
    # The first condition alone is what an index understands.
    return [ledger.c.at <= moment, or_(ledger.c.at < moment, same)]
