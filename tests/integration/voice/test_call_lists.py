"""Call records as accounts see them: whole, filtered, paged, live and queued."""

from typing import Any

import pytest
from voice_desk import NORMAL, Desk, ids

from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.voice.records.model import Answered, Begun, CallState, Ended, Hangup, Rang
from trunkline.voice.records.store import calls

BUSY = Hangup(3010, "Busy Line", "Callee", "USER_BUSY")


async def test_the_record_is_plivos(desk: Desk) -> None:
    made = await desk.ended(
        lasted=85.2,
        network_group="United States All Networks",
        conference_uuid="c-1",
        stir_verification="Verified",
        stir_attestation="A",
        source_ip="192.0.2.7",
    )
    answer = await desk.call("call.get", desk.main, call_uuid=made.call_uuid.upper())
    assert answer.pop("api_id")
    assert answer == {
        "call_uuid": made.call_uuid,
        "call_direction": "outbound",
        "call_state": "ANSWER",
        "from_number": "14155550100",
        "to_number": "14155550123",
        "initiation_time": "2026-01-01 05:28:29+05:30",  # the account's zone
        "answer_time": "2026-01-01 05:28:34+05:30",
        "end_time": "2026-01-01 05:30:00+05:30",
        "call_duration": 86,
        "bill_duration": 86,
        "billed_duration": 120,
        "total_rate": "0.00850",
        "total_amount": "0.01700",
        "voice_network_group": "United States All Networks",
        "hangup_cause_code": 4000,
        "hangup_cause_name": "Normal Hangup",
        "hangup_source": "Callee",
        "parent_call_uuid": None,
        "conference_uuid": "c-1",
        "stir_verification": "Verified",
        "stir_attestation": "A",
        "source_ip": "192.0.2.7",
        "cnam_lookup": "",
        "resource_uri": f"/v1/Account/{desk.main}/Call/{made.call_uuid}/",
    }


async def test_what_was_not_answered(desk: Desk) -> None:
    made = await desk.ended(lasted=None, hangup=BUSY, state=CallState.BUSY)
    answer = await desk.call("call.get", desk.main, call_uuid=made.call_uuid)
    assert answer["call_state"] == "BUSY"
    assert answer["answer_time"] is None
    assert (answer["bill_duration"], answer["billed_duration"]) == (0, 0)
    assert (answer["total_amount"], answer["total_rate"]) == ("0.00000", "0.00850")


async def test_other_states(desk: Desk) -> None:
    words: dict[CallState | None, str] = {
        CallState.TIMEOUT: "TIMEOUT",
        CallState.NO_ANSWER: "NOANSWER",
        CallState.CANCELLED: "CANCEL",
        CallState.FAILED: "FAILED",
        None: "FAILED",
    }
    for state, word in words.items():
        made = await desk.ended(lasted=None, state=state)
        answer = await desk.call("call.get", desk.main, call_uuid=made.call_uuid)
        assert answer["call_state"] == word, state


async def fill(desk: Desk) -> dict[str, str]:
    """Record calls that differ, one each minute; return their ids by name."""
    parent = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
    made: dict[str, str] = {}
    for name, fields in {
        "plain": {},
        "inbound": {"direction": "inbound", "sender": "442071838750"},
        "london": {"recipient": "442071838750", "lasted": 61},
        "leg": {"parent_uuid": parent, "lasted": 30},
        "busy": {"lasted": None, "hangup": BUSY, "state": CallState.BUSY},
        "phone": {"recipient": "sip:desk1@phone.plivo.com", "lasted": 3600},
        "signed": {
            "stir_verification": "Verified",
            "hangup": NORMAL._replace(source="API Request"),
        },
        "sub": {"account_id": desk.sub},
    }.items():
        desk.clock.advance(60)
        made[name] = (await desk.ended(**fields)).call_uuid  # type: ignore[arg-type]
    desk.clock.advance(60)
    await desk.ended(desk.other)
    await desk.insert(desk.new_call(), desk.new_call(state="queued", node=""))
    return made


