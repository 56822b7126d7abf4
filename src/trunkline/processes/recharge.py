"""The watch over low balances, beside what spends them."""

from functools import partial
from ipaddress import ip_network

from trunkline.billing.recharge.gateway import GatewayPayments
from trunkline.billing.recharge.port import Payments, SimulatedPayments
from trunkline.billing.recharge.watch import Recharger
from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.processes.foundation import Foundation
from trunkline.runtime.changes import catch_up
from trunkline.runtime.supervise import WhenItFails

# The operator names the gateway: it may well be in a private network.
_ANYWHERE = AddressPolicy(
    allow_loopback=True, allow_networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))
)


def start(base: Foundation, *, local: bool) -> None:
    """Watch, if there is anything that takes payments: a gateway, or in local mode nobody."""
    url = base.settings.payment_url
    if not url and not local:
        return

    async def run() -> None:
        http = HttpClient(_ANYWHERE) if url else None
        payments: Payments = SimulatedPayments()
        if http is not None:
            payments = GatewayPayments(http, url, base.settings.payment_token)
        recharger = Recharger(
            db=base.db,
            clock=base.clock,
            payments=payments,
            on_paid=partial(catch_up, base.db, base.balances),
        )
        try:
            await recharger.run()
        finally:
            if http is not None:
                await http.close()

    base.supervisor.start("recharge", run, when_it_fails=WhenItFails.RESTART)
