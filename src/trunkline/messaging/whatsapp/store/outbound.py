"""Messages that the carrier took: their id there, their conversation, and what became of them."""

import json
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, Select, delete, select, update

from trunkline.messaging import status_callback
from trunkline.messaging.model import Dispatch, Report, Row, Sent, State
from trunkline.messaging.store import outbound, receipts
from trunkline.messaging.store.tables import messages
from trunkline.messaging.whatsapp.model import (
    SERVICE,
    Conversation,
    Stage,
    StatusItem,
    Wish,
)
from trunkline.messaging.whatsapp.store import conversations
from trunkline.messaging.whatsapp.store.tables import conversations as conversation_rows
from trunkline.messaging.whatsapp.store.tables import early, known
from trunkline.runtime.db import BulkInsert, BulkSelect, BulkUpdate
from trunkline.values.ids import new_uuid
from trunkline.webhooks import enqueue

_COLUMNS = ("message_uuid", "carrier", "wamid", "stage", "conversation_id", "origin")
_insert = BulkInsert(known, (*_COLUMNS, "expires_at", "dispatch"), ignore_conflicts=True)
_select = BulkSelect(
    known,
    ("wamid", "carrier", "message_uuid", "stage", "origin", "dispatch"),
    "wamid",
    for_update=True,
)
_select_uuid = BulkSelect(known, ("wamid", "carrier", "message_uuid"), "wamid")
_staged = BulkUpdate(known, ("stage", "origin", "dispatch"), ("message_uuid",))
_insert_early = BulkInsert(early, ("id", "carrier", "wamid", "stage", "origin", "error_code", "at"))
_select_early = BulkSelect(
    early, ("id", "carrier", "wamid", "stage", "origin", "error_code", "at"), "wamid"
)
_reported = BulkUpdate(
    messages, ("state", "error_code", "reported_at", "updated_at"), ("message_uuid",)
)
_STATES = {Stage.DELIVERED: State.DELIVERED, Stage.READ: State.READ}


def record_sent(conn: Connection, items: Sequence[Sent]) -> None:
    """Do what `outbound.mark_sent` does, find or open the conversations, keep the carrier's ids."""
    joined = conversations.join(conn, [_wish(item) for item in items])
    sent = [
        item._replace(
            dispatch=_in_conversation(item.dispatch, conversation), parts=(), callback=None
        )
        for item, conversation in zip(items, joined, strict=True)
    ]
    outbound.mark_sent(conn, sent)
    _insert.run(
        conn,
        [
            (
                item.dispatch.message_uuid,
                item.carrier,
                item.parts[0].key,
                Stage.TAKEN.value,
                conversation.id,
                conversation.origin,
                conversation.expires_at,
                _kept(marked.dispatch._replace(sent_at=item.at)),
            )
            for item, marked, conversation in zip(items, sent, joined, strict=True)
            if item.parts
        ],
    )
    _apply_early(conn, {item.parts[0].key for item in items if item.parts})


def apply(conn: Connection, items: Sequence[StatusItem]) -> list[bool]:
    """Store what statuses say, in any order and any number of times; True for known messages.

    Those of messages that are not known yet are kept for `record_sent`.
    """
    rows = {(row[1], row[0]): row for row in _select.fetch(conn, {one.wamid for one in items})}
    reports: list[Report] = []
    changed: dict[str, Row] = {}
    missing: list[Row] = []
    for item in items:
        row = rows.get((item.carrier, item.wamid))
        if row is None:
            missing.append((new_uuid(), *item[:2], item.stage.value, *item[3:]))
            continue
        _, _, uuid, stage, origin, dispatch = row
        after, news = _advance(Stage(stage), item)
        if after is Stage(stage) and (not item.origin or item.origin == origin):
            continue
        left = "" if after in (Stage.READ, Stage.FAILED) else dispatch
        rows[item.carrier, item.wamid] = (*row[:3], after.value, item.origin or origin, left)
        changed[uuid] = (after.value, item.origin or origin, left, uuid)
        if dispatch:
            found = Dispatch(*msgspec.json.decode(dispatch))
            reports += [Report(found, state, item.error_code, item.at) for state in news]
        else:
            reports += [Report(_nobody(uuid), state, item.error_code, item.at) for state in news]
    _staged.run(conn, list(changed.values()))
    _insert_early.run(conn, missing)
    _conclude(conn, reports)
    return [(one.carrier, one.wamid) in rows for one in items]


def any_late(conn: Connection, since: float) -> bool:
    """Tell whether a status kept since then is of a message that is known by now."""
    return conn.execute(_late(since).limit(1)).first() is not None


