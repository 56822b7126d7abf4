"""Wire ↔ domain for profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.compliance import callbacks
from trunkline.compliance.api import companies
from trunkline.compliance.api.desk import (
    Desk,
    filters,
    may_own,
    text,
    uuid_or_not_found,
    wire_time,
)
from trunkline.compliance.model import Profile, Progress
from trunkline.compliance.store import brands, profiles
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.registration.profiles import (
    ProfileAnswer,
    ProfileCreate,
    ProfileCreated,
    ProfileDelete,
    ProfileGet,
    ProfileList,
    ProfileObject,
    ProfilePage,
    ProfileUpdate,
)
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid
from trunkline.values.pages import Page, page_meta
from trunkline.webhooks import enqueue

_NOT_FOUND = "Profile not found."  # PLIVO SDK fixtures


@dataclass(frozen=True, slots=True)
class ProfileApi:
    """The profile operations."""

    desk: Desk

    async def create(self, context: RequestContext, request: ProfileCreate) -> ProfileCreated:
        company = companies.of_new(request)
        alias = text("profile_alias", request.profile_alias)
        if not alias:
            raise InvalidParameter("profile_alias", "must not be blank")

        def work(conn: Connection, scope: Scope, _revision: int) -> Profile:
            owner = _owner(conn, scope, request.plivo_subaccount)
            made = Profile(
                profile_uuid=new_uuid(),
                main_auth_id=scope.main_auth_id,
                account_id=owner,
                profile_type="SECONDARY",
                primary_profile=profiles.primary_of(conn, scope.main_auth_id),
                profile_alias=alias,
                customer_type=request.customer_type,
                company=company,
                created_at=context.now,
            )
            profiles.add(conn, made)
            return made

        made = await self.desk.change(context, work)
        return ProfileCreated(
            message="Profile created successfully.", profile_uuid=made.profile_uuid
        )

    async def get(self, context: RequestContext, request: ProfileGet) -> ProfileAnswer:
        uuid = uuid_or_not_found("Profile", request.profile_uuid)
        scope = scope_of(context)
        found = await self.desk.db.read(lambda conn: profiles.find(conn, scope, uuid))
        if found is None:
            raise NotFound(_NOT_FOUND)
        return ProfileAnswer(profile=_object(found))

    async def list(self, context: RequestContext, request: ProfileList) -> ProfilePage:
        entity = request.entity_type and companies.entity_type(request.entity_type)
        equal, repeated = filters(entity_type=entity, type=request.type, vertical=request.vertical)
        if "type" in equal:
            equal["profile_type"] = equal.pop("type")
        page = Page(request.limit, request.offset)
        scope = scope_of(context)
        found, total = await self.desk.db.read(lambda conn: profiles.page(conn, scope, equal, page))
        return ProfilePage(
            meta=page_meta(page, total, f"/v1/Account/{context.account_id}/Profile/", repeated),
            profiles=[_object(one) for one in found],
        )

    async def update(self, context: RequestContext, request: ProfileUpdate) -> ProfileAnswer:
        uuid = uuid_or_not_found("Profile", request.profile_uuid)

        def work(conn: Connection, scope: Scope, _revision: int) -> Profile:
            known = profiles.find(conn, scope, uuid)
            if known is None:
                raise NotFound(_NOT_FOUND)
            company = companies.changed(known.company, request)
            owner = known.account_id
            if request.plivo_subaccount:
                owner = _owner(conn, scope, request.plivo_subaccount)
            changed = replace(known, company=company, account_id=owner)
            profiles.save(conn, changed)
            self._resubmit(conn, changed, context.now)
            return changed

        return ProfileAnswer(profile=_object(await self.desk.change(context, work)))

    async def delete(self, context: RequestContext, request: ProfileDelete) -> Confirmation:
        uuid = uuid_or_not_found("Profile", request.profile_uuid)

        def work(conn: Connection, scope: Scope, _revision: int) -> None:
            known = profiles.find(conn, scope, uuid)
            if known is None:
                raise NotFound(_NOT_FOUND)
            if known.profile_type == "PRIMARY":
                raise BadRequest("The primary profile of an account cannot be deleted.")
            if profiles.is_used(conn, uuid):
                raise BadRequest(
                    "Profile is used by a brand or a toll-free verification, delete that first."
                )
            profiles.remove(conn, uuid)

        await self.desk.change(context, work)
        return Confirmation(message="Profile deleted successfully.")

    def _resubmit(self, conn: Connection, profile: Profile, now: float) -> None:
        """Send a brand that the registry refused to it again, with what the profile says now."""
        brand = brands.of_profile(conn, profile.profile_uuid)
        if brand is None or brand.state is not Progress.FAILED:
            return
        again = replace(
            brand,
            company=profile.company,
            state=Progress.PROCESSING,
            reason_code="",
            reason="",
        )
        delay_s = self.desk.registry.delay_s(again)
        again = replace(again, due_at=None if delay_s is None else now + delay_s)
        brands.save(conn, again)
        enqueue(conn, callbacks.of_brand(again, now))


def handlers(desk: Desk) -> Mapping[str, Handler]:
    """Return the handler of each profile operation by its id."""
    api = ProfileApi(desk)
    return {
        "profile.create": api.create,
        "profile.list": api.list,
        "profile.get": api.get,
        "profile.update": api.update,
        "profile.delete": api.delete,
    }


def _owner(conn: Connection, scope: Scope, subaccount_id: str | None) -> str:
    if not subaccount_id:
        return scope.account_id
    if not may_own(conn, scope, subaccount_id):
        raise InvalidParameter("plivo_subaccount", "not a subaccount of this account")
    return subaccount_id


def _object(one: Profile) -> ProfileObject:
    company = one.company
    return ProfileObject(
        profile_uuid=one.profile_uuid,
        profile_alias=one.profile_alias,
        profile_type=cast("Literal['PRIMARY', 'SECONDARY']", one.profile_type),
        primary_profile=one.primary_profile,
        customer_type=one.customer_type,
        entity_type=company.entity_type,
        company_name=company.company_name,
        ein=company.ein,
        ein_issuing_country=company.ein_issuing_country,
        address=companies.wire_address(company),
        stock_symbol=company.stock_symbol,
        stock_exchange=company.stock_exchange,
        website=company.website,
        vertical=company.vertical,
        alt_business_id=company.alt_business_id,
        alt_business_id_type=company.alt_business_id_type,
        plivo_subaccount=one.subaccount_id,
        authorized_contact=companies.wire_contact(company),
        business_contact_email=company.business_contact_email,
        doing_business_as=company.doing_business_as,
        created_at=wire_time(one.created_at),
    )
