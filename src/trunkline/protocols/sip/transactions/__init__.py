"""The four transactions of RFC 3261 17 with the corrections of RFC 6026; timers are data.

A machine is told what came and what time it is (seconds of any steady clock), and says what to
send, what to hand up, and in `wake_at` when it wants `wake` to be called (None: never). `over`
tells that it can be forgotten.

    client = InviteClient(octets, timing, reliable);  PlainClient for all other methods
    client.start(now);  client.receive(status, now) -> FromClient;  client.wake(now) -> FromClient
    server = InviteServer(timing, reliable);  PlainServer for all other methods
    server.respond(status, octets, now);  server.again(now);  server.acked(now);  server.wake(now)
    resender = Resender(octets, timing, now): what the transaction user itself sends again
"""

from trunkline.protocols.sip.transactions.client import (
    ClientMachine,
    ClientState,
    FromClient,
    InviteClient,
    PlainClient,
)
from trunkline.protocols.sip.transactions.keys import client_key, response_key, server_key
from trunkline.protocols.sip.transactions.resend import Resender
from trunkline.protocols.sip.transactions.server import (
    FromServer,
    InviteServer,
    PlainServer,
    ServerMachine,
)
from trunkline.protocols.sip.transactions.timing import Timing

__all__ = [
    "ClientMachine",
    "ClientState",
    "FromClient",
    "FromServer",
    "InviteClient",
    "InviteServer",
    "PlainClient",
    "PlainServer",
    "Resender",
    "ServerMachine",
    "Timing",
    "client_key",
    "response_key",
    "server_key",
]
