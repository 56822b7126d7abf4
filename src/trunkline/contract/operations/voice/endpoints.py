"""Endpoints: SIP phones and soft phones that register with a username and a password."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset, SubaccountId
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_ENDPOINTS = "/v1/Account/{auth_id}/Endpoint/"
_ENDPOINT = "/v1/Account/{auth_id}/Endpoint/{endpoint_id}/"

EndpointId = Annotated[str, Meta(description="Id of the endpoint.", max_length=64)]
# PLIVO endpoint: alphanumeric, the first a letter; 12 digits are appended.
Username = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9]*(?!\n)$",
        max_length=50,
        extra={"form": "letters and digits, a letter first"},
    ),
]
Password = Annotated[str, Meta(min_length=5, max_length=128)]  # PLIVO endpoint: at least 5
Alias = Annotated[str, Meta(min_length=1, max_length=255)]
AppIdOrEmpty = Annotated[str, Meta(max_length=64)]

_PASSWORD = Meta(description="Password of the phone; kept only as digest, never shown.")
_ALIAS = Meta(description="Name for people.")


class EndpointCreate(Request, kw_only=True, frozen=True):
    """A new endpoint."""

    username: Annotated[
        Username, Meta(description="Beginning of the username; 12 digits are appended to it.")
    ]
    password: Annotated[Password, _PASSWORD]
    alias: Annotated[Alias, _ALIAS]
    app_id: Annotated[
        AppIdOrEmpty | None,
        Meta(description="Application of its calls; the account's default one if absent."),
    ] = None


class EndpointUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent stay as they are; an `app_id` of "null" takes the application away."""

    endpoint_id: EndpointId
    password: Annotated[Password | None, _PASSWORD] = None
    alias: Annotated[Alias | None, _ALIAS] = None
    app_id: Annotated[AppIdOrEmpty | None, Meta(description="Application of its calls.")] = None


class EndpointGet(Request, kw_only=True, frozen=True):
    """One endpoint."""

    endpoint_id: EndpointId


class EndpointList(Request, kw_only=True, frozen=True):
    """A page of endpoints, the newest first."""

    subaccount: Annotated[SubaccountId | None, Meta(description="Only of that subaccount.")] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class EndpointDelete(Request, kw_only=True, frozen=True):
    """Delete for good, its registrations too."""

    endpoint_id: EndpointId


class EndpointCreated(Confirmation, kw_only=True):
    """The new endpoint's id and its whole username."""

    endpoint_id: str
    username: str
    alias: str


class EndpointAnswer(Answer, kw_only=True):
    """The endpoint object; `sip_contact` and what follows it only while it is registered."""

    endpoint_id: str
    alias: str
    username: str
    app_id: Annotated[str, Meta(description='Id of its application, "" if none.')]
    application: Annotated[str | None, Meta(description="URI of its application, if any.")]
    sip_uri: str
    sip_registered: Annotated[str, Meta(description='"true" while a phone is registered.')]
    sub_account: Annotated[str | None, Meta(description="URI of the subaccount, if any.")]
    resource_uri: str
    sip_contact: str | msgspec.UnsetType = msgspec.UNSET
    sip_expires: Annotated[
        str | msgspec.UnsetType, Meta(description="UTC, `YYYY-MM-DD HH:MM:SS`.")
    ] = msgspec.UNSET
    sip_user_agent: str | msgspec.UnsetType = msgspec.UNSET


class EndpointPage(Answer, kw_only=True):
    """A page of endpoints."""

    meta: PageMeta
    objects: list[EndpointAnswer]


_ACCOUNT = "/v1/Account/MA2025RK4E639VJFZAGV"
_USERNAME = "frontdesk260302101530"
_EXAMPLE = {
    "endpoint_id": "37371860103666",
    "alias": "Front desk",
    "username": _USERNAME,
    "app_id": "20468599130939380",
    "application": f"{_ACCOUNT}/Application/20468599130939380/",
    "sip_uri": f"sip:{_USERNAME}@phone.plivo.com",
    "sip_registered": "true",
    "sub_account": None,
    "resource_uri": f"{_ACCOUNT}/Endpoint/37371860103666/",
    "sip_contact": f"sip:{_USERNAME}@192.0.2.10:57563;ob",
    "sip_expires": "2026-03-02 10:20:30",
    "sip_user_agent": "Telephone 1.1.4",
}

OPERATIONS = (
    Operation(
        id="endpoint.create",
        name="createEndpoint",
        method="POST",
        path=_ENDPOINTS,
        request=EndpointCreate,
        response=EndpointCreated,
        success_status=201,
        summary="Create an endpoint",
        source="PLIVO endpoint: create",
        tags=("endpoint",),
        voice=True,
        request_example={
            "username": "frontdesk",
            "password": "a long passphrase",
            "alias": "Front desk",
        },
        response_example={
            "message": "created",
            "endpoint_id": "37371860103666",
            "username": _USERNAME,
            "alias": "Front desk",
        },
    ),
    Operation(
        id="endpoint.get",
        name="getSingleEndpoint",
        method="GET",
        path=_ENDPOINT,
        request=EndpointGet,
        response=EndpointAnswer,
        summary="Get an endpoint",
        source="PLIVO endpoint: retrieve; app_id from plivo-go",
        tags=("endpoint",),
        voice=True,
        response_example=_EXAMPLE,
    ),
    Operation(
        id="endpoint.list",
        name="getEndpoints",
        method="GET",
        path=_ENDPOINTS,
        request=EndpointList,
        response=EndpointPage,
        summary="List endpoints and whether they are registered",
        source="PLIVO endpoint: list",
        tags=("endpoint",),
        voice=True,
        request_example={"limit": 20, "offset": 0},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE],
        },
    ),
    Operation(
        id="endpoint.update",
        name="updateEndpoint",
        method="POST",
        path=_ENDPOINT,
        request=EndpointUpdate,
        response=Confirmation,
        success_status=202,
        summary="Change an endpoint",
        source="PLIVO endpoint: update; SDKs leave every field optional",
        tags=("endpoint",),
        voice=True,
        request_example={"alias": "Back office"},
        response_example={"message": "changed"},
    ),
    Operation(
        id="endpoint.delete",
        name="deleteEndpoint",
        method="DELETE",
        path=_ENDPOINT,
        request=EndpointDelete,
        response=None,
        success_status=204,
        summary="Delete an endpoint",
        source="PLIVO endpoint: delete",
        tags=("endpoint",),
        voice=True,
    ),
)
