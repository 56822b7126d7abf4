"""Wire ↔ domain for brands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.compliance import callbacks, usecases
from trunkline.compliance.api import companies
from trunkline.compliance.api.desk import Desk, callback, filters, text, wire_time
from trunkline.compliance.model import Brand, Profile, Progress
from trunkline.compliance.store import brands, campaigns, profiles
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, InvalidParameter, NotFound
from trunkline.contract.operations.registration.brands import (
    BrandAnswer,
    BrandCreate,
    BrandCreated,
    BrandDelete,
    BrandGet,
    BrandList,
    BrandObject,
    BrandPage,
    BrandUsecases,
    DeclinedReason,
    UseCaseObject,
)
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page, page_meta
from trunkline.webhooks import enqueue

_NOT_FOUND = "Brand not found."
_SHOWN_DIGITS = 4


@dataclass(frozen=True, slots=True)
class BrandApi:
    """The brand operations."""

    desk: Desk

    async def create(self, context: RequestContext, request: BrandCreate) -> BrandCreated:
        alias = text("brand_alias", request.brand_alias)
        if not alias:
            raise InvalidParameter("brand_alias", "must not be blank")
        told = callback(request.url, request.method)

        def work(conn: Connection, scope: Scope, _revision: int) -> Brand:
            profile = _profile(conn, scope, request)
            made = Brand(
                brand_id=brands.new_id(conn),
                main_auth_id=profile.main_auth_id,
                account_id=profile.account_id,
                brand_alias=alias,
                brand_type=request.brand_type,
                profile_uuid=profile.profile_uuid,
                company=profile.company,
                # PLIVO 10DLC: only STANDARD brands are vetted; true by default
                secondary_vetting=request.brand_type == "STANDARD"
                and request.secondary_vetting is not False,
                state=Progress.PROCESSING,
                callback=told,
                due_at=None,
                created_at=context.now,
            )
            delay_s = self.desk.registry.delay_s(made)
            made = replace(made, due_at=None if delay_s is None else context.now + delay_s)
            brands.add(conn, made)
            enqueue(conn, callbacks.of_brand(made, context.now))
            return made

        made = await self.desk.change(context, work)
        return BrandCreated(
            message="Request to create brand was received and is being processed.",
            brand_id=made.brand_id,
        )

    async def get(self, context: RequestContext, request: BrandGet) -> BrandAnswer:
        return BrandAnswer(brand=_object(await self._find(context, request.brand_id)))

    async def list(self, context: RequestContext, request: BrandList) -> BrandPage:
        state = request.registration_status or request.status
        equal, repeated = filters(registration_status=state, type=request.type)
        if "registration_status" in equal:
            equal["state"] = equal.pop("registration_status")
        if "type" in equal:
            equal["brand_type"] = equal.pop("type")
        page = Page(request.limit, request.offset)
        scope = scope_of(context)
        found, total = await self.desk.look(lambda conn: brands.page(conn, scope, equal, page))
        path = f"/v1/Account/{context.account_id}/10dlc/Brand/"
        return BrandPage(
            meta=page_meta(page, total, path, repeated), brands=[_object(one) for one in found]
        )

    async def usecases(self, context: RequestContext, request: BrandGet) -> BrandUsecases:
        brand = await self._find(context, request.brand_id)
        return BrandUsecases(
            brand_id=brand.brand_id,
            use_cases=[
                UseCaseObject(code=one.code, name=one.name, details=one.details)
                for one in usecases.of_brand(brand.brand_type)
            ],
        )

    async def delete(self, context: RequestContext, request: BrandDelete) -> BrandCreated:
        brand_id = request.brand_id.upper()

        def work(conn: Connection, scope: Scope, _revision: int) -> None:
            if brands.find(conn, scope, brand_id) is None:
                raise NotFound(_NOT_FOUND)
            # PLIVO 10DLC: only brands without active campaigns are deleted
            if campaigns.brand_is_used(conn, brand_id):
                raise BadRequest("Brand has active campaigns, delete them first.")
            brands.remove(conn, brand_id)

        await self.desk.change(context, work)
        return BrandCreated(message="Brand Deactivated", brand_id=brand_id)

    async def trigger_otp(self, context: RequestContext, request: BrandGet) -> BrandCreated:
        brand = await self._find(context, request.brand_id)
        if brand.brand_type != usecases.STARTER:
            raise BadRequest("Only STARTER brands are confirmed by text message.")
        phone = brand.company.authorized_contact.phone.lstrip("+")
        masked = "X" * (len(phone) - _SHOWN_DIGITS) + phone[-_SHOWN_DIGITS:]
        return BrandCreated(
            message=f"Message sent to {masked}, reply YES to confirm registration.",
            brand_id=brand.brand_id,
        )

    async def _find(self, context: RequestContext, brand_id: str) -> Brand:
        scope = scope_of(context)
        found = await self.desk.look(lambda conn: brands.find(conn, scope, brand_id.upper()))
        if found is None:
            raise NotFound(_NOT_FOUND)
        return found


def handlers(desk: Desk) -> Mapping[str, Handler]:
    """Return the handler of each brand operation by its id."""
    api = BrandApi(desk)
    return {
        "brand.create": api.create,
        "brand.list": api.list,
        "brand.get": api.get,
        "brand.usecases": api.usecases,
        "brand.delete": api.delete,
        "brand.trigger_otp": api.trigger_otp,
    }


def _profile(conn: Connection, scope: Scope, request: BrandCreate) -> Profile:
    """Return the profile of a new brand, if it may have one."""
    profile = profiles.find(conn, scope, request.profile_uuid.strip().lower())
    if profile is None:
        raise InvalidParameter("profile_uuid", "no such profile")
    # PLIVO 10DLC: a profile makes one brand; STANDARD needs an EIN
    if brands.of_profile(conn, profile.profile_uuid) is not None:
        raise InvalidParameter("profile_uuid", "the profile was used to create another brand")
    if request.brand_type == "STANDARD" and not profile.company.ein:
        raise InvalidParameter("brand_type", "STANDARD needs a profile with an EIN")
    return profile


def _object(one: Brand) -> BrandObject:
    company = one.company
    reasons = [DeclinedReason(code=one.reason_code, message=one.reason)] if one.reason else []
    return BrandObject(
        brand_alias=one.brand_alias,
        brand_id=one.brand_id,
        brand_type=cast("Literal['STARTER', 'STANDARD']", one.brand_type),
        profile_uuid=one.profile_uuid,
        entity_type=company.entity_type,
        company_name=company.company_name,
        ein=company.ein,
        ein_issuing_country=company.ein_issuing_country,
        stock_symbol=company.stock_symbol,
        stock_exchange=company.stock_exchange,
        website=company.website,
        vertical=company.vertical,
        alt_business_id=company.alt_business_id,
        alt_business_id_type=company.alt_business_id_type,
        address=companies.wire_address(company),
        authorized_contact=companies.wire_contact(company),
        registration_status=one.state.value,
        vetting_status=one.vetting_status,
        vetting_score=one.vetting_score,
        declined_reasons=reasons,
        created_at=wire_time(one.created_at),
    )
