"""Wire ↔ domain for campaigns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal, cast

import msgspec

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.compliance import callbacks, usecases
from trunkline.compliance.api.desk import Desk, callback, filters, text, texts, wire_time
from trunkline.compliance.model import (
    CAMPAIGN_UPDATABLE,
    Attributes,
    Brand,
    Campaign,
    CampaignState,
    CampaignTexts,
    Progress,
)
from trunkline.compliance.registrar import forget_campaign
from trunkline.compliance.store import brands, campaigns, links
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operations.registration.campaigns import (
    Allowance,
    CampaignAnswer,
    CampaignAttributes,
    CampaignCreate,
    CampaignCreated,
    CampaignDelete,
    CampaignGet,
    CampaignImport,
    CampaignList,
    CampaignObject,
    CampaignPage,
    CampaignSubmitted,
    CampaignUpdate,
)
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page, page_meta
from trunkline.webhooks import enqueue

_NOT_FOUND = "Campaign not found."
# PLIVO 10DLC: create a campaign, lengths; blanks around a text do not count
_LONG = ("description", "message_flow")
_MEDIUM = (
    "sample1",
    "sample2",
    "sample3",
    "sample4",
    "sample5",
    "help_message",
    "optin_message",
    "optout_message",
)
_SHORT = (
    "help_keywords",
    "optin_keywords",
    "optout_keywords",
    "terms_and_conditions_link",
    "privacy_policy_link",
)
_MUST_BE_TRUE = ("subscriber_optin", "subscriber_optout", "subscriber_help")
_MOST_SUB_USECASES = 5
_LEAST_SUB_USECASES = 2


@dataclass(frozen=True, slots=True)
class CampaignApi:
    """The campaign operations."""

    desk: Desk

    async def create(self, context: RequestContext, request: CampaignCreate) -> CampaignCreated:
        for field in _MUST_BE_TRUE:
            if not getattr(request, field):
                raise InvalidParameter(field, "must be true")
        sub_usecases = _sub_usecases(request)
        given = _texts_of_new(request)
        attributes = Attributes(
            **{one.name: getattr(request, one.name) for one in fields(Attributes)}
        )
        alias, reseller = text("campaign_alias", request.campaign_alias), request.reseller_id
        told = callback(request.url, request.method)

        def work(conn: Connection, scope: Scope, revision: int) -> Campaign:
            brand = _brand(conn, scope, request)
            made = Campaign(
                campaign_id=campaigns.new_id(conn),
                main_auth_id=brand.main_auth_id,
                account_id=brand.account_id,
                brand_id=brand.brand_id,
                campaign_alias=alias,
                vertical=request.vertical,
                usecase=request.usecase,
                sub_usecases=",".join(sub_usecases),
                reseller_id=text("reseller_id", reseller),
                texts=CampaignTexts(**given),
                attributes=attributes,
                state=CampaignState.PROCESSING,
                callback=told,
                due_at=None,
                created_at=context.now,
            )
            return self._submit(conn, made, revision, context.now, is_new=True)

        made = await self.desk.change(context, work)
        return CampaignSubmitted(
            message="Request to create campaign was received and is being processed.",
            campaign_id=made.campaign_id,
            api_id_too=context.api_id,
            campaign_id_too=made.campaign_id,
        )

    async def take_over(self, context: RequestContext, request: CampaignImport) -> CampaignCreated:
        campaign_id = request.campaign_id.upper()
        alias = text("campaign_alias", request.campaign_alias)
        told = callback(request.url, request.method)

        def work(conn: Connection, scope: Scope, revision: int) -> None:
            if campaigns.get(conn, campaign_id) is not None:
                raise InvalidParameter("campaign_id", "the campaign is known here already")
            made = Campaign(
                campaign_id=campaign_id,
                main_auth_id=scope.main_auth_id,
                account_id=scope.account_id,
                brand_id="",
                campaign_alias=alias,
                vertical="",
                usecase="MIXED",
                source="shared",
                texts=CampaignTexts(),
                attributes=Attributes(),
                state=CampaignState.PROCESSING,
                callback=told,
                due_at=None,
                created_at=context.now,
            )
            self._submit(conn, made, revision, context.now, is_new=True)

        await self.desk.change(context, work)
        return CampaignCreated(
            message="Request to import campaign was received and is being processed.",
            campaign_id=campaign_id,
        )

    async def get(self, context: RequestContext, request: CampaignGet) -> CampaignAnswer:
        scope = scope_of(context)
        campaign_id = request.campaign_id.upper()
        found = await self.desk.look(lambda conn: campaigns.find(conn, scope, campaign_id))
        if found is None:
            raise NotFound(_NOT_FOUND)
        return CampaignAnswer(campaign=_object(found))

    async def list(self, context: RequestContext, request: CampaignList) -> CampaignPage:
        equal, repeated = filters(
            brand_id=request.brand_id and request.brand_id.upper(),
            usecase=request.usecase,
            registration_status=request.registration_status,
            campaign_source=request.campaign_source,
        )
        renamed = {"registration_status": "state", "campaign_source": "source"}
        columns = {renamed.get(name, name): value for name, value in equal.items()}
        page = Page(request.limit, request.offset)
        scope = scope_of(context)
        found, total = await self.desk.look(lambda conn: campaigns.page(conn, scope, columns, page))
        path = f"/v1/Account/{context.account_id}/10dlc/Campaign/"
        return CampaignPage(
            meta=page_meta(page, total, path, repeated),
            campaigns=[_object(one) for one in found],
        )

    async def update(self, context: RequestContext, request: CampaignUpdate) -> CampaignAnswer:
        given = _texts(request)
        campaign_id = request.campaign_id.upper()

        def work(conn: Connection, scope: Scope, revision: int) -> Campaign:
            known = campaigns.find(conn, scope, campaign_id)
            if known is None:
                raise NotFound(_NOT_FOUND)
            if known.state not in CAMPAIGN_UPDATABLE:
                raise BadRequest(
                    "Campaign can be updated only if its registration_status is FAILED or"
                    f" PROCESSING, it is {known.state.value}."
                )
            again = replace(
                known,
                campaign_alias=text("campaign_alias", request.campaign_alias)
                or known.campaign_alias,
                reseller_id=text("reseller_id", request.reseller_id) or known.reseller_id,
                texts=replace(known.texts, **given),
                state=CampaignState.PROCESSING,
                reason_code="",
                reason="",
            )
            return self._submit(conn, again, revision, context.now, is_new=False)

        return CampaignAnswer(campaign=_object(await self.desk.change(context, work)))

    async def delete(self, context: RequestContext, request: CampaignDelete) -> CampaignCreated:
        campaign_id = request.campaign_id.upper()

        def work(conn: Connection, scope: Scope, revision: int) -> None:
            known = campaigns.find(conn, scope, campaign_id)
            if known is None:
                raise NotFound(_NOT_FOUND)
            # PLIVO 10DLC: only campaigns without numbers in processing are deleted
            if links.counts(conn, campaign_id).get(Progress.PROCESSING.value):
                raise BadRequest("Campaign has numbers in PROCESSING status, try again later.")
            numbers = links.numbers_of(conn, campaign_id)
            if numbers:
                links.remove(conn, numbers, revision)
                forget_campaign(conn, known.main_auth_id, numbers)
            campaigns.remove(conn, campaign_id, revision)

        await self.desk.change(context, work)
        return CampaignCreated(message="Campaign Deactivated", campaign_id=campaign_id)

    def _submit(
        self, conn: Connection, one: Campaign, revision: int, now: float, *, is_new: bool
    ) -> Campaign:
        delay_s = self.desk.registry.delay_s(one)
        one = replace(one, due_at=None if delay_s is None else now + delay_s)
        (campaigns.add if is_new else campaigns.save)(conn, one, revision)
        enqueue(conn, callbacks.of_campaign(one, now))
        return one


def handlers(desk: Desk) -> Mapping[str, Handler]:
    """Return the handler of each campaign operation by its id."""
    api = CampaignApi(desk)
    return {
        "campaign.create": api.create,
        "campaign.import": api.take_over,
        "campaign.list": api.list,
        "campaign.get": api.get,
        "campaign.update": api.update,
        "campaign.delete": api.delete,
    }


def _brand(conn: Connection, scope: Scope, request: CampaignCreate) -> Brand:
    """Return the brand of a new campaign, if it may have one of that kind."""
    brand = brands.find(conn, scope, request.brand_id.strip().upper())
    if brand is None:
        raise InvalidParameter("brand_id", "no such brand")
    if brand.state is Progress.FAILED:
        raise InvalidParameter("brand_id", "the registration of the brand failed")
    known = {one.code for one in usecases.of_brand(brand.brand_type)}
    if request.usecase not in known:
        raise InvalidParameter("usecase", f"a {brand.brand_type} brand may not have it")
    return brand


def _sub_usecases(request: CampaignCreate) -> list[str]:
    given = list(dict.fromkeys(request.sub_usecases or ()))
    combined = request.usecase in usecases.COMBINED
    if not combined and request.usecase != usecases.STARTER:
        if given:
            raise InvalidParameter(
                "sub_usecases", "is for usecase STARTER, MIXED and LOW_VOLUME only"
            )
        return []
    least = _LEAST_SUB_USECASES if combined else 0
    if not least <= len(given) <= _MOST_SUB_USECASES:
        raise InvalidParameter("sub_usecases", "needs 2 to 5 different use cases")
    return list(given)


_ASKED_LATER = ("message_flow", "help_message", "optout_message")


def _texts_of_new(request: CampaignCreate) -> dict[str, str]:
    """Return a new campaign's texts; the older form, without three of them, may be short."""
    missing = [field for field in _ASKED_LATER if not getattr(request, field)]
    is_older = len(missing) == len(_ASKED_LATER)
    if missing and not is_older:
        raise MissingParameter(missing[0])
    given = texts(request, (*_LONG, *_MEDIUM, *_SHORT)) if is_older else _texts(request)
    for field in ("description", "sample1", "sample2"):
        if field not in given:
            raise InvalidParameter(field, "must not be blank")
    return given


def _texts(request: CampaignCreate | CampaignUpdate) -> dict[str, str]:
    return {
        **texts(request, _LONG, shortest=40),
        **texts(request, _MEDIUM, shortest=20),
        **texts(request, _SHORT),
    }


def _object(one: Campaign) -> CampaignObject:
    rate = Allowance(tpm=one.per_minute)
    return CampaignObject(
        campaign_id=one.campaign_id,
        registration_status=one.state.value,
        reseller_id=one.reseller_id,
        brand_id=one.brand_id,
        usecase=one.usecase,
        sub_usecase=one.sub_usecases,
        campaign_alias=one.campaign_alias,
        mno_metadata={
            "AT&T": rate,
            "T-Mobile": Allowance(brand_tier=one.tier),
            "US Cellular": rate,
            "Verizon Wireless": rate,
        },
        **asdict(one.texts),
        campaign_attributes=msgspec.convert(asdict(one.attributes), CampaignAttributes),
        created_at=wire_time(one.created_at),
        vertical=one.vertical,
        campaign_source=cast("Literal['plivo', 'shared']", one.source),
        error_code=one.reason_code,
        error_reason=one.reason,
        error_description=one.reason,
    )
