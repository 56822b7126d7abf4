from typing import Any

import pytest
from registration_office import ADDRESS, CONTACT, PROFILE, Office

from trunkline.contract.errors import BadRequest, InvalidParameter, MissingParameter, NotFound


async def test_the_profile_object_is_plivos(office: Office) -> None:
    uuid = await office.profile()
    profile = (await office.call("profile.get", profile_uuid=uuid))["profile"]
    assert profile == {
        **PROFILE,
        "profile_uuid": uuid,
        "profile_type": "SECONDARY",
        "primary_profile": "",
        "stock_symbol": "",
        "stock_exchange": "",
        "website": "",
        "alt_business_id": "",
        "alt_business_id_type": "",
        "plivo_subaccount": "",
        "business_contact_email": "",
        "doing_business_as": "",
        "created_at": "2026-01-01T00:00:00.000000Z",
    }


async def test_plivos_own_curl_line_is_taken(office: Office) -> None:
    uuid = await office.profile(
        customer_type="reseller",
        entity_type="public",
        vertical="Entertainment",
        plivo_subaccount=office.sub,
        stock_symbol="TESLA",
        stock_exchange="NYSE",
        alt_business_id_type="DUNS",
        alt_business_id="ABC",
        website="hibye.com",
    )
    profile = (await office.call("profile.get", profile_uuid=uuid, by=office.sub))["profile"]
    assert profile["entity_type"] == "PUBLIC"
    assert profile["plivo_subaccount"] == office.sub


async def test_empty_strings_are_what_sdks_send_for_absent(office: Office) -> None:
    await office.profile(
        entity_type="INDIVIDUAL",
        ein="",
        ein_issuing_country="",
        stock_symbol="",
        stock_exchange="",
        alt_business_id_type="",
        plivo_subaccount="",
        website="",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_type", "BROKER"),
        ("entity_type", "CLUB"),
        ("vertical", "SPACE"),
        ("profile_alias", "x" * 256),
        ("company_name", "x" * 256),
        ("company_name", "bad\nname"),
        ("ein", "12345678"),
        ("ein_issuing_country", "USA"),
        ("website", "not a site"),
        ("stock_exchange", "MOON"),
        ("alt_business_id_type", "PASSPORT"),
        ("plivo_subaccount", "SA2025RK4E639VJFZAMS"),
        ("business_contact_email", "nobody"),
        ("address", "New York"),
        ("address", {**ADDRESS, "state": "Texas"}),
        ("address", {**ADDRESS, "country": "USA"}),
        ("address", {**ADDRESS, "city": ""}),
        ("address", {**ADDRESS, "street": ["a"]}),
        ("authorized_contact", {**CONTACT, "email": "john"}),
        ("authorized_contact", {**CONTACT, "phone": "call me"}),
        ("authorized_contact", {**CONTACT, "seniority": "BOSS"}),
        ("authorized_contact", {"first_name": "John"}),
    ],
)
async def test_bad_fields_are_named_and_nothing_is_kept(
    office: Office, field: str, value: Any
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        await office.profile(**{field: value})
    assert refused.value.field == field
    assert (await office.call("profile.list"))["meta"]["total_count"] == 0


@pytest.mark.parametrize("field", sorted(PROFILE.keys() - {"ein", "ein_issuing_country"}))
async def test_required_fields_are_required(office: Office, field: str) -> None:
    given = {name: value for name, value in PROFILE.items() if name != field}
    with pytest.raises(MissingParameter) as refused:
        await office.call("profile.create", **given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("stock_symbol", {"entity_type": "PUBLIC", "stock_exchange": "NYSE"}),
        ("stock_exchange", {"entity_type": "PUBLIC_PROFIT", "stock_symbol": "ABC"}),
        ("alt_business_id", {"alt_business_id_type": "DUNS"}),
    ],
)
async def test_some_fields_need_others(office: Office, field: str, given: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter) as refused:
        await office.profile(**given)
    assert refused.value.field == field


async def test_lists_are_paged_and_filtered(office: Office) -> None:
    for number in range(3):
        await office.profile(profile_alias=f"p{number}", vertical="ENERGY")
    await office.profile(entity_type="INDIVIDUAL", ein="")
    page = await office.call("profile.list", vertical="ENERGY", limit=2, offset=1)
    assert page["meta"]["total_count"] == 3
    assert page["meta"]["next"] is None
    assert "vertical=ENERGY" in page["meta"]["previous"]
    assert len(page["profiles"]) == 2
    only = await office.call("profile.list", entity_type="INDIVIDUAL", type="SECONDARY")
    assert only["meta"]["total_count"] == 1
    assert (await office.call("profile.list", type="PRIMARY"))["profiles"] == []
    assert (await office.call("profile.list", by=office.sub))["profiles"] == []


async def test_what_is_given_changes_and_the_rest_stays(office: Office) -> None:
    uuid = await office.profile()
    changed = await office.call(
        "profile.update", profile_uuid=uuid, company_name="DEF Inc.", vertical="", website="x.com"
    )
    assert changed["profile"]["company_name"] == "DEF Inc."
    assert changed["profile"]["vertical"] == "ENTERTAINMENT"
    assert changed["profile"]["address"] == ADDRESS
    with pytest.raises(InvalidParameter):
        await office.call("profile.update", profile_uuid=uuid, entity_type="PUBLIC")


async def test_a_deleted_profile_is_gone_and_a_used_one_stays(office: Office) -> None:
    uuid = await office.profile()
    brand_id = await office.brand(uuid)
    with pytest.raises(BadRequest):
        await office.call("profile.delete", profile_uuid=uuid)
    await office.call("brand.delete", brand_id=brand_id)
    done = await office.call("profile.delete", profile_uuid=uuid)
    assert done["message"] == "Profile deleted successfully."
    with pytest.raises(NotFound):
        await office.call("profile.get", profile_uuid=uuid)


async def test_other_accounts_profiles_are_not_found(office: Office) -> None:
    uuid = await office.profile()
    for verb in ("get", "update", "delete"):
        for who in (office.other, office.sub):
            with pytest.raises(NotFound):
                await office.call(f"profile.{verb}", by=who, profile_uuid=uuid)
    for rubbish in ("x", "%00", "a" * 64):
        with pytest.raises(NotFound):
            await office.call("profile.get", profile_uuid=rubbish)
