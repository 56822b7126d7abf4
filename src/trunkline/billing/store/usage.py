"""What accounts used, added up by day as it is charged."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select

from trunkline.billing.model import Debit
from trunkline.billing.store.tables import usage
from trunkline.runtime.db import Connection

DAY_S = 86_400

_NAMES = "main_id, day, account_id, product, direction, items, units, amount, fees"
_ADD = (
    "ON CONFLICT (main_id, day, account_id, product, direction) DO UPDATE SET "
    "items = usage.items + excluded.items, units = usage.units + excluded.units, "
    "amount = usage.amount + excluded.amount, fees = usage.fees + excluded.fees"
)
_SQLITE = f"INSERT INTO usage ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) {_ADD}"  # noqa: S608
_POSTGRESQL = (
    f"INSERT INTO usage ({_NAMES}) SELECT * FROM unnest("  # noqa: S608
    "%s::text[], %s::int[], %s::text[], %s::text[], %s::text[], "
    f"%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) {_ADD}"
)
GROUPS = ("day", "main_id", "account_id", "product", "direction")


class Used(NamedTuple):
    """One line of a summary; what was not grouped by is "" (the day None)."""

    day: int | None
    main_id: str
    account_id: str
    product: str
    direction: str
    items: int
    units: int
    amount: int
    fees: int


def add_usage(conn: Connection, entries: Sequence[Debit]) -> None:
    """Count what was charged; of entries without product the kind is one."""
    sums: dict[tuple[str, int, str, str, str], list[int]] = {}
    for one in entries:
        day = int(one.at // DAY_S)
        used_by = one.used_by or one.account_id
        key = (one.account_id, day, used_by, one.product or one.kind, one.direction)
        line = sums.get(key)
        if line is None:
            line = sums[key] = [0, 0, 0, 0]
        line[0] += 1
        line[1] += one.units
        line[2] += one.amount
        line[3] += one.fees
    if not sums:
        return
    # In one order for everybody: two transactions must not wait for each other's rows.
    rows: list[tuple[Any, ...]] = [(*key, *line) for key, line in sorted(sums.items())]
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(_SQLITE, rows)
    else:
        conn.exec_driver_sql(_POSTGRESQL, tuple(list(column) for column in zip(*rows, strict=True)))


def summarise(
    conn: Connection,
    first_day: int,
    last_day: int,
    groups: Sequence[str] = GROUPS,
    account_id: str = "",
    limit: int = 10_000,
) -> list[Used]:
    """Add up days (both included) by `groups`; `account_id` narrows to a main or subaccount."""
    columns = [usage.c[name] for name in GROUPS if name in groups]
    sums = [func.sum(usage.c[name]).label(name) for name in ("items", "units", "amount", "fees")]
    query = select(*columns, *sums).where(usage.c.day.between(first_day, last_day))
    if account_id:
        # A main account's line is that of all it pays for.
        query = query.where((usage.c.main_id == account_id) | (usage.c.account_id == account_id))
    query = query.group_by(*columns).order_by(*columns).limit(limit)
    names = [column.name for column in columns]
    return [
        _used(dict(zip(names, row, strict=False)), [int(one) for one in row[len(names) :]])
        for row in conn.execute(query)
        if row[-1] is not None
    ]


def _used(grouped: dict[str, Any], sums: list[int]) -> Used:
    keys = [grouped.get(name, "") for name in GROUPS[1:]]
    return Used(grouped.get("day"), *keys, *sums)
