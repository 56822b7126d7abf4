"""What call control writes of calls; each function takes many at once, for group commits."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from trunkline.billing import store as billing
from trunkline.billing.model import Debit
from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate, Connection
from trunkline.voice import rating
from trunkline.voice.records.model import Answered, Begun, Call, CallState, Ended, Rang, Step
from trunkline.voice.records.store.tables import calls

LEDGER_KIND = "call"
S = TypeVar("S", Begun, Rang, Answered, Ended)

_PRESENT = "calls.ended_at IS NULL"
_COLUMNS = tuple(calls.c[name] for name in Call._fields)
_insert = BulkInsert(calls, Call._fields)
_begin = BulkUpdate(calls, ("node", "state"), ("call_uuid",), where="calls.state = 'queued'")
_ring = BulkUpdate(
    calls,
    ("ringing_at",),
    ("call_uuid",),
    where="calls.state = 'ringing' AND calls.ringing_at IS NULL",
)
_answer = BulkUpdate(
    calls, ("answered_at", "state"), ("call_uuid",), where="calls.state = 'ringing'"
)
_select_present = BulkSelect(calls, Call._fields, "call_uuid", where=_PRESENT, for_update=True)
_ENDING = (
    "state", "ended_at", "bill_duration", "billed_duration", "amount",
    "hangup_code", "hangup_name", "hangup_source", "hangup_cause", "conference_uuid",
)  # fmt: skip
_end = BulkUpdate(calls, _ENDING, ("call_uuid",), where=_PRESENT)


class Finished(NamedTuple):
    """What ended now, as it is recorded, and what main accounts paid for it by their ids."""

    calls: list[Call]
    paid: dict[str, int]


def record(conn: Connection, steps: Sequence[Step]) -> list[Call | None]:
    """Write steps of many calls; return in the place of each end the call that ended by it.

    One batch for all kinds, since a group commit keeps the order only within a batch: steps are
    written kind by kind in the order of a call's life.
    """
    insert(conn, [one for one in steps if isinstance(one, Call)])
    begin(conn, [one for one in steps if isinstance(one, Begun)])
    ring(conn, [one for one in steps if isinstance(one, Rang)])
    answer(conn, [one for one in steps if isinstance(one, Answered)])
    done = finish(conn, [one for one in steps if isinstance(one, Ended)])
    ended = {one.call_uuid: one for one in done.calls}
    return [ended.pop(one.call_uuid, None) if isinstance(one, Ended) else None for one in steps]


def insert(conn: Connection, items: Sequence[Call]) -> None:
    """Record new calls, queued or already in the hand of a node."""
    _insert.run(conn, list(items))


def begin(conn: Connection, items: Sequence[Begun]) -> None:
    """Note which node has taken queued calls in hand; those that are queued no more stay."""
    ringing = CallState.RINGING.value
    _begin.run(conn, [(one.node, ringing, one.call_uuid) for one in _firsts(items)])


def ring(conn: Connection, items: Sequence[Rang]) -> None:
    """Note the first time that calls rang."""
    _ring.run(conn, [(one.at, one.call_uuid) for one in _firsts(items)])


def answer(conn: Connection, items: Sequence[Answered]) -> None:
    """Note that calls were answered; the first time counts."""
    answered = CallState.ANSWERED.value
    _answer.run(conn, [(one.at, answered, one.call_uuid) for one in _firsts(items)])


def finish(conn: Connection, items: Sequence[Ended]) -> Finished:
    """End calls and charge for them; what has ended before, or is unknown, stays as it is.

    The charge and the record are one transaction, so that neither can be without the other, and so
    is what customers are told (`Ended.tell`). Locks rows on PostgreSQL: call it late.
    """
    ended = {one.call_uuid: one for one in _firsts(items)}
    rows = map(Call._make, _select_present.fetch(conn, sorted(ended)))
    over = [_ended(row, ended[row.call_uuid]) for row in rows]
    _end.run(
        conn,
        [(*(getattr(one, name) for name in _ENDING), one.call_uuid) for one in over],
    )
    paid = billing.debit(conn, [_debit(one) for one in over if one.answered_at is not None])
    for one in over:
        tell = ended[one.call_uuid].tell
        if tell is not None:
            tell(conn, one)
    return Finished(over, paid)


def present_of(conn: Connection, node: str) -> list[Call]:
    """Return the calls that a node has in hand, the oldest first."""
    rows = conn.execute(
        select(*_COLUMNS)
        .where(calls.c.node == node, calls.c.ended_at.is_(None))
        .order_by(calls.c.initiated_at, calls.c.call_uuid)
    )
    return [Call._make(row) for row in rows]


def queued(conn: Connection, limit: int = 1_000) -> list[Call]:
    """Return calls that wait for their turn, the oldest first."""
    rows = conn.execute(
        select(*_COLUMNS)
        .where(calls.c.node == "", calls.c.ended_at.is_(None))
        .where(calls.c.state == CallState.QUEUED.value)
        .order_by(calls.c.initiated_at, calls.c.call_uuid)
        .limit(limit)
    )
    return [Call._make(row) for row in rows]


def _firsts(items: Sequence[S]) -> list[S]:
    """Return the first step of each call: what is said again is nothing new."""
    return list({one.call_uuid: one for one in reversed(items)}.values())


def _ended(call: Call, end: Ended) -> Call:
    at = max(end.at, call.answered_at or call.initiated_at)
    price = rating.cost(call.rate, call.answered_at, at)
    hangup = end.hangup
    state = end.state or CallState.FAILED
    if call.answered_at is not None:
        state = CallState.COMPLETED
    return call._replace(
        state=state.value,
        ended_at=at,
        bill_duration=price.duration,
        billed_duration=price.billed,
        amount=price.amount,
        hangup_code=hangup.code,
        hangup_name=hangup.name,
        hangup_source=hangup.source,
        hangup_cause=hangup.cause,
        conference_uuid=end.conference_uuid or call.conference_uuid,
    )


def _debit(call: Call) -> Debit:
    return Debit(
        account_id=call.main_id,
        amount=call.amount,
        kind=LEDGER_KIND,
        resource_id=call.call_uuid,
        at=call.ended_at or 0.0,
        used_by=call.account_id,
        product="voice",
        direction=call.direction,
        units=call.billed_duration // rating.MINUTE_S,
    )
