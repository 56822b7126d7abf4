"""From an empty folder to a delivered message, three signed callbacks and an exact bill."""

import json
from decimal import Decimal
from typing import Any

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until


def test_the_ready_file_tells_how_to_use_it(program: Program, api: Api) -> None:
    known = json.loads((program.folder / "ready.json").read_text())
    assert known["url"].startswith("http://127.0.0.1:")
    assert known["auth_id"].startswith("MA")
    assert "14155550100" in known["numbers"]
    account = api.get()
    assert account.status == 200
    assert account["auth_id"] == known["auth_id"]
    assert account["billing_mode"] == "prepaid"


def test_a_message_is_delivered_reported_and_billed(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    before = settled_credit(program, api)
    uuid = api.send(handset, "Hello, world", url=sink.url("/status"))
    record = api.final(uuid)
    assert record["message_state"] == "delivered"
    assert [one["text"] for one in program.handset(handset)] == ["Hello, world"]

    callbacks = until(lambda: len(sink.seen) >= 3 and sink.seen, "three callbacks")
    assert sink.statuses(uuid) == ["queued", "sent", "delivered"]
    for one in callbacks:
        check_callback(one.params, record)
        assert one.method == "POST"
        assert one.is_signed_by(program.auth_token)
        assert one.is_signed_by(program.auth_token, header="x-plivo-signature-ma-v2")
        assert not one.is_signed_by("another token")
    assert len({one.headers["x-plivo-signature-v2-nonce"] for one in callbacks}) == 3

    check_record(record, uuid, handset)
    fees = Decimal(record["carrier_fees"])
    assert fees > 0  # what American networks take
    cost = int((Decimal(record["total_amount"]) + fees) * 100_000)
    assert before - settled_credit(program, api) == cost
    ledger = program.rows("SELECT kind, amount FROM ledger WHERE resource_id = :id", id=uuid)
    assert ledger == [("message", -cost)]
    # Nothing of it is left in the queues.
    assert program.rows("SELECT 1 FROM dispatches WHERE message_uuid = :id", id=uuid) == []
    assert program.rows("SELECT 1 FROM parts WHERE message_uuid = :id", id=uuid) == []


def test_callbacks_by_get_have_their_parameters_in_the_query(
    program: Program, api: Api, sink: Sink, handset: str
) -> None:
    uuid = api.send(handset, url=sink.url("/status?customer=7"), method="GET")
    api.final(uuid)
    until(lambda: len(sink.seen) >= 3, "three callbacks")
    assert sink.statuses(uuid) == ["queued", "sent", "delivered"]
    for one in sink.seen:
        assert (one.method, one.body) == ("GET", "")
        assert one.params["customer"] == "7"
        assert one.is_signed_by(program.auth_token)


def check_callback(params: Any, record: dict[str, Any]) -> None:
    assert params["MessageUUID"] == record["message_uuid"]
    assert params["ParentMessageUUID"] == record["message_uuid"]
    assert params["PartInfo"] == "1 of 1"
    assert params["From"] == record["from_number"]
    assert params["To"] == record["to_number"]
    assert params["Units"] == "1"
    assert params["TotalRate"] == record["total_rate"]
    assert params["TotalAmount"] == record["total_amount"]
    assert "ErrorCode" not in params
    # Times are the record's, without its zone.
    assert params["QueuedTime"] + "+00:00" == record["message_time"]
    sent = params["SentTime"]
    assert (sent == "") == (params["Status"] == "queued")
    assert not sent or sent + "+00:00" == record["message_sent_time"]
    assert (params["DeliveryReportTime"] == "") == (params["Status"] != "delivered")


def check_record(record: dict[str, Any], uuid: str, handset: str) -> None:
    expected = {
        "message_uuid": uuid,
        "message_direction": "outbound",
        "message_type": "sms",
        "from_number": "14155550100",
        "to_number": handset,
        "units": 1,
        "error_code": "000",
        "destination_country_iso2": "US",
        "requester_ip": "127.0.0.1",
        "log": "true",
    }
    assert {name: record[name] for name in expected} == expected
    assert record["total_amount"] == record["total_rate"]
    times = [record[f"message_{name}time"] for name in ("", "sent_", "updated_")]
    assert times == sorted(times)


def settled_credit(program: Program, api: Api) -> int:
    """Read the balance once nothing is under way that could change it."""
    until(
        lambda: not program.rows("SELECT 1 FROM dispatches WHERE state <> 'sent' LIMIT 1"),
        "an empty queue",
    )
    return api.credit()
