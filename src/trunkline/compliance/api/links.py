"""Wire ↔ domain for the numbers of campaigns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.compliance import callbacks
from trunkline.compliance.api.desk import Desk, callback
from trunkline.compliance.enforce import TOLL_FREE
from trunkline.compliance.model import Action, Callback, Campaign, CampaignState, Link, Progress
from trunkline.compliance.registrar import note_campaign
from trunkline.compliance.samples import SAMPLE_CAMPAIGNS
from trunkline.compliance.store import campaigns, links
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, InvalidParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.registration.links import (
    CampaignNumberGet,
    CampaignNumberLink,
    CampaignNumberList,
    CampaignNumbers,
    CampaignNumberUnlink,
    LinkedNumber,
)
from trunkline.numbers import store as numbers_store
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page
from trunkline.values.phone import parse_phone_number
from trunkline.webhooks import enqueue

POOL_LIMIT = 49  # PLIVO SDK fixtures: number_pool_limit
_NOT_FOUND = "Campaign not found."
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class LinkApi:
    """The operations on campaigns' numbers."""

    desk: Desk

    async def link(self, context: RequestContext, request: CampaignNumberLink) -> Confirmation:
        wanted = _numbers(request.numbers)
        told = callback(request.url, request.method)

        def work(conn: Connection, scope: Scope, revision: int) -> Campaign:
            campaign = _campaign(conn, scope, request.campaign_id)
            if campaign.state not in (CampaignState.ACTIVE, CampaignState.PROCESSING):
                raise BadRequest(f"Campaign is {campaign.state.value}, it takes no numbers.")
            for number in wanted:
                self._check(conn, scope, number)
            known = set(links.numbers_of(conn, campaign.campaign_id))
            if len(known | set(wanted)) > POOL_LIMIT:
                raise InvalidParameter("numbers", f"a campaign has at most {POOL_LIMIT} numbers")
            for number in wanted:
                self._link(conn, campaign, number, told, revision, context.now)
            return campaign

        campaign = await self.desk.change(context, work)
        return Confirmation(
            message=f"Request to link {', '.join(wanted)} to campaign {campaign.campaign_id}"
            " was received and is being processed"
        )

    async def list(self, context: RequestContext, request: CampaignNumberList) -> CampaignNumbers:
        scope, page = scope_of(context), Page(request.limit, request.offset)

        def read(conn: Connection) -> CampaignNumbers:
            campaign = _campaign(conn, scope, request.campaign_id)
            found = links.page(conn, campaign.campaign_id, page)
            return _answer(conn, campaign, found)

        return await self.desk.look(read)

    async def get(self, context: RequestContext, request: CampaignNumberGet) -> CampaignNumbers:
        scope = scope_of(context)

        def read(conn: Connection) -> CampaignNumbers:
            campaign = _campaign(conn, scope, request.campaign_id)
            return _answer(conn, campaign, [_linked(conn, campaign, request.number)])

        return await self.desk.look(read)

    async def unlink(self, context: RequestContext, request: CampaignNumberUnlink) -> Confirmation:
        told = callback(request.url, request.method)

        def work(conn: Connection, scope: Scope, revision: int) -> Link:
            campaign = _campaign(conn, scope, request.campaign_id)
            known = _linked(conn, campaign, request.number)
            if known.state is Progress.PROCESSING:
                raise BadRequest(f"The number {known.number} is being processed, try again later.")
            if known.state is Progress.FAILED:  # the registry never had it
                links.remove(conn, [known.number], revision)
                return known
            leaving = replace(known, action=Action.UNLINK, state=Progress.PROCESSING, callback=told)
            delay_s = self.desk.registry.delay_s(leaving) or 0.0
            leaving = replace(leaving, due_at=context.now + delay_s)
            links.save(conn, leaving, revision)
            enqueue(conn, callbacks.of_link(leaving, context.now))
            return leaving

        left = await self.desk.change(context, work)
        return Confirmation(
            message=f"Request to unlink {left.number} from campaign {left.campaign_id}"
            " was received and is being processed"
        )

    def _check(self, conn: Connection, scope: Scope, number: str) -> None:
        owned = numbers_store.find(conn, scope, number)
        if owned is None:
            raise InvalidParameter("numbers", f"{number} is not a number of this account")
        long_code = len(number) == 11 and number[0] == "1" and number[1:4] not in TOLL_FREE
        if not long_code or owned.country not in ("US", "CA"):
            raise InvalidParameter("numbers", f"{number} is not a US long code")
        if not owned.sms_enabled:
            raise InvalidParameter("numbers", f"{number} cannot send text messages")
        known = links.get(conn, number)
        if known is None or known.state is Progress.FAILED:
            return
        # Sample numbers may be taken from their campaigns without being unlinked first.
        if known.campaign_id.startswith(SAMPLE_CAMPAIGNS) and known.state is Progress.COMPLETED:
            return
        # PLIVO SDK fixtures: the error of linking twice
        raise InvalidParameter("numbers", f"The number {number} is already requested for linking")

    def _link(
        self,
        conn: Connection,
        campaign: Campaign,
        number: str,
        told: Callback,
        revision: int,
        now: float,
    ) -> None:
        made = Link(
            number=number,
            campaign_id=campaign.campaign_id,
            main_auth_id=campaign.main_auth_id,
            account_id=campaign.account_id,
            callback=told,
            due_at=None,
            created_at=now,
        )
        made = replace(made, due_at=now + (self.desk.registry.delay_s(made) or 0.0))
        links.put(conn, made, revision)
        note_campaign(conn, made)
        enqueue(conn, callbacks.of_link(made, now))


def handlers(desk: Desk) -> Mapping[str, Handler]:
    """Return the handler of each operation on campaigns' numbers by its id."""
    api = LinkApi(desk)
    return {
        "campaign_number.link": api.link,
        "campaign_number.list": api.list,
        "campaign_number.get": api.get,
        "campaign_number.unlink": api.unlink,
    }


def _numbers(given: Sequence[str]) -> list[str]:
    wanted: dict[str, None] = {}
    for written in given:
        number = parse_phone_number(written)
        if number is None:  # PLIVO SDK fixtures
            raise InvalidParameter("numbers", f"The number {written[:32]} is not a valid number")
        wanted[number] = None
    if not wanted:
        raise InvalidParameter("numbers", "must not be empty")
    if len(wanted) > _MOST_AT_ONCE:
        raise InvalidParameter("numbers", f"must have at most {_MOST_AT_ONCE} items")
    return list(wanted)


def _campaign(conn: Connection, scope: Scope, campaign_id: str) -> Campaign:
    campaign = campaigns.find(conn, scope, campaign_id.upper())
    if campaign is None:
        raise NotFound(_NOT_FOUND)
    return campaign


def _linked(conn: Connection, campaign: Campaign, written: str) -> Link:
    number = parse_phone_number(written)
    found = None if number is None else links.find(conn, campaign.campaign_id, number)
    if found is None:  # PLIVO SDK fixtures
        raise NotFound(f"The number {written[:32]} is not linked to this campaign")
    return found


def _answer(conn: Connection, campaign: Campaign, found: Sequence[Link]) -> CampaignNumbers:
    return CampaignNumbers(
        campaign_id=campaign.campaign_id,
        campaign_alias=campaign.campaign_alias,
        usecase=campaign.usecase,
        phone_numbers=[LinkedNumber(number=one.number, status=one.state.value) for one in found],
        phone_numbers_summary=links.counts(conn, campaign.campaign_id),
        number_pool_limit=POOL_LIMIT,
    )
