"""The roles that may run in any process: each starts what it needs and returns its figures."""

from trunkline.processes import messaging, numbers, observe, recharge, registration, webhooks
from trunkline.processes.carriers import Simulated
from trunkline.processes.channels.mms import Mms
from trunkline.processes.foundation import Foundation
from trunkline.processes.whatsapp import Whatsapp


async def start_messaging(
    base: Foundation,
    parts: messaging.Messaging,
    simulated: Simulated | None,
    channels: tuple[Whatsapp, Mms],
    *,
    local: bool,
) -> observe.Figures:
    """Serve the carriers' queues; look after rents, conversations and balances."""
    whatsapp, mms = channels
    registration.start(base)
    whatsapp.keep()
    await messaging.start(base, parts, simulated, (whatsapp.add, mms.add))
    numbers.start(base)
    recharge.start(base, local=local)
    return lambda: observe.messaging_figures(parts)


def start_webhooks(base: Foundation, parts: messaging.Messaging, *, local: bool) -> observe.Figures:
    """Deliver webhooks."""
    worker = webhooks.start(base, parts, local=local)
    return lambda: webhooks.figures(worker)
