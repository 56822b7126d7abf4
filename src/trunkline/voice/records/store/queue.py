"""Calls that wait for their turn: who has some, which are next, and taking them in hand."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from trunkline.runtime.db import BulkSelect, BulkUpdate, Connection, announce
from trunkline.voice.records.model import Call, CallState
from trunkline.voice.records.store import calls as store
from trunkline.voice.records.store.tables import calls

QUEUED = "calls.queued"  # announced with the main account's id when it has another call waiting

_ALL = 1_000_000
_COLUMNS = tuple(calls.c[name] for name in Call._fields)
_select_known = BulkSelect(calls, ("call_uuid",), "call_uuid")
_select_waiting = BulkSelect(
    calls,
    Call._fields,
    "call_uuid",
    where=f"state = '{CallState.QUEUED.value}' AND ended_at IS NULL AND node = ''",
    for_update=True,
)
_take = BulkUpdate(calls, ("node", "state"), ("call_uuid",))
_WAITS = (calls.c.state == CallState.QUEUED.value, calls.c.ended_at.is_(None), calls.c.node == "")


def add(conn: Connection, batches: Sequence[Sequence[Call]]) -> None:
    """Put calls of requests into the queue; a request that is there already is left alone.

    A background request that is carried out again after a crash has the same ids.
    """
    firsts = [batch[0].call_uuid for batch in batches if batch]
    known = {row[0] for row in _select_known.fetch(conn, firsts)}
    new = [call for batch in batches if batch and batch[0].call_uuid not in known for call in batch]
    store.insert(conn, new)
    for main_id in {call.main_id for call in new}:
        announce(conn, QUEUED, main_id)


def waiting(conn: Connection) -> list[str]:
    """Return the main accounts that have calls waiting."""
    return list(conn.execute(select(calls.c.main_id).where(*_WAITS).distinct()).scalars())


def next_of(conn: Connection, main_id: str, limit: int) -> list[Call]:
    """Return a main account's calls that are next, the oldest first."""
    rows = conn.execute(
        select(*_COLUMNS)
        .where(calls.c.main_id == main_id, *_WAITS)
        .order_by(calls.c.initiated_at, calls.c.call_uuid)
        .limit(limit)
    )
    return [Call._make(row) for row in rows]


def waiting_of(conn: Connection, main_id: str) -> list[Call]:
    """Return all of a main account's calls that wait, the oldest first."""
    return next_of(conn, main_id, _ALL)


def take(conn: Connection, call_uuids: Iterable[str], node: str) -> list[Call]:
    """Take waiting calls in hand; return those that nobody else has taken, or ended, meanwhile."""
    rows = _select_waiting.fetch(conn, call_uuids)
    ringing = CallState.RINGING.value
    taken = [Call._make(row)._replace(node=node, state=ringing) for row in rows]
    _take.run(conn, [(node, ringing, one.call_uuid) for one in taken])
    return sorted(taken, key=lambda call: (call.initiated_at, call.call_uuid))


def give_back(conn: Connection, call_uuids: Iterable[str], node: str) -> None:
    """Put calls that `node` has taken in hand, and not dialled, back into the queue."""
    conn.execute(
        update(calls)
        .where(
            calls.c.call_uuid.in_(list(call_uuids)),
            calls.c.node == node,
            calls.c.ended_at.is_(None),
            calls.c.state == CallState.RINGING.value,
        )
        .values(node="", state=CallState.QUEUED.value)
    )
