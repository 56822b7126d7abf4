"""A prepaid account that runs dry: what it can pay for leaves, the rest fails with 900."""

from collections.abc import Callable

from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

COST = 850  # 550 the price of a part to the United States, 300 what networks take there
PAID = 7


def test_an_empty_prepaid_account_fails_with_900(
    launch: Callable[..., Program], sink: Sink
) -> None:
    # The first message of the start costs as much as any.
    program = launch(starting_credit=f"0.{(PAID + 1) * COST + COST // 2:05d}")
    api = program.api()
    until(lambda: api.credit() == PAID * COST + COST // 2, "the bill of the first message")
    dst = "<".join(f"1303555{number:04d}" for number in range(20))
    uuids = api.send(dst, url=sink.url("/status"))
    records = [api.final(uuid) for uuid in uuids]
    states = [record["message_state"] for record in records]
    assert states.count("delivered") == PAID
    failed = [record for record in records if record["message_state"] == "failed"]
    assert len(failed) == len(uuids) - PAID
    assert {record["error_code"] for record in failed} == {"900"}
    assert {record["total_amount"] for record in failed} == {"0.00000"}
    assert api.credit() == COST // 2
    until(lambda: len(sink.of(Status="failed")) == len(failed), "the callbacks")
    assert {one.params["ErrorCode"] for one in sink.of(Status="failed")} == {"900"}
    ledger = program.rows("SELECT sum(amount), count(*) FROM ledger WHERE kind = 'message'")
    assert ledger == [(-(PAID + 1) * COST, PAID + 1)]
    # A long text costs more than is left, a new start changes nothing.
    assert program.stop() == 0
    program.start()
    record = program.api().final(program.api().send("13035550000"))
    assert record["error_code"] == "900"
