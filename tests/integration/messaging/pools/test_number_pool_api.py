"""The numbers, toll-free numbers and short codes of a pool."""

from typing import Any

import pytest
from pools_desk import PoolDesk, number_pool

from trunkline.contract.errors import (
    ApiError,
    BadRequest,
    InvalidParameter,
    MissingParameter,
    NotFound,
    PaymentRequired,
)
from trunkline.numbers.model import NumberType

A, B, C, FREE, SHORT = "14155550100", "12125550100", "16135550100", "18005550199", "72345"
META = {"limit": 20, "offset": 0, "next": "", "previous": "", "total_count": 1}


async def listed(desk: PoolDesk, pool: Any, what: str = "number", **fields: Any) -> list[str]:
    page = await desk.call(f"numberpool_{what}.list", number_pool_uuid=number_pool(pool), **fields)
    assert page["meta"]["total_count"] == len(page["objects"])
    return [one["number"] for one in page["objects"]]


async def test_the_number_object_is_plivos(desk: PoolDesk) -> None:
    await desk.own(A)
    pool = await desk.pool()
    uuid = number_pool(pool)
    added = await desk.add(pool, "+1 (415) 555-0100")
    assert added == {
        "account_phone_number_resource": f"/v1/Account/{desk.main}/Number/{A}/",
        "added_on": added["added_on"],
        "country_iso2": "US",
        "number": A,
        "number_pool": f"/v1/Account/{desk.main}/NumberPool/{uuid}/",
        "number_pool_uuid": uuid,
        "numberpool_uuid": uuid,
        "service": "sms",
        "type": "fixed",
        "uuid": uuid,
    }
    assert added["added_on"].endswith("Z")
    where = {"number_pool_uuid": uuid}
    assert await desk.call("numberpool_number.get", **where, number=A) == added
    assert await desk.call("numberpool_number.list", **where) == {"meta": META, "objects": [added]}


async def test_toll_free_numbers_and_short_codes_have_their_own_lists(desk: PoolDesk) -> None:
    await desk.own(A, FREE, mms_enabled=True)
    await desk.own(SHORT)
    pool = await desk.pool(A, SHORT)
    where = {"number_pool_uuid": number_pool(pool)}
    free = await desk.call("numberpool_tollfree.add", **where, tollfree=FREE)
    assert (free["type"], free["service"], free["number"]) == ("tollfree", "mms", FREE)
    assert await desk.call("numberpool_tollfree.get", **where, tollfree=FREE) == free
    assert await desk.call("numberpool_tollfree.list", **where) == {"meta": META, "objects": [free]}
    short = await desk.call("numberpool_shortcode.get", **where, shortcode=SHORT)
    assert short == {
        "added_on": short["added_on"],
        "country_iso2": "US",
        "number": SHORT,
        "number_pool_uuid": number_pool(pool),
        "service": "sms",
        "shortcode": SHORT,
    }
    page = await desk.call("numberpool_shortcode.list", **where)
    assert page == {"meta": META, "objects": [short]}
    assert sorted(await listed(desk, pool)) == [A, FREE]
    for name, field, number in (
        ("numberpool_tollfree.get", "tollfree", A),
        ("numberpool_shortcode.get", "shortcode", A),
        ("numberpool_number.get", "number", SHORT),
        ("numberpool_number.get", "number", "rubbish"),
        ("numberpool_tollfree.remove", "tollfree", A),
        ("numberpool_shortcode.remove", "shortcode", FREE),
    ):
        assert isinstance(await desk.refused(name, **where, **{field: number}), NotFound)


