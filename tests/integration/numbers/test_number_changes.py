"""Listing, changing and adding numbers, and the carriers that own ones come from."""

from typing import Any

import pytest
from number_desk import Desk, Refused

from trunkline.numbers import store
from trunkline.numbers.model import CampaignStatus, TollfreeStatus

SF, OAKLAND, TOLLFREE, MOBILE = "14155550100", "15105550102", "18005550104", "447700900000"


async def refused(call: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as error:
        await call
    return error.value.status, error.value.field


async def test_every_filter_of_the_list(desk: Desk) -> None:
    for number in (SF, OAKLAND, "12125550103", TOLLFREE, MOBILE):
        await desk.buy(number)
    await desk.update(SF, alias="Front desk", subaccount=desk.sub, cnam_lookup="enabled")
    carrier = await desk.carrier()
    body = {"numbers": "4930231250", "carrier": carrier, "region": "Berlin"}
    await desk.call("number.add_own", body=body)
    await desk.db.write(
        lambda conn: (
            store.set_campaign(conn, desk.main, [SF], "CAB1", CampaignStatus.COMPLETED),
            store.set_tollfree(
                conn, desk.main, TOLLFREE, TollfreeStatus.VERIFIED,
                verification_id="tf-1", order="APPROVED",
            ),
        )
    )  # fmt: skip
    everything = sorted([SF, OAKLAND, "12125550103", TOLLFREE, MOBILE, "4930231250"])
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everything),
        ({"type": "tollfree"}, [TOLLFREE]),
        ({"type": "mobile"}, [MOBILE]),
        ({"number_startswith": "1415"}, [SF]),
        ({"number_starts_with": "+1415"}, [SF]),
        ({"subaccount": desk.sub}, [SF]),
        ({"subaccount": desk.sibling}, []),
        ({"alias": "Front desk"}, [SF]),
        ({"alias": "Front"}, []),
        ({"services": "voice"}, everything),
        ({"services": "voice,sms"}, sorted([SF, OAKLAND, TOLLFREE, MOBILE])),
        ({"services": "sms"}, []),  # sms and no voice
        ({"services": "mms"}, [SF]),
        ({"tendlc_registration_status": "completed"}, [SF]),
        ({"tendlc_registration_status": "registered"}, [SF]),
        ({"tendlc_registration_status": "unregistered"}, ["12125550103", OAKLAND]),
        ({"tendlc_registration_status": "in_progress"}, []),
        ({"tendlc_campaign_id": "CAB1"}, [SF]),
        ({"toll_free_sms_verification": "verified"}, [TOLLFREE]),
        ({"toll_free_sms_verification": "unverified"}, []),
        ({"toll_free_sms_verification_order_status": "APPROVED"}, [TOLLFREE]),
        ({"toll_free_sms_verification_id": "tf-1"}, [TOLLFREE]),
        ({"renewal_date": "2026-02-01", "type": "mobile"}, [MOBILE]),
        ({"renewal_date": "2026-02-02"}, []),
        ({"renewal_date__lt": "2026-02-01"}, []),
        ({"renewal_date__lte": "2026-02-01", "type": "mobile"}, [MOBILE]),
        ({"renewal_date__gt": "2026-01-31", "type": "mobile"}, [MOBILE]),
        ({"renewal_date__gte": "2026-02-02"}, []),
        ({"cnam_lookup": "enabled"}, [SF]),
    ]
    for query, expected in cases:
        assert await desk.listed(**query) == expected, query
    one = await desk.get(SF)
    assert (one["tendlc_registration_status"], one["tendlc_campaign_id"]) == ("COMPLETED", "CAB1")
    assert (await desk.get(TOLLFREE))["toll_free_sms_verification"] == "verified"
    assert await desk.listed(desk.sub) == [SF]
    assert await desk.listed(desk.other) == []


