"""List, show, change, add and give back numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trunkline.accounts import store as accounts
from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.accounts.text import checked_text
from trunkline.billing.model import Direction
from trunkline.billing.rates import Rates
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.numbers import (
    NumberAddOwn,
    NumberAnswer,
    NumberGet,
    NumberList,
    NumberPage,
    NumberUnrent,
    NumberUpdate,
)
from trunkline.numbers import store
from trunkline.numbers.api.wire import (
    TYPES,
    as_text,
    check_app,
    checked_date,
    date_text,
    digits_of,
    owner_named,
    services_of,
    where,
)
from trunkline.numbers.model import (
    CampaignStatus,
    NumberChanges,
    NumberType,
    OwnedFilter,
    OwnedNumber,
    TollfreeStatus,
)
from trunkline.numbers.prices import minute_price
from trunkline.numbers.rent import Renting
from trunkline.numbers.store import carriers
from trunkline.runtime.changes import Mirror, catch_up
from trunkline.runtime.db import Connection, Database
from trunkline.values.countries import country_name
from trunkline.values.money import format_amount
from trunkline.values.pages import Page, page_meta
from trunkline.values.phone import country_of, parse_phone_number

RENTED = "Plivo"  # PLIVO numbers: the carrier of what is rented
_NOTHING = ("", "null", "none")
_STATUSES = {  # PLIVO numbers: docs and SDKs have words of their own
    "unregistered": CampaignStatus.UNREGISTERED,
    "processing": CampaignStatus.PROCESSING,
    "in_progress": CampaignStatus.PROCESSING,
    "completed": CampaignStatus.COMPLETED,
    "registered": CampaignStatus.COMPLETED,
}
_RENEWS = {
    "renewal_date": "eq",
    "renewal_date__lt": "lt",
    "renewal_date__lte": "le",
    "renewal_date__gt": "gt",
    "renewal_date__gte": "ge",
}


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of what numbers point to, by id."""

    carriers: Mapping[str, str]
    subaccounts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberApi:
    """What the operations of owned numbers work with; `mirrors` are the copies in memory."""

    db: Database
    rates: Rates
    renting: Renting
    mirrors: Sequence[Mirror] = ()

    async def list(self, context: RequestContext, request: NumberList) -> NumberPage:
        page = Page(request.limit, request.offset)
        wanted = _filter(request)
        scope = scope_of(context)

        def read(conn: Connection) -> tuple[Sequence[OwnedNumber], int, _Names]:
            found, total = store.list_owned(conn, scope, page, wanted)
            return found, total, _names(conn, scope, found)

        found, total, names = await self.db.read(read)
        path = f"/v1/Account/{context.account_id}/Number/"
        return NumberPage(
            meta=page_meta(page, total, path, _repeated(request)),
            objects=[self._answer(one, names) for one in found],
        )

    async def get(self, context: RequestContext, request: NumberGet) -> NumberAnswer:
        digits = digits_of(request.number)
        scope = scope_of(context)

        def read(conn: Connection) -> tuple[OwnedNumber, _Names] | None:
            found = store.find(conn, scope, digits)
            return None if found is None else (found, _names(conn, scope, [found]))

        answer = await self.db.read(read)
        if answer is None:
            raise NotFound
        return self._answer(*answer)

    async def add_own(self, context: RequestContext, request: NumberAddOwn) -> Confirmation:
        digits = _own_numbers(request.numbers)
        region = checked_text("region", request.region.strip())
        if not region:
            raise InvalidParameter("region", "must not be blank")
        scope = scope_of(context)

        def write(conn: Connection) -> None:
            owner = owner_named(conn, scope, request.subaccount)
            check_app(conn, scope, request.app_id)
            carrier = carriers.find(conn, scope, request.carrier.strip())
            if carrier is None:
                raise InvalidParameter("carrier", "no such incoming carrier")
            owned = [
                OwnedNumber(
                    number=number,
                    main_auth_id=owner.main_auth_id,
                    account_id=owner.account_id,
                    app_id=request.app_id,
                    country=country_of(number),
                    number_type=_own_type(request.number_type),
                    sms_enabled=carrier.sms,
                    voice_enabled=carrier.voice,
                    added_at=context.now,
                    region=region,
                    carrier_id=carrier.carrier_id,
                )
                for number in digits
            ]
            taken = store.taken(conn, digits)
            if taken or store.add(conn, owned) < len(owned):
                shown = ", ".join(taken[:3]) or "one of them"
                raise InvalidParameter("numbers", f"{shown} belongs to an account already")

        await self.db.write(write)
        await catch_up(self.db, *self.mirrors)
        return Confirmation(message="changed")

    async def update(self, context: RequestContext, request: NumberUpdate) -> Confirmation:
        digits = digits_of(request.number)
        changes = _changes(request)
        scope = scope_of(context)

        def write(conn: Connection) -> bool:
            if store.find(conn, scope, digits) is None:
                return False
            check_app(conn, scope, changes.app_id)
            given = changes
            if changes.account_id is not None:
                wanted = changes.account_id or scope.main_auth_id
                if wanted != scope.main_auth_id or scope.subaccount_id is not None:
                    owner_named(conn, scope, wanted)
                given = replace(changes, account_id=wanted)
            return store.change(conn, scope, digits, given)

        if not await self.db.write(write):
            raise NotFound
        await catch_up(self.db, *self.mirrors)
        return Confirmation(message="changed")

    async def unrent(self, context: RequestContext, request: NumberUnrent) -> None:
        digits = digits_of(request.number)
        scope = scope_of(context)
        gone = await self.db.write(lambda conn: self.renting.unrent(conn, scope, [digits]))
        if not gone:
            raise NotFound
        await catch_up(self.db, *self.mirrors)

    def _answer(self, one: OwnedNumber, names: _Names) -> NumberAnswer:
        account = f"/v1/Account/{one.main_auth_id}/"
        is_subs = one.account_id != one.main_auth_id
        own = one.carrier_id is not None
        return NumberAnswer(
            active=one.is_active,
            added_on=date_text(one.added_at),
            alias=one.alias,
            application="" if one.app_id is None else f"{account}Application/{one.app_id}/",
            carrier=names.carriers.get(str(one.carrier_id), "") if own else RENTED,
            city=one.city,
            cnam=one.cnam,
            cnam_lookup="enabled" if one.cnam_lookup else "disabled",
            compliance_application_id=one.compliance_id,
            compliance_status=one.compliance_status,
            country=country_name(one.country),
            mms_enabled=one.mms_enabled,
            mms_rate=format_amount(self.rates.mms(one.country, Direction.INBOUND)),
            monthly_rental_rate=format_amount(one.monthly_price),
            number=one.number,
            number_type=one.number_type.value,
            plivo_number=not own,
            profile_uuid=one.profile_uuid,
            region=one.region if own else where(one.region, one.country),
            renewal_date=one.renews_on or "",
            resource_uri=f"{account}Number/{one.number}/",
            sms_enabled=one.sms_enabled,
            sms_rate=format_amount(self.rates.sms(one.country, Direction.INBOUND)),
            sub_account=one.account_id if is_subs else None,
            sub_account_name=names.subaccounts.get(one.account_id, "") if is_subs else "",
            tendlc_campaign_id=one.campaign_id,
            tendlc_registration_status=(
                one.campaign_status.value.upper() if one.needs_campaign else None
            ),
            toll_free_sms_verification=(
                one.tollfree_status.value if one.needs_tollfree_verification else None
            ),
            toll_free_sms_verification_id=one.tollfree_id or "",
            toll_free_sms_verification_order_status=one.tollfree_order or "",
            voice_enabled=one.voice_enabled,
            voice_rate=format_amount(minute_price(self.rates, one)),
        )