FILTERS: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "sub signed phone busy leg london inbound plain"),
    ({"call_direction": "inbound"}, "inbound"),
    ({"from_number": "+44"}, "inbound"),
    ({"from_number": "1415555"}, "sub signed phone busy leg london plain"),
    ({"from_number": "%"}, ""),
    ({"from_number": "5550100"}, ""),
    ({"to_number": "442071838750"}, "london"),
    ({"to_number": "44<sip:desk1@phone.plivo.com"}, "phone london"),
    ({"to_number": ["44", "sip:desk1@phone.plivo.com"]}, "phone london"),
    ({"to_number": "sip:desk1@phone"}, ""),
    ({"bill_duration": "60"}, "sub signed inbound plain"),
    ({"bill_duration__gt": "60"}, "phone london"),
    ({"bill_duration__gte": "61", "bill_duration__lt": "3600"}, "london"),
    ({"bill_duration__lte": "30"}, "busy leg"),
    ({"bill_duration_lt": "30"}, "busy"),
    ({"bill_duration": "0"}, "busy"),
    ({"bill_duration__gt": "5", "bill_duration__lt": "5"}, ""),
    ({"end_time": "2026-01-01 00:03"}, "london"),
    ({"end_time": "2026-01-01 05:33:00+05:30"}, "london"),  # as the record shows it
    ({"end_time__gt": "2026-01-01 00:06:00"}, "sub signed"),
    ({"end_time__gte": "2026-01-01 00:06:00"}, "sub signed phone"),
    ({"end_time__lt": "2026-01-01 00:02"}, "plain"),
    ({"end_time__lte": "2026-01-01T00:02:00.000000"}, "inbound plain"),
    (
        {"end_time__gt": "2026-01-01 00:01", "end_time__lt": "2026-01-01 00:04"},
        "london inbound",
    ),
    ({"end_time__lt": "2026-01-01 00:01"}, ""),
    ({"parent_call_uuid": "5B40A428-bfc7-4daf-9d06-726c558bf3b8"}, "leg"),
    ({"hangup_cause_code": "3010"}, "busy"),
    ({"hangup_cause_code": "4000", "call_direction": "inbound"}, "inbound"),
    ({"hangup_source": "api request"}, "signed"),
    ({"stir_verification": "verified"}, "signed"),
    ({"subaccount": "SUB"}, "sub"),
    ({"call_direction": ""}, "sub signed phone busy leg london inbound plain"),
)


async def test_filters(desk: Desk) -> None:
    made = await fill(desk)
    names = {uuid: name for name, uuid in made.items()}
    for filters, expected in FILTERS:
        given = {name: desk.sub if value == "SUB" else value for name, value in filters.items()}
        page = await desk.call("call.list", desk.main, **given)
        assert [names[uuid] for uuid in ids(page)] == expected.split(), filters
        assert page["meta"]["total_count"] == len(expected.split()), filters


BAD = (
    ("from_number", "+"),
    ("to_number", " - < () "),
    ("call_direction", "sideways"),
    ("bill_duration", "long"),
    ("bill_duration__gt", "-1"),
    ("end_time", "yesterday"),
    ("end_time__gt", "2026-02-30 10:00"),
    ("end_time__lt", "2026-01-01 25:00"),
    ("hangup_cause_code", "busy"),
    ("hangup_source", "Nobody"),
    ("stir_verification", "Perhaps"),
    ("subaccount", "SA1"),
    ("limit", "21"),
    ("limit", "0"),
    ("offset", "-1"),
)


async def test_each_bad_filter_is_named(desk: Desk) -> None:
    for field, value in BAD:
        with pytest.raises(InvalidParameter, match=f"^{field} parameter is invalid"):
            await desk.call("call.list", desk.main, **{field: value})


async def test_more_than_thirty_days_are_refused(desk: Desk) -> None:
    with pytest.raises(InvalidParameter, match=r"^end_time parameter is invalid: .*30 days"):
        await desk.call(
            "call.list",
            desk.main,
            end_time__gte="2025-11-01 00:00",
            end_time__lt="2026-01-01 00:00",
        )


async def test_old_calls_are_found_by_their_time_until_they_are_too_old(desk: Desk) -> None:
    old = (await desk.ended()).call_uuid
    desk.clock.advance(8 * 86_400)
    assert ids(await desk.call("call.list", desk.main)) == []
    assert ids(await desk.call("call.list", desk.main, end_time__gte="2025-12-31 00:00")) == [old]
    assert (await desk.call("call.get", desk.main, call_uuid=old))["call_uuid"] == old
    desk.clock.advance(83 * 86_400)
    assert ids(await desk.call("call.list", desk.main, end_time__gte="2025-12-31 00:00")) == []
    with pytest.raises(NotFound):
        await desk.call("call.get", desk.main, call_uuid=old)


async def test_pages(desk: Desk) -> None:
    made: list[str] = []
    for _ in range(5):
        desk.clock.advance(60)
        made.insert(0, (await desk.ended()).call_uuid)
    path = f"/v1/Account/{desk.main}/Call/"
    first = await desk.call("call.list", desk.main, limit=2, call_direction="outbound")
    assert ids(first) == made[:2]
    assert first["meta"]["next"] == f"{path}?limit=2&offset=2&call_direction=outbound"
    assert first["meta"]["previous"] is None
    last = await desk.call("call.list", desk.main, limit=2, offset=4)
    assert ids(last) == made[4:]
    assert last["meta"]["next"] is None
    assert last["meta"]["previous"] == f"{path}?limit=2&offset=2"
    beyond = await desk.call("call.list", desk.main, limit=2, offset=40)
    assert ids(beyond) == []
    assert {one["meta"]["total_count"] for one in (first, last, beyond)} == {5}


