"""Applications: the answer, hangup and message URLs that numbers and endpoints point to."""

from typing import Annotated

from msgspec import Meta

from trunkline.contract.fields import (
    SAMPLE_META,
    HttpMethod,
    Limit,
    Offset,
    SubaccountId,
    Url,
    UrlOrEmpty,
)
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_APPLICATIONS = "/v1/Account/{auth_id}/Application/"
_APPLICATION = "/v1/Account/{auth_id}/Application/{app_id}/"

AppId = Annotated[str, Meta(description="Id of the application.", max_length=64)]
# PLIVO applications: letters, digits, hyphen and underscore; SDK fixtures have dots and spaces too.
AppName = Annotated[str, Meta(min_length=1, max_length=255)]

_ANSWER_URL = Meta(description="Fetched for call instructions when a call comes in.")
_ANSWER_METHOD = Meta(description="Method of the request to `answer_url`.")
_HANGUP_URL = Meta(description="Told when a call ends; `answer_url` if absent.")
_HANGUP_METHOD = Meta(description="Method of the request to `hangup_url`.")
_FALLBACK_URL = Meta(description="Fetched when `answer_url` fails or answers rubbish.")
_FALLBACK_METHOD = Meta(description="Method of the request to `fallback_answer_url`.")
_MESSAGE_URL = Meta(description="Told about each inbound message.")
_MESSAGE_METHOD = Meta(description="Method of the request to `message_url`.")
_NUMBER_APP = Meta(description="New numbers without an application get this one.")
_ENDPOINT_APP = Meta(description="New endpoints without an application get this one.")
_SUBACCOUNT = Meta(description="Subaccount the application belongs to.")
_LOG = Meta(description="Keep the text and sender of inbound messages in the records.")
_PUBLIC = Meta(description="Whether foreign SIP services may call it.")
_DEFAULT = Meta(description="Whether it is the account's default application.")


class ApplicationCreate(Request, kw_only=True, frozen=True):
    """A new application."""

    app_name: Annotated[AppName, Meta(description="Name of the application.")]
    answer_url: Annotated[Url | None, _ANSWER_URL] = None
    answer_method: Annotated[HttpMethod, _ANSWER_METHOD] = "POST"
    hangup_url: Annotated[Url | None, _HANGUP_URL] = None
    hangup_method: Annotated[HttpMethod, _HANGUP_METHOD] = "POST"
    fallback_answer_url: Annotated[Url | None, _FALLBACK_URL] = None
    fallback_method: Annotated[HttpMethod, _FALLBACK_METHOD] = "POST"
    message_url: Annotated[Url | None, _MESSAGE_URL] = None
    message_method: Annotated[HttpMethod, _MESSAGE_METHOD] = "POST"
    default_number_app: Annotated[bool, _NUMBER_APP] = False
    default_endpoint_app: Annotated[bool, _ENDPOINT_APP] = False
    subaccount: Annotated[SubaccountId | None, _SUBACCOUNT] = None
    log_incoming_messages: Annotated[bool, _LOG] = True
    public_uri: Annotated[bool, _PUBLIC] = False
    default_app: Annotated[bool, _DEFAULT] = False


class ApplicationUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent stay as they are; an empty URL clears it."""

    app_id: AppId
    app_name: Annotated[AppName | None, Meta(description="Name of the application.")] = None
    answer_url: Annotated[UrlOrEmpty | None, _ANSWER_URL] = None
    answer_method: Annotated[HttpMethod | None, _ANSWER_METHOD] = None
    hangup_url: Annotated[UrlOrEmpty | None, _HANGUP_URL] = None
    hangup_method: Annotated[HttpMethod | None, _HANGUP_METHOD] = None
    fallback_answer_url: Annotated[UrlOrEmpty | None, _FALLBACK_URL] = None
    fallback_method: Annotated[HttpMethod | None, _FALLBACK_METHOD] = None
    message_url: Annotated[UrlOrEmpty | None, _MESSAGE_URL] = None
    message_method: Annotated[HttpMethod | None, _MESSAGE_METHOD] = None
    default_number_app: Annotated[bool | None, _NUMBER_APP] = None
    default_endpoint_app: Annotated[bool | None, _ENDPOINT_APP] = None
    subaccount: Annotated[SubaccountId | None, _SUBACCOUNT] = None
    log_incoming_messages: Annotated[bool | None, _LOG] = None
    public_uri: Annotated[bool | None, _PUBLIC] = None
    default_app: Annotated[bool | None, _DEFAULT] = None


class ApplicationGet(Request, kw_only=True, frozen=True):
    """One application."""

    app_id: AppId


class ApplicationList(Request, kw_only=True, frozen=True):
    """A page of applications."""

    subaccount: Annotated[SubaccountId | None, _SUBACCOUNT] = None
    app_name: Annotated[
        Annotated[str, Meta(max_length=255)] | None, Meta(description="Only that name.")
    ] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class ApplicationDelete(Request, kw_only=True, frozen=True):
    """Delete for good."""

    app_id: AppId
    cascade: Annotated[bool, Meta(description="Delete its endpoints too.")] = True
    new_endpoint_application: Annotated[
        AppId | None,
        Meta(description="Application that takes its endpoints when `cascade` is false."),
    ] = None


class ApplicationCreated(Confirmation, kw_only=True):
    """Where the new application is."""

    app_id: str


class ApplicationAnswer(Answer, kw_only=True):
    """The application object; URLs that are not set are ""."""

    answer_method: str
    answer_url: str
    app_id: str
    app_name: str
    default_app: bool
    default_endpoint_app: bool
    default_number_app: bool
    enabled: bool
    fallback_answer_url: str
    fallback_method: str
    hangup_method: str
    hangup_url: str
    log_incoming_messages: bool
    message_method: str
    message_url: str
    public_uri: bool
    resource_uri: str
    sip_uri: str
    sub_account: Annotated[str | None, Meta(description="URI of the subaccount, if any.")]


class ApplicationPage(Answer, kw_only=True):
    """A page of applications."""

    meta: PageMeta
    objects: list[ApplicationAnswer]


_EXAMPLE = {
    "answer_method": "POST",
    "answer_url": "https://app.example.com/answer",
    "app_id": "20468599130939380",
    "app_name": "Reception",
    "default_app": False,
    "default_endpoint_app": False,
    "default_number_app": False,
    "enabled": True,
    "fallback_answer_url": "",
    "fallback_method": "POST",
    "hangup_method": "POST",
    "hangup_url": "https://app.example.com/answer",
    "log_incoming_messages": True,
    "message_method": "POST",
    "message_url": "https://app.example.com/inbound",
    "public_uri": False,
    "resource_uri": "/v1/Account/MA2025RK4E639VJFZAGV/Application/20468599130939380/",
    "sip_uri": "sip:20468599130939380@app.example.com",
    "sub_account": None,
}

OPERATIONS = (
    Operation(
        id="application.create",
        name="createApplication",
        method="POST",
        path=_APPLICATIONS,
        request=ApplicationCreate,
        response=ApplicationCreated,
        success_status=201,
        summary="Create an application",
        source="PLIVO application: create; SDKs leave answer_url optional",
        tags=("application",),
        voice=True,
        request_example={
            "app_name": "Reception",
            "answer_url": "https://app.example.com/answer",
            "message_url": "https://app.example.com/inbound",
        },
        response_example={"message": "created", "app_id": "20468599130939380"},
    ),
    Operation(
        id="application.get",
        name="getSingleApplication",
        method="GET",
        path=_APPLICATION,
        request=ApplicationGet,
        response=ApplicationAnswer,
        summary="Get an application",
        source="PLIVO application: retrieve",
        tags=("application",),
        voice=True,
        response_example=_EXAMPLE,
    ),
    Operation(
        id="application.list",
        name="getApplications",
        method="GET",
        path=_APPLICATIONS,
        request=ApplicationList,
        response=ApplicationPage,
        summary="List applications",
        source="PLIVO application: list",
        tags=("application",),
        voice=True,
        request_example={"limit": 20, "offset": 0},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="application.update",
        name="updateApplication",
        method="POST",
        path=_APPLICATION,
        request=ApplicationUpdate,
        response=Confirmation,
        success_status=202,
        summary="Change an application",
        source="PLIVO application: update",
        tags=("application",),
        voice=True,
        request_example={"message_url": "https://app.example.com/inbound"},
        response_example={"message": "changed"},
    ),
    Operation(
        id="application.delete",
        name="deleteApplication",
        method="DELETE",
        path=_APPLICATION,
        request=ApplicationDelete,
        response=None,
        success_status=204,
        summary="Delete an application",
        source="PLIVO application: delete; cascade defaults to true",
        tags=("application",),
        voice=True,
        request_example={"cascade": False, "new_endpoint_application": "13094892674577059"},
    ),
)