def match_late(conn: Connection) -> None:
    """Apply kept statuses whose message is known by now.

    Two processes may commit a status and the answer at one moment, neither seeing the other's.
    """
    _apply_early(conn, conn.execute(_late(0.0).limit(500)).scalars())


def first_time(conn: Connection, carrier: str, wamid: str, row: tuple[str, Conversation]) -> bool:
    """Note an inbound message, given its (uuid, conversation); False if it came before."""
    uuid, conversation = row
    values = (uuid, carrier, wamid, Stage.DELIVERED.value, *conversation, "")
    return _insert.run(conn, [values]) == 1


def is_known(conn: Connection, carrier: str, wamid: str) -> bool:
    """Tell whether a message with that id came or went before."""
    return uuid_of(conn, carrier, wamid) is not None


def uuid_of(conn: Connection, carrier: str, wamid: str) -> str | None:
    """Return our id of what the carrier calls `wamid`."""
    for _, owner, uuid in _select_uuid.fetch(conn, [wamid]):
        if owner == carrier:
            return str(uuid)
    return None


def forget(conn: Connection, before_uuid: str, early_before: float, expired_before: float) -> None:
    """Drop what callbacks of old messages would need, early statuses, and old conversations."""
    conn.execute(
        update(known)
        .where(known.c.message_uuid < before_uuid, known.c.dispatch != "")
        .values(dispatch="")
    )
    conn.execute(delete(early).where(early.c.at < early_before))
    conn.execute(delete(conversation_rows).where(conversation_rows.c.expires_at < expired_before))


def _late(since: float) -> Select[tuple[str]]:
    is_its = (known.c.wamid == early.c.wamid) & (known.c.carrier == early.c.carrier)
    return select(early.c.wamid).join(known, is_its).where(early.c.at >= since)


def _wish(item: Sent) -> Wish:
    dispatch = item.dispatch
    origin = _extra(dispatch).get("origin", SERVICE)
    return Wish(dispatch.sender, dispatch.recipient, origin, item.at, origin != SERVICE)


def _extra(dispatch: Dispatch) -> dict[str, str]:
    return json.loads(dispatch.extra) if dispatch.extra else {}


def _in_conversation(dispatch: Dispatch, conversation: Conversation) -> Dispatch:
    extra = {
        **_extra(dispatch),
        "origin": conversation.origin,
        "conversation_id": conversation.id,
        "conversation_expires": str(int(conversation.expires_at)) if conversation.id else "",
    }
    return dispatch._replace(extra=json.dumps(extra))


def _kept(dispatch: Dispatch) -> str:
    """Write what callbacks need; never the content."""
    return msgspec.json.encode(tuple(dispatch._replace(body=""))).decode()


def _apply_early(conn: Connection, wamids: Iterable[str]) -> None:
    rows = sorted(_select_early.fetch(conn, wamids))
    if not rows:
        return
    conn.execute(delete(early).where(early.c.id.in_([row[0] for row in rows])))
    apply(conn, [StatusItem(row[1], row[2], Stage(row[3]), *row[4:]) for row in rows])


def _advance(stage: Stage, item: StatusItem) -> tuple[Stage, list[State]]:
    """Tell where a message stands after a status, and which states it has passed."""
    if stage is Stage.FAILED or item.stage <= stage:
        return stage, []
    if item.stage is Stage.FAILED:
        if stage >= Stage.DELIVERED:
            return stage, []
        return Stage.FAILED, [State.UNDELIVERED]
    # What was read was delivered, whether that was said before, comes later, or never.
    passed = [one for one in (Stage.DELIVERED, Stage.READ) if stage < one <= item.stage]
    return item.stage, [_STATES[one] for one in passed]


def _conclude(conn: Connection, reports: Sequence[Report]) -> None:
    if not reports:
        return
    last = {report.dispatch.message_uuid: report for report in reports}
    _reported.run(
        conn,
        [(one.state.value, one.error_code, one.at, one.at, uuid) for uuid, one in last.items()],
    )
    receipts.delete_dispatches(conn, list(last))
    enqueue(conn, status_callback.of_reports(reports))


def _nobody(uuid: str) -> Dispatch:
    """Stand in for a dispatch that is forgotten: its state is kept, nobody is told."""
    return Dispatch(
        *(uuid, "", "", "", "", 0.0, 0, "", 0.0, 0.0, None, "", "", "", "", 0, 0),
        *("", "POST", "", "", "", ""),
    )
