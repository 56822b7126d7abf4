from urllib.parse import parse_qs

import pytest
from registration_office import HOOK, Office

from trunkline.compliance.store import brands
from trunkline.contract.errors import BadRequest, InvalidParameter, NotFound


async def test_a_brand_is_refused_corrected_and_registered(office: Office) -> None:
    profile = await office.profile(company_name="ABC Inc. [reject 2001]")
    brand_id = await office.brand(profile)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert brand["registration_status"] == "PROCESSING"
    await office.pass_time(4.9)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert brand["registration_status"] == "PROCESSING"
    await office.pass_time(0.1)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert brand["registration_status"] == "FAILED"
    assert brand["declined_reasons"] == [
        {"code": "2001", "message": "The company could not be verified"}
    ]
    await office.call("profile.update", profile_uuid=profile, company_name="ABC Inc.")
    await office.pass_time(5)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert brand["registration_status"] == "COMPLETED"
    assert (brand["vetting_status"], brand["vetting_score"]) == ("ACTIVE", 80)
    assert brand["company_name"] == "ABC Inc."
    assert brand["declined_reasons"] == []
    told = [parse_qs(body) for _, body in await office.told()]
    assert [one["status"] for one in told] == [
        ["created"],
        ["rejected"],
        ["created"],
        ["registered"],
    ]
    assert all(one["brand_id"] == [brand_id] and one["endpoint"] == ["brand"] for one in told)
    assert told[1]["error_code"] == ["2001"]


async def test_a_profile_makes_one_brand(office: Office) -> None:
    profile = await office.profile()
    await office.brand(profile)
    with pytest.raises(InvalidParameter) as refused:
        await office.brand(profile)
    assert refused.value.field == "profile_uuid"


async def test_standard_needs_an_ein_and_starter_is_the_default(office: Office) -> None:
    profile = await office.profile(entity_type="INDIVIDUAL", ein="")
    with pytest.raises(InvalidParameter) as refused:
        await office.brand(profile)
    assert refused.value.field == "brand_type"
    made = await office.call("brand.create", brand_alias="a", profile_uuid=profile)
    brand = (await office.call("brand.get", brand_id=made["brand_id"]))["brand"]
    assert brand["brand_type"] == "STARTER"
    assert made["message"] == "Request to create brand was received and is being processed."
    cases = await office.call("brand.usecases", brand_id=made["brand_id"])
    assert [one["code"] for one in cases["use_cases"]] == ["STARTER"]
    asked = await office.call("brand.trigger_otp", brand_id=made["brand_id"])
    assert asked["message"] == "Message sent to XXXXXXX1234, reply YES to confirm registration."


async def test_the_usecases_of_a_standard_brand(office: Office) -> None:
    brand_id = await office.brand()
    cases = (await office.call("brand.usecases", brand_id=brand_id))["use_cases"]
    assert len(cases) == 12
    assert cases[0] == {
        "code": "2FA",
        "name": "Two-Factor Authentication",
        "details": "Any two-factor authentication with passcodes used to unlock accounts",
    }
    with pytest.raises(BadRequest):
        await office.call("brand.trigger_otp", brand_id=brand_id)


async def test_without_vetting_there_is_no_score(office: Office) -> None:
    brand_id = await office.brand(secondary_vetting=False)
    await office.pass_time(5)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert (brand["vetting_status"], brand["vetting_score"]) == ("", 0)


@pytest.mark.parametrize(
    ("company", "after", "state"),
    [
        ("A [pending]", 86_400 * 300, "PROCESSING"),
        ("A [delay 3600]", 3_599, "PROCESSING"),
        ("A [Delay 3600] [REJECT]", 3_600, "FAILED"),
        ("A [score 42]", 5, "COMPLETED"),
    ],
)
async def test_magic_words_ask_for_outcomes(
    office: Office, company: str, after: float, state: str
) -> None:
    brand_id = await office.brand(await office.profile(company_name=company))
    await office.pass_time(after)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert brand["registration_status"] == state
    if "score" in company:
        assert brand["vetting_score"] == 42


async def test_an_unknown_ein_is_refused(office: Office) -> None:
    brand_id = await office.brand(await office.profile(ein="000000000"))
    await office.pass_time(5)
    brand = (await office.call("brand.get", brand_id=brand_id))["brand"]
    assert brand["declined_reasons"][0]["code"] == "2002"


async def test_lists_are_filtered(office: Office) -> None:
    failed = await office.brand(await office.profile(company_name="[reject]"))
    await office.pass_time(5)
    fresh = await office.brand()
    for name in ("status", "registration_status"):
        found = await office.call("brand.list", **{name: "FAILED"})
        assert [one["brand_id"] for one in found["brands"]] == [failed]
    found = await office.call("brand.list", type="STANDARD", limit=1)
    assert found["meta"]["total_count"] == 2
    assert found["brands"][0]["brand_id"] == fresh
    assert "type=STANDARD" in found["meta"]["next"]
    with pytest.raises(InvalidParameter):
        await office.call("brand.list", status="UNKNOWN")


async def test_a_brand_with_active_campaigns_stays(office: Office) -> None:
    brand_id = await office.brand()
    campaign_id = await office.active_campaign(brand_id=brand_id)
    with pytest.raises(BadRequest):
        await office.call("brand.delete", brand_id=brand_id)
    await office.call("campaign.delete", campaign_id=campaign_id)
    done = await office.call("brand.delete", brand_id=brand_id)
    assert (done["message"], done["brand_id"]) == ("Brand Deactivated", brand_id)
    with pytest.raises(NotFound):
        await office.call("brand.get", brand_id=brand_id)


async def test_other_accounts_brands_are_not_found(office: Office) -> None:
    brand_id = await office.brand()
    for verb in ("get", "delete", "usecases", "trigger_otp"):
        with pytest.raises(NotFound):
            await office.call(f"brand.{verb}", by=office.other, brand_id=brand_id)
    with pytest.raises(InvalidParameter):
        await office.call(
            "brand.create", by=office.other, brand_alias="a", profile_uuid=await office.profile()
        )


async def test_callbacks_go_where_they_were_asked_to(office: Office) -> None:
    await office.brand(url=HOOK, method="GET")
    await office.brand(url="")
    assert [method for method, _ in await office.told()] == ["GET"]


async def test_an_id_that_is_taken_is_not_given_twice(office: Office) -> None:
    taken = await office.brand(await office.profile())
    ids = iter([taken, taken, "BFREE01"])
    given = await office.db.read(lambda conn: brands._shape.unused(conn, ids.__next__))
    assert given == "BFREE01"
