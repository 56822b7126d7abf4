"""SQL of what is kept of legs for their far ends; many steps at once, for group commits."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, update

from trunkline.runtime.db import BulkDelete, BulkInsert, Connection
from trunkline.voice.records.store.tables import call_dialogs


class Kept(NamedTuple):
    """A row of `call_dialogs`: `trunk` is the way (see `switch.ports`), `farewell` is JSON."""

    leg_uuid: str
    node: str
    trunk: str
    farewell: str


class Gone(NamedTuple):
    """A leg's far end knows that it is over."""

    leg_uuid: str


Step = Kept | Gone

_COLUMNS = tuple(call_dialogs.c[name] for name in Kept._fields)
_insert = BulkInsert(call_dialogs, Kept._fields)
_remove = BulkDelete(call_dialogs, "leg_uuid")


def note(conn: Connection, steps: Sequence[Step]) -> None:
    """Write what is kept and what is gone; the last word of each leg counts."""
    last = {one.leg_uuid: one for one in steps}
    _remove.run(conn, list(last))
    _insert.run(conn, [one for one in last.values() if isinstance(one, Kept)])


def nodes(conn: Connection) -> list[str]:
    """Return the nodes that have dialogs."""
    return list(conn.execute(select(call_dialogs.c.node).distinct()).scalars())


def claim(conn: Connection, node: str, heir: str) -> list[Kept]:
    """Give what a node had to another, and return it: whoever comes later gets nothing."""
    rows = conn.execute(
        update(call_dialogs)
        .where(call_dialogs.c.node == node)
        .values(node=heir)
        .returning(*_COLUMNS)
    )
    return [Kept._make(row) for row in rows]
