"""Webhooks as values: what is queued, what is claimed, what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, NamedTuple

from trunkline.engines.http.errors import InvalidUrl
from trunkline.engines.http.url import parse_url
from trunkline.runtime.db import Connection

Encoding = Literal["form", "json"]
CONTENT_TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
UNREACHABLE = "invalid"  # target of a URL that cannot be read: its webhooks fail at once


class State(IntEnum):
    """Where a webhook stands: in the queue, or ended and in the log."""

    WAITING = 0
    DELIVERED = 2
    FAILED = 3


class NewWebhook(NamedTuple):
    """A webhook to queue; `body` is the encoded parameters, form or JSON.

    For GET the body goes into the query string. `url` may hold a fragment; it is not sent.
    """

    account_id: str  # owner of the resource, MA… or SA…: whose token signs
    kind: str  # message.status, message.inbound, api.async, …: names the outcome's hook
    resource_uuid: str
    method: str  # GET or POST
    url: str
    body: str
    created_at: float
    encoding: Encoding = "form"

    @property
    def target(self) -> str:
        """Where it goes, as scheme://host:port: what `WebhookWorker.wake` wants to know."""
        return target_of(self.url)


class Claimed(NamedTuple):
    """A webhook that this worker may send as long as it has the lease of its target."""

    id: int
    account_id: str
    kind: str
    resource_uuid: str
    method: str
    url: str
    encoding: Encoding
    body: str
    attempts: int  # made before this one
    created_at: float
    replay_of: int | None


class WebhookOutcome(NamedTuple):
    """What one attempt came to; `body` is the answer's, at most 64 KiB of it."""

    webhook_id: int
    kind: str
    resource_uuid: str
    account_id: str
    final: bool  # no further attempt will be made
    ok: bool  # 2xx
    status: int | None  # None: no answer
    content_type: str
    body: str
    replay_of: int | None  # set when a person had it sent again


AfterCommit = Callable[[], None]
OutcomeHook = Callable[[Connection, Sequence[WebhookOutcome]], AfterCommit | None]
"""Runs in the transaction that stores the attempts, so exactly once for each; may run again after a
rollback, and in the writer's thread, so it must not touch anything but the connection. What it
returns is called on the event loop after the commit."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The tokens that sign: the owner's, and its main account's (the same for a main account)."""

    owner_token: str
    main_token: str


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How webhooks are delivered; seconds throughout."""

    retries_s: Sequence[float] = (60.0, 120.0, 240.0)  # PLIVO messaging callbacks: retries
    timeout_s: float = 8.0  # PLIVO messaging callbacks: no answer in 8 s
    connect_s: float = 5.0
    per_target: int = 32  # under way to one target
    in_flight: int = 512  # under way to all; a target without any may always have one
    rows_per_target: int = 400  # in hand: read and not yet settled
    targets: int = 10_000  # remembered; the others are found again by the scan
    lease_s: float = 60.0  # of a target; then another worker may take over
    scan_s: float = 2.0  # how often the database is asked for targets nobody woke us for
    overtime_s: float = (
        86_400.0  # a webhook not even tried this long after its last retry is given up
    )


@dataclass(slots=True)
class DeliveryCounters:
    """Running totals of a worker, read by the metrics exporter."""

    delivered: int = 0
    retried: int = 0  # failed attempts that will be repeated
    failed: int = 0  # given up
    in_flight: int = 0
    seconds: float = 0.0  # spent waiting for answers
    lost: int = 0  # settled by another worker, because the lease had ended
    unsettled: int = 0  # outcomes whose hook failed

    @property
    def attempts(self) -> int:
        """How many attempts were stored."""
        return self.delivered + self.retried + self.failed


def target_of(url: str) -> str:
    """Return scheme://host:port of a URL, or UNREACHABLE."""
    try:
        return str(parse_url(url).origin)
    except InvalidUrl:
        return UNREACHABLE
