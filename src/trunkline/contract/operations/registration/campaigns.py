"""10DLC campaigns: what a brand sends, and to whom."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.registration.words import (
    BrandId,
    CallbackMethod,
    CallbackUrl,
    CampaignId,
    Line,
    Name,
    SubUseCase,
    UseCase,
    Vertical,
)
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_CAMPAIGNS = "/v1/Account/{auth_id}/10dlc/Campaign/"
_CAMPAIGN = "/v1/Account/{auth_id}/10dlc/Campaign/{campaign_id}/"

CampaignStatus = Literal["ACTIVE", "FAILED", "PROCESSING", "EXPIRED"]
CampaignSource = Literal["plivo", "shared"]

# PLIVO 10DLC: create a campaign: description and message_flow of 40, samples and messages of 20.
Long = Annotated[str, Meta(min_length=40, max_length=4_096)]
Sample = Annotated[str, Meta(min_length=20, max_length=1_024)]
Reply = Annotated[str, Meta(min_length=20, max_length=320)]
Keywords = Annotated[
    str,
    Meta(
        pattern=r"^$|^[A-Za-z0-9]+( *, *[A-Za-z0-9]+)*$",
        max_length=255,
        extra={
            "join": ",",
            "form": "words of letters and digits, comma-separated, without special characters",
        },
    ),
]
Link = Annotated[str, Meta(max_length=2_048)]

_ALIAS = Meta(description="A friendly name.")
_DESCRIPTION = Meta(description="What the campaign is for.")
_SAMPLE = Meta(description="A message that the campaign will send.")
_FLOW = Meta(description="How a customer opts in.")
_HELP = Meta(description="Answer to HELP on the campaign's numbers.")
_OPTOUT = Meta(description="Answer to STOP on the campaign's numbers.")
_OPTIN = Meta(description="Confirms an opt-in to the campaign.")
_OPTIN_WORDS = Meta(description="Words that opt in besides the usual ones.")
_OPTOUT_WORDS = Meta(description="Words that opt out besides the usual ones.")
_HELP_WORDS = Meta(description="Words that ask for help besides the usual ones.")
_TERMS = Meta(description="Where the terms and conditions are.")
_PRIVACY = Meta(description="Where the privacy policy is.")
_RESELLER = Meta(description="Id of the reseller, if one is between.")


class CampaignCreate(Request, kw_only=True, frozen=True):
    """A campaign to register."""

    brand_id: BrandId
    vertical: Annotated[Vertical, Meta(description="Industry of the use case.")]
    usecase: Annotated[UseCase, Meta(description="STARTER is for STARTER brands alone.")]
    # PLIVO 10DLC: its own curl line has short texts and none of message_flow, help_message and
    # optout_message; the handler takes that older form and holds every other to the lengths.
    description: Annotated[Annotated[str, Meta(max_length=4_096)], _DESCRIPTION]
    sample1: Annotated[Annotated[str, Meta(max_length=1_024)], _SAMPLE]
    sample2: Annotated[Annotated[str, Meta(max_length=1_024)], _SAMPLE]
    message_flow: Annotated[Long | None, _FLOW] = None
    help_message: Annotated[Reply | None, _HELP] = None
    optout_message: Annotated[Reply | None, _OPTOUT] = None
    subscriber_optin: Annotated[bool, Meta(description="Opt-ins are collected; must be true.")]
    subscriber_optout: Annotated[bool, Meta(description="Opt-outs are obeyed; must be true.")]
    subscriber_help: Annotated[bool, Meta(description="HELP is answered; must be true.")]
    direct_lending: Annotated[bool, Meta(description="Whether it is about loans.")]
    embedded_link: Annotated[bool, Meta(description="Whether messages have links.")]
    embedded_phone: Annotated[bool, Meta(description="Whether messages have phone numbers.")]
    age_gated: Annotated[bool, Meta(description="Whether content is for adults alone.")]
    affiliate_marketing: Annotated[bool, Meta(description="Whether affiliates had a hand in it.")]
    # PLIVO 10DLC has it required, its own curl line and SDKs leave it out.
    campaign_alias: Annotated[Line, _ALIAS] = ""
    sub_usecases: Annotated[
        list[SubUseCase] | None,
        Meta(description="2 to 5 of these for MIXED and LOW_VOLUME, 1 to 5 for STARTER."),
    ] = None
    sample3: Annotated[Sample | None, _SAMPLE] = None
    sample4: Annotated[Sample | None, _SAMPLE] = None
    sample5: Annotated[Sample | None, _SAMPLE] = None
    optin_message: Annotated[Reply | None, _OPTIN] = None
    optin_keywords: Annotated[Keywords | None, _OPTIN_WORDS] = None
    optout_keywords: Annotated[Keywords | None, _OPTOUT_WORDS] = None
    help_keywords: Annotated[Keywords | None, _HELP_WORDS] = None
    terms_and_conditions_link: Annotated[Link | None, _TERMS] = None
    privacy_policy_link: Annotated[Link | None, _PRIVACY] = None
    reseller_id: Annotated[Line | None, _RESELLER] = None
    url: CallbackUrl = None
    method: CallbackMethod = "POST"


class CampaignImport(Request, kw_only=True, frozen=True):
    """A campaign that was registered elsewhere and shared with this platform."""

    campaign_id: Annotated[
        str,
        Meta(
            pattern=r"^[Cc][A-Za-z0-9]{6,7}$",
            description="Its id at The Campaign Registry.",
            extra={"form": "C and 6 or 7 letters or digits"},
        ),
    ]
    campaign_alias: Annotated[Name, _ALIAS]
    url: CallbackUrl = None
    method: CallbackMethod = "POST"


class CampaignList(Request, kw_only=True, frozen=True):
    """A page of campaigns."""

    brand_id: Annotated[Line | None, Meta(description="Only this brand's.")] = None
    usecase: Annotated[UseCase | None, Meta(description="Only that use case.")] = None
    registration_status: Annotated[CampaignStatus | None, Meta(description="Only these.")] = None
    campaign_source: Annotated[
        CampaignSource | None, Meta(description="Registered here, or shared from elsewhere.")
    ] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class CampaignGet(Request, kw_only=True, frozen=True):
    """One campaign."""

    campaign_id: CampaignId


class CampaignUpdate(Request, kw_only=True, frozen=True):
    """Correct a campaign that failed or is in review; absent and empty fields stay as they are."""

    campaign_id: CampaignId
    campaign_alias: Annotated[Line | None, _ALIAS] = None
    description: Annotated[Long | None, _DESCRIPTION] = None
    sample1: Annotated[Sample | None, _SAMPLE] = None
    sample2: Annotated[Sample | None, _SAMPLE] = None
    sample3: Annotated[Sample | None, _SAMPLE] = None
    sample4: Annotated[Sample | None, _SAMPLE] = None
    sample5: Annotated[Sample | None, _SAMPLE] = None
    message_flow: Annotated[Long | None, _FLOW] = None
    help_message: Annotated[Reply | None, _HELP] = None
    optout_message: Annotated[Reply | None, _OPTOUT] = None
    optin_message: Annotated[Reply | None, _OPTIN] = None
    optin_keywords: Annotated[Keywords | None, _OPTIN_WORDS] = None
    optout_keywords: Annotated[Keywords | None, _OPTOUT_WORDS] = None
    help_keywords: Annotated[Keywords | None, _HELP_WORDS] = None
    terms_and_conditions_link: Annotated[Link | None, _TERMS] = None
    privacy_policy_link: Annotated[Link | None, _PRIVACY] = None
    reseller_id: Annotated[Line | None, _RESELLER] = None


class CampaignDelete(Request, kw_only=True, frozen=True):
    """Deactivate for good; not while numbers are being linked or unlinked."""

    campaign_id: CampaignId


class Allowance(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What one mobile network grants: messages a minute, or a tier of messages a day."""

    tpm: int | msgspec.UnsetType = msgspec.UNSET
    brand_tier: str | msgspec.UnsetType = msgspec.UNSET


