"""The log of webhooks in the data folder, for when no program runs there."""

from typing import Any

import msgspec

from trunkline.cli.shell.database import ask_database
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.settings import Settings
from trunkline.webhooks.model import State
from trunkline.webhooks.store import log


def listed(settings: Settings, query: dict[str, Any]) -> list[dict[str, Any]]:
    """List webhooks as `GET /admin/webhooks` does: `state`, `account`, `resource`, `limit`."""
    state, account = query["state"], query["account"]
    wanted = log.WebhookFilter(
        account_ids=() if account is None else (account,),
        state=None if state is None else State[state.upper()],
        resource_uuid=query["resource"],
    )
    limit = query["limit"]
    found = ask_database(settings, lambda conn: log.list_webhooks(conn, wanted, limit=limit))
    return [_shown(one) for one in found]


def one(settings: Settings, webhook_id: int) -> dict[str, Any] | None:
    """Give a webhook and its attempts as `GET /admin/webhooks/{id}` does."""
    found = ask_database(settings, lambda conn: log.get_webhook(conn, webhook_id))
    if found is None:
        return None
    record, attempts = found
    return {**_shown(record), "attempts_made": msgspec.to_builtins(attempts)}


def replayed(settings: Settings, webhook_id: int) -> int | None:
    """Queue a copy and return its id; it is sent once the program runs."""
    now = SystemClock().now()
    copy = ask_database(settings, lambda conn: log.replay(conn, webhook_id, now))
    return None if copy is None else copy.id


def _shown(record: log.WebhookRecord) -> dict[str, Any]:
    return {**msgspec.to_builtins(record, enc_hook=str), "state": record.state.name.lower()}
