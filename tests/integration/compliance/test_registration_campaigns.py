from typing import Any
from urllib.parse import parse_qs

import pytest
from registration_office import CAMPAIGN, Office

from trunkline.contract.errors import BadRequest, InvalidParameter, MissingParameter, NotFound
from trunkline.numbers.model import CampaignStatus

TOP = {
    "AT&T": {"tpm": 4500},
    "T-Mobile": {"brand_tier": "TOP"},
    "US Cellular": {"tpm": 4500},
    "Verizon Wireless": {"tpm": 4500},
}


async def state(office: Office, campaign_id: str) -> str:
    found = await office.call("campaign.get", campaign_id=campaign_id)
    return found["campaign"]["registration_status"]


async def test_a_campaign_waits_for_its_brand_then_is_active(office: Office) -> None:
    brand_id = await office.brand(await office.profile(company_name="A [delay 100]"))
    campaign_id = await office.campaign(brand_id)
    await office.pass_time(50)
    assert await state(office, campaign_id) == "PROCESSING"
    await office.pass_time(50)
    campaign = (await office.call("campaign.get", campaign_id=campaign_id))["campaign"]
    assert campaign["registration_status"] == "ACTIVE"
    assert campaign["mno_metadata"] == TOP
    assert campaign["sub_usecase"] == "CUSTOMER_CARE,2FA"
    assert campaign["campaign_source"] == "plivo"
    assert campaign["created_at"] == "2026-01-01T00:00:00.000000Z"
    told = [parse_qs(body) for _, body in await office.told()]
    mine = [one["status"][0] for one in told if one["endpoint"] == ["campaign"]]
    assert mine == ["created", "registered"]


async def test_a_campaign_of_a_refused_brand_fails(office: Office) -> None:
    brand_id = await office.brand(await office.profile(company_name="[reject]"))
    campaign_id = await office.campaign(brand_id)
    await office.pass_time(60)
    assert await state(office, campaign_id) == "FAILED"
    with pytest.raises(InvalidParameter) as refused:
        await office.campaign(brand_id)
    assert refused.value.field == "brand_id"


async def test_a_campaign_is_refused_corrected_and_active(office: Office) -> None:
    campaign_id = await office.active_campaign(sample1="Visit bit.ly/x for more [reject 1002]")
    found = (await office.call("campaign.get", campaign_id=campaign_id))["campaign"]
    assert (found["registration_status"], found["error_code"]) == ("FAILED", "1002")
    changed = await office.call(
        "campaign.update",
        campaign_id=campaign_id,
        sample1="A sample without any public link",
        url="",
    )
    assert changed["campaign"]["registration_status"] == "PROCESSING"
    assert changed["campaign"]["sample2"] == CAMPAIGN["sample2"]
    await office.call("campaign.update", campaign_id=campaign_id, campaign_alias="while in review")
    await office.pass_time(5)
    assert await state(office, campaign_id) == "ACTIVE"
    with pytest.raises(BadRequest):
        await office.call("campaign.update", campaign_id=campaign_id, campaign_alias="late")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "x" * 39),
        ("description", " " * 60),
        ("message_flow", "x" * 39),
        ("sample1", "x" * 19),
        ("sample2", "x" * 19),
        ("sample5", "x" * 19),
        ("help_message", "x" * 19),
        ("optout_message", "x" * 19),
        ("optin_message", "x" * 19),
        ("optin_keywords", "YES PLEASE"),
        ("optout_keywords", "STOP!"),
        ("help_keywords", "HELP;INFO"),
        ("subscriber_optin", False),
        ("subscriber_optout", False),
        ("subscriber_help", False),
        ("age_gated", "perhaps"),
        ("vertical", "SPACE"),
        ("usecase", "SPAM"),
        ("usecase", "STARTER"),
        ("sub_usecases", ["2FA"]),
        ("sub_usecases", ["2FA", "2FA"]),
        ("sub_usecases", ["2FA", "MIXED"]),
        ("sub_usecases", []),
        ("url", "ftp://x"),
        ("brand_id", "BNOBODY"),
    ],
)
async def test_bad_fields_are_named_and_nothing_is_kept(
    office: Office, field: str, value: Any
) -> None:
    brand_id = await office.brand()
    given = {"brand_id": brand_id, **CAMPAIGN, field: value}
    with pytest.raises(InvalidParameter) as refused:
        await office.call("campaign.create", **given)
    assert refused.value.field == field
    assert (await office.call("campaign.list"))["meta"]["total_count"] == 0