class CampaignAttributes(msgspec.Struct, kw_only=True):
    """What was said of the campaign's content."""

    embedded_link: bool
    embedded_phone: bool
    age_gated: bool
    direct_lending: bool
    subscriber_optin: bool
    subscriber_optout: bool
    subscriber_help: bool
    affiliate_marketing: bool


class CampaignObject(msgspec.Struct, kw_only=True):
    """The campaign object; what was not given is ""."""

    campaign_id: str
    registration_status: CampaignStatus
    reseller_id: str
    brand_id: str
    usecase: str
    sub_usecase: str
    campaign_alias: str
    mno_metadata: dict[str, Allowance]
    sample1: str
    sample2: str
    sample3: str
    sample4: str
    sample5: str
    description: str
    campaign_attributes: CampaignAttributes
    message_flow: str
    help_message: str
    help_keywords: str
    optin_message: str
    optin_keywords: str
    optout_message: str
    optout_keywords: str
    terms_and_conditions_link: str
    privacy_policy_link: str
    created_at: str
    vertical: str
    campaign_source: CampaignSource
    error_code: str
    error_reason: str
    error_description: str


class CampaignCreated(Confirmation, kw_only=True):
    """Which campaign is meant."""

    campaign_id: str


class CampaignSubmitted(CampaignCreated, kw_only=True):
    """A new campaign's id, in both spellings that are documented."""

    # PLIVO 10DLC: create a campaign answers in camel case, SDKs' tests in snake case.
    api_id_too: Annotated[str, Meta(description="`api_id` again.")] = msgspec.field(name="apiId")
    campaign_id_too: Annotated[str, Meta(description="`campaign_id` again.")] = msgspec.field(
        name="campaignId"
    )


class CampaignAnswer(Answer, kw_only=True):
    """One campaign."""

    campaign: CampaignObject


