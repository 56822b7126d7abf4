"""Calls of a process that died are ended by the program, on the clock; their owner pays once."""

import time
from collections.abc import Callable
from typing import Any

from e2e_api import Api
from e2e_program import Program
from e2e_waiting import until

from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid
from trunkline.voice.records.model import Answered, Call
from trunkline.voice.records.store import calls, nodes


async def test_the_calls_of_a_dead_process(launch: Callable[..., Program]) -> None:
    program = launch("--clock", "controlled")
    api = program.api()
    # The program's clock stands still near the time of its start; this process began before it.
    began, uuid, auth_id = time.time() - 600, new_uuid(), program.auth_id
    call = Call(
        call_uuid=uuid,
        main_id=auth_id,
        account_id=auth_id,
        direction="inbound",
        state="ringing",
        sender="442071838750",
        recipient="14155550100",
        initiated_at=began,
        request_uuid=uuid,
        node="elsewhere:1:gone",
        rate=1_000,
    )

    def write(conn: Connection) -> None:
        calls.insert(conn, [call])
        calls.answer(conn, [Answered(uuid, began + 5)])
        nodes.seen(conn, call.node, time.time())

    await program.beside(lambda database: database.write(write))
    assert uuid in api.get("Call/", status="live")["calls"]
    program.advance(10)
    assert uuid in api.get("Call/", status="live")["calls"]  # it may yet say that it lives
    for _ in range(4):
        program.advance(5)
    record = until(lambda: _record(api, uuid), "the end of the call")
    assert (record["hangup_cause_code"], record["hangup_cause_name"]) == (5010, "Internal Error")
    assert record["bill_duration"] >= 590
    assert record["total_amount"] == f"{record['billed_duration'] // 60 * 0.01:.5f}"
    charged = program.rows("SELECT resource_id, amount FROM ledger WHERE kind = 'call'")
    assert charged == [(uuid, -round(float(record["total_amount"]) * 100_000))]
    assert api.get("Call/", status="live")["calls"] == []
    listed = api.get("Call/", call_direction="inbound", from_number="44")["objects"]
    assert [one["call_uuid"] for one in listed] == [uuid]


def _record(api: Api, uuid: str) -> dict[str, Any] | None:
    answer = api.get(f"Call/{uuid}/")
    return answer.body if answer.status == 200 else None
