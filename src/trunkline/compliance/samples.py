"""Registrations of the sample numbers, so that a first message meets no limit.

Each sample number has a campaign of its own, with a throughput that no network grants, and may be
linked to another campaign at any time.
"""

from collections.abc import Sequence
from dataclasses import replace

from trunkline.compliance.enforce import TOLL_FREE
from trunkline.compliance.model import (
    Address,
    Attributes,
    Brand,
    Campaign,
    CampaignState,
    CampaignTexts,
    Company,
    Contact,
    Link,
    Profile,
    Progress,
    TollfreeDetails,
    TollfreeState,
    Verification,
)
from trunkline.compliance.registrar import note_campaign, note_tollfree
from trunkline.compliance.store import brands, campaigns, links, profiles, tollfree
from trunkline.numbers.model import OwnedNumber
from trunkline.runtime.changes import next_revision
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid

SAMPLE_BRAND = "BSAMPLE"
SAMPLE_CAMPAIGNS = "CSAMPL"  # and one digit
PER_MINUTE = 6_000_000

_COMPANY = Company(
    entity_type="PRIVATE",
    company_name="Sample company",
    vertical="TECHNOLOGY",
    ein="123456789",
    ein_issuing_country="US",
    address=Address(
        street="1 Sample Street",
        city="San Francisco",
        state="CA",
        postal_code="94101",
        country="US",
    ),
    authorized_contact=Contact(
        first_name="Sample",
        last_name="Person",
        phone="14155550100",
        email="sample@example.com",
        title="",
        seniority="OTHER",
    ),
    website="www.example.com",
)
_TEXTS = CampaignTexts(
    description="Messages of the sample numbers of this installation.",
    sample1="This is a message from a sample number.",
    sample2="This is another message from a sample number.",
    message_flow="Nobody opts in, as there are only simulated handsets here.",
)
_DETAILS = TollfreeDetails(
    usecase="2FA",
    usecase_summary="Messages of the sample toll-free number of this installation.",
    message_sample="This is a message from a sample number.",
    optin_image_url="https://www.example.com/",
    optin_type="WEB_FORM",
    volume="1,000",
)


def register(conn: Connection, main_auth_id: str, owned: Sequence[OwnedNumber], at: float) -> None:
    """Register an account's sample numbers, unless some account's are registered already."""
    revision = next_revision(conn)
    if brands.get(conn, SAMPLE_BRAND) is not None:
        return
    profile = _register_company(conn, main_auth_id, SAMPLE_BRAND, at)
    for place, one in enumerate(owned, start=1):
        if one.country != "US":
            continue
        if one.number[1:4] in TOLL_FREE:
            _verify(conn, main_auth_id, profile, one.number, at, revision)
        else:
            campaign = _campaign(main_auth_id, SAMPLE_BRAND, f"{SAMPLE_CAMPAIGNS}{place}", at)
            campaign = replace(campaign, campaign_alias=f"Sample campaign of {one.number}")
            campaigns.add(conn, campaign, revision)
            link = _link(campaign, one.number, at)
            links.put(conn, link, revision)
            note_campaign(conn, link)


def register_tests(conn: Connection, main_auth_id: str, numbers: Sequence[str], at: float) -> str:
    """Register numbers that a test's account is about to get, and return their one campaign.

    Whoever adds the numbers writes it on them.
    """
    revision = next_revision(conn)
    brand_id = brands.new_id(conn)
    _register_company(conn, main_auth_id, brand_id, at)
    campaign = _campaign(main_auth_id, brand_id, campaigns.new_id(conn), at)
    campaigns.add(conn, campaign, revision)
    for number in numbers:
        links.add(conn, _link(campaign, number, at), revision)
    return campaign.campaign_id


def _register_company(conn: Connection, main_auth_id: str, brand_id: str, at: float) -> str:
    uuid = new_uuid()
    profile = Profile(
        profile_uuid=uuid,
        main_auth_id=main_auth_id,
        account_id=main_auth_id,
        profile_type="PRIMARY",
        primary_profile=uuid,
        profile_alias="Sample profile",
        customer_type="DIRECT",
        company=_COMPANY,
        created_at=at,
    )
    profiles.add(conn, profile)
    brand = Brand(
        brand_id=brand_id,
        main_auth_id=main_auth_id,
        account_id=main_auth_id,
        brand_alias="Sample brand",
        brand_type="STANDARD",
        profile_uuid=uuid,
        company=_COMPANY,
        secondary_vetting=True,
        state=Progress.COMPLETED,
        vetting_status="ACTIVE",
        vetting_score=100,
        due_at=None,
        created_at=at,
    )
    brands.add(conn, brand)
    return uuid


def _campaign(main_auth_id: str, brand_id: str, campaign_id: str, at: float) -> Campaign:
    return Campaign(
        campaign_id=campaign_id,
        main_auth_id=main_auth_id,
        account_id=main_auth_id,
        brand_id=brand_id,
        campaign_alias="Sample campaign",
        vertical="TECHNOLOGY",
        usecase="MIXED",
        sub_usecases="2FA,CUSTOMER_CARE",
        texts=_TEXTS,
        attributes=Attributes(),
        state=CampaignState.ACTIVE,
        per_minute=PER_MINUTE,
        tier="TOP",
        due_at=None,
        created_at=at,
    )


def _link(campaign: Campaign, number: str, at: float) -> Link:
    return Link(
        number=number,
        campaign_id=campaign.campaign_id,
        main_auth_id=campaign.main_auth_id,
        account_id=campaign.account_id,
        state=Progress.COMPLETED,
        due_at=None,
        created_at=at,
    )


def _verify(
    conn: Connection, owner: str, profile_uuid: str, number: str, at: float, revision: int
) -> None:
    one = Verification(
        uuid=new_uuid(),
        main_auth_id=owner,
        account_id=owner,
        number=number,
        profile_uuid=profile_uuid,
        details=_DETAILS,
        state=TollfreeState.APPROVED,
        due_at=None,
        created_at=at,
        modified_at=at,
    )
    tollfree.add(conn, one, revision)
    note_tollfree(conn, owner, number, one)
