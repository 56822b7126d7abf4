"""Powerpacks: made, listed, changed and deleted."""

import json
from typing import Any

import pytest
from pools_desk import PoolDesk, number_pool

from trunkline.applications import store as applications_store
from trunkline.applications.model import Deletion
from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.messaging.pools.store import pools as pools_store

PRIORITY = {
    "country_iso": "US",
    "priority": {"priority1": "shortcode", "priority2": "longcode", "priority3": "tollfree"},
    "service_type": "SMS",
}
A, B, FREE, SHORT = "14155550100", "12125550100", "18005550199", "72345"


async def test_the_powerpack_object_is_plivos(desk: PoolDesk) -> None:
    made = await desk.call("create", name=" Appointments ")
    uuid, pool_uuid = made["uuid"], number_pool(made)
    default = {"priority1": "shortcode", "priority2": "tollfree", "priority3": "longcode"}
    assert made == {
        "application_id": "",
        "application_type": "",
        "created_on": made["created_on"],
        "local_connect": True,
        "name": "Appointments",
        "number_pool": f"/v1/Account/{desk.main}/NumberPool/{pool_uuid}/",
        "number_priority": [
            {"country_iso": country, "priority": default, "service_type": service}
            for service in ("SMS", "MMS")
            for country in ("US", "CA")
        ],
        "sticky_sender": True,
        "uuid": uuid,
    }
    assert len(made["created_on"]) == len("2020-09-23T09:31:25.924044Z")
    assert await desk.call("get", uuid=uuid.upper()) == made
    assert await desk.call("list") == {
        "meta": {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1},
        "objects": [made],
    }


async def test_pools_are_listed_newest_first_in_pages(desk: PoolDesk) -> None:
    for number in range(5):
        await desk.call("create", name=f"p{number}")
        desk.clock.advance(1)
    page = await desk.call("list", limit=2, offset=2)
    assert [one["name"] for one in page["objects"]] == ["p2", "p1"]
    path = f"/v1/Account/{desk.main}/Powerpack/"
    assert page["meta"] == {
        "limit": 2,
        "offset": 2,
        "next": f"{path}?limit=2&offset=4",
        "previous": f"{path}?limit=2&offset=0",
        "total_count": 5,
    }


async def test_names_are_unique_in_the_account_with_its_subaccounts(desk: PoolDesk) -> None:
    first = await desk.call("create", name="one")
    second = await desk.call("create", name="two")
    for refusal in (
        await desk.refused("create", name="one"),
        await desk.refused("create", desk.sub, name="one"),
        await desk.refused("update", uuid=second["uuid"], name="one"),
    ):
        assert isinstance(refusal, InvalidParameter)
        assert refusal.field == "name"
    await desk.call("create", desk.other, name="one")
    same = await desk.call("update", uuid=first["uuid"], name="one", sticky_sender=False)
    assert (same["name"], same["sticky_sender"]) == ("one", False)
    assert (await desk.call("get", uuid=second["uuid"]))["name"] == "two"


@pytest.mark.parametrize("name", ["", "  ", "a\tb"])
async def test_a_name_is_needed(desk: PoolDesk, name: str) -> None:
    refusal = await desk.refused("create", name=name) if name else MissingParameter("name")
    assert refusal.field == "name"
    assert (await desk.call("list"))["objects"] == []


async def test_what_is_given_changes(desk: PoolDesk) -> None:
    made = await desk.call("create", name="one", sticky_sender=False)
    changed = await desk.call(
        "update", uuid=made["uuid"], name="two", local_connect=False, number_priority=[PRIORITY]
    )
    expected = {**made, "name": "two", "local_connect": False, "number_priority": [PRIORITY]}
    assert changed == expected
    assert await desk.call("update", uuid=made["uuid"], number_priority=[]) == expected
    assert await desk.call("get", uuid=made["uuid"]) == expected


def priority(**changes: Any) -> dict[str, Any]:
    return {**PRIORITY, **changes}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([{}], "item 1 needs country_iso"),
        ([priority(country_iso="USA")], "country_iso"),
        ([priority(country_iso=1)], "country_iso that is not a string"),
        ([priority(service_type="voice")], "service_type"),
        ([priority(priority=None)], "needs priority"),
        ([priority(priority=["shortcode"])], "needs priority"),
        ([priority(priority={})], "shortcode, tollfree, longcode"),
        ([priority(priority={"priority1": "landline"})], "shortcode, tollfree, longcode"),
        ([priority(priority={"priority1": {"a": 1}})], "not a string"),
        ([priority(priority={"priority1": "longcode", "priority2": "LONGCODE"})], "twice"),
        ([PRIORITY, PRIORITY], "item 2 repeats SMS to US"),
    ],
)
async def test_bad_priorities_are_named(desk: PoolDesk, given: list[Any], why: str) -> None:
    made = await desk.call("create", name="there")
    for refusal in (
        await desk.refused("create", name="one", number_priority=given),
        await desk.refused("update", uuid=made["uuid"], number_priority=given),
    ):
        assert isinstance(refusal, InvalidParameter)
        assert refusal.field == "number_priority"
        assert why in refusal.why
    assert (await desk.call("list"))["objects"] == [made]