OPTIONAL = {"campaign_alias", "sub_usecases"}


@pytest.mark.parametrize("field", ["brand_id", *sorted(CAMPAIGN.keys() - OPTIONAL)])
async def test_required_fields_are_required(office: Office, field: str) -> None:
    given = {"brand_id": "B123456", **CAMPAIGN}
    del given[field]
    with pytest.raises(MissingParameter) as refused:
        await office.call("campaign.create", **given)
    assert refused.value.field == field


async def test_sub_usecases_belong_to_combined_use_cases(office: Office) -> None:
    brand_id = await office.brand()
    with pytest.raises(InvalidParameter) as refused:
        await office.campaign(brand_id, usecase="2FA")
    assert refused.value.field == "sub_usecases"
    await office.campaign(brand_id, usecase="2FA", sub_usecases=[])
    await office.campaign(brand_id, usecase="LOW_VOLUME", sub_usecases="2FA, MARKETING")


@pytest.mark.parametrize(
    ("company", "usecase", "tpm", "tier"),
    [
        ("[score 75]", "MIXED", 4500, "TOP"),
        ("[score 50]", "MIXED", 2400, "HIGH_MID"),
        ("[score 30]", "MIXED", 240, "LOW_MID"),
        ("[score 3]", "MIXED", 240, "LOW"),
        ("[score 90]", "LOW_VOLUME", 45, "TOP"),
    ],
)
async def test_the_score_decides_the_throughput(
    office: Office, company: str, usecase: str, tpm: int, tier: str
) -> None:
    brand_id = await office.brand(await office.profile(company_name=company))
    campaign_id = await office.active_campaign(brand_id=brand_id, usecase=usecase)
    found = (await office.call("campaign.get", campaign_id=campaign_id))["campaign"]
    assert found["mno_metadata"]["AT&T"] == {"tpm": tpm}
    assert found["mno_metadata"]["T-Mobile"] == {"brand_tier": tier}


async def test_lists_are_paged_and_filtered(office: Office) -> None:
    brand_id = await office.brand()
    active = await office.active_campaign(brand_id=brand_id)
    failed = await office.active_campaign(description="x" * 40 + "[reject]")
    await office.call("campaign.import", campaign_id="C123456", campaign_alias="x")
    for given, expected in (
        ({"registration_status": "Active"}, [active]),
        ({"registration_status": "failed"}, [failed]),
        ({"campaign_source": "shared"}, ["C123456"]),
        ({"brand_id": brand_id}, [active]),
        ({"usecase": "MARKETING"}, []),
    ):
        found = await office.call("campaign.list", **given)
        assert [one["campaign_id"] for one in found["campaigns"]] == expected
        assert found["meta"]["total_count"] == len(expected)
    page = await office.call("campaign.list", limit=2, usecase="MIXED")
    assert page["meta"]["total_count"] == 3
    assert "usecase=MIXED" in page["meta"]["next"]


async def test_a_shared_campaign_is_imported_once(office: Office) -> None:
    done = await office.call("campaign.import", campaign_id="c1234567", campaign_alias="x")
    assert done["campaign_id"] == "C1234567"
    await office.pass_time(5)
    assert await state(office, "C1234567") == "ACTIVE"
    with pytest.raises(InvalidParameter):
        await office.call(
            "campaign.import", by=office.other, campaign_id="C1234567", campaign_alias="x"
        )
    await office.call("campaign.import", campaign_id="CREJECT", campaign_alias="x")
    await office.pass_time(5)
    assert await state(office, "CREJECT") == "FAILED"


