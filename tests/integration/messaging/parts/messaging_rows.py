"""Rows of messages as they could be: some of each kind."""

import random
from typing import Any

from trunkline.values.ids import new_uuid

SUB = "SA" + "1" * 18
SPAN_S = 40_000.0
COLUMNS: dict[str, tuple[Any, ...]] = {
    "account_id": ("", SUB),
    "direction": ("outbound", "outbound", "inbound"),
    "state": ("queued", "sent", "delivered", "delivered", "delivered"),
    "type": ("sms", "sms", "sms", "mms"),
    "sender": ("14155550100", "14155550100", "14155550101"),
    "recipient": tuple(f"1206555{n:04d}" for n in range(30)),
    "country": ("US", "US", "GB"),
    "error_code": (None, 0, 0, 0, 30),
    "powerpack_uuid": ("", "", "pool"),
    "campaign_id": ("", "-", "-", "CAMPAIGN"),
}


def a_message(dice: random.Random, main_id: str, at: float) -> dict[str, Any]:
    chosen: dict[str, Any] = {name: dice.choice(values) for name, values in COLUMNS.items()}
    chosen["account_id"] = chosen["account_id"] or main_id
    return {
        "message_uuid": new_uuid(), "main_id": main_id, "units": 1, "rate": 1, "amount": 1,
        "log": "true", "requester_ip": "", "created_at": at, "updated_at": at, "carrier": "",
        "intent": "", "extra": "", "body": "Hi", "network": "", "fee_rate": 0, **chosen,
    }  # fmt: skip
