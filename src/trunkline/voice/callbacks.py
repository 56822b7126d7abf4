"""Callbacks of calls, by the queue of webhooks: durable, in order for a target, retried, logged."""

import asyncio
from collections.abc import Sequence

import structlog

from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.values.form import form_encoded
from trunkline.voice.session.ports import Callback
from trunkline.webhooks import NewWebhook, WebhookOutcome, enqueue
from trunkline.webhooks.store.hide import hide_parameters

log = structlog.get_logger(__name__)


UNLOGGED = "voice.unlogged"
"""Kind of what has keys or speech that are not to be kept (PLIVO XML GetDigits, GetInput: log)."""
_HIDDEN = ("Digits", "Speech", "StableSpeech", "UnstableSpeech")


class QueuedCallbacks:
    """Puts callbacks into the queue with the next group commit; a call never waits for it."""

    def __init__(self, *, clock: Clock, db: Database) -> None:
        self._clock = clock
        self._db = db
        self._writing: set[asyncio.Future[None]] = set()

    def tell(self, callback: Callback) -> None:
        """Queue a callback; what the database refuses is logged, a dead one is waited for."""
        webhook = webhook_of(callback, self._clock.now())
        writing: asyncio.Future[None] = self._db.submit(_insert, webhook, patient=True)
        self._writing.add(writing)
        writing.add_done_callback(self._written)

    def _written(self, writing: "asyncio.Future[None]") -> None:
        self._writing.discard(writing)
        if not writing.cancelled() and (error := writing.exception()) is not None:
            log.error("call.callback_lost", error=str(error))


def webhook_of(callback: Callback, at: float) -> NewWebhook:
    """Return what is queued for a callback, due `at`: those of a target are sent in that order."""
    return NewWebhook(
        callback.account_id,
        callback.kind,
        callback.call_uuid,
        callback.method,
        callback.url,
        form_encoded(callback.params),
        at,
    )


def forget_input(conn: Connection, outcomes: Sequence[WebhookOutcome]) -> None:
    """Hide what was pressed or said in callbacks that have had their last attempt."""
    hide_parameters(conn, [one.webhook_id for one in outcomes if one.final], _HIDDEN)


def _insert(conn: Connection, items: list[NewWebhook]) -> None:
    enqueue(conn, items)
