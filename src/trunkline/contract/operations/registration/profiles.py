"""Profiles: companies for which brands are registered and toll-free numbers verified."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import SAMPLE_META, Limit, Offset, SubaccountId
from trunkline.contract.operation import Answer, Confirmation, Operation, Request
from trunkline.contract.operations.registration.words import (
    ADDRESS_EXAMPLE,
    CONTACT_EXAMPLE,
    AddressObject,
    ContactObject,
    EntityType,
    Line,
    Name,
    ProfileId,
    Vertical,
)
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_PROFILES = "/v1/Account/{auth_id}/Profile/"
_PROFILE = "/v1/Account/{auth_id}/Profile/{profile_uuid}/"

# PLIVO 10DLC: create a profile
CustomerType = Literal["DIRECT", "RESELLER"]
StockExchange = Literal[
    "NASDAQ",
    "NYSE",
    "AMEX",
    "AMX",
    "ASX",
    "B3",
    "BME",
    "BSE",
    "FRA",
    "ICEX",
    "JPX",
    "JSE",
    "KRX",
    "LON",
    "NSE",
    "OMX",
    "SEHK",
    "SGX",
    "SSE",
    "STO",
    "SWX",
    "SZSE",
    "TSX",
    "TWSE",
    "VSE",
    "OTHER",
]
AltBusinessIdType = Literal["DUNS", "LEI", "GIIN", "NONE"]
ProfileType = Literal["PRIMARY", "SECONDARY"]

_ALIAS = Meta(description="A friendly name.")
_ENTITY = Meta(description="Ownership of the company.")
_COMPANY = Meta(description="Legal name of the company.")
_VERTICAL = Meta(description="Industry.")
_EIN = Meta(description="Employer identification number; 9 digits if the US issued it.")
_EIN_COUNTRY = Meta(description="ISO country code of the country that issued the EIN.")
_ADDRESS = Meta(description="street, city, state, postal_code and country of the company.")
_CONTACT = Meta(
    description="first_name, last_name, email, phone, and if you like title and seniority, of"
    " the authorised contact."
)
_SYMBOL = Meta(description="Stock symbol; needed if entity_type is PUBLIC.")
_EXCHANGE = Meta(description="Where it is listed; needed if entity_type is PUBLIC.")
_ALT_ID = Meta(description="Another business id; needed with its type.")
_ALT_TYPE = Meta(description="What kind of id alt_business_id is.")
_WEBSITE = Meta(description="Website of the business.")
_SUBACCOUNT = Meta(description="Subaccount that the profile belongs to.")
_EMAIL = Meta(description="E-mail address of the business.")
_DBA = Meta(description="Name under which the company does business.")


class ProfileCreate(Request, kw_only=True, frozen=True):
    """A new profile."""

    profile_alias: Annotated[Name, _ALIAS]
    customer_type: Annotated[
        CustomerType, Meta(description="RESELLER if you sell communication to other businesses.")
    ]
    entity_type: Annotated[EntityType, _ENTITY]
    company_name: Annotated[Name, _COMPANY]
    vertical: Annotated[Vertical, _VERTICAL]
    address: Annotated[dict[str, Any], _ADDRESS]
    authorized_contact: Annotated[dict[str, Any], _CONTACT]
    ein: Annotated[Line | None, _EIN] = None
    ein_issuing_country: Annotated[Line | None, _EIN_COUNTRY] = None
    stock_symbol: Annotated[Line | None, _SYMBOL] = None
    stock_exchange: Annotated[StockExchange | None, _EXCHANGE] = None
    alt_business_id: Annotated[Line | None, _ALT_ID] = None
    alt_business_id_type: Annotated[AltBusinessIdType | None, _ALT_TYPE] = None
    website: Annotated[Line | None, _WEBSITE] = None
    plivo_subaccount: Annotated[SubaccountId | None, _SUBACCOUNT] = None
    business_contact_email: Annotated[Line | None, _EMAIL] = None
    doing_business_as: Annotated[Line | None, _DBA] = None


class ProfileUpdate(Request, kw_only=True, frozen=True):
    """Fields that are absent or empty stay as they are."""

    profile_uuid: ProfileId
    entity_type: Annotated[EntityType | None, _ENTITY] = None
    company_name: Annotated[Line | None, _COMPANY] = None
    vertical: Annotated[Vertical | None, _VERTICAL] = None
    address: Annotated[dict[str, Any] | None, _ADDRESS] = None
    authorized_contact: Annotated[dict[str, Any] | None, _CONTACT] = None
    website: Annotated[Line | None, _WEBSITE] = None
    plivo_subaccount: Annotated[SubaccountId | None, _SUBACCOUNT] = None
    ein: Annotated[Line | None, _EIN] = None
    ein_issuing_country: Annotated[Line | None, _EIN_COUNTRY] = None
    alt_business_id: Annotated[Line | None, _ALT_ID] = None
    alt_business_id_type: Annotated[AltBusinessIdType | None, _ALT_TYPE] = None
    business_contact_email: Annotated[Line | None, _EMAIL] = None
    doing_business_as: Annotated[Line | None, _DBA] = None


class ProfileGet(Request, kw_only=True, frozen=True):
    """One profile."""

    profile_uuid: ProfileId


class ProfileDelete(Request, kw_only=True, frozen=True):
    """Delete for good; the primary profile, and one that is used, stay."""

    profile_uuid: ProfileId


class ProfileList(Request, kw_only=True, frozen=True):
    """A page of profiles."""

    entity_type: Annotated[EntityType | None, Meta(description="Only these.")] = None
    type: Annotated[ProfileType | None, Meta(description="Only these.")] = None
    vertical: Annotated[Vertical | None, Meta(description="Only that industry.")] = None
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class ProfileObject(msgspec.Struct, kw_only=True):
    """The profile object; what was not given is ""."""

    profile_uuid: str
    profile_alias: str
    profile_type: ProfileType
    primary_profile: str
    customer_type: str
    entity_type: str
    company_name: str
    ein: str
    ein_issuing_country: str
    address: AddressObject
    stock_symbol: str
    stock_exchange: str
    website: str
    vertical: str
    alt_business_id: str
    alt_business_id_type: str
    plivo_subaccount: str
    authorized_contact: ContactObject
    business_contact_email: str
    doing_business_as: str
    created_at: str


class ProfileCreated(Confirmation, kw_only=True):
    """Which profile was made."""

    profile_uuid: str


class ProfileAnswer(Answer, kw_only=True):
    """One profile."""

    profile: ProfileObject


class ProfilePage(Answer, kw_only=True):
    """A page of profiles."""

    meta: PageMeta
    profiles: list[ProfileObject]


_ID = "f19c4773-4ae6-4b75-92ea-9cf3ea4227d6"
_EXAMPLE = {
    "profile_uuid": _ID,
    "profile_alias": "acme",
    "profile_type": "SECONDARY",
    "primary_profile": "c780f9d0-e3c9-4d13-87f7-b898654569b0",
    "customer_type": "DIRECT",
    "entity_type": "PRIVATE",
    "company_name": "Acme Inc.",
    "ein": "123456789",
    "ein_issuing_country": "US",
    "address": ADDRESS_EXAMPLE,
    "stock_symbol": "",
    "stock_exchange": "",
    "website": "www.example.com",
    "vertical": "TECHNOLOGY",
    "alt_business_id": "",
    "alt_business_id_type": "NONE",
    "plivo_subaccount": "",
    "authorized_contact": CONTACT_EXAMPLE,
    "business_contact_email": "",
    "doing_business_as": "",
    "created_at": "2026-01-01T09:30:00.000000Z",
}
_TAGS = ("profile",)

OPERATIONS = (
    Operation(
        id="profile.create",
        method="POST",
        path=_PROFILES,
        request=ProfileCreate,
        response=ProfileCreated,
        summary="Create a profile",
        source="PLIVO 10DLC: create a profile",
        tags=_TAGS,
        request_example={
            "profile_alias": "acme",
            "customer_type": "DIRECT",
            "entity_type": "PRIVATE",
            "company_name": "Acme Inc.",
            "vertical": "TECHNOLOGY",
            "ein": "123456789",
            "ein_issuing_country": "US",
            "address": ADDRESS_EXAMPLE,
            "authorized_contact": CONTACT_EXAMPLE,
        },
        response_example={"message": "Profile created successfully.", "profile_uuid": _ID},
    ),
    Operation(
        id="profile.list",
        method="GET",
        path=_PROFILES,
        request=ProfileList,
        response=ProfilePage,
        summary="List profiles",
        source="PLIVO 10DLC: list all profiles",
        tags=_TAGS,
        request_example={"entity_type": "PRIVATE", "limit": 20},
        response_example={
            "meta": SAMPLE_META,
            "profiles": [_EXAMPLE],
        },
    ),
    Operation(
        id="profile.get",
        method="GET",
        path=_PROFILE,
        request=ProfileGet,
        response=ProfileAnswer,
        summary="Get a profile",
        source="PLIVO 10DLC: retrieve a profile",
        tags=_TAGS,
        response_example={"profile": _EXAMPLE},
    ),
    Operation(
        id="profile.update",
        method="POST",
        path=_PROFILE,
        request=ProfileUpdate,
        response=ProfileAnswer,
        summary="Change a profile; a brand that the registry refused is sent to it again",
        source="PLIVO 10DLC: update a profile; SDKs also send the EIN and other ids",
        tags=_TAGS,
        request_example={"company_name": "Acme Inc."},
        response_example={"profile": _EXAMPLE},
    ),
    Operation(
        id="profile.delete",
        method="DELETE",
        path=_PROFILE,
        request=ProfileDelete,
        response=Confirmation,
        summary="Delete a profile",
        source="PLIVO 10DLC: delete a profile; SDKs read the body",
        tags=_TAGS,
        response_example={"message": "Profile deleted successfully."},
    ),
)
