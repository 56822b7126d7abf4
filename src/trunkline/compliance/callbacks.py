"""What is told of each change.

Plivo documents which requests there are and their statuses (PLIVO 10DLC callbacks), and the
parameters of the toll-free one; the names of the 10DLC parameters are ours, those of the API.
"""

from urllib.parse import urlencode

import msgspec

from trunkline.compliance.model import (
    Action,
    Brand,
    Campaign,
    CampaignState,
    Link,
    Progress,
    Verification,
)
from trunkline.webhooks import NewWebhook

KIND = "registration"

_BRAND = {
    Progress.PROCESSING: "created",
    Progress.FAILED: "rejected",
    Progress.COMPLETED: "registered",
}
_CAMPAIGN = {
    CampaignState.PROCESSING: "created",
    CampaignState.FAILED: "rejected",
    CampaignState.ACTIVE: "registered",
}
_LINK = {
    Progress.PROCESSING: "created",
    Progress.FAILED: "failed",
    Progress.COMPLETED: "success",
}
_LINK_ENDPOINT = {Action.LINK: "number_linking", Action.UNLINK: "number_unlinking"}


def of_brand(brand: Brand, at: float) -> list[NewWebhook]:
    """Tell where a brand stands."""
    values = {
        "endpoint": "brand",
        "status": _BRAND[brand.state],
        "brand_id": brand.brand_id,
        "profile_uuid": brand.profile_uuid,
        "registration_status": brand.state.value,
        "error_code": brand.reason_code,
        "error_message": brand.reason,
    }
    return _form(brand, brand.brand_id, values, at)


def of_campaign(campaign: Campaign, at: float) -> list[NewWebhook]:
    """Tell where a campaign stands."""
    values = {
        "endpoint": "campaign",
        "status": _CAMPAIGN[campaign.state],
        "campaign_id": campaign.campaign_id,
        "brand_id": campaign.brand_id,
        "registration_status": campaign.state.value,
        "error_code": campaign.reason_code,
        "error_message": campaign.reason,
    }
    return _form(campaign, campaign.campaign_id, values, at)


def of_link(link: Link, at: float, reason: tuple[str, str] = ("", "")) -> list[NewWebhook]:
    """Tell where the linking or unlinking of a number stands, with (code, text) of a refusal."""
    values = {
        "endpoint": _LINK_ENDPOINT[link.action],
        "status": _LINK[link.state],
        "number": link.number,
        "campaign_id": link.campaign_id,
        "registration_status": link.state.value,
        "error_code": reason[0],
        "error_message": reason[1],
    }
    return _form(link, link.campaign_id, values, at)


def of_verification(one: Verification, at: float) -> list[NewWebhook]:
    """Tell where a toll-free verification stands (PLIVO toll-free verification: callback)."""
    if not one.callback.url:
        return []
    body = msgspec.json.encode(
        {
            "uuid": one.uuid,
            "number": one.number,
            "status": one.state.value,
            "error_message": one.reason,
        }
    ).decode()
    return [
        NewWebhook(
            account_id=one.account_id,
            kind=KIND,
            resource_uuid=one.uuid,
            method=one.callback.method,
            url=one.callback.url,
            body=body,
            created_at=at,
            encoding="json",
        )
    ]


def _form(
    of: Brand | Campaign | Link, resource_id: str, values: dict[str, str], at: float
) -> list[NewWebhook]:
    if not of.callback.url:
        return []
    return [
        NewWebhook(
            account_id=of.account_id,
            kind=KIND,
            resource_uuid=resource_id,
            method=of.callback.method,
            url=of.callback.url,
            body=urlencode(values),
            created_at=at,
        )
    ]
