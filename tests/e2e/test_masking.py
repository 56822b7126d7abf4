"""What the record and the database keep of a message, by `log`."""

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until


@pytest.mark.parametrize(
    ("log", "number_kept", "text_kept"),
    [
        ("true", True, True),
        ("false", False, False),
        ("content_only", False, True),
        ("number_only", True, False),
    ],
)
def test_log(
    program: Program,
    api: Api,
    sink: Sink,
    handset: str,
    log: str,
    number_kept: bool,
    text_kept: bool,
) -> None:
    masked = f"{handset[:3]}XXXXX{handset[-3:]}"
    uuid = api.send(handset, f"Secret for {handset}", log=log)
    record = api.final(uuid)
    assert record["message_state"] == "delivered"
    assert record["log"] == log
    assert record["to_number"] == (handset if number_kept else masked)
    assert [one["text"] for one in program.handset(handset)] == [f"Secret for {handset}"]
    sql = "SELECT recipient, body FROM messages WHERE message_uuid = :id"
    text = f"Secret for {handset}" if text_kept else None
    assert program.rows(sql, id=uuid) == [(record["to_number"], text)]
    for table in ("dispatches", "parts"):
        assert program.rows(f"SELECT 1 FROM {table} WHERE message_uuid = :id", id=uuid) == []
    until(lambda: program.rows("SELECT 1 FROM dispatches") == [], "the end")
    if not number_kept and not text_kept:
        unmatched = program.rows(
            "SELECT raw FROM unmatched_receipts WHERE recipient = :n", n=handset
        )
        assert unmatched == []