async def test_numbers_are_linked_and_unlinked(office: Office) -> None:
    campaign_id = await office.active_campaign()
    done = await office.call(
        "campaign_number.link",
        campaign_id=campaign_id,
        numbers=["+14155550100", "14155550101"],
        url="https://app.example/link",
    )
    assert done["message"] == (
        f"Request to link 14155550100, 14155550101 to campaign {campaign_id} was received and is"
        " being processed"
    )
    assert (await office.number("14155550100")).campaign_status is CampaignStatus.PROCESSING
    assert office.directory.campaign_of("14155550100") is None
    with pytest.raises(BadRequest):
        await office.call("campaign.delete", campaign_id=campaign_id)
    with pytest.raises(InvalidParameter, match="already requested"):
        await office.call("campaign_number.link", campaign_id=campaign_id, numbers=["14155550100"])
    await office.pass_time(5)
    found = await office.call("campaign_number.list", campaign_id=campaign_id, limit=1)
    assert found["phone_numbers_summary"] == {"COMPLETED": 2}
    assert len(found["phone_numbers"]) == 1
    number = await office.number("14155550100")
    assert (number.campaign_id, number.campaign_status) == (campaign_id, CampaignStatus.COMPLETED)
    known = office.directory.active_campaign("14155550100", office.main)
    assert known is not None
    assert known.campaign_id == campaign_id
    await office.call(
        "campaign_number.unlink",
        campaign_id=campaign_id,
        number="14155550100",
        url="https://app.example/link",
    )
    await office.pass_time(5)
    with pytest.raises(NotFound):
        await office.call("campaign_number.get", campaign_id=campaign_id, number="14155550100")
    assert (await office.number("14155550100")).campaign_id is None
    told = [parse_qs(body) for _, body in await office.told()]
    mine = [
        (one["endpoint"][0], one["status"][0])
        for one in told
        if one.get("number") == ["14155550100"]
    ]
    assert mine == [
        ("number_linking", "created"),
        ("number_linking", "success"),
        ("number_unlinking", "created"),
        ("number_unlinking", "success"),
    ]


@pytest.mark.parametrize("number", ["18005550199", "447700900100", "14155559999", "abc", ""])
async def test_only_the_accounts_us_long_codes_are_linked(office: Office, number: str) -> None:
    campaign_id = await office.active_campaign()
    with pytest.raises(InvalidParameter) as refused:
        await office.call(
            "campaign_number.link", campaign_id=campaign_id, numbers=["14155550100", number]
        )
    assert refused.value.field == "numbers"
    found = await office.call("campaign_number.list", campaign_id=campaign_id)
    assert found["phone_numbers"] == []


async def test_a_link_that_failed_may_be_tried_again(office: Office) -> None:
    campaign_id = await office.active_campaign(description="x" * 40 + "[reject numbers]")
    link = {"campaign_id": campaign_id, "numbers": ["14155550100"]}
    await office.call("campaign_number.link", **link)
    await office.pass_time(5)
    found = await office.call("campaign_number.get", campaign_id=campaign_id, number="14155550100")
    assert found["phone_numbers"] == [{"number": "14155550100", "status": "FAILED"}]
    await office.call("campaign_number.link", **link)


async def test_a_deleted_campaign_leaves_its_numbers_free(office: Office) -> None:
    campaign_id = await office.active_campaign()
    await office.call("campaign_number.link", campaign_id=campaign_id, numbers=["14155550100"])
    await office.pass_time(5)
    done = await office.call("campaign.delete", campaign_id=campaign_id)
    assert (done["message"], done["campaign_id"]) == ("Campaign Deactivated", campaign_id)
    assert (await office.number("14155550100")).campaign_id is None
    assert office.directory.campaign_of("14155550100") is None
    with pytest.raises(NotFound):
        await office.call("campaign.get", campaign_id=campaign_id)


async def test_other_accounts_campaigns_are_not_found(office: Office) -> None:
    campaign_id = await office.active_campaign()
    for verb in ("campaign.get", "campaign.update", "campaign.delete", "campaign_number.list"):
        with pytest.raises(NotFound):
            await office.call(verb, by=office.other, campaign_id=campaign_id)
    for verb in ("get", "unlink"):
        with pytest.raises(NotFound):
            await office.call(
                f"campaign_number.{verb}",
                by=office.other,
                campaign_id=campaign_id,
                number="14155550100",
            )
