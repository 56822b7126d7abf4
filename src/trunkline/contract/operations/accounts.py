"""Accounts and subaccounts."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_ACCOUNT = "/v1/Account/{auth_id}/"
_SUBACCOUNTS = "/v1/Account/{auth_id}/Subaccount/"
_SUBACCOUNT = "/v1/Account/{auth_id}/Subaccount/{subauth_id}/"

SubauthId = Annotated[str, Meta(description="Auth id of the subaccount.", max_length=64)]
AccountText = Annotated[str, Meta(max_length=255)]
SubaccountName = Annotated[
    str, Meta(min_length=1, max_length=255, description="A name that people can read.")
]


class AccountGet(Request, kw_only=True, frozen=True):
    """Nothing to say: the account is the one in the path."""


class AccountUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent stay as they are."""

    name: Annotated[AccountText | None, Meta(description="Name of the account's holder.")] = None
    city: Annotated[AccountText | None, Meta(description="City of the account's holder.")] = None
    address: Annotated[
        AccountText | None, Meta(description="Postal address, shown on invoices.")
    ] = None
    state: Annotated[AccountText | None, Meta(description="State or region.")] = None
    timezone: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="IANA time zone the console shows times in."),
    ] = None


class AccountAnswer(Answer, kw_only=True):
    """The account object."""

    account_type: Literal["standard", "developer"]
    address: str
    auth_id: str
    auto_recharge: bool
    billing_mode: Literal["prepaid", "postpaid"]
    cash_credits: Annotated[str, Meta(description="Credit in US dollars, five decimals.")]
    city: str
    name: str
    resource_uri: str
    state: str
    timezone: str


class SubaccountCreate(Request, kw_only=True, frozen=True):
    """A new subaccount of the account in the path."""

    name: SubaccountName
    enabled: Annotated[bool, Meta(description="Whether it may use the API.")] = False


class SubaccountGet(Request, kw_only=True, frozen=True):
    """One subaccount."""

    subauth_id: SubauthId


class SubaccountList(Request, kw_only=True, frozen=True):
    """A page of subaccounts, the newest first."""

    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class SubaccountUpdate(Request, kw_only=True, frozen=True):
    """A new name, and whether the subaccount is enabled (absent: unchanged)."""

    subauth_id: SubauthId
    name: SubaccountName
    enabled: Annotated[bool | None, Meta(description="Whether it may use the API.")] = None


class SubaccountDelete(Request, kw_only=True, frozen=True):
    """Delete for good."""

    subauth_id: SubauthId
    cascade: Annotated[
        bool,
        Meta(
            description="Delete its applications, endpoints and numbers too; "
            "otherwise they pass to the main account."
        ),
    ] = False


class SubaccountCreated(Confirmation, kw_only=True):
    """Credentials of the new subaccount."""

    auth_id: str
    auth_token: str


class SubaccountAnswer(Answer, kw_only=True):
    """The subaccount object; dates are `YYYY-MM-DD`."""

    account: Annotated[str, Meta(description="URI of the main account.")]
    auth_id: str
    auth_token: str
    created: str
    enabled: bool
    modified: str | None
    name: str
    new_auth_token: str | msgspec.UnsetType = msgspec.UNSET
    resource_uri: str


class SubaccountPage(Answer, kw_only=True):
    """A page of subaccounts."""

    meta: PageMeta
    objects: list[SubaccountAnswer]


_TOKEN = "NWM3YjliMjk0ZGYxMGM2YjJiYWE0MjEwZDM5YWU5"  # noqa: S105 — an example in the documents
_EXAMPLE_SUBACCOUNT = {
    "account": "/v1/Account/MA2025RK4E639VJFZAGV/",
    "auth_id": "SA2025RK4E639VJFZAMM",
    "auth_token": _TOKEN,
    "created": "2025-09-05",
    "enabled": True,
    "modified": None,
    "name": "Berlin office",
    "resource_uri": "/v1/Account/MA2025RK4E639VJFZAGV/Subaccount/SA2025RK4E639VJFZAMM/",
}

OPERATIONS = (
    Operation(
        id="account.get",
        name="getAccountDetails",
        method="GET",
        path=_ACCOUNT,
        request=AccountGet,
        response=AccountAnswer,
        summary="Get the account",
        source="PLIVO account: retrieve account details",
        tags=("account",),
        response_example={
            "account_type": "standard",
            "address": "1 Market Street",
            "auth_id": "MA2025RK4E639VJFZAGV",
            "auto_recharge": False,
            "billing_mode": "prepaid",
            "cash_credits": "1.80900",
            "city": "Springfield",
            "name": "Example Inc.",
            "resource_uri": "/v1/Account/MA2025RK4E639VJFZAGV/",
            "state": "NY",
            "timezone": "America/New_York",
        },
    ),
    Operation(
        id="account.update",
        name="updateAccount",
        method="POST",
        path=_ACCOUNT,
        request=AccountUpdate,
        response=Confirmation,
        success_status=202,
        summary="Change the account",
        source="PLIVO account: update the account details",
        tags=("account",),
        request_example={"name": "Example Inc.", "city": "Springfield"},
        response_example={"message": "changed"},
    ),
    Operation(
        id="subaccount.create",
        name="createSubaccount",
        method="POST",
        path=_SUBACCOUNTS,
        request=SubaccountCreate,
        response=SubaccountCreated,
        success_status=201,
        summary="Create a subaccount",
        source="PLIVO account: create a subaccount",
        tags=("subaccount",),
        request_example={"name": "Berlin office", "enabled": True},
        response_example={
            "message": "created",
            "auth_id": "SA2025RK4E639VJFZAMM",
            "auth_token": _TOKEN,
        },
    ),
    Operation(
        id="subaccount.get",
        name="getSingleSubaccount",
        method="GET",
        path=_SUBACCOUNT,
        request=SubaccountGet,
        response=SubaccountAnswer,
        summary="Get a subaccount",
        source="PLIVO account: retrieve a subaccount",
        tags=("subaccount",),
        response_example=_EXAMPLE_SUBACCOUNT,
    ),
    Operation(
        id="subaccount.list",
        name="getSubaccounts",
        method="GET",
        path=_SUBACCOUNTS,
        request=SubaccountList,
        response=SubaccountPage,
        summary="List subaccounts, the newest first",
        source="PLIVO account: list all subaccounts",
        tags=("subaccount",),
        request_example={"limit": 5, "offset": 0},
        response_example={
            "meta": SAMPLE_META,
            "objects": [_EXAMPLE_SUBACCOUNT],
        },
    ),
    Operation(
        id="subaccount.update",
        name="updateSubaccount",
        method="POST",
        path=_SUBACCOUNT,
        request=SubaccountUpdate,
        response=Confirmation,
        success_status=202,
        summary="Change a subaccount",
        source="PLIVO account: update a subaccount",
        tags=("subaccount",),
        request_example={"name": "Berlin office", "enabled": False},
        response_example={"message": "changed"},
    ),
    Operation(
        id="subaccount.delete",
        name="deleteSubaccount",
        method="DELETE",
        path=_SUBACCOUNT,
        request=SubaccountDelete,
        response=None,
        success_status=204,
        summary="Delete a subaccount",
        source="PLIVO account: delete a subaccount; cascade defaults to false",
        tags=("subaccount",),
        request_example={"cascade": True},
    ),
)
