"""Send a webhook again, as a fresh copy with a nonce of its own."""

from functools import partial

from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Database
from trunkline.webhooks.store import log


async def replay(db: Database, clock: Clock, webhook_id: int) -> int | None:
    """Queue a copy; return its id, None when there is no such webhook.

    The copy refers to the original by `replay_of`, and its outcome does so too.
    """
    copy = await db.write(partial(log.replay, webhook_id=webhook_id, now=clock.now()))
    return None if copy is None else copy.id
