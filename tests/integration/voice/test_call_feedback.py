"""What people say of calls: checked, kept with the call, shown to the operator."""

import json
from typing import Any

import pytest
from starlette.requests import Request
from voice_desk import Desk

from trunkline.contract.errors import Conflict, InvalidParameter, MissingParameter, NotFound
from trunkline.rest.voice.feedback import feedback_pages
from trunkline.voice.records.model import CallState

UNKNOWN = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"


async def rate(desk: Desk, call_uuid: str, auth_id: str = "", **fields: Any) -> Any:
    return await desk.call(
        "call_feedback.create", auth_id or desk.main, call_uuid=call_uuid, **fields
    )


async def shown(desk: Desk, query: str = "") -> tuple[int, Any]:
    ((_, _, page),) = feedback_pages(desk.db)
    scope = {"type": "http", "query_string": query.encode(), "headers": []}
    answer = await page(Request(scope))
    return answer.status_code, json.loads(bytes(answer.body))


async def test_it_is_kept_with_the_call(desk: Desk) -> None:
    made = await desk.ended(desk.sub, lasted=61, carrier="acme")
    answer = await rate(
        desk, made.call_uuid.upper(), rating=2.5, issues=["ECHO", "AUDIO_LAG", "ECHO"], notes="ä"
    )
    assert answer.pop("api_id")
    assert answer == {"message": "Feedback has been posted", "status": "success"}
    status, page = await shown(desk)
    assert status == 200
    (one,) = page["objects"]
    assert one == {
        "call_uuid": made.call_uuid,
        "account": desk.sub,
        "at": desk.clock.now(),
        "rating": 2.5,
        "issues": ["AUDIO_LAG", "ECHO"],
        "notes": "ä",
        "direction": "outbound",
        "from": "14155550100",
        "to": "14155550123",
        "carrier": "acme",
        "initiated_at": made.initiated_at,
        "seconds": 61,
        "hangup": "Normal Hangup",
    }


async def test_the_last_word_counts_and_pages_are_narrowed(desk: Desk) -> None:
    first, second = await desk.ended(), await desk.ended(desk.other)
    await rate(desk, first.call_uuid, rating=1, issues=["OTHERS"])
    desk.clock.advance(1)
    await rate(desk, second.call_uuid, desk.other, rating="4.5", issues="ECHO,ROBOTIC_AUDIO")
    desk.clock.advance(1)
    await rate(desk, first.call_uuid, rating=5)
    for query, ratings in (
        ("", [5, 4.5]),
        ("limit=1", [5]),
        (f"account={desk.other}", [4.5]),
        ("rating=4.5", [4.5]),
        (f"before={desk.clock.now()}", [4.5]),
        ("limit=0&rating=1", []),
    ):
        status, page = await shown(desk, query)
        assert status == 200
        assert [one["rating"] for one in page["objects"]] == ratings, query
    for query in ("limit=many", "rating=nan", "before="):
        status, page = await shown(desk, query)
        assert status == 400
        assert page["error"].startswith(f"{query.partition('=')[0]} must be a number")


async def test_a_call_that_is_live_may_be_rated_and_one_that_waits_may_not(desk: Desk) -> None:
    live = desk.new_call(state=CallState.ANSWERED.value)
    queued = desk.new_call(state=CallState.QUEUED.value, node="")
    await desk.insert(live, queued)
    assert (await rate(desk, live.call_uuid, rating=5))["status"] == "success"
    with pytest.raises(Conflict, match="has not begun"):
        await rate(desk, queued.call_uuid, rating=5)


async def test_calls_of_others_are_not_found(desk: Desk) -> None:
    made, of_sub = await desk.ended(), await desk.ended(desk.sub)
    for uuid, auth_id in (
        (made.call_uuid, desk.other),
        (made.call_uuid, desk.sub),
        (of_sub.call_uuid, desk.sibling),
        (UNKNOWN, desk.main),
        ("no uuid", desk.main),
    ):
        with pytest.raises(NotFound):
            await rate(desk, uuid, auth_id, rating=5)
    assert (await shown(desk))[1]["objects"] == []


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({}, MissingParameter, "rating"),
        ({"rating": 4.9}, MissingParameter, "issues"),
        ({"rating": 1, "issues": []}, MissingParameter, "issues"),
        ({"rating": 0.9, "issues": ["ECHO"]}, InvalidParameter, "rating"),
        ({"rating": 5.1}, InvalidParameter, "rating"),
        ({"rating": True}, InvalidParameter, "rating"),
        ({"rating": "nan"}, InvalidParameter, "rating"),
        ({"rating": "1e1"}, InvalidParameter, "rating"),
        ({"rating": 10**400}, InvalidParameter, "rating"),
        ({"rating": [5]}, InvalidParameter, "rating"),
        ({"rating": 1, "issues": ["LOUD"]}, InvalidParameter, "issues"),
        ({"rating": 1, "issues": {"ECHO": 1}}, InvalidParameter, "issues"),
        ({"rating": 1, "issues": ["ECHO"] * 12}, InvalidParameter, "issues"),
        ({"rating": 5, "notes": "x" * 2_001}, InvalidParameter, "notes"),
    ],
)
async def test_what_is_refused(
    desk: Desk, fields: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as caught:
        await rate(desk, UNKNOWN, **fields)
    assert caught.value.field == field  # type: ignore[attr-defined]
