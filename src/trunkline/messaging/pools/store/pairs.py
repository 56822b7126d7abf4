"""Sticky pairs: which sender of a pool a recipient knows. The table is the truth for all."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, tuple_, update

from trunkline.messaging.pools.store.tables import former_pools, sticky_senders
from trunkline.runtime.db import BulkInsert

_CHUNK = 500
FORGET_ROWS = 1_000

_insert = BulkInsert(
    sticky_senders, ("pool_id", "recipient", "service", "sender", "at"), ignore_conflicts=True
)
_replace = (
    update(sticky_senders)
    .where(
        sticky_senders.c.pool_id == bindparam("its_pool"),
        sticky_senders.c.recipient == bindparam("its_recipient"),
        sticky_senders.c.service == bindparam("its_service"),
        sticky_senders.c.sender == bindparam("instead_of"),
    )
    .values(sender=bindparam("new_sender"), at=bindparam("now"))
)

Known = dict[tuple[str, str], str]
"""(recipient, service) → sender, of one pool."""


class Pair(NamedTuple):
    """A sender newly chosen; `instead_of` is the one that cannot be used any more, "" if none."""

    pool_id: str
    recipient: str
    service: str
    sender: str
    instead_of: str = ""


def known(conn: Connection, pool_id: str, recipients: Iterable[str]) -> Known:
    """Return the pairs of recipients, for every service."""
    wanted = list(recipients)
    columns = sticky_senders.c
    found: Known = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = conn.execute(
            select(columns.recipient, columns.service, columns.sender).where(
                columns.pool_id == pool_id, columns.recipient.in_(wanted[start : start + _CHUNK])
            )
        )
        found.update({(row[0], row[1]): row[2] for row in rows})
    return found


def keep(conn: Connection, pairs: Sequence[Pair], at: float) -> bool:
    """Store pairs unless another process was first; False if it was: then read them again."""
    ordered = sorted(pairs)  # all processes lock in one order
    fresh = [pair for pair in ordered if not pair.instead_of]
    changed = [pair for pair in ordered if pair.instead_of]
    count = _insert.run(conn, [(*pair[:4], at) for pair in fresh])
    for pair in changed:
        values = {
            "its_pool": pair.pool_id,
            "its_recipient": pair.recipient,
            "its_service": pair.service,
            "instead_of": pair.instead_of,
            "new_sender": pair.sender,
            "now": at,
        }
        count += conn.execute(_replace, values).rowcount
    return count == len(pairs)


def anything_to_forget(conn: Connection) -> bool:
    """Tell whether pairs of a deleted pool are left."""
    return conn.execute(select(former_pools.c.pool_id).limit(1)).first() is not None


def forget(conn: Connection) -> None:
    """Delete some pairs of a deleted pool."""
    pool_id = conn.execute(select(former_pools.c.pool_id).limit(1)).scalar_one_or_none()
    if pool_id is None:
        return
    columns = sticky_senders.c
    some = select(columns.recipient, columns.service).where(columns.pool_id == pool_id)
    rows = conn.execute(some.limit(FORGET_ROWS)).all()
    if rows:
        keys = [tuple(row) for row in rows]
        conn.execute(
            delete(sticky_senders).where(
                columns.pool_id == pool_id, tuple_(columns.recipient, columns.service).in_(keys)
            )
        )
    if len(rows) < FORGET_ROWS:
        conn.execute(delete(former_pools).where(former_pools.c.pool_id == pool_id))
