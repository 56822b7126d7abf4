"""Usage and ledger as tables: the same for the operator's API and the command."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from trunkline.billing.store.statements import Entry
from trunkline.billing.store.usage import DAY_S, Used
from trunkline.values.money import format_amount

Cell = str | int
Table = tuple[list[str], list[list[Cell]]]

GROUPS = {
    "day": "day",
    "main": "main_id",
    "account": "account_id",
    "product": "product",
    "direction": "direction",
}
DEFAULT_GROUPS = "day,account,product,direction"
DEFAULT_DAYS = 30
_EPOCH = date(1970, 1, 1)


def parse_groups(text: str) -> list[str]:
    """Read what a summary is grouped by, comma-joined; in the order of `GROUPS`.

    Raises:
        ValueError: one is not known.
    """
    given = set(text.replace(",", " ").split())
    if given - GROUPS.keys():
        wrong = ", ".join(sorted(given - GROUPS.keys()))
        raise ValueError(f"group must be of {', '.join(GROUPS)}, not {wrong}")
    return [name for name in GROUPS if name in given]


def parse_period(first: str | None, last: str | None, now: float) -> tuple[int, int]:
    """Read two days `YYYY-MM-DD` (UTC, both included); by default the 30 days up to now.

    Raises:
        ValueError: one is no day, or the second is before the first.
    """
    until = int(now // DAY_S) if not last else _day("to", last)
    since = until - DEFAULT_DAYS + 1 if not first else _day("from", first)
    if until < since:
        raise ValueError("to must not be before from")
    return since, until


def _day(name: str, text: str) -> int:
    try:
        return (date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        raise ValueError(f"{name} must be a day as YYYY-MM-DD, not {text[:32]!r}") from None


def day_text(day: int) -> str:
    """Write a day as YYYY-MM-DD."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def usage_table(used: Iterable[Used], groups: Sequence[str]) -> Table:
    """Lay out a summary that was grouped by `groups`."""
    header = [*groups, "count", "units", "amount", "fees"]
    rows: list[list[Cell]] = []
    for one in used:
        values: dict[str, Cell] = {
            "day": "" if one.day is None else day_text(one.day),
            "main": one.main_id,
            "account": one.account_id,
            "product": one.product,
            "direction": one.direction,
        }
        sums: list[Cell] = [
            one.items,
            one.units,
            format_amount(one.amount),
            format_amount(one.fees),
        ]
        rows.append([*(values[name] for name in groups), *sums])
    return header, rows


def ledger_table(entries: Iterable[Entry]) -> Table:
    """Lay out entries; a cost is below zero."""
    header = ["time", "account", "used_by", "kind", "resource", "amount", "fees"]
    rows: list[list[Cell]] = [
        [
            datetime.fromtimestamp(one.at, UTC).isoformat(" ", "microseconds"),
            one.account_id,
            one.used_by,
            one.kind,
            one.resource_id,
            format_amount(one.amount),
            format_amount(one.fees),
        ]
        for one in entries
    ]
    return header, rows


def as_csv(table: Table) -> str:
    """Write a table as CSV with a header (RFC 4180)."""
    header, rows = table
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def as_objects(table: Table) -> list[dict[str, Cell]]:
    """Write a table as objects."""
    header, rows = table
    return [dict(zip(header, row, strict=True)) for row in rows]
