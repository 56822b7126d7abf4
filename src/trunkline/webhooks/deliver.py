"""The worker: takes queued webhooks by target, sends them, stores what came of it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database, DatabaseError
from trunkline.values.ids import new_uuid
from trunkline.webhooks.attempt import Attempted, Attempts
from trunkline.webhooks.lane import Lane, Lanes
from trunkline.webhooks.model import (
    Claimed,
    Credentials,
    DeliveryCounters,
    DeliverySettings,
    OutcomeHook,
    State,
)
from trunkline.webhooks.record import Recorder, Stored
from trunkline.webhooks.store import queue

_log = structlog.get_logger(__name__)

_PAUSE_S = 1.0  # after the database or the HTTP client refused
_SCAN_GAP_S = 0.02  # real time between two scans that were asked for
_STOP_S = 10.0


async def nothing() -> None:
    """Be the refresh of credentials that are always fresh."""


class WebhookWorker:
    """Owns the lanes and the sends under way; `run` is its life, `stop` its end.

    Args:
        db: where the queue is.
        clock: due times, leases and the times of attempts are told by it.
        http: sends; its bound on connections should be well above `settings.in_flight`.
        credentials: the tokens of an account, from memory; None when it is not known.
        refresh: read the accounts again; called before an account counts as gone.
        hooks: for each kind, what runs in the transaction that stores the outcome.
        settings: see `DeliverySettings`.
        name: the same after a restart, and unlike any other worker's. The targets that the process
            that died under this name served are taken over at once; another one's, when its lease
            ends. Empty for the only worker there is: it takes over everything.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        http: HttpClient,
        credentials: Callable[[str], Credentials | None],
        refresh: Callable[[], Awaitable[None]] = nothing,
        hooks: Mapping[str, OutcomeHook] = MappingProxyType({}),
        settings: DeliverySettings | None = None,
        name: str = "",
    ) -> None:
        self.counters = DeliveryCounters()
        self._db = db
        self._clock = clock
        self._settings = settings = settings or DeliverySettings()
        self._prefix = f"{name}/" if name else ""
        self._owner = self._prefix + new_uuid()
        self._attempts = Attempts(
            clock=clock,
            http=http,
            credentials=credentials,
            refresh=refresh,
            hooked=hooks.keys(),
            settings=settings,
        )
        self._recorder = Recorder(db, hooks)
        self._lanes = Lanes(width=settings.per_target, most=settings.targets)
        self._storing: set[asyncio.Future[Stored]] = set()
        self._claims: set[asyncio.Future[queue.ClaimResult]] = set()
        self._hungry: deque[Lane] = deque()
        self._senders: set[asyncio.Task[None]] = set()
        self._asleep_until = 0.0
        self._scan_at = 0.0
        self._scan_wanted = False
        self._woken = asyncio.Event()
        self._started = False
        self._stopping = False

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        take_over = partial(queue.take_over, owner=self._owner, prefix=self._prefix)
        taken = await self._db.write(take_over, patient=True)
        if taken:
            _log.info("webhooks.taken_over", targets=taken)
        self._started = True
        while not self._stopping:
            self._woken.clear()
            if self._scan_wanted or self._clock.now() >= self._scan_at:
                await self._scan()
            for lane in self._lanes.pop_due(self._clock.now()):
                self._open(lane)
            self._asleep_until = min(self._lanes.next_due(), self._scan_at)
            await self._clock.wait(self._woken, self._asleep_until - self._clock.now())
            self._asleep_until = 0.0

    async def stop(self, within_s: float = _STOP_S) -> None:
        """Let what is under way end within a time, store all outcomes, give the targets back."""
        self._stopping = True
        self._woken.set()
        if self._senders:
            _, late = await asyncio.wait(set(self._senders), timeout=within_s)
            for sender in late:
                sender.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*self._claims, return_exceptions=True)
        await asyncio.gather(*self._storing, return_exceptions=True)
        try:
            await self._db.write(partial(queue.hand_over, owner=self._owner))
        except DatabaseError as error:
            _log.warning("webhooks.not_handed_over", error=str(error))

    def wake(self, targets: Iterable[str] | None = None) -> None:
        """Tell that webhooks were queued for these targets; None: for some, find out which.

        To be called on the event loop, after the commit: a listener of `queue.QUEUED`. Without it
        the next scan finds them.
        """
        if not self._started:
            return
        if targets is None:
            self._scan_wanted = True
            self._woken.set()
            return
        for target in set(targets):
            lane = self._lanes.get(target)
            if lane is not None and lane.theirs_until <= self._clock.now():
                self._open(lane)

    # Lanes: found, planned, opened.

    def _open(self, lane: Lane) -> None:
        lane.dry = False
        lane.woken = lane.claiming
        self._pump(lane)

    def _plan(self, lane: Lane, due: float) -> None:
        if self._lanes.plan(lane, due) and due < self._asleep_until:
            self._woken.set()

    async def _scan(self) -> None:
        asked_for, self._scan_wanted = self._scan_wanted, False
        now = self._clock.now()
        self._scan_at = now + self._settings.scan_s
        until = self._scan_at + self._settings.scan_s
        look = partial(queue.targets, until=until, limit=self._settings.targets)
        try:
            found = await self._db.read(look)
        except DatabaseError as error:
            _log.warning("webhooks.scan_failed", error=str(error))
            return
        self._lanes.forget_unused(later_than=until)
        for target, due in found:
            lane = self._lanes.get(target)
            if lane is not None and due <= now:
                self._open(lane)
            elif lane is not None:
                self._plan(lane, due)
        if asked_for:
            await asyncio.sleep(_SCAN_GAP_S)

    # Rows: taken, sent, stored, given back.

    def _pump(self, lane: Lane) -> None:
        """Start as many sends as lane and worker allow, and take more in time."""
        if self._stopping:
            return
        while lane.waiting and lane.in_flight < lane.width:
            # A lane without any may always have one, so that none waits for the others.
            if lane.in_flight and self.counters.in_flight >= self._settings.in_flight:
                if not lane.hungry:
                    lane.hungry = True
                    self._hungry.append(lane)
                break
            row = lane.take()
            if row is None:
                break
            lane.in_flight += 1
            self.counters.in_flight += 1
            sender = asyncio.create_task(self._send_in_turn(lane, row))
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        limit = lane.to_claim(self._settings)
        if limit:
            self._claim(lane, limit)

    def _feed_hungry(self) -> None:
        while self._hungry and self.counters.in_flight < self._settings.in_flight:
            lane = self._hungry.popleft()
            lane.hungry = False
            self._pump(lane)

    def _claim(self, lane: Lane, limit: int) -> None:
        now = self._clock.now()
        lease_s = self._settings.lease_s
        renew = lane.lease_until - now < lease_s / 2
        lease_until = now + lease_s if renew else None
        wish = queue.Claim(lane.target, limit, now, self._owner, frozenset(lane.held), lease_until)
        lane.claiming, lane.woken = True, False
        try:
            result = self._find(wish)
        except DatabaseError as error:
            self._claim_failed(lane, error)
        else:
            self._claims.add(result)
            result.add_done_callback(partial(self._claimed, lane, wish))

    def _find(self, wish: queue.Claim) -> "asyncio.Future[queue.ClaimResult]":
        if wish.lease_until is not None:
            return self._db.submit(queue.claim, wish)
        # Only reads: it need not wait for whoever writes.
        return asyncio.ensure_future(self._db.glance(partial(queue.find, wish=wish)))

    def _claimed(
        self, lane: Lane, wish: queue.Claim, result: "asyncio.Future[queue.ClaimResult]"
    ) -> None:
        self._claims.discard(result)
        error = result.exception()
        if error is not None:
            self._claim_failed(lane, error)
            return
        lane.claiming = False
        rows, next_due, leased = result.result()
        if not leased:
            lane.theirs_until = next_due or 0.0
        elif wish.lease_until is not None:
            lane.lease_until = wish.lease_until
        lane.held.update([row.id for row in rows])
        lane.waiting.extend(rows)
        lane.dry = not leased or (len(rows) < wish.limit and not lane.woken)
        if lane.dry and next_due is not None:
            self._plan(lane, next_due)
        self._pump(lane)

    def _claim_failed(self, lane: Lane, error: BaseException) -> None:
        _log.warning("webhooks.claim_failed", target=lane.target, error=str(error))
        lane.claiming, lane.dry = False, True
        self._plan(lane, self._clock.now() + _PAUSE_S)

    async def _send_in_turn(self, lane: Lane, first: Claimed) -> None:
        """Send one webhook after the other until the lane has none, or gives up this place."""
        row: Claimed | None = first
        try:
            while row is not None:
                try:
                    await self._send(lane, row)
                finally:
                    lane.tried(row)
                if lane.in_flight > lane.width or self._must_yield(lane):
                    break
                row = lane.take()
        finally:
            lane.in_flight -= 1
            self.counters.in_flight -= 1
            self._pump(lane)
            self._feed_hungry()

    def _must_yield(self, lane: Lane) -> bool:
        """When lanes wait, each may have an equal share of what is under way."""
        if self._stopping:
            return True
        return bool(self._hungry) and lane.in_flight * len(self._lanes) > self._settings.in_flight

    async def _send(self, lane: Lane, row: Claimed) -> None:
        now = self._clock.now()
        if now + self._settings.timeout_s > lane.lease_until:
            self._give_back(lane, [row])  # by the time of its answer it may be another's
            return
        attempted = await self._attempts.make(row)
        if attempted is None:
            _log.warning("webhooks.not_sent", webhook=row.id, target=lane.target)
            self._postpone(lane, row, now + _PAUSE_S)
            return
        self.counters.seconds += attempted.seconds
        if attempted.answered:
            lane.answered(attempted.seconds)
        elif attempted.answered is False:
            lane.unreachable()
            if lane.failing:
                self._give_back(lane, lane.waiting)
                lane.waiting.clear()
        self._store(lane, row, attempted)

    def _store(self, lane: Lane, row: Claimed, attempted: Attempted) -> None:
        try:
            result = self._recorder.submit(attempted)
        except DatabaseError as error:  # closed: the row is taken over at the next start
            _log.warning("webhooks.not_stored", webhook=row.id, error=str(error))
            return
        self._storing.add(result)
        result.add_done_callback(partial(self._stored, lane, row, attempted))

    def _stored(
        self, lane: Lane, row: Claimed, attempted: Attempted, result: "asyncio.Future[Stored]"
    ) -> None:
        self._storing.discard(result)
        error = result.exception()
        if error is not None:
            self._not_stored(lane, row, attempted, error)
            return
        lane.held.discard(row.id)
        ours, after = result.result()
        if ours:
            self._count(lane, attempted)
        else:
            self.counters.lost += 1
        if after is not None:
            after()
        self._pump(lane)

    def _not_stored(
        self, lane: Lane, row: Claimed, attempted: Attempted, error: BaseException
    ) -> None:
        _log.error("webhooks.unsettled", webhook=row.id, kind=row.kind, exc_info=error)
        if isinstance(error, DatabaseError) or attempted.outcome is None:
            lane.held.discard(row.id)
            self._plan(lane, self._clock.now() + _PAUSE_S)
            return
        # The hook is broken, or does not stand this answer: keep the attempt, try again later.
        self.counters.unsettled += 1
        self._store(lane, row, self._attempts.unsettled(row, attempted))

    def _count(self, lane: Lane, attempted: Attempted) -> None:
        state = attempted.settled.state
        if state == State.DELIVERED:
            self.counters.delivered += 1
        elif state == State.FAILED:
            self.counters.failed += 1
        else:
            self.counters.retried += 1
            self._plan(lane, attempted.settled.due_at)

    def _give_back(self, lane: Lane, rows: Iterable[Claimed]) -> None:
        """Let go of rows that were not tried: they are found again, in their old order."""
        lane.held.difference_update([row.id for row in rows])
        lane.dry = False

    def _postpone(self, lane: Lane, row: Claimed, due_at: float) -> None:
        """Let go of a row that could not be tried, until a time."""
        try:
            result = self._db.submit(queue.postpone, queue.Postponed(row.id, due_at))
        except DatabaseError as error:
            _log.warning("webhooks.not_postponed", webhook=row.id, error=str(error))
            lane.held.discard(row.id)
        else:
            result.add_done_callback(partial(self._postponed, lane, row))
        self._plan(lane, due_at)

    def _postponed(self, lane: Lane, row: Claimed, result: "asyncio.Future[None]") -> None:
        lane.held.discard(row.id)
        if not result.cancelled() and result.exception() is not None:
            _log.warning("webhooks.not_postponed", webhook=row.id, error=str(result.exception()))
