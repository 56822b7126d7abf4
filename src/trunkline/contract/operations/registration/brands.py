"""10DLC brands: companies as The Campaign Registry knows them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.registration.words import (
    ADDRESS_EXAMPLE,
    CONTACT_EXAMPLE,
    AddressObject,
    BrandId,
    BrandType,
    CallbackMethod,
    CallbackUrl,
    ContactObject,
    Line,
    Name,
)
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_BRANDS = "/v1/Account/{auth_id}/10dlc/Brand/"
_BRAND = "/v1/Account/{auth_id}/10dlc/Brand/{brand_id}/"

BrandStatus = Literal["FAILED", "PROCESSING", "COMPLETED"]


class BrandCreate(Request, kw_only=True, frozen=True):
    """A brand to register."""

    brand_alias: Annotated[Name, Meta(description="A friendly name.")]
    profile_uuid: Annotated[Name, Meta(description="Profile of the company; one brand each.")]
    # PLIVO 10DLC: STARTER is the default although new ones are paused there.
    brand_type: Annotated[BrandType, Meta(description="STANDARD needs a profile with an EIN.")] = (
        "STARTER"
    )
    secondary_vetting: Annotated[
        bool | None, Meta(description="Have a STANDARD brand scored; true if absent.")
    ] = None
    business_contact_email: Annotated[Line | None, Meta(description="E-mail of the business.")] = (
        None
    )
    url: CallbackUrl = None
    method: CallbackMethod = "POST"


class BrandList(Request, kw_only=True, frozen=True):
    """A page of brands."""

    registration_status: Annotated[BrandStatus | None, Meta(description="Only these.")] = None
    status: Annotated[
        BrandStatus | None, Meta(description="What SDKs call registration_status.")
    ] = None
    type: Annotated[BrandType | None, Meta(description="Only these.")] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class BrandGet(Request, kw_only=True, frozen=True):
    """One brand."""

    brand_id: BrandId


class BrandDelete(Request, kw_only=True, frozen=True):
    """Deactivate for good; only without active campaigns."""

    brand_id: BrandId


class DeclinedReason(msgspec.Struct, kw_only=True):
    """Why the registry refused."""

    code: str
    message: str


class BrandObject(msgspec.Struct, kw_only=True):
    """The brand object; what was not given is "", a score that was not given 0."""

    brand_alias: str
    brand_id: str
    brand_type: BrandType
    profile_uuid: str
    entity_type: str
    company_name: str
    ein: str
    ein_issuing_country: str
    stock_symbol: str
    stock_exchange: str
    website: str
    vertical: str
    alt_business_id: str
    alt_business_id_type: str
    address: AddressObject
    authorized_contact: ContactObject
    registration_status: BrandStatus
    vetting_status: str
    vetting_score: int
    declined_reasons: list[DeclinedReason]
    created_at: str


class BrandCreated(Confirmation, kw_only=True):
    """Which brand is being registered."""

    brand_id: str


class BrandAnswer(Answer, kw_only=True):
    """One brand."""

    brand: BrandObject


class BrandPage(Answer, kw_only=True):
    """A page of brands."""

    meta: PageMeta
    brands: list[BrandObject]


class UseCaseObject(msgspec.Struct, kw_only=True):
    """A kind of campaign."""

    code: str
    name: str
    details: str


class BrandUsecases(Answer, kw_only=True):
    """The kinds of campaign that a brand may have."""

    brand_id: str
    use_cases: list[UseCaseObject]


_EXAMPLE: dict[str, Any] = {
    "brand_alias": "acme",
    "brand_id": "BCDEF1G",
    "brand_type": "STANDARD",
    "profile_uuid": "f19c4773-4ae6-4b75-92ea-9cf3ea4227d6",
    "entity_type": "PRIVATE",
    "company_name": "Acme Inc.",
    "ein": "123456789",
    "ein_issuing_country": "US",
    "stock_symbol": "",
    "stock_exchange": "",
    "website": "www.example.com",
    "vertical": "TECHNOLOGY",
    "alt_business_id": "",
    "alt_business_id_type": "NONE",
    "address": ADDRESS_EXAMPLE,
    "authorized_contact": CONTACT_EXAMPLE,
    "registration_status": "COMPLETED",
    "vetting_status": "ACTIVE",
    "vetting_score": 80,
    "declined_reasons": [],
    "created_at": "2026-01-01T09:30:00.000000Z",
}
_TAGS = ("10dlc",)

OPERATIONS = (
    Operation(
        id="brand.create",
        method="POST",
        path=_BRANDS,
        request=BrandCreate,
        response=BrandCreated,
        summary="Register a brand",
        source="PLIVO 10DLC: create a brand",
        tags=_TAGS,
        request_example={
            "brand_alias": "acme",
            "profile_uuid": "f19c4773-4ae6-4b75-92ea-9cf3ea4227d6",
            "brand_type": "STANDARD",
            "url": "https://app.example.com/registration",
        },
        response_example={
            "message": "Request to create brand was received and is being processed.",
            "brand_id": "BCDEF1G",
        },
    ),
    Operation(
        id="brand.list",
        method="GET",
        path=_BRANDS,
        request=BrandList,
        response=BrandPage,
        summary="List brands",
        source="PLIVO 10DLC: list all brands; SDKs filter by status",
        tags=_TAGS,
        request_example={"registration_status": "COMPLETED"},
        response_example={
            "meta": SAMPLE_META,
            "brands": [_EXAMPLE],
        },
    ),
    Operation(
        id="brand.get",
        method="GET",
        path=_BRAND,
        request=BrandGet,
        response=BrandAnswer,
        summary="Get a brand",
        source="PLIVO 10DLC: get a brand",
        tags=_TAGS,
        response_example={"brand": _EXAMPLE},
    ),
    Operation(
        id="brand.usecases",
        method="GET",
        path=f"{_BRAND}usecases/",
        request=BrandGet,
        response=BrandUsecases,
        summary="List the use cases that a brand's campaigns may have",
        source="PLIVO 10DLC: get brand usecases",
        tags=_TAGS,
        response_example={
            "brand_id": "BCDEF1G",
            "use_cases": [
                {
                    "code": "2FA",
                    "name": "Two-Factor Authentication",
                    "details": "Any two-factor authentication with passcodes used to unlock"
                    " accounts",
                }
            ],
        },
    ),
    Operation(
        id="brand.delete",
        method="DELETE",
        path=_BRAND,
        request=BrandDelete,
        response=BrandCreated,
        summary="Deactivate a brand",
        source="PLIVO 10DLC: delete a brand; SDKs read the body",
        tags=_TAGS,
        response_example={"message": "Brand Deactivated", "brand_id": "BCDEF1G"},
    ),
    Operation(
        id="brand.trigger_otp",
        method="POST",
        path=f"{_BRAND}OTP/",
        request=BrandGet,
        response=BrandCreated,
        summary="Ask a starter brand's contact to confirm the registration",
        source="PLIVO SDK (node): brand.triggerOTP",
        tags=_TAGS,
        response_example={
            "message": "Message sent to XXXXXXX1234, reply YES to confirm registration.",
            "brand_id": "BCDEF1G",
        },
    ),
)
