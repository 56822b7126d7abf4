"""Numbers of an account: rented ones, and those of its own carriers."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset, SubaccountId
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.applications import AppId
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_NUMBERS = "/v1/Account/{auth_id}/Number/"
_NUMBER = "/v1/Account/{auth_id}/Number/{number}/"
MAX_NUMBERS = 1_000

NumberText = Annotated[
    str, Meta(max_length=32, description="A number with its country code, such as 14155550100.")
]
Date = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="A day, `YYYY-MM-DD` (UTC).",
        extra={"form": "YYYY-MM-DD"},
    ),
]
Services = Annotated[
    str,
    Meta(
        pattern=r"^\s*(sms|mms|voice)(\s*,\s*(sms|mms|voice))*\s*$",
        description="`voice`, `sms`, `mms` or several of them, with a comma between.",
        extra={"join": ",", "form": "sms, mms, voice or several of them"},
    ),
]
CnamLookup = Annotated[
    Literal["enabled", "disabled"],
    Meta(description="Whether the name of a caller is looked up."),
]
# PLIVO numbers: type. Java's enum also has `fixed` and `any`.
OwnedType = Literal["local", "tollfree", "mobile", "national", "shortcode", "fixed", "any"]
# PLIVO numbers: number_type "does not impact the way Plivo uses this number".
OwnType = Literal["local", "tollfree", "mobile", "national", "fixed"]

_SUBACCOUNT = Meta(description="Subaccount that the number is for.")
_ALIAS = Meta(max_length=255, description="A name for the number.")
_APP = Meta(description="Application that its messages and calls go to.")


class NumberList(Request, kw_only=True, frozen=True):
    """A page of numbers; all filters must fit."""

    type: Annotated[OwnedType | None, Meta(description="Only that type; all types if absent.")] = (
        None
    )
    number_startswith: Annotated[
        Annotated[
            str,
            Meta(pattern=r"^\+?[0-9]*$", max_length=16, extra={"form": "digits"}),
        ]
        | None,
        Meta(description="Only numbers that begin so, the country code first."),
    ] = None
    subaccount: Annotated[SubaccountId | None, Meta(description="Only that subaccount's.")] = None
    alias: Annotated[
        Annotated[str, Meta(max_length=255)] | None, Meta(description="Only that alias.")
    ] = None
    # PLIVO numbers: `sms` alone is "numbers that provide only 'sms' services".
    services: Annotated[
        Services | None,
        Meta(
            description="`voice`: voice, perhaps more; `voice,sms`: both; `sms`: SMS and no voice.",
            extra={"join": ","},
        ),
    ] = None
    # PLIVO numbers: docs say in_progress and registered where SDKs say processing and completed.
    tendlc_registration_status: Annotated[
        Literal["unregistered", "processing", "completed", "in_progress", "registered"] | None,
        Meta(description="Only US and Canadian local numbers registered so far for 10DLC."),
    ] = None
    tendlc_campaign_id: Annotated[
        Annotated[str, Meta(max_length=64)] | None, Meta(description="Only that campaign's.")
    ] = None
    toll_free_sms_verification: Annotated[
        Literal["unverified", "pending_verification", "verified"] | None,
        Meta(description="Only US and Canadian toll-free numbers verified so far."),
    ] = None
    toll_free_sms_verification_order_status: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Only numbers whose verification request stands so."),
    ] = None
    toll_free_sms_verification_id: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Only the number of that verification request."),
    ] = None
    renewal_date: Annotated[Date | None, Meta(description="Renewed on that day.")] = None
    renewal_date__lt: Annotated[Date | None, Meta(description="Renewed before that day.")] = None
    renewal_date__lte: Annotated[Date | None, Meta(description="On that day or before.")] = None
    renewal_date__gt: Annotated[Date | None, Meta(description="Renewed after that day.")] = None
    renewal_date__gte: Annotated[Date | None, Meta(description="On that day or after.")] = None
    cnam_lookup: CnamLookup | None = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class NumberGet(Request, kw_only=True, frozen=True):
    """One number."""

    number: NumberText


class NumberAddOwn(Request, kw_only=True, frozen=True):
    """Numbers of the account's own carrier; all of them or none."""

    numbers: Annotated[
        list[NumberText],
        Meta(
            max_length=MAX_NUMBERS,
            description="Numbers with country code: a list, or text with commas between.",
        ),
    ]
    carrier: Annotated[str, Meta(max_length=64, description="Id of the incoming carrier.")]
    region: Annotated[
        str, Meta(min_length=1, max_length=100, description="Where they are, in your own words.")
    ]
    number_type: Annotated[OwnType, Meta(description="What to call them.")] = "local"
    app_id: Annotated[AppId | None, _APP] = None
    subaccount: Annotated[SubaccountId | None, _SUBACCOUNT] = None


class NumberUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent stay as they are; a POST with neither body nor query unrents."""

    number: NumberText
    # PLIVO numbers: "if this is set to null, then any existing application is unlinked".
    app_id: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(
            description="Application that its messages and calls go to; null or empty for none.",
            extra={"null": ""},
        ),
    ] = None
    subaccount: Annotated[
        Annotated[str, Meta(max_length=20)] | None,
        Meta(
            description="Subaccount that gets the number; null or empty: back to the main account.",
            extra={"null": ""},
        ),
    ] = None
    alias: Annotated[
        Annotated[str, Meta(max_length=255)] | None,
        Meta(description="A name for the number; null or empty for none.", extra={"null": ""}),
    ] = None
    cnam_lookup: CnamLookup | None = None
    cnam: Annotated[
        # NANP caller names have 15 characters (ATIS-0300105).
        Annotated[str, Meta(max_length=15)] | None,
        Meta(description="Name that is shown to those who are called."),
    ] = None
    verification_info: Annotated[
        dict[str, Any] | None, Meta(description="What proves the right to the number.")
    ] = None
    compliance_application_id: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Accepted regulatory application of the number."),
    ] = None
    profile_uuid: Annotated[
        Annotated[str, Meta(max_length=64)] | None, Meta(description="Business profile of it.")
    ] = None


class NumberUnrent(Request, kw_only=True, frozen=True):
    """Give a number back for good."""

    number: NumberText


class NumberAnswer(Answer, kw_only=True):
    """The number object; rates are US dollars as text."""

    active: Annotated[bool, Meta(description="False while its rent is owed.")]
    added_on: Annotated[str, Meta(description="`YYYY-MM-DD`")]
    alias: str
    application: Annotated[str, Meta(description="URI of its application; empty if it has none.")]
    carrier: Annotated[
        str, Meta(description="`Plivo` when rented, else the name of the incoming carrier.")
    ]
    city: str
    cnam: str
    cnam_lookup: str
    compliance_application_id: str | None
    compliance_status: str | None
    country: Annotated[str, Meta(description="Name of its country.")]
    mms_enabled: bool
    mms_rate: Annotated[str, Meta(description="Price of an inbound MMS.")]
    monthly_rental_rate: str
    number: str
    number_type: str
    plivo_number: Annotated[bool, Meta(description="Whether it is rented.")]
    profile_uuid: str | None
    region: str
    renewal_date: Annotated[
        str, Meta(description="When the next month is charged; empty if it is not rented.")
    ]
    resource_uri: str
    sms_enabled: bool
    sms_rate: Annotated[str, Meta(description="Price of a part of an inbound SMS.")]
    sub_account: Annotated[str | None, Meta(description="Auth id of its subaccount, if any.")]
    sub_account_name: Annotated[str, Meta(description="Name of its subaccount, if any.")]
    tendlc_campaign_id: str | None
    tendlc_registration_status: Annotated[
        str | None, Meta(description="`UNREGISTERED`, `PROCESSING` or `COMPLETED`; null elsewhere.")
    ]
    toll_free_sms_verification: Annotated[
        str | None,
        Meta(description="`unverified`, `pending_verification` or `verified`; null elsewhere."),
    ]
    toll_free_sms_verification_id: str
    toll_free_sms_verification_order_status: str
    voice_enabled: bool
    voice_rate: Annotated[str, Meta(description="Price of a minute of an inbound call.")]


class NumberPage(Answer, kw_only=True):
    """A page of numbers."""

    meta: PageMeta
    objects: list[NumberAnswer]


_EXAMPLE = {
    "active": True,
    "added_on": "2026-01-12",
    "alias": "Front desk",
    "application": "/v1/Account/MA2025RK4E639VJFZAGV/Application/20468599130939380/",
    "carrier": "Plivo",
    "city": "San Francisco",
    "cnam": "",
    "cnam_lookup": "disabled",
    "compliance_application_id": None,
    "compliance_status": None,
    "country": "United States",
    "mms_enabled": True,
    "mms_rate": "0.00000",
    "monthly_rental_rate": "0.80000",
    "number": "14155550123",
    "number_type": "local",
    "plivo_number": True,
    "profile_uuid": None,
    "region": "California, UNITED STATES",
    "renewal_date": "2026-02-01",
    "resource_uri": "/v1/Account/MA2025RK4E639VJFZAGV/Number/14155550123/",
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
    "voice_rate": "0.00850",
}

OPERATIONS = (
    Operation(
        id="number.list",
        name="getRentedNumbers",
        method="GET",
        path=_NUMBERS,
        request=NumberList,
        response=NumberPage,
        summary="List numbers",
        source="PLIVO numbers: list rented numbers; filters of the SDKs",
        tags=("number",),
        request_example={"type": "local", "services": "voice,sms", "limit": 20, "offset": 0},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="number.get",
        name="getRentedNumber",
        method="GET",
        path=_NUMBER,
        request=NumberGet,
        response=NumberAnswer,
        summary="Get a number",
        source="PLIVO numbers: get rented number",
        tags=("number",),
        response_example=_EXAMPLE,
    ),
    Operation(
        id="number.add_own",
        name="addOwnCarrierNumber",
        method="POST",
        path=_NUMBERS,
        request=NumberAddOwn,
        response=Confirmation,
        success_status=202,
        summary="Add numbers of your own carrier",
        source="PLIVO numbers: add own carrier number",
        tags=("number",),
        request_example={
            "numbers": ["14155550150", "14155550151"],
            "carrier": "19381640842535",
            "region": "California, USA",
        },
        response_example={"message": "changed"},
    ),
    Operation(
        id="number.update",
        name="updateNumber",
        method="POST",
        path=_NUMBER,
        request=NumberUpdate,
        response=Confirmation,
        success_status=202,
        summary="Change a number",
        source="PLIVO numbers: update number",
        tags=("number",),
        bodiless="number.unrent",
        request_example={"app_id": "20468599130939380", "alias": "Front desk"},
        response_example={"message": "changed"},
    ),
    Operation(
        id="number.unrent",
        name="unrentNumber",
        method="DELETE",
        path=_NUMBER,
        request=NumberUnrent,
        response=None,
        success_status=204,
        summary="Unrent a number",
        source="PLIVO numbers: unrent; the function package sends POST without a body",
        tags=("number",),
    ),
)
