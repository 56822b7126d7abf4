"""Renting: who gets a number, what it costs, what it becomes, and that it can be had again."""

import asyncio

import pytest
from number_desk import Desk, Refused

NUMBER = "14155550101"  # 1.00 setup, 0.31 a month: 0.20 for the 20 days that are left
SETUP, REST = 100_000, 20_000


async def refused(call: object) -> tuple[int, str]:
    with pytest.raises(Refused) as error:
        await call  # type: ignore[misc]
    return error.value.status, error.value.field


async def test_a_bought_number_is_owned_and_paid(desk: Desk) -> None:
    before = await desk.cash(desk.main)
    bought = await desk.buy(NUMBER)
    assert bought | {"api_id": ""} == {
        "api_id": "",
        "message": "created",
        "status": "fulfilled",
        "numbers": [{"number": NUMBER, "status": "Success", "fallback_number": ""}],
    }
    assert before - await desk.cash(desk.main) == SETUP + REST
    assert await desk.get(NUMBER) | {"api_id": ""} == {
        "active": True,
        "added_on": "2026-01-12",
        "alias": "",
        "api_id": "",
        "application": "",
        "carrier": "Plivo",
        "city": "San Francisco",
        "cnam": "",
        "cnam_lookup": "disabled",
        "compliance_application_id": None,
        "compliance_status": None,
        "country": "United States",
        "mms_enabled": False,
        "mms_rate": "0.00000",
        "monthly_rental_rate": "0.31000",
        "number": NUMBER,
        "number_type": "local",
        "plivo_number": True,
        "profile_uuid": None,
        "region": "California, UNITED STATES",
        "renewal_date": "2026-02-01",
        "resource_uri": f"/v1/Account/{desk.main}/Number/{NUMBER}/",
        "sms_enabled": True,
        "sms_rate": "0.00000",
        "sub_account": None,
        "sub_account_name": "",
        "tendlc_campaign_id": None,
        "tendlc_registration_status": "UNREGISTERED",
        "toll_free_sms_verification": None,
        "toll_free_sms_verification_id": "",
        "toll_free_sms_verification_order_status": "",
        "voice_enabled": True,
        "voice_rate": "0.00000",
    }
    owned = desk.directory.get(NUMBER)
    assert owned is not None
    assert (owned.account_id, owned.npa, owned.state) == (desk.main, "415", "CA")
    assert NUMBER not in await desk.found()


async def test_one_of_two_buyers_wins(desk: Desk) -> None:
    outcomes = await asyncio.gather(
        *(desk.buy(NUMBER, who) for who in (desk.main, desk.other, desk.sub, desk.main)),
        return_exceptions=True,
    )
    lost = [one for one in outcomes if isinstance(one, Refused)]
    assert [(one.status, one.field) for one in lost] == [(400, "number")] * 3
    assert await desk.cash(desk.main) + await desk.cash(desk.other) == 10_000_000 - SETUP - REST


async def test_what_is_not_for_rent_is_not_found(desk: Desk) -> None:
    for number in ("14155559999", "rubbish", "0", "1" * 40):
        status, _ = await refused(desk.buy(number))
        assert status in (400, 404)
    assert await desk.listed() == []


async def test_a_number_gets_the_named_or_the_default_application(desk: Desk) -> None:
    default, named = await desk.app(default_number_app=True), await desk.app()
    foreign = await desk.app(desk.other)
    await desk.buy("14155550100")
    await desk.buy(NUMBER, app_id=named, cnam_lookup="enabled")
    account = f"/v1/Account/{desk.main}/Application/"
    assert (await desk.get("14155550100"))["application"] == f"{account}{default}/"
    one = await desk.get(NUMBER)
    assert (one["application"], one["cnam_lookup"]) == (f"{account}{named}/", "enabled")
    for app_id in (foreign, "12", "x"):
        assert await refused(desk.buy("15105550102", app_id=app_id)) == (400, "app_id")
    assert "15105550102" in await desk.found()


async def test_without_credit_nothing_is_rented(desk: Desk) -> None:
    await desk.pay(SETUP + REST - 1 - await desk.cash(desk.main))
    status, _ = await refused(desk.buy(NUMBER))
    assert status == 402
    assert await desk.cash(desk.main) == SETUP + REST - 1
    assert await desk.listed() == []
    await desk.pay(1)
    await desk.buy(NUMBER, desk.sub)  # the main account pays for its subaccounts
    assert await desk.cash(desk.main) == 0
    await desk.buy("12125550103", desk.other)  # pays afterwards
    assert await desk.cash(desk.other) == -20_000


async def test_a_restricted_number_needs_papers(desk: Desk) -> None:
    field = "compliance_application_id"
    assert await refused(desk.buy("912215550000")) == (400, field)
    assert await refused(desk.buy("912215550000", compliance_application_id="")) == (400, field)
    await desk.buy("912215550000", compliance_application_id="f812efe4")
    assert (await desk.get("912215550000"))[field] == "f812efe4"


async def test_an_unrented_number_is_free_again_and_its_dependants_are_told(desk: Desk) -> None:
    await desk.buy(NUMBER)
    for stranger in (desk.other, desk.sub):
        assert (await refused(desk.unrent(NUMBER, stranger)))[0] == 404
    paid = await desk.cash(desk.main)
    await desk.unrent(f"+{NUMBER}")
    assert desk.released == [(desk.main, [NUMBER])]
    assert await desk.cash(desk.main) == paid
    assert desk.directory.get(NUMBER) is None
    assert (await refused(desk.unrent(NUMBER)))[0] == 404
    assert NUMBER in await desk.found()
    await desk.buy(NUMBER, desk.other)
    await desk.unrent(NUMBER, desk.other)
    await desk.buy(NUMBER)  # and is paid for once more in the same month
    assert await desk.cash(desk.main) == paid - SETUP - REST


async def test_a_subaccounts_number_is_the_main_accounts_too(desk: Desk) -> None:
    await desk.buy(NUMBER, desk.sub)
    for who in (desk.main, desk.sub):
        one = await desk.get(NUMBER, who)
        assert (one["sub_account"], one["sub_account_name"]) == (desk.sub, "Berlin")
        assert one["resource_uri"] == f"/v1/Account/{desk.main}/Number/{NUMBER}/"
    for who in (desk.sibling, desk.other):
        assert (await refused(desk.get(NUMBER, who)))[0] == 404


@pytest.mark.parametrize("cascade", [False, True])
async def test_a_deleted_subaccounts_numbers_pass_on_or_go(desk: Desk, cascade: bool) -> None:
    await desk.buy(NUMBER, desk.sub)
    carrier = await desk.carrier(desk.sub)
    body = {"numbers": "4930231250", "carrier": carrier, "region": "Berlin"}
    await desk.call("number.add_own", desk.sub, body=body)
    await desk.call("subaccount.delete", path={"subauth_id": desk.sub}, body={"cascade": cascade})
    if cascade:
        assert await desk.listed() == []
        assert sorted(desk.released) == [(desk.main, [NUMBER]), (desk.main, ["4930231250"])]
        assert desk.directory.get(NUMBER) is None
        assert NUMBER in await desk.found()
    else:
        assert await desk.listed() == [NUMBER, "4930231250"]
        assert (await desk.get(NUMBER))["sub_account"] is None
        assert (await desk.get("4930231250"))["carrier"] == "mine"
        assert desk.released == []
