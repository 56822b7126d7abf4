"""What a carrier said, in one commit: its responses, and the receipts that came with them.

A receipt whose response waits for the same commit is matched in memory: its message goes from
sending to final in one change, and no row of `parts` is written for it. The other responses and
receipts are stored one kind after the other (`outbound.mark_sent`, `receipts.apply`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from trunkline.billing.store import debit
from trunkline.messaging import status_callback
from trunkline.messaging.model import ReceiptItem, Report, Sent, State
from trunkline.messaging.store import outbound, receipts
from trunkline.messaging.store.receipts import Applied
from trunkline.messaging.store.tables import dispatches, messages
from trunkline.runtime.db import BulkTake, BulkUpdate
from trunkline.webhooks import enqueue

Answer = Sent | ReceiptItem

_take_sending = BulkTake(dispatches, ("message_uuid",), "message_uuid", where="state = 'sending'")
_concluded_messages = BulkUpdate(
    messages,
    ("state", "error_code", "sent_at", "reported_at", "updated_at", "carrier"),
    ("message_uuid",),
)


class _Pair(NamedTuple):
    sent: Sent
    receipt: ReceiptItem
    state: State


def record(conn: Connection, items: Sequence[Answer]) -> list[Applied | None]:
    """Store responses (None in return) and receipts (what became of each), given in any order."""
    pairs = _pairs(items)
    if pairs:
        taken = {row[0] for row in _take_sending.fetch(conn, pairs)}
        # What is missing was recovered by another process, or concluded by this very commit when
        # its connection broke: the statements below know what to do with it.
        pairs = {uuid: pair for uuid, pair in pairs.items() if uuid in taken}
        _conclude(conn, list(pairs.values()))
    told = {id(pair.receipt) for pair in pairs.values()}
    sent = [
        one for one in items if isinstance(one, Sent) and one.dispatch.message_uuid not in pairs
    ]
    if sent:
        outbound.mark_sent(conn, sent)
    left = [one for one in items if isinstance(one, ReceiptItem) and id(one) not in told]
    applied = dict(zip(map(id, left), receipts.apply(conn, left), strict=True)) if left else {}
    return [_outcome(one, applied) for one in items]


def _pairs(items: Sequence[Answer]) -> dict[str, _Pair]:
    """Find messages of one part with their final receipt, by the receipt's likeliest key."""
    known = {
        (one.carrier, one.parts[0].key): one
        for one in items
        if isinstance(one, Sent) and len(one.parts) == 1
    }
    pairs: dict[str, _Pair] = {}
    if not known:
        return pairs
    for one in items:
        if isinstance(one, ReceiptItem) and one.state is not None:
            sent = known.get((one.carrier, one.keys[0]))
            if sent is not None:
                pairs.setdefault(sent.dispatch.message_uuid, _Pair(sent, one, one.state))
    return pairs


def _conclude(conn: Connection, pairs: Sequence[_Pair]) -> None:
    # A receipt that came before its response counts from then: callbacks keep their order.
    ends = [max(pair.receipt.at, pair.sent.at) for pair in pairs]
    _concluded_messages.run(
        conn,
        [
            (
                state.value,
                receipt.error_code,
                sent.at,
                end,
                end,
                sent.carrier,
                sent.dispatch.message_uuid,
            )
            for (sent, receipt, state), end in zip(pairs, ends, strict=True)
        ],
    )
    debit(conn, [outbound.charge(pair.sent) for pair in pairs])
    reports = [
        Report(sent.dispatch._replace(sent_at=sent.at), state, receipt.error_code, end)
        for (sent, receipt, state), end in zip(pairs, ends, strict=True)
        if sent.dispatch.callback_url
    ]
    told = status_callback.of_sent(pair.sent for pair in pairs)
    enqueue(conn, [*told, *status_callback.of_reports(reports)])


def _outcome(item: Answer, applied: dict[int, Applied]) -> Applied | None:
    if isinstance(item, Sent):
        return None
    return applied.get(id(item)) or Applied(item.keys[0], final=True)
