"""Toll-free verification: who sends what from a toll-free number."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, HttpMethod, Limit, Offset, UrlOrEmpty
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.registration.words import Line
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_REQUESTS = "/v1/Account/{auth_id}/TollfreeVerification/"
_REQUEST = "/v1/Account/{auth_id}/TollfreeVerification/{uuid}/"

OptinType = Literal["VERBAL", "WEB_FORM", "PAPER_FORM", "VIA_TEXT", "MOBILE_QR_CODE"]
Volume = Literal[  # PLIVO toll-free verification: volume; its samples also have 100
    "100",
    "1,000",
    "10,000",
    "100,000",
    "250,000",
    "500,000",
    "750,000",
    "1,000,000",
    "5,000,000",
    "10,000,000+",
]
TollfreeStatus = Literal["SUBMITTED", "PROCESSING", "APPROVED", "REJECTED", "UPDATE_REQUIRED"]

# PLIVO toll-free verification: usecase, one or several, comma-separated
_USE_CASE = (
    "2FA|ACCOUNT_NOTIFICATION|CUSTOMER_CARE|DELIVERY_NOTIFICATION|FRAUD_ALERT|HIGHER_EDUCATION"
    "|MARKETING|POLLING_VOTING|PUBLIC_SERVICE_ANNOUNCEMENT|SECURITY_ALERT"
)
UseCases = Annotated[
    str,
    Meta(
        pattern=rf"^({_USE_CASE})( *, *({_USE_CASE}))*$",
        max_length=255,
        extra={"join": ",", "form": f"one or more, comma-separated, of {_USE_CASE}"},
    ),
]
ImageUrls = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s,]+( *, *https?://[^\s,]+)*$",
        max_length=4_096,
        extra={"join": ",", "form": "one or more http:// or https:// URLs, comma-separated"},
    ),
]
# PLIVO toll-free verification: lengths
Summary = Annotated[str, Meta(min_length=1, max_length=500)]
Samples = Annotated[str, Meta(min_length=1, max_length=1_000)]
Additional = Annotated[str, Meta(max_length=500)]
Extra = Annotated[str, Meta(max_length=100)]
Link = Annotated[str, Meta(max_length=2_048)]
Reply = Annotated[str, Meta(max_length=1_000)]

_PROFILE = Meta(description="Profile of the company.")
_USECASE = Meta(description="What the number is used for.")
_SUMMARY = Meta(description="How it is used.")
_SAMPLE = Meta(description="Messages that it will send.")
_IMAGE = Meta(description="Where the way people opt in is shown.")
_TYPE = Meta(description="How people opt in.")
_VOLUME = Meta(description="Messages a month.")
_MORE = Meta(description="What else may help, such as a link to the terms.")
_EXTRA = Meta(description="For your own reference.")
_CALLBACK = Meta(description="Told of each change of status.")
_METHOD = Meta(description="Method of the request to that URL.")
_TERMS = Meta(description="Where the terms and conditions are.")
_PRIVACY = Meta(description="Where the privacy policy is.")
_OPTIN = Meta(description="Confirms an opt-in.")
_HELP = Meta(description="Answer to HELP.")
_ID = Annotated[str, Meta(description="Id of the request.", min_length=1, max_length=64)]


class VerificationCreate(Request, kw_only=True, frozen=True):
    """A toll-free number to verify."""

    profile_uuid: Annotated[str, _PROFILE, Meta(min_length=1, max_length=64)]
    usecase: Annotated[UseCases, _USECASE]
    usecase_summary: Annotated[Summary, _SUMMARY]
    message_sample: Annotated[Samples, _SAMPLE]
    optin_image_url: Annotated[ImageUrls, _IMAGE]
    optin_type: Annotated[OptinType, _TYPE]
    volume: Annotated[Volume, _VOLUME]
    number: Annotated[
        str,
        Meta(
            description="The account's US or Canadian toll-free number.",
            min_length=1,
            max_length=64,
        ),
    ]
    additional_information: Annotated[Additional | None, _MORE] = None
    extra_data: Annotated[Extra | None, _EXTRA] = None
    callback_url: Annotated[UrlOrEmpty | None, _CALLBACK] = None
    callback_method: Annotated[HttpMethod, _METHOD] = "POST"
    terms_and_conditions_link: Annotated[Link | None, _TERMS] = None
    privacy_policy_link: Annotated[Link | None, _PRIVACY] = None
    optin_message: Annotated[Reply | None, _OPTIN] = None
    help_message: Annotated[Reply | None, _HELP] = None


class VerificationGet(Request, kw_only=True, frozen=True):
    """One request."""

    uuid: _ID


class VerificationList(Request, kw_only=True, frozen=True):
    """A page of requests."""

    number: Annotated[Line | None, Meta(description="Only for that number.")] = None
    status: Annotated[TollfreeStatus | None, Meta(description="Only these.")] = None
    profile_uuid: Annotated[Line | None, Meta(description="Only that profile's.")] = None
    usecase: Annotated[UseCases | None, Meta(description="Only with exactly these use cases.")] = (
        None
    )
    created: Annotated[Line | None, Meta(description="Made on that day, YYYY-MM-DD.")] = None
    created__gt: Annotated[Line | None, Meta(description="Made after that day.")] = None
    created__gte: Annotated[Line | None, Meta(description="Made on that day or later.")] = None
    created__lt: Annotated[Line | None, Meta(description="Made before that day.")] = None
    created__lte: Annotated[Line | None, Meta(description="Made on that day or earlier.")] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class VerificationUpdate(Request, kw_only=True, frozen=True):
    """Correct a request that is SUBMITTED or UPDATE_REQUIRED; absent fields stay as they are."""

    uuid: _ID
    profile_uuid: Annotated[Line | None, _PROFILE] = None
    usecase: Annotated[UseCases | None, _USECASE] = None
    usecase_summary: Annotated[Summary | None, _SUMMARY] = None
    message_sample: Annotated[Samples | None, _SAMPLE] = None
    optin_image_url: Annotated[ImageUrls | None, _IMAGE] = None
    optin_type: Annotated[OptinType | None, _TYPE] = None
    volume: Annotated[Volume | None, _VOLUME] = None
    additional_information: Annotated[Additional | None, _MORE] = None
    extra_data: Annotated[Extra | None, _EXTRA] = None
    callback_url: Annotated[UrlOrEmpty | None, _CALLBACK] = None
    callback_method: Annotated[HttpMethod | None, _METHOD] = None
    terms_and_conditions_link: Annotated[Link | None, _TERMS] = None
    privacy_policy_link: Annotated[Link | None, _PRIVACY] = None
    optin_message: Annotated[Reply | None, _OPTIN] = None
    help_message: Annotated[Reply | None, _HELP] = None


class VerificationDelete(Request, kw_only=True, frozen=True):
    """Withdraw a request that is not decided yet."""

    uuid: _ID


class VerificationCreated(Confirmation, kw_only=True):
    """Which request was made."""

    uuid: str


class VerificationAnswer(Answer, kw_only=True):
    """The toll-free verification object; what was not given is ""."""

    uuid: str
    profile_uuid: str
    number: str
    usecase: str
    usecase_summary: str
    message_sample: str
    optin_image_url: str
    optin_type: str
    volume: str
    additional_information: str
    extra_data: str
    callback_url: str
    callback_method: str
    status: TollfreeStatus
    error_message: str
    rejection_reason: str
    terms_and_conditions_link: str
    privacy_policy_link: str
    optin_message: str
    help_message: str
    created: str
    last_modified: str


class VerificationPage(Answer, kw_only=True):
    """A page of requests."""

    meta: PageMeta
    objects: list[VerificationAnswer]


_GIVEN = {
    "profile_uuid": "f19c4773-4ae6-4b75-92ea-9cf3ea4227d6",
    "number": "18005550199",
    "usecase": "2FA",
    "usecase_summary": "We send 2FA codes to customers when they sign up.",
    "message_sample": "Your Acme verification code is 123456.",
    "optin_image_url": "https://app.example.com/optin.png",
    "optin_type": "WEB_FORM",
    "volume": "1,000",
}
_UUID = "4a59de5e-204a-47e8-6973-e713f9a1e0ce"
_EXAMPLE = {
    **_GIVEN,
    "uuid": _UUID,
    "additional_information": "",
    "extra_data": "",
    "callback_url": "",
    "callback_method": "POST",
    "status": "SUBMITTED",
    "error_message": "",
    "rejection_reason": "",
    "terms_and_conditions_link": "",
    "privacy_policy_link": "",
    "optin_message": "",
    "help_message": "",
    "created": "2026-01-01T09:30:00.000000Z",
    "last_modified": "2026-01-01T09:30:00.000000Z",
}
_TAGS = ("tollfree",)

OPERATIONS = (
    Operation(
        id="tollfree_verification.create",
        method="POST",
        path=_REQUESTS,
        request=VerificationCreate,
        response=VerificationCreated,
        success_status=201,
        summary="Ask for the verification of a toll-free number",
        source="PLIVO toll-free verification: create",
        tags=_TAGS,
        request_example=_GIVEN,
        response_example={"message": "created", "uuid": _UUID},
    ),
    Operation(
        id="tollfree_verification.get",
        method="GET",
        path=_REQUEST,
        request=VerificationGet,
        response=VerificationAnswer,
        summary="Get a verification request",
        source="PLIVO toll-free verification: retrieve",
        tags=_TAGS,
        response_example=_EXAMPLE,
    ),
    Operation(
        id="tollfree_verification.list",
        method="GET",
        path=_REQUESTS,
        request=VerificationList,
        response=VerificationPage,
        summary="List verification requests",
        source="PLIVO toll-free verification: list",
        tags=_TAGS,
        request_example={"status": "SUBMITTED"},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="tollfree_verification.update",
        method="POST",
        path=_REQUEST,
        request=VerificationUpdate,
        response=Confirmation,
        success_status=202,
        summary="Correct a verification request",
        source="PLIVO toll-free verification: update",
        tags=_TAGS,
        request_example={"volume": "10,000"},
        response_example={
            "message": f"Tollfree verification request for uuid {_UUID} updated successfully."
        },
    ),
    Operation(
        id="tollfree_verification.delete",
        method="DELETE",
        path=_REQUEST,
        request=VerificationDelete,
        response=None,
        success_status=204,
        summary="Withdraw a verification request",
        source="PLIVO toll-free verification: delete",
        tags=_TAGS,
    ),
)
