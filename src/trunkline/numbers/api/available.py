"""Search numbers and rent them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from trunkline.accounts.access import scope_of
from trunkline.accounts.text import checked_text
from trunkline.billing.model import Direction
from trunkline.billing.rates import Rates
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound, PaymentRequired
from trunkline.contract.operations.phone_numbers import (
    BoughtNumber,
    PhoneNumberAnswer,
    PhoneNumberBought,
    PhoneNumberBuy,
    PhoneNumberPage,
    PhoneNumberSearch,
)
from trunkline.numbers.api.wire import TYPES, as_text, check_app, digits_of, services_of, where
from trunkline.numbers.errors import NoCredit, NotForRent, RentRefused
from trunkline.numbers.model import InventoryNumber, NumberType, Search
from trunkline.numbers.prices import minute_price
from trunkline.numbers.rent import Renting, Terms
from trunkline.numbers.store import inventory
from trunkline.runtime.changes import Mirror, catch_up
from trunkline.runtime.db import Connection, Database
from trunkline.values.countries import country_name, is_country
from trunkline.values.money import format_amount
from trunkline.values.pages import Page, page_meta

_FIXED = (NumberType.LOCAL, NumberType.NATIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumberApi:
    """What the operations work with; `mirrors` are the copies in memory that renting changes."""

    db: Database
    rates: Rates
    renting: Renting
    mirrors: Sequence[Mirror] = ()

    async def search(self, context: RequestContext, request: PhoneNumberSearch) -> PhoneNumberPage:
        page = Page(request.limit, request.offset)
        wanted = _search(request)
        found, total = await self.db.read(lambda conn: inventory.search(conn, wanted, page))
        path = f"/v1/Account/{context.account_id}/PhoneNumber/"
        return PhoneNumberPage(
            meta=page_meta(page, total, path, _repeated(request)),
            objects=[self._answer(one, path) for one in found],
        )

    async def buy(self, context: RequestContext, request: PhoneNumberBuy) -> PhoneNumberBought:
        digits = digits_of(request.number)
        scope = scope_of(context)
        terms = Terms(
            app_id=request.app_id or None,
            cnam_lookup=request.cnam_lookup == "enabled",
            verification=as_text(request.verification_info),
            compliance_id=checked_text(
                "compliance_application_id", request.compliance_application_id or ""
            )
            or None,
        )

        def write(conn: Connection) -> None:
            check_app(conn, scope, terms.app_id)
            self.renting.rent(conn, scope, digits, context.now, terms)

        try:
            await self.db.write(write)
        except RentRefused as refused:
            raise refusal(refused) from None
        await catch_up(self.db, *self.mirrors)
        bought = BoughtNumber(number=digits, status="Success", fallback_number="")
        return PhoneNumberBought(message="created", numbers=[bought], status="fulfilled")

    def _answer(self, one: InventoryNumber, path: str) -> PhoneNumberAnswer:
        setup, monthly = self.renting.price_of(one)
        return PhoneNumberAnswer(
            city=one.city,
            country=country_name(one.country).upper(),
            fallback_number="",
            ha_enabled=False,
            lata=one.lata,
            mms_enabled=one.mms_enabled,
            mms_rate=format_amount(self.rates.mms(one.country, Direction.INBOUND)),
            monthly_rental_rate=format_amount(monthly),
            number=one.number,
            prefix=_prefix(one.number),
            prerequisites=[],
            rate_center=one.rate_center or None,
            region=where(one.region, one.country),
            resource_uri=f"{path}{one.number}/",
            restriction=one.restriction or None,
            restriction_text=one.restriction or None,
            setup_rate=format_amount(setup),
            sms_enabled=one.sms_enabled,
            sms_rate=format_amount(self.rates.sms(one.country, Direction.INBOUND)),
            sub_type=one.number_type.value,
            type="fixed" if one.number_type in _FIXED else one.number_type.value,
            voice_enabled=one.voice_enabled,
            voice_rate=format_amount(minute_price(self.rates, one)),
        )


def handlers(api: PhoneNumberApi) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    return {"phone_number.search": api.search, "phone_number.buy": api.buy}


def refusal(refused: RentRefused) -> Exception:
    """Return how the API says why a number cannot be had."""
    match refused:
        case NotForRent():
            return NotFound(str(refused), "number")
        case NoCredit():
            return PaymentRequired(f"insufficient credit: {refused}")
        case _:
            return InvalidParameter(refused.field, str(refused))


def _search(request: PhoneNumberSearch) -> Search:
    country = request.country_iso.upper()
    if not is_country(country):
        raise InvalidParameter("country_iso", "no country has that code")
    for field in ("region", "city", "rate_center"):
        checked_text(field, getattr(request, field) or "")
    if request.local_calling_area and not request.npanxx:
        raise InvalidParameter("local_calling_area", "needs npanxx")
    kind = request.type
    if kind is None and request.region:
        kind = "fixed"  # PLIVO numbers: region: "if the type is not provided, it is fixed"
    return Search(
        country=country,
        types=TYPES[kind],
        patterns=tuple(_patterns(request, country)),
        region=request.region or "",
        city=request.city or "",
        services=services_of(request.services),
        lata=None if request.lata is None else int(request.lata),
        rate_center=(request.rate_center or "").strip(),
        local_to=f"1{request.npanxx}" if request.local_calling_area else "",
        unrestricted=request.eligible,
    )


def _patterns(request: PhoneNumberSearch, country: str) -> Iterator[str]:
    if request.pattern:
        wanted = request.pattern.lstrip("^")
        end = "" if wanted.endswith("$") else "*"
        yield _country_code(country) + wanted.rstrip("$") + end
    if request.npanxx and not request.local_calling_area:
        yield f"1{request.npanxx}*"


def _country_code(country: str) -> str:
    return str(phonenumbers.country_code_for_region(country) or "")


def _repeated(request: PhoneNumberSearch) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name in request.__struct_fields__:
        value = getattr(request, name)
        if value is True:
            pairs.append((name, "true"))
        elif isinstance(value, str) and value:
            pairs.append((name, value))
    return pairs


@lru_cache(maxsize=4_096)
def _prefix(number: str) -> str:
    """Return a number's area code, "" if its country has none."""
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return ""
    national = phonenumbers.national_significant_number(parsed)
    if number[0] == "1":
        return national[:3]
    return national[: phonenumbers.length_of_national_destination_code(parsed)]