def handlers(api: NumberApi) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    return {
        "number.list": api.list,
        "number.get": api.get,
        "number.add_own": api.add_own,
        "number.update": api.update,
        "number.unrent": api.unrent,
    }


def _names(conn: Connection, scope: Scope, found: Sequence[OwnedNumber]) -> _Names:
    main = scope.main_auth_id
    own = {one.carrier_id for one in found if one.carrier_id is not None}
    subs = {one.account_id for one in found if one.account_id != main}
    return _Names(
        carriers.names(conn, main, own) if own else {},
        accounts.subaccount_names(conn, main, subs) if subs else {},
    )


def _filter(request: NumberList) -> OwnedFilter:
    services = services_of(request.services)
    status = request.tendlc_registration_status
    verified = request.toll_free_sms_verification
    renews: list[tuple[str, str]] = []
    for field, comparison in _RENEWS.items():
        given = getattr(request, field)
        if given is not None:
            renews.append((comparison, checked_date(field, given)))
    cnam = request.cnam_lookup
    return OwnedFilter(
        types=TYPES[request.type],
        prefix=(request.number_startswith or "").lstrip("+"),
        account_id=request.subaccount,
        alias=request.alias or None,
        services=services,
        only_sms=services == frozenset({"sms"}),
        campaign_status=None if status is None else _STATUSES[status],
        campaign_id=request.tendlc_campaign_id or None,
        tollfree_status=None if verified is None else TollfreeStatus(verified),
        tollfree_order=request.toll_free_sms_verification_order_status or None,
        tollfree_id=request.toll_free_sms_verification_id or None,
        renews=tuple(renews),
        cnam_lookup=None if cnam is None else cnam == "enabled",
    )


def _repeated(request: NumberList) -> list[tuple[str, str]]:
    pairs = [(name, getattr(request, name)) for name in request.__struct_fields__]
    return [(name, value) for name, value in pairs if isinstance(value, str) and value]


def _own_numbers(given: Sequence[str]) -> list[str]:
    digits: dict[str, None] = {}
    for text in given:
        number = parse_phone_number(text)
        if number is None:
            raise InvalidParameter("numbers", f"{text[:20]!r} is not a phone number")
        digits[number] = None
    if not digits:
        raise InvalidParameter("numbers", "must have at least one number")
    return list(digits)


def _own_type(text: str) -> NumberType:
    return TYPES[text][0]


def _changes(request: NumberUpdate) -> NumberChanges:
    for field in ("alias", "cnam", "profile_uuid", "compliance_application_id"):
        checked_text(field, getattr(request, field) or "")
    cnam = request.cnam_lookup
    return NumberChanges(
        app_id=_cleared(request.app_id),
        account_id=_cleared(request.subaccount),
        alias=request.alias,
        cnam_lookup=None if cnam is None else cnam == "enabled",
        cnam=request.cnam,
        verification=as_text(request.verification_info),
        compliance_id=request.compliance_application_id,
        profile_uuid=request.profile_uuid,
    )


def _cleared(value: str | None) -> str | None:
    """Return "" for the words that stand for nothing."""
    return "" if value is not None and value.strip().lower() in _NOTHING else value
