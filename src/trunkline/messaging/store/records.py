"""Message detail records: one, or a page of those that match."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, update

from trunkline.messaging.store.tables import messages
from trunkline.values.pages import Page

_HALF_MICROSECOND = 5e-7  # records are shown to the microsecond, and kept finer


def _then(at: float) -> ColumnElement[bool]:
    return messages.c.created_at.between(at - _HALF_MICROSECOND, at + _HALF_MICROSECOND)


_TIME_OPERATORS: dict[str, Callable[[float], ColumnElement[bool]]] = {
    "eq": _then,
    "gt": messages.c.created_at.__gt__,
    "gte": messages.c.created_at.__ge__,
    "lt": messages.c.created_at.__lt__,
    "lte": messages.c.created_at.__le__,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to: equal columns, and times by operator (eq gt gte lt lte)."""

    main_id: str
    equal: dict[str, Any]
    times: dict[str, float]


class Record(NamedTuple):
    """A message as it is kept; the same order as the table's columns."""

    message_uuid: str
    main_id: str
    account_id: str
    direction: Literal["inbound", "outbound"]
    state: str
    type: Literal["sms", "mms", "whatsapp"]
    sender: str
    recipient: str
    country: str
    body: str | None
    units: int
    rate: int
    amount: int
    error_code: int | None
    log: Literal["true", "false", "content_only", "number_only"]
    requester_ip: str
    created_at: float
    sent_at: float | None
    reported_at: float | None
    updated_at: float
    carrier: str
    powerpack_uuid: str
    intent: str
    extra: str
    network: str = ""  # mcc/mnc/name
    fee_rate: int = 0


_COLUMNS = tuple(messages.c[name] for name in Record._fields)


def get(conn: Connection, main_id: str, account_id: str, message_uuid: str) -> Record | None:
    """Return one record that the account may see."""
    query = select(*_COLUMNS).where(
        messages.c.message_uuid == message_uuid, messages.c.main_id == main_id
    )
    if account_id != main_id:
        query = query.where(messages.c.account_id == account_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Record._make(row)


def exists(conn: Connection, uuid: str) -> bool:
    """Tell whether there is a message with that uuid."""
    query = select(messages.c.message_uuid).where(messages.c.message_uuid == uuid)
    return conn.execute(query).first() is not None


def page(conn: Connection, filters: Filters, wanted: Page) -> tuple[list[Record], int]:
    """Return a page, the newest first, and how many match in all."""
    where = _where(filters)
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(messages.c.created_at.desc(), messages.c.message_uuid.desc())
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    found = list(map(Record._make, rows))
    total = conn.execute(select(func.count()).select_from(messages).where(*where)).scalar_one()
    return found, total


def _where(filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [messages.c.main_id == filters.main_id]
    conditions += [messages.c[name] == value for name, value in filters.equal.items()]
    conditions += [_TIME_OPERATORS[name](at) for name, at in filters.times.items()]
    return conditions


def forget_content(conn: Connection, after: str, until: str, limit: int = 2_000) -> str | None:
    """Remove the text of up to `limit` messages whose uuids are between; return the last uuid.

    None when there was none left: to be repeated from the last one until then.
    """
    found = conn.execute(
        select(messages.c.message_uuid)
        .where(messages.c.message_uuid > after, messages.c.message_uuid < until)
        .order_by(messages.c.message_uuid)
        .limit(limit)
    )
    uuids = list(found.scalars())
    if not uuids:
        return None
    conn.execute(
        update(messages)
        .where(messages.c.message_uuid.between(uuids[0], uuids[-1]), messages.c.body.is_not(None))
        .values(body=None)
    )
    return uuids[-1]