async def test_pages_of_the_list(desk: Desk) -> None:
    for number in (SF, OAKLAND, "12125550103"):
        await desk.buy(number)
    first = await desk.call("number.list", type="local", limit=2)
    assert first["meta"] == {
        "limit": 2,
        "offset": 0,
        "next": f"/v1/Account/{desk.main}/Number/?limit=2&offset=2&type=local",
        "previous": None,
        "total_count": 3,
    }
    rest = await desk.call("number.list", type="local", limit=2, offset=2)
    assert len(first["objects"]) + len(rest["objects"]) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "satellite"),
        ("number_startswith", "14x"),
        ("subaccount", "MA123"),
        ("services", "fax"),
        ("tendlc_registration_status", "perhaps"),
        ("toll_free_sms_verification", "perhaps"),
        ("renewal_date", "2026-2-1"),
        ("renewal_date__lt", "2026-02-30"),
        ("cnam_lookup", "on"),
        ("limit", "100"),
        ("offset", "x"),
    ],
)
async def test_a_bad_filter_of_the_list_is_named(desk: Desk, field: str, value: str) -> None:
    assert await refused(desk.call("number.list", **{field: value})) == (400, field)


async def test_what_is_given_changes(desk: Desk) -> None:
    app_id = await desk.app()
    await desk.buy(SF)
    await desk.update(SF, app_id=app_id, alias="A", cnam="ACME", verification_info={"a": 1})
    one = await desk.get(SF)
    account = f"/v1/Account/{desk.main}/"
    assert one["application"] == f"{account}Application/{app_id}/"
    assert (one["alias"], one["cnam"]) == ("A", "ACME")
    await desk.update(SF, alias="B")
    assert (await desk.get(SF))["application"] == one["application"]
    for nothing in (None, "", "null"):
        await desk.update(SF, app_id=app_id)
        await desk.update(SF, app_id=nothing)
        assert (await desk.get(SF))["application"] == ""
    await desk.update(SF, alias=None)
    assert (await desk.get(SF))["alias"] == ""


async def test_a_number_moves_between_main_account_and_subaccounts(desk: Desk) -> None:
    await desk.buy(SF)
    await desk.update(SF, subaccount=desk.sub)
    assert (await desk.get(SF, desk.sub))["sub_account"] == desk.sub
    assert await refused(desk.update(SF, desk.sub, subaccount=desk.sibling)) == (400, "subaccount")
    assert await refused(desk.update(SF, desk.sub, subaccount=None)) == (400, "subaccount")
    await desk.update(SF, desk.sub, subaccount=desk.sub)
    await desk.update(SF, subaccount=None)
    assert (await desk.get(SF))["sub_account"] is None
    await desk.update(SF, subaccount=desk.sub)
    await desk.update(SF, subaccount=desk.main)
    assert await desk.listed(desk.sub) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("app_id", "13094892674577059"),
        ("app_id", "x"),
        ("app_id", {}),
        ("subaccount", "SA" + "9" * 18),
        ("subaccount", "rubbish"),
        ("alias", "a\u0007b"),
        ("alias", "a" * 256),
        ("cnam_lookup", "maybe"),
        ("cnam", "sixteen letters.."),
        ("verification_info", [1]),
    ],
)
async def test_a_bad_change_changes_nothing(desk: Desk, field: str, value: Any) -> None:
    await desk.buy(SF)
    before = await desk.get(SF)
    given = {"cnam": "NEW", field: value}
    assert await refused(desk.update(SF, **given)) == (400, field)
    after = await desk.get(SF)
    assert after | {"api_id": ""} == before | {"api_id": ""}


async def test_another_accounts_number_is_not_there(desk: Desk) -> None:
    await desk.buy(SF, desk.other)
    for call in (desk.get(SF), desk.update(SF, alias="x"), desk.unrent(SF), desk.get("rubbish")):
        assert (await refused(call))[0] == 404


async def test_own_numbers_come_all_or_none(desk: Desk) -> None:
    carrier, app_id = await desk.carrier(), await desk.app()
    body = {"carrier": carrier, "region": "Praha", "app_id": app_id, "subaccount": desk.sub}
    await desk.call(
        "number.add_own", body={**body, "numbers": "+420 224 000 001, 420224000002,420224000001"}
    )
    await desk.call("number.add_own", body={**body, "numbers": ["420224000003"]})
    assert await desk.listed(desk.sub) == ["420224000001", "420224000002", "420224000003"]
    one = await desk.get("420224000001")
    assert (one["carrier"], one["region"], one["country"]) == ("mine", "Praha", "Czech Republic")
    assert (one["renewal_date"], one["plivo_number"]) == ("", False)
    assert one["monthly_rental_rate"] == "0.00000"
    for numbers in ("420224000004,420224000001", "420224000004,rubbish", "", []):
        assert (await refused(desk.call("number.add_own", body={**body, "numbers": numbers}))) == (
            400,
            "numbers",
        )
    assert "420224000004" not in await desk.listed()
    await desk.unrent("420224000003")
    assert desk.released == [(desk.main, ["420224000003"])]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("numbers", None),
        ("carrier", None),
        ("carrier", "123"),
        ("region", None),
        ("region", "  "),
        ("number_type", "satellite"),
        ("app_id", "123"),
        ("subaccount", "SA" + "9" * 18),
        ("subaccount", "x"),
    ],
)
async def test_what_is_wrong_with_an_own_number_is_named(
    desk: Desk, field: str, value: Any
) -> None:
    body = {"numbers": "420224000001", "carrier": await desk.carrier(), "region": "Praha"}
    assert await refused(desk.call("number.add_own", body={**body, field: value})) == (400, field)
    assert await desk.listed() == []


