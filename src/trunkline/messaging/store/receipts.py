"""Delivery receipts: matched to their message, or kept until the response names it."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from trunkline.messaging import status_callback
from trunkline.messaging.model import Dispatch, ReceiptItem, Report, Row, Sent, State
from trunkline.messaging.store.tables import dispatches, messages, parts, unmatched
from trunkline.runtime.db import BulkDelete, BulkInsert, BulkSelect, BulkTake, BulkUpdate
from trunkline.values.ids import UUID_LENGTH, new_uuid
from trunkline.webhooks import enqueue

EARLY_S = 600.0  # an older receipt with the same id is of a message long gone: carriers reuse ids
# A kept receipt has a row for each key it may be stored under: its uuid, a slash, the key's rank.
_LIKELIEST = "/0"
_MOST_CANDIDATES = 3  # as carriers.dialect.receipt_keys yields

_reported_messages = BulkUpdate(
    messages, ("state", "error_code", "reported_at", "updated_at"), ("message_uuid",)
)
_reported_parts = BulkUpdate(parts, ("state", "error_code"), ("message_uuid", "part"))
_select_parts = BulkSelect(
    parts,
    ("carrier_key", "carrier", "message_uuid", "part", "total", "state", "recipient"),
    "carrier_key",
)
_select_siblings = BulkSelect(
    parts, ("message_uuid", "part", "state", "error_code"), "message_uuid"
)
_take_dispatches = BulkTake(dispatches, Dispatch._fields, "message_uuid", where="state = 'sent'")
_delete_dispatches = BulkDelete(dispatches, "message_uuid")
_delete_parts = BulkDelete(parts, "message_uuid")
_delete_unmatched = BulkDelete(unmatched, "id")
_insert_unmatched = BulkInsert(
    unmatched,
    (
        "id",
        "carrier",
        "carrier_key",
        "recipient",
        "state",
        "error_code",
        "received_at",
        "raw",
    ),
)
_select_unmatched = BulkSelect(
    unmatched,
    ("id", "carrier", "carrier_key", "recipient", "state", "error_code", "received_at", "raw"),
    "carrier_key",
)

_LATE = (
    "SELECT u.id, u.carrier, u.carrier_key, u.recipient, u.state, u.error_code, "
    "u.received_at, u.raw FROM unmatched_receipts u JOIN parts p "
    "ON p.carrier_key = u.carrier_key AND p.carrier = u.carrier AND p.state = '' "
    "JOIN dispatches d ON d.message_uuid = p.message_uuid "
    "AND u.received_at >= d.sent_at - :early"
)


class _Match(NamedTuple):
    item: ReceiptItem
    key: str
    message_uuid: str
    part: int
    total: int
    state: str


class Applied(NamedTuple):
    """What became of one receipt: the key it matched, or None when it had to be kept."""

    key: str | None
    final: bool


def apply(conn: Connection, items: Sequence[ReceiptItem]) -> list[Applied]:
    """Store what receipts say; those of messages not known (yet) are kept for `match_early`."""
    matches = _match(conn, items)
    kept = [item for item in items if id(item) not in matches and item.state is not None]
    _keep(conn, kept)
    _conclude(conn, [match for match in matches.values() if match.item.state is not None])
    return [
        Applied(
            matches[id(item)].key if id(item) in matches else None,
            item.state is not None,
        )
        for item in items
    ]


def match_early(conn: Connection, sent: Sequence[Sent]) -> None:
    """Apply receipts that came before the responses just stored."""
    keys = {part.key for item in sent for part in item.parts}
    since = min(item.at for item in sent) - EARLY_S if sent else 0.0
    _match_kept(conn, [row for row in _select_unmatched.fetch(conn, keys) if row[6] >= since])


def any_late(conn: Connection, since: float) -> bool:
    """Tell whether a receipt kept since then is of a part that is there by now."""
    statement = text(f"{_LATE} AND u.received_at >= :since LIMIT 1")
    return conn.execute(statement, {"early": EARLY_S, "since": since}).first() is not None


def match_late(conn: Connection) -> None:
    """Apply kept receipts whose part is there by now.

    Two processes may commit a receipt and its response at one moment, neither seeing the other's.
    """
    rows = conn.execute(text(f"{_LATE} LIMIT 500"), {"early": EARLY_S})
    _match_kept(conn, [tuple(row) for row in rows])


def _match_kept(conn: Connection, rows: Sequence[Row]) -> None:
    if not rows:
        return
    # The likeliest candidates first: one receipt is of one message.
    items = {
        row[0]: ReceiptItem(row[1], (row[2],), row[3], State(row[4]), row[5], row[6], row[7])
        for row in sorted(rows, key=_rank)
    }
    guessed = {id(item) for id_, item in items.items() if not id_.endswith(_LIKELIEST)}
    matches = _match(conn, list(items.values()), guessed)
    chosen: dict[str, _Match] = {}
    for id_, item in items.items():
        if id(item) in matches:
            chosen.setdefault(id_[:UUID_LENGTH], matches[id(item)])
    done = [f"{receipt}/{rank}" for receipt in chosen for rank in range(_MOST_CANDIDATES)]
    _delete_unmatched.run(conn, done)
    _conclude(conn, list(chosen.values()))


def purge_unmatched(conn: Connection, before: float) -> int:
    """Forget receipts nobody claimed; returns how many."""
    result = conn.execute(
        text("DELETE FROM unmatched_receipts WHERE received_at < :before"), {"before": before}
    )
    return result.rowcount


def delete_dispatches(conn: Connection, uuids: Iterable[str]) -> None:
    """Take final messages out of the queue, with the ids of their parts."""
    listed = list(uuids)
    _delete_dispatches.run(conn, listed)
    _delete_parts.run(conn, listed)


def _rank(row: Row) -> str:
    return str(row[0])[UUID_LENGTH:]


def _match(
    conn: Connection, items: Sequence[ReceiptItem], guessed: Container[int] = ()
) -> dict[int, _Match]:
    """Find each receipt's part by carrier and candidate key; the first candidate that fits wins.

    `guessed` holds the `id()` of items whose first key is a guess like the others.
    """
    rows = _select_parts.fetch(conn, {key for item in items for key in item.keys})
    if not rows:
        return {}
    known = {(row[1], row[0]): row for row in rows}
    matches: dict[int, _Match] = {}
    for item in items:
        for at, key in enumerate(item.keys):
            row = known.get((item.carrier, key))
            # A guessed key may be another message's: then the handset must be the recipient too.
            sure = at == 0 and id(item) not in guessed
            if row is not None and (sure or row[6] == item.recipient):
                matches[id(item)] = _Match(item, key, row[2], row[3], row[4], row[5])
                break
    return matches


def _keep(conn: Connection, items: Sequence[ReceiptItem]) -> None:
    _insert_unmatched.run(
        conn,
        [
            (
                f"{receipt}/{rank}",
                item.carrier,
                key,
                item.recipient,
                _text(item.state),
                item.error_code,
                item.at,
                item.raw,
            )
            for item in items
            for receipt in (new_uuid(),)
            for rank, key in enumerate(item.keys)
        ],
    )


def _conclude(conn: Connection, matches: Sequence[_Match]) -> None:
    """Give messages their final state once every part has its own."""
    fresh = {
        (match.message_uuid, match.part): match for match in reversed(matches) if not match.state
    }
    if not fresh:
        return
    single = {uuid: match for (uuid, _), match in fresh.items() if match.total == 1}
    verdicts = {uuid: (match.item, match.item.state) for uuid, match in single.items()}
    codes = {uuid: match.item.error_code for uuid, match in single.items()}
    several = [match for match in fresh.values() if match.total > 1]
    if several:
        _conclude_parts(conn, several, verdicts, codes)
    if not verdicts:
        return
    rows = _take_dispatches.fetch(conn, verdicts)
    reports = [
        # A receipt that came before its response counts from then: callbacks keep their order.
        Report(dispatch, state, codes[dispatch.message_uuid], max(item.at, dispatch.sent_at or 0.0))
        for dispatch in map(Dispatch._make, rows)
        for item, state in (verdicts[dispatch.message_uuid],)
        if state is not None
    ]
    _finish(conn, reports)


def _conclude_parts(
    conn: Connection,
    matches: Sequence[_Match],
    verdicts: dict[str, tuple[ReceiptItem, State | None]],
    codes: dict[str, int],
) -> None:
    """Note each part's state; a long message is delivered when all its parts are."""
    _reported_parts.run(
        conn,
        [(_text(m.item.state), m.item.error_code, m.message_uuid, m.part) for m in matches],
    )
    last = {match.message_uuid: match for match in matches}
    by_message: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for uuid, _, state, code in _select_siblings.fetch(conn, last):
        by_message[uuid].append((state, code))
    for uuid, states in by_message.items():
        match = last[uuid]
        if len(states) < match.total or not all(state for state, _ in states):
            continue
        bad = [(state, code) for state, code in states if state != State.DELIVERED]
        verdicts[uuid] = (match.item, State(bad[0][0]) if bad else State.DELIVERED)
        codes[uuid] = bad[0][1] if bad else 0


def _finish(conn: Connection, reports: Sequence[Report]) -> None:
    _reported_messages.run(
        conn,
        [(r.state.value, r.error_code, r.at, r.at, r.dispatch.message_uuid) for r in reports],
    )
    _delete_parts.run(conn, [report.dispatch.message_uuid for report in reports])
    enqueue(conn, status_callback.of_reports(reports))


def _text(state: State | None) -> str:
    return "" if state is None else state.value
