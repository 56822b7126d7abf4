"""Numbers that can be rented."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.applications import AppId
from trunkline.contract.operations.numbers import CnamLookup, NumberText, Services
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_PHONE_NUMBERS = "/v1/Account/{auth_id}/PhoneNumber/"
_PHONE_NUMBER = "/v1/Account/{auth_id}/PhoneNumber/{number}/"

_Place = Annotated[str, Meta(min_length=1, max_length=100)]


class PhoneNumberSearch(Request, kw_only=True, frozen=True):
    """Numbers of one country that nobody has; all filters must fit."""

    country_iso: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z]{2}$",
            description="ISO 3166 code of the country.",
            extra={"form": "two letters, such as US"},
        ),
    ]
    # PLIVO numbers: fixed, mobile, tollfree or any; SDKs: `fixed` is `local` and `national`.
    type: Annotated[
        Literal["any", "fixed", "local", "mobile", "national", "tollfree"] | None,
        Meta(description="`fixed` is `local` and `national`; any type if absent."),
    ] = None
    pattern: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^\^?[0-9*?]{1,15}\$?$",
                extra={"form": "digits, * for any digits, ? for one, perhaps $ at the end"},
            ),
        ]
        | None,
        Meta(
            description="How they begin after the country code: 415 finds +1415…. `*` stands for"
            " any digits, `?` for one, `$` at the end for the end of the number."
        ),
    ] = None
    region: Annotated[
        _Place | None,
        Meta(description="State, region or city: its exact name, or three letters or more of it."),
    ] = None
    city: Annotated[
        _Place | None, Meta(description="City: its exact name, or three letters or more of it.")
    ] = None
    services: Annotated[
        Services | None,
        Meta(
            description="What they must be able to do; any of it if absent.",
            extra={"join": ","},
        ),
    ] = None
    lata: Annotated[
        Annotated[str, Meta(pattern=r"^\d{1,5}$", extra={"form": "a number"})] | None,
        Meta(description="Local access and transport area (US and CA)."),
    ] = None
    rate_center: Annotated[_Place | None, Meta(description="Rate centre (US and CA).")] = None
    npanxx: Annotated[
        Annotated[str, Meta(pattern=r"^\d{6}$", extra={"form": "six digits"})] | None,
        Meta(description="Area code and exchange (US and CA)."),
    ] = None
    local_calling_area: Annotated[
        bool, Meta(description="With `npanxx`: all numbers of the rate centre of that exchange.")
    ] = False
    eligible: Annotated[bool, Meta(description="Only numbers that can be had without papers.")] = (
        False
    )
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class PhoneNumberBuy(Request, kw_only=True, frozen=True):
    """Rent a number."""

    number: NumberText
    app_id: Annotated[
        AppId | None,
        Meta(description="Its application; the default number application if absent."),
    ] = None
    cnam_lookup: CnamLookup | None = None
    verification_info: Annotated[
        dict[str, Any] | None, Meta(description="What proves the right to the number.")
    ] = None
    ha_enable: Annotated[
        bool,
        Meta(description="Asks for a second number for calls; this inventory has none to give."),
    ] = False
    compliance_application_id: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Accepted regulatory application; restricted numbers need one."),
    ] = None


class PhoneNumberAnswer(Answer, kw_only=True):
    """A number that can be rented; rates are US dollars as text."""

    city: str
    country: str
    fallback_number: str
    ha_enabled: bool
    lata: int | None
    mms_enabled: bool
    mms_rate: str
    monthly_rental_rate: str
    number: str
    prefix: Annotated[str, Meta(description="Area code.")]
    prerequisites: list[dict[str, Any]]
    rate_center: str | None
    region: str
    resource_uri: str
    restriction: str | None
    restriction_text: str | None
    setup_rate: str
    sms_enabled: bool
    sms_rate: str
    sub_type: Annotated[str, Meta(description="`local`, `national`, `mobile` or `tollfree`.")]
    type: Annotated[str, Meta(description="`fixed`, `mobile` or `tollfree`.")]
    voice_enabled: bool
    voice_rate: str


class PhoneNumberPage(Answer, kw_only=True):
    """A page of numbers that can be rented."""

    meta: PageMeta
    objects: list[PhoneNumberAnswer]


class BoughtNumber(Answer, kw_only=True):
    """What became of one number."""

    number: str
    status: str
    fallback_number: str


class PhoneNumberBought(Answer, kw_only=True):
    """What was rented."""

    message: str
    numbers: list[BoughtNumber]
    status: str


_EXAMPLE: dict[str, object] = {
    "city": "San Francisco",
    "country": "UNITED STATES",
    "fallback_number": "",
    "ha_enabled": False,
    "lata": 722,
    "mms_enabled": True,
    "mms_rate": "0.00000",
    "monthly_rental_rate": "0.80000",
    "number": "14155550123",
    "prefix": "415",
    "prerequisites": [],
    "rate_center": "SNFC CNTRL",
    "region": "California, UNITED STATES",
    "resource_uri": "/v1/Account/MA2025RK4E639VJFZAGV/PhoneNumber/14155550123/",
    "restriction": None,
    "restriction_text": None,
    "setup_rate": "0.00000",
    "sms_enabled": True,
    "sms_rate": "0.00000",
    "sub_type": "local",
    "type": "fixed",
    "voice_enabled": True,
    "voice_rate": "0.00850",
}

OPERATIONS = (
    Operation(
        id="phone_number.search",
        name="searchNewNumbers",
        method="GET",
        path=_PHONE_NUMBERS,
        request=PhoneNumberSearch,
        response=PhoneNumberPage,
        summary="Search numbers to rent",
        source="PLIVO numbers: search new numbers",
        tags=("number",),
        request_example={"country_iso": "US", "type": "local", "pattern": "415"},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="phone_number.buy",
        name="buyNumber",
        method="POST",
        path=_PHONE_NUMBER,
        request=PhoneNumberBuy,
        response=PhoneNumberBought,
        success_status=202,
        summary="Rent a number",
        source="PLIVO numbers: buy a number",
        tags=("number",),
        request_example={"app_id": "20468599130939380"},
        response_example={
            "message": "created",
            "numbers": [{"number": "14155550123", "status": "Success", "fallback_number": ""}],
            "status": "fulfilled",
        },
    ),
)
