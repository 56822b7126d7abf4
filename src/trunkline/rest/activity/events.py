"""What became of messages, calls and webhooks, told as events; pure.

An event is what JSON shows: `kind` (message | call | webhook), `id`, `state`, `at` (seconds since
1970 UTC), `account`, and what else is worth a line. A row tells the same events each time it is
read, and further ones as it moves on; `kind`, `id` and `step` name an event once and for all.
"""

from collections.abc import Sequence
from typing import Any

from trunkline.messaging.model import FINAL, State
from trunkline.messaging.store.records import Record
from trunkline.voice.records.model import Call, CallState
from trunkline.webhooks.model import State as WebhookState
from trunkline.webhooks.store.log import WebhookRecord

Event = dict[str, Any]
Attempts = Sequence[tuple[float, int | None, str | None]]

MOST_TEXT = 160  # characters of a message that an event shows


def of_message(row: Record) -> list[Event]:
    """Tell a message's steps: queued, sent, and what it came to; or received, and handed on."""
    about = {
        "kind": "message",
        "id": row.message_uuid,
        "account": row.account_id,
        "direction": row.direction,
        "type": row.type,
        "from": row.sender,
        "to": row.recipient,
        "carrier": row.carrier,
        "text": (row.body or "")[:MOST_TEXT],
    }
    inbound = row.direction == "inbound"
    first = State.RECEIVED if inbound else State.QUEUED
    steps: list[tuple[str, float]] = [(first, row.created_at)]
    if row.sent_at is not None and not inbound:
        steps.append((State.SENT, row.sent_at))
    if row.state not in (first, State.SENT):
        steps.append((row.state, row.reported_at or row.updated_at))
    told = [{**about, "state": str(state), "step": str(state), "at": at} for state, at in steps]
    if row.error_code:
        told[-1]["error_code"] = row.error_code
    return told


def message_is_over(row: Record) -> bool:
    """Tell whether nothing more will become of it; `delivered` may still be read on WhatsApp."""
    if row.type == "whatsapp" and row.direction == "outbound" and row.state == State.DELIVERED:
        return False
    return row.state in FINAL


def of_call(row: Call) -> list[Event]:
    """Tell a call's steps: queued or ringing, answered, and how it ended."""
    about = {
        "kind": "call",
        "id": row.call_uuid,
        "account": row.account_id,
        "direction": row.direction,
        "from": row.sender,
        "to": row.recipient,
    }
    steps = [(CallState.QUEUED.value, row.initiated_at)]
    for state, at in ((CallState.RINGING, row.ringing_at), (CallState.ANSWERED, row.answered_at)):
        if at is not None:
            steps.append((state.value, at))
    if row.ended_at is not None:
        steps.append((row.state, row.ended_at))
    told = [{**about, "state": state, "step": state, "at": at} for state, at in steps]
    if row.ended_at is not None:
        told[-1] |= {"seconds": row.bill_duration, "hangup": row.hangup_name}
    return told


def of_webhook(row: WebhookRecord, attempts: Attempts) -> list[Event]:
    """Tell a webhook's steps: queued, each attempt with its answer, and how it ended."""
    about = {
        "kind": "webhook",
        "id": row.id,
        "account": row.account_id,
        "of": row.kind,
        "resource": row.resource_uuid,
        "method": row.method,
        "url": row.url,
    }
    told = [{**about, "state": "queued", "step": "queued", "at": row.created_at}]
    for number, (at, status, error) in enumerate(attempts, 1):
        outcome = {"status": status} if status is not None else {"error": error or "no answer"}
        step = {"state": "attempted", "step": f"attempt {number}", "attempt": number, "at": at}
        told.append({**about, **step, **outcome})
    if row.state is not WebhookState.WAITING:
        name = row.state.name.lower()
        told.append({**about, "state": name, "step": name, "at": row.ended_at or row.created_at})
    return told
