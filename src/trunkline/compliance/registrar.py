"""Ask the registry what has become due, and store each verdict with what follows from it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from trunkline.compliance import callbacks, usecases
from trunkline.compliance.model import (
    Action,
    Brand,
    Campaign,
    CampaignState,
    Link,
    Progress,
    TollfreeState,
    Verification,
)
from trunkline.compliance.registry import Registry, Verdict
from trunkline.compliance.store import brands, campaigns, links, tollfree
from trunkline.compliance.store.shape import DUE
from trunkline.numbers import store as numbers
from trunkline.numbers.model import CampaignStatus, TollfreeStatus
from trunkline.runtime.changes import Mirror, catch_up, next_revision
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database, DatabaseError
from trunkline.webhooks import enqueue

log = structlog.get_logger(__name__)

POLL_S = 5.0  # finds what other processes submitted
DOWN_S = 1.0

_TABLES = (brands, campaigns, links, tollfree)


class Registrar:
    """Decides on the clock; one a process, harmless when several do."""

    def __init__(
        self, *, db: Database, clock: Clock, registry: Registry, mirrors: Sequence[Mirror] = ()
    ) -> None:
        """Decide with `registry`; `mirrors` are the copies in memory that this changes."""
        self._db = db
        self._clock = clock
        self._registry = registry
        self._mirrors = mirrors
        self._submitted = asyncio.Event()
        db.listen(DUE, lambda _: self._submitted.set())

    async def run(self) -> None:
        """Decide for ever; cancel to stop."""
        while True:
            self._submitted.clear()
            try:
                wait_s = await self._round()
            except DatabaseError as error:
                log.warning("registrar.database", error=str(error))
                await asyncio.sleep(DOWN_S)
                continue
            await self._clock.wait(self._submitted, wait_s)

    async def sweep(self) -> None:
        """Decide everything whose time has come, and what follows from it."""
        while await self._due_now():
            await self._db.write(partial(self.decide, now=self._clock.now()))
            await catch_up(self._db, *self._mirrors)

    async def _round(self) -> float:
        await self.sweep()
        due_at = await self._db.read(_next_due)
        if due_at is None:
            return POLL_S
        return min(POLL_S, max(0.0, due_at - self._clock.now()))

    async def _due_now(self) -> bool:
        due_at = await self._db.read(_next_due)
        return due_at is not None and due_at <= self._clock.now()

    def decide(self, conn: Connection, now: float) -> None:
        """Decide one batch in one transaction."""
        revision = next_revision(conn)
        for brand in brands.due(conn, now):
            self._brand(conn, brand, now, revision)
        for campaign in campaigns.due(conn, now):
            self._campaign(conn, campaign, now, revision)
        for link in links.due(conn, now):
            self._link(conn, link, now, revision)
        for one in tollfree.due(conn, now):
            self._tollfree(conn, one, now, revision)

    def _brand(self, conn: Connection, brand: Brand, now: float, revision: int) -> None:
        verdict = self._registry.brand(brand)
        vetted = verdict.approved and brand.secondary_vetting
        decided = replace(
            brand,
            state=Progress.COMPLETED if verdict.approved else Progress.FAILED,
            vetting_status="ACTIVE" if vetted else "",
            vetting_score=verdict.score if vetted else 0,
            reason_code=verdict.code,
            reason=verdict.reason,
            due_at=None,
        )
        brands.save(conn, decided)
        # From the time it was due on: a clock that was moved far must not stop half-way.
        campaigns.release(conn, brand.brand_id, brand.due_at or now, revision)
        enqueue(conn, callbacks.of_brand(decided, now))

    def _campaign(self, conn: Connection, one: Campaign, now: float, revision: int) -> None:
        brand = brands.get(conn, one.brand_id)
        waits = brand is not None and brand.state is Progress.PROCESSING
        if waits or self._registry.delay_s(one) is None:
            campaigns.save(conn, replace(one, due_at=None), revision)  # its brand releases it
            return
        verdict = self._campaign_verdict(one, brand)
        decided = replace(
            one,
            state=CampaignState.ACTIVE if verdict.approved else CampaignState.FAILED,
            reason_code=verdict.code,
            reason=verdict.reason,
            due_at=None,
        )
        if verdict.approved:
            kind, score = ("", 0) if brand is None else (brand.brand_type, brand.vetting_score)
            per_minute, tier = usecases.grant(kind, one.usecase, score)
            decided = replace(decided, per_minute=per_minute, tier=tier)
        campaigns.save(conn, decided, revision)
        links.release(conn, one.campaign_id, one.due_at or now, revision)
        enqueue(conn, callbacks.of_campaign(decided, now))

    def _campaign_verdict(self, one: Campaign, brand: Brand | None) -> Verdict:
        if brand is None and one.source == "plivo":
            return Verdict(approved=False, code="1005", reason="The brand is gone")
        if brand is not None and brand.state is Progress.FAILED:
            return Verdict(approved=False, code="1005", reason="The brand is not registered")
        return self._registry.campaign(one, brand)

    def _link(self, conn: Connection, link: Link, now: float, revision: int) -> None:
        campaign = campaigns.get(conn, link.campaign_id)
        waits = campaign is not None and campaign.state is CampaignState.PROCESSING
        if waits and link.action is Action.LINK:
            links.save(conn, replace(link, due_at=None), revision)  # its campaign releases it
            return
        verdict = Verdict(approved=True)
        if link.action is Action.LINK:
            verdict = Verdict(approved=False, code="3002", reason="The campaign is not active")
            if campaign is not None and campaign.state is CampaignState.ACTIVE:
                verdict = self._registry.link(link, campaign)
        state = Progress.COMPLETED if verdict.approved else Progress.FAILED
        decided = replace(link, state=state, due_at=None)
        if link.action is Action.UNLINK:
            links.remove(conn, [link.number], revision)
        else:
            links.save(conn, decided, revision)
        note_campaign(conn, decided)
        enqueue(conn, callbacks.of_link(decided, now, (verdict.code, verdict.reason)))

    def _tollfree(self, conn: Connection, one: Verification, now: float, revision: int) -> None:
        state, reason, next_in_s = self._registry.tollfree(one)
        due_at = None if next_in_s is None else (one.due_at or now) + next_in_s
        decided = replace(one, state=state, reason=reason, due_at=due_at, modified_at=now)
        tollfree.save(conn, decided, revision)
        note_tollfree(conn, one.main_auth_id, one.number, decided)
        enqueue(conn, callbacks.of_verification(decided, now))


def note_campaign(conn: Connection, link: Link) -> None:
    """Write on a number what its link has come to."""
    if link.action is Action.LINK and link.state is not Progress.FAILED:
        done = link.state is Progress.COMPLETED
        status = CampaignStatus.COMPLETED if done else CampaignStatus.PROCESSING
        numbers.set_campaign(conn, link.main_auth_id, [link.number], link.campaign_id, status)
    elif link.action is Action.LINK or link.state is Progress.COMPLETED:
        forget_campaign(conn, link.main_auth_id, [link.number])


def forget_campaign(conn: Connection, main_auth_id: str, wanted: Sequence[str]) -> None:
    """Write on numbers that they have no campaign."""
    numbers.set_campaign(conn, main_auth_id, wanted, None, CampaignStatus.UNREGISTERED)


def note_tollfree(
    conn: Connection, main_auth_id: str, number: str, latest: Verification | None
) -> None:
    """Write on a number how far it is verified: by any request, if not by the latest."""
    approved = tollfree.approved_for(conn, number)
    if approved is not None:
        status = TollfreeStatus.VERIFIED
    elif latest is None or latest.state is TollfreeState.REJECTED:
        status = TollfreeStatus.UNVERIFIED
    else:
        status = TollfreeStatus.PENDING
    shown = latest or approved
    numbers.set_tollfree(
        conn,
        main_auth_id,
        number,
        status,
        verification_id=None if shown is None else shown.uuid,
        order=None if shown is None else shown.state.value,
    )


def _next_due(conn: Connection) -> float | None:
    asked: Sequence[Callable[[Connection], float | None]] = [one.next_due for one in _TABLES]
    times = [due_at for ask in asked if (due_at := ask(conn)) is not None]
    return min(times, default=None)
