"""A thousand destinations in one request, some twice, some no numbers at all."""

from collections import Counter

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

INVALID = ["12", "hello", "+", "0014155550123", "123456789012345"]


def test_a_thousand_destinations(program: Program, api: Api, sink: Sink) -> None:
    good = [f"1312{number:07d}" for number in range(1_000 - len(INVALID))]
    twice = [f"+1 (312) {one[4:7]}-{one[7:]}" for one in good[:50]]
    before = api.credit()
    answer = api.post(
        "Message/",
        src="14155550100",
        dst="<".join([*good[:500], *INVALID, *good[500:], *twice]),
        text="To all of you",
        url=sink.url("/bulk"),
    )
    assert answer.status == 202
    uuids = answer["message_uuid"]
    assert len(uuids) == len(set(uuids)) == len(good)
    assert answer["invalid_number"] == INVALID

    def left() -> int:
        sql = "SELECT count(*) FROM dispatches WHERE recipient LIKE '1312%'"
        return program.rows(sql)[0][0]

    until(lambda: left() == 0, "the end of all", 60)
    sql = "SELECT message_uuid, recipient, state FROM messages WHERE recipient LIKE '1312%'"
    rows = program.rows(sql)
    assert {row[0] for row in rows} == set(uuids)
    assert sorted(row[1] for row in rows) == good
    assert {row[2] for row in rows} == {"delivered"}
    # Ids come in the order of the destinations.
    order = {row[0]: row[1] for row in rows}
    assert [order[uuid] for uuid in uuids] == good

    until(lambda: len(sink.seen) >= 3 * len(good), "all callbacks", 60)
    told = Counter((one.params["MessageUUID"], one.params["Status"]) for one in sink.seen)
    wanted = {(uuid, state) for uuid in uuids for state in ("queued", "sent", "delivered")}
    assert told == dict.fromkeys(wanted, 1)
    assert all(one.is_signed_by(program.auth_token) for one in sink.seen)
    assert before - api.credit() == 850 * len(good)


def test_more_than_a_thousand_are_refused_as_a_whole(program: Program, api: Api) -> None:
    dst = "<".join(f"1313{number:07d}" for number in range(1_001))
    answer = api.post("Message/", src="14155550100", dst=dst, text="Too many")
    assert answer.status == 400
    assert "dst" in answer["error"]
    assert program.rows("SELECT 1 FROM messages WHERE recipient LIKE '1313%'") == []


def test_a_destination_list_in_json(api: Api) -> None:
    answer = api.post(
        "Message/", src="14155550100", dst=["14155550121", "14155550122"], text="Both of you"
    )
    assert answer.status == 202
    assert len(answer["message_uuid"]) == 2


def test_nothing_but_rubbish_is_refused(api: Api) -> None:
    answer = api.post("Message/", src="14155550100", dst="<".join(INVALID), text="Nobody")
    assert answer.status == 400
    assert "dst" in answer["error"]
