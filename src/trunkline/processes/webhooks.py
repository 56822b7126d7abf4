"""The webhooks role: one worker, its HTTP client, and what follows from outcomes."""

import socket
from collections.abc import Callable
from functools import partial

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.http.message import HttpLimits
from trunkline.messaging import receive
from trunkline.messaging.reply import Replier
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging
from trunkline.runtime.supervise import WhenItFails
from trunkline.voice.callbacks import UNLOGGED, forget_input
from trunkline.webhooks.deliver import WebhookWorker
from trunkline.webhooks.model import Credentials, DeliverySettings
from trunkline.webhooks.store import log as webhook_log
from trunkline.webhooks.store import queue

FORGET_EVERY_S = 600.0
FORGET_BATCHES = 500


def start(base: Foundation, messaging: Messaging, *, local: bool) -> WebhookWorker:
    """Begin to deliver; the worker is stopped with the supervisor."""
    settings = base.settings
    policy = AddressPolicy(allow_loopback=local, allow_networks=settings.webhook_networks)
    delivery = DeliverySettings(
        retries_s=settings.webhook_retries_s,
        timeout_s=settings.webhook_timeout_s,
        per_target=settings.webhook_concurrency,
    )
    http = HttpClient(
        policy,
        HttpLimits(connections_per_origin=settings.webhook_concurrency),
        extra_ca_file=settings.webhook_ca_bundle,
    )
    replier = Replier(clock=base.clock, sender=messaging.sender, payer_of=_payer_of(base))
    worker = WebhookWorker(
        db=base.db,
        clock=base.clock,
        http=http,
        credentials=credentials_of(base),
        refresh=partial(base.accounts.refresh, base.db),
        hooks={receive.KIND: replier.outcomes, UNLOGGED: forget_input},
        settings=delivery,
        name=_name(base),
    )

    base.db.listen(queue.QUEUED, worker.wake)

    async def stop() -> None:
        await worker.stop()
        await http.close()

    base.supervisor.start(
        "webhooks", worker.run, when_it_fails=WhenItFails.RESTART, stop=stop, stop_timeout_s=15.0
    )
    base.supervisor.start("webhook log", partial(_forget, base), when_it_fails=WhenItFails.RESTART)
    return worker


def _name(base: Foundation) -> str:
    """Name the worker: the same after a restart, and unlike any other on this database."""
    if base.db.is_sqlite:
        return ""  # the only one
    settings = base.settings
    return f"{socket.gethostname()}:{settings.data.absolute()}:{settings.http}"


async def _forget(base: Foundation) -> None:
    """Remove ended webhooks from the log when their time is over, a few at a time."""
    keep_s = base.settings.webhook_keep_days * 86_400.0
    while True:
        await base.clock.sleep(FORGET_EVERY_S)
        before = base.clock.now() - keep_s
        await base.db.write(partial(queue.forget_leases, before=before))
        for _ in range(FORGET_BATCHES):
            if not await base.db.write(partial(webhook_log.purge, before=before)):
                break


def figures(worker: WebhookWorker) -> dict[str, float]:
    """Return what the metrics tell of a worker."""
    counters = worker.counters
    return {
        "webhooks_delivered": counters.delivered,
        "webhooks_retried": counters.retried,
        "webhooks_failed": counters.failed,
        "webhooks_in_flight": counters.in_flight,
    }


def _payer_of(base: Foundation) -> Callable[[str], str]:
    def payer_of(account_id: str) -> str:
        account = base.accounts.get(account_id)
        return account_id if account is None else account.main_auth_id

    return payer_of


def credentials_of(base: Foundation) -> Callable[[str], Credentials | None]:
    """Return what requests to an account's applications are signed with."""

    def credentials(account_id: str) -> Credentials | None:
        account = base.accounts.get(account_id)
        if account is None:
            return None
        main = base.accounts.get(account.main_auth_id)
        return Credentials(
            account.auth_token, account.auth_token if main is None else main.auth_token
        )

    return credentials
