"""Status callbacks of outbound messages (PLIVO messaging: status update attributes)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote_plus

from trunkline.messaging.model import Dispatch, Failed, Report, Sent, State
from trunkline.values.money import format_amount
from trunkline.webhooks import NewWebhook

KIND = "message.status"


def of_queued(dispatch: Dispatch) -> NewWebhook:
    """Tell that a message was accepted; the first of its callbacks."""
    return _callback(dispatch, State.QUEUED, 1, dispatch.created_at)


def of_sent(items: Iterable[Sent]) -> list[NewWebhook]:
    """Tell that the carrier took the message."""
    return [
        item.callback or _callback(item.dispatch, State.SENT, 2, item.at, sent_at=item.at)
        for item in items
        if item.dispatch.callback_url
    ]


def made_ahead(item: Sent) -> Sent:
    """Make its callback now, so that the transaction that stores it is shorter."""
    return item._replace(callback=of_sent((item,))[0]) if item.dispatch.callback_url else item


def of_failed(items: Iterable[Failed]) -> list[NewWebhook]:
    """Tell that no carrier took the message."""
    return [
        _callback(item.dispatch, State.FAILED, 2, item.at, error_code=item.error_code)
        for item in items
        if item.dispatch.callback_url
    ]


def of_reports(reports: Iterable[Report]) -> list[NewWebhook]:
    """Tell what the carrier's receipts said."""
    return [
        _callback(
            report.dispatch,
            report.state,
            4 if report.state is State.READ else 3,
            report.at,
            error_code=report.error_code,
            sent_at=report.dispatch.sent_at,
            reported_at=report.at,
        )
        for report in reports
        if report.dispatch.callback_url
    ]


def _callback(
    dispatch: Dispatch,
    state: State,
    sequence: int,
    at: float,
    *,
    error_code: int = 0,
    sent_at: float | None = None,
    reported_at: float | None = None,
) -> NewWebhook:
    created = timestamp(dispatch.created_at)
    uuid = dispatch.message_uuid
    mcc, mnc = (dispatch.network + "//").split("/", 2)[:2]
    charged = 0 if state is State.FAILED else dispatch.rate * dispatch.units
    body = (
        f"MessageUUID={uuid}&ParentMessageUUID={uuid}&PartInfo=1+of+1"
        f"&To={dispatch.recipient}&From={_quoted(dispatch.sender)}&Type={dispatch.type}"
        f"&Status={state.value}&Units={dispatch.units}"
        f"&TotalRate={format_amount(dispatch.rate)}&TotalAmount={format_amount(charged)}"
        f"&MCC={mcc}&MNC={mnc}&Sequence={sequence}&MessageTime={created}&QueuedTime={created}"
        f"&SentTime={timestamp(sent_at)}&DeliveryReportTime={timestamp(reported_at)}"
        f"&RequesterIP={_quoted(dispatch.requester_ip)}"
        f"&PowerpackUUID={dispatch.powerpack_uuid}"
    )
    if dispatch.type == "whatsapp":
        body += _conversation(dispatch.extra)
    # PLIVO messaging: ErrorCode is there only on failed and undelivered.
    if error_code and state is not State.DELIVERED:
        body += f"&ErrorCode={error_code}"
    return NewWebhook(
        account_id=dispatch.account_id,
        kind=KIND,
        resource_uuid=uuid,
        method=dispatch.callback_method,
        url=dispatch.callback_url,
        body=body,
        created_at=at,
    )


def _conversation(extra: str) -> str:
    known: dict[str, str] = json.loads(extra) if extra else {}
    return (
        f"&ConversationID={known.get('conversation_id', '')}"
        f"&ConversationOrigin={known.get('origin', '')}"
        f"&ConversationExpirationTimestamp={known.get('conversation_expires', '')}"
    )


def timestamp(at: float | None) -> str:
    """Write a time as callbacks have it, `YYYY-mm-dd HH:MM:SS.ffffff` in UTC, form-encoded."""
    if at is None:
        return ""
    # The fraction alone, as datetime rounds it: the whole would lose its last bits.
    second = int(at)
    microsecond = round((at - second) * 1_000_000)
    if microsecond == 1_000_000:
        second, microsecond = second + 1, 0
    return f"{_second(second)}.{microsecond:06d}"


@lru_cache(maxsize=256)
def _second(whole: int) -> str:
    moment = datetime.fromtimestamp(whole, UTC)
    return moment.strftime("%Y-%m-%d+%H%%3A%M%%3A%S")


@lru_cache(maxsize=1_024)
def _quoted(text: str) -> str:
    return quote_plus(text)