async def test_what_does_not_fit_is_refused_and_changes_nothing(desk: PoolDesk) -> None:
    await desk.own(A, C)
    await desk.own("18885550100", FREE, SHORT, "72346", mms_enabled=True)
    await desk.own("12125550177", sms_enabled=False)
    await desk.own("12125550155", main=desk.other)
    pool = await desk.pool(A, FREE, SHORT)
    other = await desk.pool(name="another")
    where = {"number_pool_uuid": number_pool(pool)}

    async def why(number: str, **fields: Any) -> str:
        error = await desk.refused("numberpool_number.add", **where, number=number, **fields)
        assert error.field == "number"
        return f"{error.status} {error.message}"

    assert await why(A) == "400 number parameter is invalid: is in this number pool already"
    assert "second toll-free number" in await why("18885550100")
    assert "second short code of US" in await why("72346")
    assert "is not SMS-enabled" in await why("12125550177")
    assert "is not MMS-enabled" in await why(C, service="mms")
    assert (await why("12125550155")).startswith("404")
    assert (await why("12125550144")).startswith("404")
    assert (await why("x")).startswith("404")
    taken = await desk.refused(
        "numberpool_number.add", number_pool_uuid=number_pool(other), number=A
    )
    assert "another number pool" in taken.message
    wrong = await desk.refused("numberpool_tollfree.add", **where, tollfree=C)
    assert isinstance(wrong, InvalidParameter)
    assert (wrong.field, wrong.why) == ("tollfree", "is not toll-free")
    nowhere = await desk.refused("numberpool_number.add", number_pool_uuid="x", number=C)
    assert isinstance(nowhere, NotFound)
    assert sorted(await listed(desk, pool)) == [A, FREE]
    assert await listed(desk, other) == []


async def test_a_canadian_short_code_fits_beside_an_american(desk: PoolDesk) -> None:
    await desk.own(SHORT)
    await desk.own("72346", country="CA")
    pool = await desk.pool(SHORT, "72346")
    assert sorted(await listed(desk, pool, "shortcode")) == [SHORT, "72346"]


async def test_filters(desk: PoolDesk) -> None:
    await desk.own(A, B, mms_enabled=True)
    await desk.own(C, country="CA")
    await desk.own("447700900100", country="GB", number_type=NumberType.MOBILE)
    await desk.own(FREE)
    pool = await desk.pool(B, C, "447700900100", FREE)
    await desk.add(pool, A, service="mms")
    assert sorted(await listed(desk, pool, type="fixed")) == sorted([A, B, C])
    assert await listed(desk, pool, type="mobile") == ["447700900100"]
    assert await listed(desk, pool, type="toll-free") == [FREE]
    assert await listed(desk, pool, type="tollfree") == [FREE]
    assert await listed(desk, pool, service="mms") == [A]
    assert sorted(await listed(desk, pool, country_iso2="us")) == sorted([A, B, FREE])
    both = await listed(desk, pool, country_iso2="US", starts_with=["415", "2125"])
    assert sorted(both) == sorted([A, B])
    assert await listed(desk, pool, country_iso2="GB", starts_with=["77"]) == ["447700900100"]
    assert await listed(desk, pool, country_iso2="CA", starts_with=["415"]) == []
    where = {"number_pool_uuid": number_pool(pool)}
    missing = await desk.refused("numberpool_number.list", **where, starts_with=["415"])
    assert isinstance(missing, MissingParameter)
    assert missing.field == "country_iso2"
    bad = await desk.refused(
        "numberpool_number.list", **where, country_iso2="US", starts_with=["4a"]
    )
    assert bad.field == "starts_with"
    found = await desk.call("numberpool_number.get", **where, number=A, service="mms")
    assert found["service"] == "mms"
    refusal = await desk.refused("numberpool_number.get", **where, number=B, service="mms")
    assert isinstance(refusal, NotFound)


async def test_pages_repeat_their_filters(desk: PoolDesk) -> None:
    numbers = [f"1415555010{number}" for number in range(5)]
    await desk.own(*numbers)
    pool = await desk.pool(*numbers)
    page = await desk.call(
        "numberpool_number.list",
        number_pool_uuid=number_pool(pool),
        country_iso2="US",
        starts_with=["415", "212"],
        limit=2,
        offset=2,
    )
    path = f"/v1/Account/{desk.main}/NumberPool/{number_pool(pool)}/Number/"
    query = "&starts_with=415%2C212&country_iso2=US"
    assert page["meta"] == {
        "limit": 2,
        "offset": 2,
        "next": f"{path}?limit=2&offset=4{query}",
        "previous": f"{path}?limit=2&offset=0{query}",
        "total_count": 5,
    }
    assert len(page["objects"]) == 2