class CampaignPage(Answer, kw_only=True):
    """A page of campaigns."""

    meta: PageMeta
    campaigns: list[CampaignObject]


_TEXTS = {
    "description": "Tells customers when their order leaves and when it arrives.",
    "sample1": "Your order 1234 has left our warehouse.",
    "sample2": "Your order 1234 will arrive today before 18:00.",
    "message_flow": "Customers tick a box in the order form that asks for text messages.",
    "help_message": "Acme: call 1 800 555 0199 for help.",
    "optout_message": "Acme: you will receive no more messages.",
}
_ATTRIBUTES = {
    "embedded_link": False,
    "embedded_phone": False,
    "age_gated": False,
    "direct_lending": False,
    "subscriber_optin": True,
    "subscriber_optout": True,
    "subscriber_help": True,
    "affiliate_marketing": False,
}
_EXAMPLE = {
    "campaign_id": "CDB3KGW",
    "registration_status": "ACTIVE",
    "reseller_id": "",
    "brand_id": "BCDEF1G",
    "usecase": "DELIVERY_NOTIFICATION",
    "sub_usecase": "",
    "campaign_alias": "orders",
    "mno_metadata": {
        "AT&T": {"tpm": 4500},
        "T-Mobile": {"brand_tier": "TOP"},
        "US Cellular": {"tpm": 4500},
        "Verizon Wireless": {"tpm": 4500},
    },
    **_TEXTS,
    "sample3": "",
    "sample4": "",
    "sample5": "",
    "campaign_attributes": _ATTRIBUTES,
    "help_keywords": "",
    "optin_message": "",
    "optin_keywords": "",
    "optout_keywords": "",
    "terms_and_conditions_link": "",
    "privacy_policy_link": "",
    "created_at": "2026-01-01T09:30:00.000000Z",
    "vertical": "RETAIL",
    "campaign_source": "plivo",
    "error_code": "",
    "error_reason": "",
    "error_description": "",
}
_TAGS = ("10dlc",)

OPERATIONS = (
    Operation(
        id="campaign.create",
        method="POST",
        path=_CAMPAIGNS,
        request=CampaignCreate,
        response=CampaignSubmitted,
        summary="Register a campaign",
        source="PLIVO 10DLC: create a campaign",
        tags=_TAGS,
        request_example={
            "brand_id": "BCDEF1G",
            "campaign_alias": "orders",
            "vertical": "RETAIL",
            "usecase": "DELIVERY_NOTIFICATION",
            **_TEXTS,
            **_ATTRIBUTES,
            "url": "https://app.example.com/registration",
        },
        response_example={
            "message": "Request to create campaign was received and is being processed.",
            "campaign_id": "CDB3KGW",
            "apiId": "a640fba2-3b14-11ed-95d8-0242ac110004",
            "campaignId": "CDB3KGW",
        },
    ),
    Operation(
        id="campaign.import",
        method="POST",
        path=f"{_CAMPAIGNS}Import/",
        request=CampaignImport,
        response=CampaignCreated,
        summary="Import a campaign that is registered already",
        source="PLIVO 10DLC: import a campaign",
        tags=_TAGS,
        request_example={"campaign_id": "C123456", "campaign_alias": "elsewhere"},
        response_example={
            "message": "Request to import campaign was received and is being processed.",
            "campaign_id": "C123456",
        },
    ),
    Operation(
        id="campaign.list",
        method="GET",
        path=_CAMPAIGNS,
        request=CampaignList,
        response=CampaignPage,
        summary="List campaigns",
        source="PLIVO 10DLC: list all campaigns",
        tags=_TAGS,
        request_example={"registration_status": "ACTIVE"},
        response_example={
            "meta": SAMPLE_META,
            "campaigns": [_EXAMPLE],
        },
    ),
    Operation(
        id="campaign.get",
        method="GET",
        path=_CAMPAIGN,
        request=CampaignGet,
        response=CampaignAnswer,
        summary="Get a campaign",
        source="PLIVO 10DLC: get a campaign",
        tags=_TAGS,
        response_example={"campaign": _EXAMPLE},
    ),
    Operation(
        id="campaign.update",
        method="POST",
        path=_CAMPAIGN,
        request=CampaignUpdate,
        response=CampaignAnswer,
        summary="Correct a campaign and have it reviewed again",
        source="PLIVO 10DLC: update a campaign",
        tags=_TAGS,
        request_example={"sample1": "Your order 1234 has left our warehouse."},
        response_example={"campaign": _EXAMPLE},
    ),
    Operation(
        id="campaign.delete",
        method="DELETE",
        path=_CAMPAIGN,
        request=CampaignDelete,
        response=CampaignCreated,
        summary="Deactivate a campaign",
        source="PLIVO 10DLC: delete a campaign; SDKs read the body",
        tags=_TAGS,
        response_example={"message": "Campaign Deactivated", "campaign_id": "CDB3KGW"},
    ),
)