async def test_priorities_may_be_short_and_in_any_case(desk: PoolDesk) -> None:
    given = {"country_iso": "ca", "service_type": "mms", "priority": {"priority2": "TollFree"}}
    made = await desk.call("create", name="one", number_priority=[given])
    first = {"priority1": "tollfree", "priority2": None, "priority3": None}
    assert made["number_priority"] == [
        {"country_iso": "CA", "service_type": "MMS", "priority": first}
    ]
    json.dumps(made)


async def test_an_application_must_be_the_accounts_and_have_its_type(desk: PoolDesk) -> None:
    mine, theirs = await desk.application(), await desk.application(desk.other)
    missing = await desk.refused("create", name="one", application_id=mine)
    assert isinstance(missing, MissingParameter)
    assert missing.field == "application_type"
    for app_id, app_type in ((theirs, "xml"), ("1", "xml"), (mine, "phlo"), ("é", "xml")):
        refusal = await desk.refused(
            "create", name="one", application_id=app_id, application_type=app_type
        )
        assert refusal.field == "application_id"
    made = await desk.call("create", name="one", application_id=mine, application_type="xml")
    assert (made["application_id"], made["application_type"]) == (mine, "xml")
    other = await desk.application()
    changed = await desk.call("update", uuid=made["uuid"], application_id=other)
    assert (changed["application_id"], changed["application_type"]) == (other, "xml")
    none = await desk.call("update", uuid=made["uuid"], application_id="none")
    assert (none["application_id"], none["application_type"]) == ("", "")
    plain = await desk.call("create", name="two", application_id="none")
    assert plain["application_id"] == ""


async def test_members_get_the_pools_application(desk: PoolDesk) -> None:
    await desk.own(A, B)
    first, second = await desk.application(), await desk.application()
    pool = await desk.pool(A, application_id=first, application_type="xml")

    async def apps() -> list[str | None]:
        return [owned.app_id for one in (A, B) if (owned := await desk.owned(one)) is not None]

    assert await apps() == [first, None]
    await desk.call("update", uuid=pool["uuid"], application_id=second)
    await desk.add(pool, B)
    assert await apps() == [second, second]
    await desk.call("update", uuid=pool["uuid"], application_id="none")
    assert await apps() == [None, None]


async def test_a_deleted_application_leaves_its_pools(desk: PoolDesk) -> None:
    app_id = await desk.application()
    made = await desk.call("create", name="one", application_id=app_id, application_type="xml")
    account = desk.accounts.get(desk.main)
    assert account is not None
    await desk.db.write(
        lambda conn: applications_store.remove(
            conn, account.scope, app_id, Deletion(), (pools_store.on_application_delete,)
        )
    )
    left = await desk.call("get", uuid=made["uuid"])
    assert (left["application_id"], left["application_type"]) == ("", "")


async def test_strangers_and_siblings_see_nothing(desk: PoolDesk) -> None:
    mine = await desk.call("create", name="main's")
    subs = await desk.call("create", desk.sub, name="sub's")
    for auth_id in (desk.other, desk.sub, desk.sibling):
        for verb in ("get", "update", "delete"):
            assert isinstance(await desk.refused(verb, auth_id, uuid=mine["uuid"]), NotFound)
    assert isinstance(await desk.refused("get", desk.sibling, uuid=subs["uuid"]), NotFound)
    assert [one["name"] for one in (await desk.call("list", desk.sub))["objects"]] == ["sub's"]
    assert (await desk.call("list"))["meta"]["total_count"] == 2
    assert await desk.call("get", desk.main, uuid=subs["uuid"])
    assert isinstance(await desk.refused("get", uuid="rubbish"), NotFound)


@pytest.mark.parametrize("unrent", [False, True])
async def test_deleting_sets_the_numbers_free(desk: PoolDesk, unrent: bool) -> None:
    await desk.own(A, FREE, SHORT)
    pool = await desk.pool(A, FREE, SHORT)
    done = await desk.call("delete", uuid=pool["uuid"], unrent_numbers=unrent)
    assert done == {"response": "success"}
    assert isinstance(await desk.refused("get", uuid=pool["uuid"]), NotFound)
    assert isinstance(await desk.refused("delete", uuid=pool["uuid"]), NotFound)
    kept = [one for one in (A, FREE, SHORT) if await desk.owned(one) is not None]
    assert kept == ([SHORT] if unrent else [A, FREE, SHORT])
    assert desk.pools.pool_of(A) == ""
    again = await desk.pool(SHORT)
    assert again["uuid"] != pool["uuid"]


@pytest.mark.parametrize("cascade", [False, True])
async def test_a_subaccounts_pools_go_or_pass_with_it(desk: PoolDesk, cascade: bool) -> None:
    await desk.own(A, account_id=desk.sub)
    pool = await desk.pool(A, auth_id=desk.sub)
    main, sub = desk.main, desk.sub
    await desk.db.write(lambda conn: pools_store.on_subaccount_delete(conn, main, sub, cascade))
    await desk.refresh()
    left = (await desk.call("list"))["objects"]
    assert [one["uuid"] for one in left] == ([] if cascade else [pool["uuid"]])
    assert desk.pools.pool_of(A) == ("" if cascade else pool["uuid"])
