"""What is told of calls whose process died: their hangup URL hears of the end all the same."""

from collections.abc import Sequence

import msgspec

from trunkline.runtime.db import Connection
from trunkline.values.form import form_encoded
from trunkline.values.money import format_amount
from trunkline.voice.causes import CAUSES
from trunkline.voice.journal import bill_of
from trunkline.voice.placing.wanted import facts_of, read
from trunkline.voice.records.model import Call
from trunkline.webhooks import NewWebhook, enqueue


def tell_owners(conn: Connection, calls: Sequence[Call]) -> None:
    """Queue the hangup callbacks of calls that were ended; see `records.closing.OnClosed`."""
    enqueue(conn, [_hangup(call) for call in calls if call.hangup_url])


def _hangup(call: Call) -> NewWebhook:
    facts = facts_of(call, _headers(call), format_amount(call.rate))
    ended_at = call.ended_at or call.initiated_at
    params = facts.hangup_params(CAUSES[call.hangup_code], ended_at, bill_of(call))
    return NewWebhook(
        call.account_id,
        "voice.hangup",
        call.call_uuid,
        call.hangup_method,
        call.hangup_url,
        form_encoded(params),
        ended_at,
    )


def _headers(call: Call) -> dict[str, str]:
    if not call.extra:
        return {}
    try:
        return read(call).headers
    except msgspec.MsgspecError:  # it ended all the same
        return {}
