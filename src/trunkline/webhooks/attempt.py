"""One attempt: send a claimed webhook, decide what its answer means for it."""

from collections.abc import Awaitable, Callable, Container
from time import perf_counter
from typing import NamedTuple

import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import (
    ClientClosed,
    ConnectFailed,
    HttpError,
    InvalidUrl,
    TimedOut,
    TooManyConnections,
)
from trunkline.engines.http.message import Timeouts
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import DatabaseError
from trunkline.webhooks.model import (
    Claimed,
    Credentials,
    DeliverySettings,
    State,
    WebhookOutcome,
)
from trunkline.webhooks.request import KEPT_BODY_CHARS, Answer, build, read
from trunkline.webhooks.store.queue import Settled

_log = structlog.get_logger(__name__)


class Attempted(NamedTuple):
    """What is to be stored of an attempt, and what it says about the target."""

    settled: Settled
    outcome: WebhookOutcome | None  # only for kinds with a hook
    answered: bool | None  # None: says nothing, the target was not asked
    seconds: float


class _Try(NamedTuple):
    """The facts of an attempt, before they are judged."""

    row: Claimed
    started_at: float
    seconds: float
    signature: str = ""
    answer: Answer | None = None
    error: str | None = None
    hopeless: bool = False  # another attempt would end the same
    answered: bool | None = None


class Attempts:
    """Makes attempts; holds no state of its own."""

    def __init__(
        self,
        *,
        clock: Clock,
        http: HttpClient,
        credentials: Callable[[str], Credentials | None],
        refresh: Callable[[], Awaitable[None]],
        hooked: Container[str],
        settings: DeliverySettings,
    ) -> None:
        self._clock = clock
        self._http = http
        self._credentials = credentials
        self._refresh = refresh
        self._hooked = hooked
        self._retries_s = settings.retries_s
        self._timeouts = Timeouts(settings.connect_s, settings.timeout_s)
        self._life_s = sum(settings.retries_s) + settings.overtime_s

    async def make(self, row: Claimed) -> Attempted | None:
        """Send a webhook once; None when this process could not send at all."""
        now = self._clock.now()
        if now > row.created_at + self._life_s:
            return self._judge(_Try(row, now, 0.0, error="Given up: it is too old.", hopeless=True))
        credentials = self._credentials(row.account_id)
        if credentials is None:  # perhaps another process made the account a moment ago
            try:
                await self._refresh()
            except DatabaseError:
                return None
            credentials = self._credentials(row.account_id)
        if credentials is None:
            error = "The account that owns the webhook is gone."
            return self._judge(_Try(row, now, 0.0, error=error, hopeless=True))
        try:
            return await self._exchange(row, credentials, now)
        except Exception as error:  # noqa: BLE001 - edge of a job: one webhook must not stop a lane
            _log.exception("webhooks.broken", webhook=row.id)
            return self._judge(_Try(row, now, 0.0, error=f"It could not be sent: {error!r}."))

    def unsettled(self, row: Claimed, attempted: Attempted) -> Attempted:
        """Return the attempt as a failed one, because the hook of its outcome failed."""
        error = "The answer could not be processed."
        facts = _Try(row, attempted.settled.started_at, attempted.seconds, error=error)
        return self._judge(facts)._replace(outcome=None)

    async def _exchange(
        self, row: Claimed, credentials: Credentials, now: float
    ) -> Attempted | None:
        try:
            url, headers, body, signature = build(row, credentials)
        except InvalidUrl as error:
            return self._judge(_Try(row, now, 0.0, error=str(error), hopeless=True))
        started = perf_counter()
        try:
            response = await self._http.request(
                row.method, url, headers, body, timeouts=self._timeouts
            )
        except (ClientClosed, TooManyConnections):
            return None
        except HttpError as error:
            reached = not isinstance(error, ConnectFailed | TimedOut)
            seconds = perf_counter() - started
            return self._judge(
                _Try(row, now, seconds, signature, error=str(error), answered=reached)
            )
        answer = read(response, url)
        return self._judge(_Try(row, now, response.total_s, signature, answer, answered=True))

    def _judge(self, facts: _Try) -> Attempted:
        row, answer = facts.row, facts.answer
        ended_at = self._clock.now()
        attempt = row.attempts + 1
        ok = answer is not None and answer.ok
        if ok:
            state, due_at = State.DELIVERED, ended_at
        elif facts.hopeless or attempt > len(self._retries_s):
            state, due_at = State.FAILED, ended_at
        else:
            state, due_at = State.WAITING, ended_at + self._retries_s[attempt - 1]
        final = state is not State.WAITING
        settled = Settled(
            row.id,
            state.value,
            due_at,
            attempt,
            ended_at if final else None,
            facts.started_at,
            round(facts.seconds * 1000),
            facts.signature,
            answer.final_url if answer else None,
            answer.status if answer else None,
            answer.headers if answer else None,
            answer.body[:KEPT_BODY_CHARS] if answer else None,
            facts.error,
        )
        outcome = None
        if row.kind in self._hooked:
            outcome = WebhookOutcome(
                row.id,
                row.kind,
                row.resource_uuid,
                row.account_id,
                final,
                ok,
                answer.status if answer else None,
                answer.content_type if answer else "",
                answer.body if answer else "",
                row.replay_of,
            )
        return Attempted(settled, outcome, facts.answered, facts.seconds)