@pytest.mark.parametrize("unrent", [False, True])
async def test_removing(desk: PoolDesk, unrent: bool) -> None:
    await desk.own(A, FREE, SHORT)
    pool = await desk.pool(A, FREE, SHORT)
    where = {"number_pool_uuid": number_pool(pool)}
    done = {"response": "success"}
    assert await desk.call("numberpool_number.remove", **where, number=A, unrent=unrent) == done
    free = await desk.call("numberpool_tollfree.remove", **where, tollfree=FREE, unrent=unrent)
    assert free == done
    if unrent:
        refusal = await desk.refused("numberpool_number.remove", **where, number=SHORT, unrent=True)
        assert isinstance(refusal, BadRequest)
    assert await desk.call("numberpool_shortcode.remove", **where, shortcode=SHORT) == done
    assert await listed(desk, pool) == await listed(desk, pool, "shortcode") == []
    kept = [one for one in (A, FREE, SHORT) if await desk.owned(one) is not None]
    assert kept == ([SHORT] if unrent else [A, FREE, SHORT])
    assert desk.pools.pool_of(A) == ""
    for name, field, number in (
        ("numberpool_number.remove", "number", A),
        ("numberpool_tollfree.remove", "tollfree", FREE),
        ("numberpool_shortcode.remove", "shortcode", SHORT),
    ):
        assert isinstance(await desk.refused(name, **where, **{field: number}), NotFound)


async def test_a_number_can_be_bought_into_a_pool(desk: PoolDesk) -> None:
    pool = await desk.pool()
    desk.for_rent = {B}
    added = await desk.add(pool, B, rent=True)
    assert added["number"] == B
    assert await desk.owned(B) is not None
    error = await desk.refused(
        "numberpool_number.add", number_pool_uuid=number_pool(pool), number=A, rent=True
    )
    assert isinstance(error, PaymentRequired)
    assert await listed(desk, pool) == [B]


async def test_a_number_bought_in_vain_is_not_bought(desk: PoolDesk) -> None:
    pool = await desk.pool()
    desk.for_rent = {B}
    where = {"number_pool_uuid": number_pool(pool)}
    for name, field, service in (
        ("numberpool_tollfree.add", "tollfree", None),
        ("numberpool_number.add", "number", "mms"),
    ):
        given = {field: B, "rent": True, "service": service}
        assert isinstance(await desk.refused(name, **where, **given), InvalidParameter)
    assert await desk.owned(B) is None


async def test_a_number_that_leaves_its_account_leaves_its_pool(desk: PoolDesk) -> None:
    await desk.own(A, B)
    pool = await desk.pool(A, B)
    await desk.release(A)
    assert await listed(desk, pool) == [B]
    assert desk.pools.pool_of(A) == ""
    assert await desk.senders(pool, "14155550123", "14155550124") == [B, B]


async def test_pools_of_others_are_not_found(desk: PoolDesk) -> None:
    await desk.own(A)
    await desk.own(B, main=desk.other)
    await desk.own(C, account_id=desk.sibling)
    pool = await desk.pool(A)
    where = {"number_pool_uuid": number_pool(pool)}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("numberpool_number.list", {}),
        ("numberpool_number.get", {"number": A}),
        ("numberpool_number.add", {"number": B}),
        ("numberpool_number.remove", {"number": A}),
        ("numberpool_shortcode.list", {}),
        ("numberpool_tollfree.list", {}),
        ("numberpool_tollfree.add", {"tollfree": B}),
    ]
    for auth_id in (desk.other, desk.sub):
        for name, fields in calls:
            error: ApiError = await desk.refused(name, auth_id, **where, **fields)
            assert isinstance(error, NotFound), name
    mine = await desk.pool(auth_id=desk.sub, name="sub's")
    theirs = await desk.refused(
        "numberpool_number.add", desk.sub, number_pool_uuid=number_pool(mine), number=C
    )
    assert isinstance(theirs, NotFound)
