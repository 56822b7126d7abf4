"""SMPP over sockets: a client that keeps links to carriers, a server for ESMEs.

Client (one carrier, N binds, one rate; all callbacks run in the event loop and must not block):

    client = Client(ClientConfig(link=LinkConfig(name, host, port, system_id, password, ...),
                                 binds=N, tps=100.0 or None),
                    on_result=..., on_deliver=..., on_capacity=..., on_state=..., on_alert=...)
    await client.start();  await client.close(drain_s=5.0)
    client.capacity() -> int                 submits that would go out now
    client.submit(pdu, context) -> bool      False: no capacity, nothing sent; raises EncodeError
    on_result(context, Answered | Throttled | NoResponse)   once per accepted submit
    on_deliver(pdu, delivery)                store, then delivery.ack(status=0) -> bool
    on_capacity()                            there is more, after all that was granted was used
    on_state(link, LinkState, reason)        client.links: name, state, reason, stats, window_used

Server (our own SMSC, and the carrier simulator):

    server = Server(ServerConfig(...), authenticate=..., on_submit=..., on_result=..., on_room=...,
                    on_bound=..., on_closed=...)
    await server.start();  server.port;  server.sessions;  await server.close(drain_s=1.0)
    authenticate(session, bind) -> command_status or an awaitable of it
    on_submit(session, pdu) -> Response, or None and later
        session.respond(pdu.sequence_number, status=0, message_id="") -> bool
        session.answer(ResponsePdu), session.drop(sequence_number): never answer
    session.send(DeliverSm(...), context) -> bool, session.free, session.outstanding,
    session.unanswered, session.unbind(), session.close(), session.abort(), session.stats,
    session.system_id, session.bind_mode, session.machine.answer_enquire_link = False,
    session.wire.write(octets)               raw, for a simulator of bad carriers

TLS: LinkConfig(tls=client_context(...)), ServerConfig(tls=server_context(...)).
"""

from trunkline.engines.smpp.client import Client
from trunkline.engines.smpp.config import BindMode, ClientConfig, LinkConfig, ServerConfig
from trunkline.engines.smpp.delivery import Delivery
from trunkline.engines.smpp.link import Link, LinkState
from trunkline.engines.smpp.outcome import (
    Answered,
    NoResponse,
    NoResponseReason,
    Outcome,
    Throttled,
)
from trunkline.engines.smpp.rate import RateController
from trunkline.engines.smpp.server import Server
from trunkline.engines.smpp.session import ServerSession
from trunkline.engines.smpp.stats import Stats
from trunkline.engines.smpp.tls import client_context, server_context

__all__ = [
    "Answered",
    "BindMode",
    "Client",
    "ClientConfig",
    "Delivery",
    "Link",
    "LinkConfig",
    "LinkState",
    "NoResponse",
    "NoResponseReason",
    "Outcome",
    "RateController",
    "Server",
    "ServerConfig",
    "ServerSession",
    "Stats",
    "Throttled",
    "client_context",
    "server_context",
]
