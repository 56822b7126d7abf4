r"""For tests of programs that use the API: a server for all of them, an account for each; see docs.

With pytest the fixture `trunkline` is there by itself (entry point `trunkline`). Without:

    server = start_server(folder)          a running program of your own, or connect(url)
    with open_account(server.url) as trunkline:
        trunkline.client()                 the official SDK, pointed at it
        trunkline.phone().expect_sms(r"code (\d+)")
    server.stop()
"""

from trunkline.testing.kit.account import Trunkline, open_account
from trunkline.testing.kit.calls import Call
from trunkline.testing.kit.clock import TestClock
from trunkline.testing.kit.faults import Faults
from trunkline.testing.kit.phone import Phone, Sms
from trunkline.testing.kit.receiver import App, Received
from trunkline.testing.kit.server import NotStarted, Server, connect, start_server
from trunkline.testing.kit.waiting import Unmet
from trunkline.testing.kit.webhooks import Webhook, Webhooks
from trunkline.testing.kit.wire import RequestRefused

__all__ = [
    "App",
    "Call",
    "Faults",
    "NotStarted",
    "Phone",
    "Received",
    "RequestRefused",
    "Server",
    "Sms",
    "TestClock",
    "Trunkline",
    "Unmet",
    "Webhook",
    "Webhooks",
    "connect",
    "open_account",
    "start_server",
]
