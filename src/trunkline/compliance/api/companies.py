"""What may be said of a company (PLIVO 10DLC: create a profile)."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from trunkline.accounts.text import checked_lines, checked_text
from trunkline.compliance.model import Address, Company, Contact
from trunkline.contract.errors import InvalidParameter
from trunkline.contract.operations.registration.profiles import ProfileCreate, ProfileUpdate
from trunkline.contract.operations.registration.words import AddressObject, ContactObject

_LONGEST = 255
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;.]+(\.[^@\s,;.]+)+")
_PHONE = re.compile(r"\+?[1-9]\d{6,14}")
_US_EIN = re.compile(r"\d{2}-?\d{7}")
_EIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,31}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_WEBSITE = re.compile(r"(https?://)?[^\s/@.]+(\.[^\s/@.]+)+(/\S*)?", re.IGNORECASE)
# PLIVO 10DLC: create a profile, seniority; its own examples all say admin.
_SENIORITY = frozenset(("DIRECTOR", "GM", "VP", "CEO", "CFO", "GENERAL_COUNSEL", "OTHER", "ADMIN"))
_STATES: Final = frozenset(
    """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM
    NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI AA AE AP""".split()  # noqa: SIM905
)
_PLAIN = {"PRIVATE_PROFIT": "PRIVATE", "PUBLIC_PROFIT": "PUBLIC"}
_TEXTS = (
    "company_name",
    "website",
    "ein",
    "ein_issuing_country",
    "alt_business_id",
    "alt_business_id_type",
    "business_contact_email",
    "doing_business_as",
)


def entity_type(word: str) -> str:
    """Return Plivo's word for an ownership that the registry calls otherwise."""
    return _PLAIN.get(word, word)


def of_new(request: ProfileCreate) -> Company:
    """Return the company of a new profile, checked."""
    known = Company(stock_symbol=_line("stock_symbol", request.stock_symbol or ""))
    if request.stock_exchange:
        known = replace(known, stock_exchange=request.stock_exchange)
    return changed(known, request)


def changed(known: Company, request: ProfileCreate | ProfileUpdate) -> Company:
    """Return a company with what was given now, checked as a whole."""
    given: dict[str, Any] = {
        name: _line(name, value) for name in _TEXTS if (value := getattr(request, name))
    }
    given = {name: value for name, value in given.items() if value}
    if request.entity_type:
        given["entity_type"] = entity_type(request.entity_type)
    if request.vertical:
        given["vertical"] = request.vertical
    if request.address is not None:
        given["address"] = _address(request.address)
    if request.authorized_contact is not None:
        given["authorized_contact"] = _contact(request.authorized_contact)
    company = replace(known, **given)
    _check_ein(company)
    _check_conditions(company)
    return replace(company, ein_issuing_country=company.ein_issuing_country.upper())


def wire_address(company: Company) -> AddressObject:
    """Return the address as the API shows it."""
    return AddressObject(**asdict(company.address))


def wire_contact(company: Company) -> ContactObject:
    """Return the contact as the API shows it."""
    return ContactObject(**asdict(company.authorized_contact))


def _check_ein(company: Company) -> None:
    country = company.ein_issuing_country
    if country and not _COUNTRY.fullmatch(country):
        raise InvalidParameter("ein_issuing_country", "must be an ISO country code of 2 letters")
    if not company.ein:
        return
    if country.upper() in ("", "US") and not _US_EIN.fullmatch(company.ein):
        raise InvalidParameter("ein", "must have 9 digits")
    if not _EIN.fullmatch(company.ein):
        raise InvalidParameter("ein", "must be letters and digits")


def _check_conditions(company: Company) -> None:
    if not company.company_name:
        raise InvalidParameter("company_name", "must not be blank")
    if company.entity_type == "PUBLIC":
        for field in ("stock_symbol", "stock_exchange"):
            if not getattr(company, field):
                raise InvalidParameter(field, "is needed if entity_type is PUBLIC")
    if company.alt_business_id_type not in ("", "NONE") and not company.alt_business_id:
        raise InvalidParameter("alt_business_id", "is needed with alt_business_id_type")
    if company.website and not _WEBSITE.fullmatch(company.website):
        raise InvalidParameter("website", "must be the address of a website")
    if company.business_contact_email and not _EMAIL.fullmatch(company.business_contact_email):
        raise InvalidParameter("business_contact_email", "must be an e-mail address")


def _address(given: Mapping[str, Any]) -> Address:
    values = _parts("address", given, tuple(asdict(Address())))
    if not _COUNTRY.fullmatch(values["country"]):
        raise InvalidParameter("address", "country must be an ISO country code of 2 letters")
    values["country"] = values["country"].upper()
    if values["country"] == "US" and values["state"].upper() not in _STATES:
        raise InvalidParameter("address", "state must be the code of a US state, such as TX")
    return Address(**values)


def _contact(given: Mapping[str, Any]) -> Contact:
    needed = ("first_name", "last_name", "phone", "email")
    values = _parts("authorized_contact", given, needed, ("title", "seniority"))
    if not _EMAIL.fullmatch(values["email"]):
        raise InvalidParameter("authorized_contact", "email must be an e-mail address")
    if not _PHONE.fullmatch(values["phone"]):
        raise InvalidParameter("authorized_contact", "phone must be a number in E.164 format")
    if values["seniority"] and values["seniority"].upper() not in _SENIORITY:
        known = ", ".join(sorted(_SENIORITY))
        raise InvalidParameter("authorized_contact", f"seniority must be one of {known}")
    return Contact(**values)


def _parts(
    field: str, given: Mapping[str, Any], needed: tuple[str, ...], more: tuple[str, ...] = ()
) -> dict[str, str]:
    values: dict[str, str] = {}
    for name in (*needed, *more):
        value = given.get(name)
        if value is None:
            value = ""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise InvalidParameter(field, f"{name} must be a string of at most {_LONGEST}")
        values[name] = _line(field, value)
        if name in needed and not values[name]:
            raise InvalidParameter(field, f"{name} is missing")
    return values


def _line(field: str, value: str) -> str:
    check = checked_lines if field == "address" else checked_text
    return check(field, value.strip())
