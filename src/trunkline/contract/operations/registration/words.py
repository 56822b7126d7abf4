"""Words and shapes that the registration operations share."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import HttpMethod, UrlOrEmpty

# PLIVO 10DLC: create a profile, entity_type; its examples also have the registry's own …_PROFIT.
EntityType = Literal[
    "PRIVATE",
    "PUBLIC",
    "NON_PROFIT",
    "GOVERNMENT",
    "INDIVIDUAL",
    "PRIVATE_PROFIT",
    "PUBLIC_PROFIT",
]
# PLIVO 10DLC: create a profile, vertical
Vertical = Literal[
    "PROFESSIONAL",
    "REAL_ESTATE",
    "HEALTHCARE",
    "HUMAN_RESOURCES",
    "ENERGY",
    "ENTERTAINMENT",
    "RETAIL",
    "TRANSPORTATION",
    "AGRICULTURE",
    "INSURANCE",
    "POSTAL",
    "EDUCATION",
    "HOSPITALITY",
    "FINANCIAL",
    "POLITICAL",
    "GAMBLING",
    "LEGAL",
    "CONSTRUCTION",
    "NGO",
    "MANUFACTURING",
    "GOVERNMENT",
    "TECHNOLOGY",
    "COMMUNICATION",
]
BrandType = Literal["STARTER", "STANDARD"]
# PLIVO 10DLC: create a campaign, usecase and sub_usecases
UseCase = Literal[
    "2FA",
    "ACCOUNT_NOTIFICATION",
    "CUSTOMER_CARE",
    "DELIVERY_NOTIFICATION",
    "FRAUD_ALERT",
    "HIGHER_EDUCATION",
    "LOW_VOLUME",
    "MARKETING",
    "MIXED",
    "POLLING_VOTING",
    "PUBLIC_SERVICE_ANNOUNCEMENT",
    "SECURITY_ALERT",
    "STARTER",
]
SubUseCase = Literal[
    "2FA",
    "ACCOUNT_NOTIFICATION",
    "CUSTOMER_CARE",
    "DELIVERY_NOTIFICATION",
    "FRAUD_ALERT",
    "HIGHER_EDUCATION",
    "MARKETING",
    "POLLING_VOTING",
    "PUBLIC_SERVICE_ANNOUNCEMENT",
    "SECURITY_ALERT",
]

CALLBACK_URL = Meta(description="Told of each change of status.")
CALLBACK_METHOD = Meta(description="Method of the request to that URL.")
CallbackUrl = Annotated[UrlOrEmpty | None, CALLBACK_URL]
CallbackMethod = Annotated[HttpMethod, CALLBACK_METHOD]

ProfileId = Annotated[str, Meta(description="Id of the profile.", min_length=1, max_length=64)]
BrandId = Annotated[str, Meta(description="Id of the brand.", min_length=1, max_length=64)]
CampaignId = Annotated[str, Meta(description="Id of the campaign.", min_length=1, max_length=64)]
Name = Annotated[
    str, Meta(min_length=1, pattern=r"\S", extra={"form": "more than white space"}, max_length=255)
]
Line = Annotated[str, Meta(max_length=255)]


class AddressObject(msgspec.Struct, kw_only=True):
    """Postal address of the company."""

    street: str
    city: str
    state: str
    postal_code: str
    country: str


class ContactObject(msgspec.Struct, kw_only=True):
    """The person at the company who answers for it."""

    first_name: str
    last_name: str
    phone: str
    email: str
    title: str
    seniority: str


ADDRESS_EXAMPLE = {
    "street": "660 Broadway",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
}
CONTACT_EXAMPLE = {
    "first_name": "John",
    "last_name": "Doe",
    "phone": "12125551234",
    "email": "john@example.com",
    "title": "Mr",
    "seniority": "DIRECTOR",
}
