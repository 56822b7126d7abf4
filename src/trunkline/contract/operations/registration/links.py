"""Numbers of 10DLC campaigns."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import Limit, Offset
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.registration.words import (
    CallbackMethod,
    CallbackUrl,
    CampaignId,
)
from trunkline.values.pages import DEFAULT_LIMIT

_NUMBERS = "/v1/Account/{auth_id}/10dlc/Campaign/{campaign_id}/Number/"
_NUMBER = "/v1/Account/{auth_id}/10dlc/Campaign/{campaign_id}/Number/{number}/"

LinkStatus = Literal["FAILED", "PROCESSING", "COMPLETED"]
Digits = Annotated[str, Meta(description="In E.164 format.", min_length=1, max_length=64)]


class CampaignNumberLink(Request, kw_only=True, frozen=True):
    """Numbers to link to a campaign."""

    campaign_id: CampaignId
    numbers: Annotated[
        list[Digits], Meta(description="The account's US long codes, in E.164 format.")
    ]
    url: CallbackUrl = None
    method: CallbackMethod = "POST"


class CampaignNumberList(Request, kw_only=True, frozen=True):
    """The numbers of a campaign."""

    campaign_id: CampaignId
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class CampaignNumberGet(Request, kw_only=True, frozen=True):
    """One number of a campaign."""

    campaign_id: CampaignId
    number: Digits


class CampaignNumberUnlink(Request, kw_only=True, frozen=True):
    """A number to take from its campaign."""

    campaign_id: CampaignId
    number: Digits
    url: CallbackUrl = None
    method: CallbackMethod = "POST"


class LinkedNumber(msgspec.Struct, kw_only=True):
    """Where a number's link to its campaign stands."""

    number: str
    status: LinkStatus


class CampaignNumbers(Answer, kw_only=True):
    """Numbers of a campaign; the summary counts all of them by status."""

    campaign_id: str
    campaign_alias: str
    usecase: str
    phone_numbers: list[LinkedNumber]
    phone_numbers_summary: dict[str, int]
    number_pool_limit: Annotated[int, Meta(description="How many numbers it may have.")]


_EXAMPLE = {
    "campaign_id": "CDB3KGW",
    "campaign_alias": "orders",
    "usecase": "MIXED",
    "phone_numbers": [{"number": "14155550100", "status": "COMPLETED"}],
    "phone_numbers_summary": {"COMPLETED": 1},
    "number_pool_limit": 49,
}
_TAGS = ("10dlc",)

OPERATIONS = (
    Operation(
        id="campaign_number.link",
        method="POST",
        path=_NUMBERS,
        request=CampaignNumberLink,
        response=Confirmation,
        success_status=202,
        summary="Link numbers to a campaign",
        source="PLIVO 10DLC: link a number; SDKs' tests have 200, all take both",
        tags=_TAGS,
        request_example={"numbers": ["14155550100"]},
        response_example={
            "message": "Request to link 14155550100 to campaign CDB3KGW was received and is being"
            " processed"
        },
    ),
    Operation(
        id="campaign_number.list",
        method="GET",
        path=_NUMBERS,
        request=CampaignNumberList,
        response=CampaignNumbers,
        summary="List the numbers of a campaign",
        source="PLIVO 10DLC: list numbers of a campaign",
        tags=_TAGS,
        request_example={"limit": 10, "offset": 0},
        response_example=_EXAMPLE,
    ),
    Operation(
        id="campaign_number.get",
        method="GET",
        path=_NUMBER,
        request=CampaignNumberGet,
        response=CampaignNumbers,
        summary="Get a number of a campaign",
        source="PLIVO 10DLC: get a campaign's number",
        tags=_TAGS,
        response_example=_EXAMPLE,
    ),
    Operation(
        id="campaign_number.unlink",
        method="DELETE",
        path=_NUMBER,
        request=CampaignNumberUnlink,
        response=Confirmation,
        summary="Unlink a number from its campaign",
        source="PLIVO 10DLC: unlink a number; it says 202, plivo-ruby takes only 200 and 204",
        tags=_TAGS,
        request_example={"url": "https://app.example.com/registration"},
        response_example={
            "message": "Request to unlink 14155550100 from campaign CDB3KGW was received and is"
            " being processed"
        },
    ),
)