async def test_carriers_are_the_accounts_own(desk: Desk) -> None:
    carrier = await desk.carrier(name="alpha_1")
    path = {"carrier_id": carrier}
    assert await desk.call("incoming_carrier.get", path=path) | {"api_id": ""} == {
        "api_id": "",
        "carrier_id": carrier,
        "ip_set": "192.0.2.1",
        "name": "alpha_1",
        "resource_uri": f"/v1/Account/{desk.main}/IncomingCarrier/{carrier}/",
        "sms": False,
        "voice": True,
    }
    body = {"ip_set": "192.0.2.7, 2001:DB8::1,192.0.2.7"}
    await desk.call("incoming_carrier.update", path=path, body=body)
    changed = await desk.call("incoming_carrier.get", path=path)
    assert (changed["name"], changed["ip_set"]) == ("alpha_1", "192.0.2.7,2001:db8::1")
    for who in (desk.other, desk.sub):
        for verb in ("get", "update", "delete"):
            call = desk.call(f"incoming_carrier.{verb}", who, path=path, body={"name": "mine"})
            assert (await refused(call))[0] == 404
    assert (await refused(desk.call("incoming_carrier.get", path={"carrier_id": "x"})))[0] == 404


async def test_carriers_are_found_by_a_part_of_their_name(desk: Desk) -> None:
    for name in ("alpha", "Alpha-2", "beta"):
        await desk.carrier(name=name)

    async def names(**query: Any) -> list[str]:
        answer = await desk.call("incoming_carrier.list", **query)
        return sorted(one["name"] for one in answer["objects"])

    assert await names() == ["Alpha-2", "alpha", "beta"]
    assert await names(name="alpha") == ["Alpha-2", "alpha"]
    assert await names(name="%") == []
    page = await desk.call("incoming_carrier.list", name="alpha", limit=1)
    path = f"/v1/Account/{desk.main}/IncomingCarrier/"
    assert page["meta"]["next"] == f"{path}?limit=1&offset=1&name=alpha"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", "  "),
        ("name", "a\u0007b"),
        ("name", "x" * 65),
        ("ip_set", None),
        ("ip_set", ""),
        ("ip_set", " , "),
        ("ip_set", "192.0.2.1,example.org"),
        ("ip_set", "192.0.2.256"),
        ("ip_set", "0.0.0.0"),
        ("ip_set", "224.0.0.1"),
        ("ip_set", ",".join(f"10.0.{n}.1" for n in range(101))),
    ],
)
async def test_what_is_wrong_with_a_carrier_is_named(desk: Desk, field: str, value: Any) -> None:
    body = {"name": "mine", "ip_set": "192.0.2.1", field: value}
    assert await refused(desk.call("incoming_carrier.create", body=body)) == (400, field)
    assert (await desk.call("incoming_carrier.list"))["meta"]["total_count"] == 0


async def test_a_removed_carrier_takes_its_numbers_along(desk: Desk) -> None:
    gone, stays = await desk.carrier(), await desk.carrier()
    for carrier, numbers in ((gone, "420224000001,420224000002"), (stays, "420224000003")):
        body = {"numbers": numbers, "carrier": carrier, "region": "Praha"}
        await desk.call("number.add_own", body=body)
    await desk.call("incoming_carrier.delete", path={"carrier_id": gone})
    assert await desk.listed() == ["420224000003"]
    assert desk.released == [(desk.main, ["420224000001", "420224000002"])]
    assert desk.directory.get("420224000001") is None
    again = desk.call("incoming_carrier.delete", path={"carrier_id": gone})
    assert (await refused(again))[0] == 404