async def test_whose_calls_are_seen(desk: Desk) -> None:
    mine, subs = (await desk.ended()).call_uuid, (await desk.ended(desk.sub)).call_uuid
    others = (await desk.ended(desk.other)).call_uuid
    assert set(ids(await desk.call("call.list", desk.main))) == {mine, subs}
    assert ids(await desk.call("call.list", desk.sub)) == [subs]
    assert ids(await desk.call("call.list", desk.main, desk.sub)) == [subs]
    assert ids(await desk.call("call.list", desk.sibling)) == []
    with pytest.raises(NotFound):
        await desk.call("call.list", desk.sub, subaccount=desk.sibling)
    for auth_id, uuid in (
        (desk.sub, mine),
        (desk.sibling, subs),
        (desk.main, others),
        (desk.main, "5b40a428-bfc7-4daf-9d06-726c558bf3b8"),
        (desk.main, "x"),
    ):
        for verb in ("get", "get_live", "get_queued"):
            with pytest.raises(NotFound):
                await desk.call(f"call.{verb}", auth_id, call_uuid=uuid)


async def test_a_call_from_queue_to_record(desk: Desk) -> None:
    queued = desk.new_call(state="queued", node="", caller_name="Ann", parent_uuid="p-1")
    uuid = queued.call_uuid
    await desk.insert(queued)
    answer = await desk.call("call.get_queued", desk.main, call_uuid=uuid)
    assert answer.pop("api_id")
    assert answer == {
        "call_uuid": uuid,
        "request_uuid": uuid,
        "direction": "outbound",
        "call_status": "queued",
        "from": "14155550100",
        "to": "14155550123",
        "caller_name": "Ann",
    }
    assert (await desk.call("call.list_queued", desk.main))["calls"] == [uuid]
    assert (await desk.call("call.list_live", desk.main))["calls"] == []
    assert [one.call_uuid for one in await desk.db.read(calls.queued)] == [uuid]

    await desk.db.write(lambda conn: calls.begin(conn, [Begun(uuid, "here:1:a")]))
    live = await desk.call("call.get_live", desk.main, call_uuid=uuid)
    assert live.pop("api_id")
    assert live == {
        **answer,
        "call_status": "ringing",
        "session_start": "2026-01-01 00:00:00.000000",
        "parent_call_uuid": "p-1",
        "stir_verification": "Not Applicable",
        "stir_attestation": "",
    }
    with pytest.raises(NotFound):
        await desk.call("call.get_queued", desk.main, call_uuid=uuid)
    with pytest.raises(NotFound, match="has not ended"):
        await desk.call("call.get", desk.main, call_uuid=uuid)

    now = desk.clock.now()
    await desk.db.write(
        lambda conn: calls.ring(
            conn,
            [
                Rang(uuid, now + 1),
            ],
        )
    )
    await desk.db.write(lambda conn: calls.answer(conn, [Answered(uuid, now + 2)]))
    live = await desk.call("call.get_live", desk.main, call_uuid=uuid)
    assert live["call_status"] == "in-progress"
    end = Ended(uuid, now + 5, NORMAL, conference_uuid="c-1")
    await desk.db.write(lambda conn: calls.finish(conn, [end]))
    for verb in ("get_live", "get_queued"):
        with pytest.raises(NotFound):
            await desk.call(f"call.{verb}", desk.main, call_uuid=uuid)
    desk.clock.advance(10)
    record = await desk.call("call.get", desk.main, call_uuid=uuid)
    assert (record["bill_duration"], record["conference_uuid"]) == (3, "c-1")
    assert record["parent_call_uuid"] == "p-1"


async def test_lists_of_live_calls(desk: Desk) -> None:
    made: list[str] = []
    for number in range(25):
        desk.clock.advance(1)
        one = desk.new_call(
            desk.sub if number % 2 else "",
            direction="inbound" if number < 5 else "outbound",
            recipient=f"1415555{number:04}",
        )
        made.append(one.call_uuid)
        await desk.insert(one)
    await desk.insert(desk.new_call(desk.other))

    async def live(auth_id: str, **fields: Any) -> list[str]:
        return (await desk.call("call.list_live", auth_id, **fields))["calls"]

    assert await live(desk.main) == made  # all of them
    assert await live(desk.main, limit=20, offset=0) == made[:20]  # as the Python SDK asks
    assert await live(desk.main, limit=20, offset=20) == made[20:]
    assert await live(desk.main, call_direction="inbound") == made[:5]
    assert await live(desk.main, to_number="14155550003<14155550007") == [made[3], made[7]]
    assert await live(desk.main, from_number="44") == []
    assert await live(desk.sub) == made[1::2]
    assert (await desk.call("call.list_queued", desk.main))["calls"] == []
    with pytest.raises(InvalidParameter, match=r"^limit"):
        await live(desk.main, limit=21)
