"""The roles that may run in any process: each starts what it needs and returns its figures."""

from functools import partial

from trunkline.processes import messaging, numbers, observe, recharge, registration, webhooks
from trunkline.processes.carriers import Simulated
from trunkline.processes.channels.mms import Mms
from trunkline.processes.channels.whatsapp import Whatsapp
from trunkline.processes.foundation import Foundation
from trunkline.runtime.changes import forget_removals
from trunkline.runtime.supervise import WhenItFails
from trunkline.runtime.sweep import keep_sweeping

FORGET_EVERY_S = 3_600.0


async def start_messaging(
    base: Foundation,
    parts: messaging.Messaging,
    simulated: Simulated | None,
    channels: tuple[Whatsapp, Mms],
) -> observe.Figures:
    """Serve the carriers' queues."""
    whatsapp, mms = channels
    whatsapp.keep()
    await messaging.start(base, parts, simulated, (whatsapp.add, mms.add))
    return lambda: observe.messaging_figures(parts)


def start_upkeep(base: Foundation, *, local: bool) -> None:
    """Look after registrations, rents and balances, beside the API: it must know at once."""
    registration.start(base)
    numbers.start(base)
    recharge.start(base, local=local)
    base.supervisor.start(
        "removals", partial(_forget_removals, base), when_it_fails=WhenItFails.RESTART
    )


async def _forget_removals(base: Foundation) -> None:
    """Forget now and then what was removed from mirrored tables, a few at a time."""

    async def sweep() -> None:
        while await base.db.write(forget_removals):
            pass

    await keep_sweeping(base.clock, FORGET_EVERY_S, sweep)


def start_webhooks(base: Foundation, parts: messaging.Messaging, *, local: bool) -> observe.Figures:
    """Deliver webhooks."""
    worker = webhooks.start(base, parts, local=local)
    return lambda: webhooks.figures(worker)
