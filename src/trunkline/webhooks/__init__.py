"""Signed callbacks to applications: queued with what they tell of, delivered, retried, logged.

A domain calls `enqueue` inside its own transaction, whose commit announces the targets to
`WebhookWorker.wake`.
Tables: `webhooks` (queue and log in one; the queue is the part with state < 2) and
`webhook_attempts`. `store` holds the SQL, `deliver` the worker, `replay` sends one again.
"""

from trunkline.webhooks.model import Credentials, NewWebhook, OutcomeHook, WebhookOutcome
from trunkline.webhooks.store.queue import enqueue

__all__ = ["Credentials", "NewWebhook", "OutcomeHook", "WebhookOutcome", "enqueue"]
