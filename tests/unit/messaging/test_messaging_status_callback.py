from urllib.parse import parse_qs

import pytest

from trunkline.messaging import status_callback
from trunkline.messaging.model import Dispatch, Failed, Part, Report, Sent, State
from trunkline.webhooks import NewWebhook

AT = 1_767_225_600.0  # 2026-01-01T00:00:00Z
URL = "https://example.com/status"


def dispatch(**changes: object) -> Dispatch:
    row = Dispatch(
        "0190-uuid", "MA1", "MA1", "waiting", "a", AT, 0, "", AT + 60, AT, None, "14155550100",
        "14155550123", "US", "Hi", 2, 350, URL, "GET", "10.0.0.1", "", "", "",
    )  # fmt: skip
    return row._replace(**changes)


def params(webhook: NewWebhook) -> dict[str, str]:
    parsed = parse_qs(webhook.body, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in parsed.values())
    return {name: values[0] for name, values in parsed.items()}


# PLIVO messaging: status update attributes, without those of WhatsApp.
ALWAYS = {
    "MessageUUID", "ParentMessageUUID", "PartInfo", "To", "From", "Type", "Status", "Units",
    "TotalRate", "TotalAmount", "MCC", "MNC", "Sequence", "MessageTime", "QueuedTime", "SentTime",
    "DeliveryReportTime", "RequesterIP", "PowerpackUUID",
}  # fmt: skip


def every_state() -> list[NewWebhook]:
    row = dispatch()
    late = row._replace(sent_at=AT + 1)
    return [
        status_callback.of_queued(row),
        *status_callback.of_sent([Sent(row, "a", (Part("1", 1, 1),), AT + 1)]),
        *status_callback.of_failed([Failed(row, 420, AT + 2)]),
        *status_callback.of_reports(
            [
                Report(late, State.DELIVERED, 0, AT + 3),
                Report(late, State.UNDELIVERED, 80, AT + 3),
            ]
        ),
    ]


def test_queued_has_all_parameters() -> None:
    webhook = status_callback.of_queued(dispatch())
    assert params(webhook) == {
        "MessageUUID": "0190-uuid",
        "ParentMessageUUID": "0190-uuid",
        "PartInfo": "1 of 1",
        "To": "14155550123",
        "From": "14155550100",
        "Type": "sms",
        "Status": "queued",
        "Units": "2",
        "TotalRate": "0.00350",
        "TotalAmount": "0.00700",
        "MCC": "",
        "MNC": "",
        "Sequence": "1",
        "MessageTime": "2026-01-01 00:00:00.000000",
        "QueuedTime": "2026-01-01 00:00:00.000000",
        "SentTime": "",
        "DeliveryReportTime": "",
        "RequesterIP": "10.0.0.1",
        "PowerpackUUID": "",
    }
    assert (webhook.account_id, webhook.kind, webhook.resource_uuid) == (
        "MA1",
        "message.status",
        "0190-uuid",
    )
    assert (webhook.method, webhook.url, webhook.created_at) == ("GET", URL, AT)


def test_each_state_has_its_status_sequence_and_times() -> None:
    told = [params(webhook) for webhook in every_state()]
    shown = [
        (one["Status"], one["Sequence"], one["SentTime"][-9:], one["DeliveryReportTime"][-9:])
        for one in told
    ]
    assert shown == [
        ("queued", "1", "", ""),
        ("sent", "2", "01.000000", ""),
        ("failed", "2", "", ""),
        ("delivered", "3", "01.000000", "03.000000"),
        ("undelivered", "3", "01.000000", "03.000000"),
    ]


def test_an_error_code_only_for_failed_and_undelivered() -> None:
    told = {params(one)["Status"]: params(one) for one in every_state()}
    codes = {status: one.get("ErrorCode") for status, one in told.items()}
    assert codes == {
        "queued": None, "sent": None, "failed": "420", "delivered": None, "undelivered": "80",
    }  # fmt: skip
    assert all(one.keys() - {"ErrorCode"} == ALWAYS for one in told.values())


def test_a_delivered_message_has_no_error_code_even_with_one_kept() -> None:
    report = Report(dispatch(sent_at=AT), State.DELIVERED, 1000, AT)
    (webhook,) = status_callback.of_reports([report])
    assert "ErrorCode" not in params(webhook)


def test_what_failed_costs_nothing() -> None:
    (webhook,) = status_callback.of_failed([Failed(dispatch(), 90, AT)])
    assert (params(webhook)["TotalRate"], params(webhook)["TotalAmount"]) == ("0.00350", "0.00000")


def test_values_are_quoted() -> None:
    odd = dispatch(sender="A&B=C +%ü", requester_ip="::1&x=1")
    body = params(status_callback.of_queued(odd))
    assert (body["From"], body["RequesterIP"]) == ("A&B=C +%ü", "::1&x=1")


def test_without_a_url_nobody_is_told() -> None:
    row = dispatch(callback_url="")
    assert status_callback.of_sent([Sent(row, "a", (), AT)]) == []
    assert status_callback.of_failed([Failed(row, 90, AT)]) == []
    assert status_callback.of_reports([Report(row, State.DELIVERED, 0, AT)]) == []


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (None, ""),
        (0.0, "1970-01-01+00%3A00%3A00.000000"),
        (AT + 0.1, "2026-01-01+00%3A00%3A00.100000"),
        (AT + 0.000001, "2026-01-01+00%3A00%3A00.000001"),
        (AT + 0.999999, "2026-01-01+00%3A00%3A00.999999"),
        (AT + 86_399.5, "2026-01-01+23%3A59%3A59.500000"),
        (AT + 0.9999999, "2026-01-01+00%3A00%3A01.000000"),
    ],
)
def test_times_have_microseconds_and_no_zone(at: float | None, text: str) -> None:
    assert status_callback.timestamp(at) == text
