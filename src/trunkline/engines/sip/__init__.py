"""SIP over sockets: a user agent that places and takes calls, a registrar, registrations.

    agent = UserAgent(AgentConfig(listeners=(Listener("udp", host, port), ...), realm=...),
                      on_call=..., secrets_of=..., trunks=[Trunk(name, networks)],
                      on_registered=..., admit=...)
    await agent.start();  agent.port("udp");  await agent.close(drain_s=2.0)

    call = agent.place(Placing(uri, caller, sdp=offer, hop=..., credentials=..., headers=...))
    await call.next() -> Unheard | Proceeding | Progress | Answered | Failed | Offered | Digit
                         | Info | Ended | None
    call.hang_up();  call.acknowledge(answer)        the latter when Answered.offer is true

    on_call(call: IncomingCall): call.origin, .request, .offer; it must not block
    call.ring(180 | 183, sdp) -> bool;  call.answer(sdp) -> bool;  call.reject(486) -> bool
    await call.next() -> Confirmed | Offered | Digit | Info | Ended | None
    await call.reinvite(sdp) -> Reply;  call.update(sdp);  call.info(type, body);  send_digit("5")
    Offered.offer.accept(sdp) | .reject(488)         hold and other changes by the peer

    remains_of([call, ...]) -> Remains | None        what outlives the process that had the leg
    await agent.part(word, reason=...)               each of its `words` ends a call in its name

    agent.registrar.contacts(username) -> [Binding]  place with uri=contact, hop=binding.hop
    agent.register(TrunkRegistration(registrar, address, credentials), on_state) -> Registration
    agent.trunks.replace([...]);  agent.bans.lift(host);  agent.stats

SDP is opaque here. All callbacks run in the event loop and must not block.
"""

from trunkline.engines.sip.agent import UserAgent
from trunkline.engines.sip.authenticate import Secrets
from trunkline.engines.sip.bindings import Binding
from trunkline.engines.sip.calls import (
    Answered,
    Call,
    Confirmed,
    Digit,
    Ended,
    Event,
    Failed,
    Farewell,
    IncomingCall,
    Info,
    Invitation,
    Offer,
    Offered,
    OutgoingCall,
    Placing,
    Proceeding,
    Progress,
    Remains,
    Reply,
    Unanswered,
    Unheard,
    Word,
    remains_of,
)
from trunkline.engines.sip.config import AgentConfig, BanPolicy, RegistrarPolicy
from trunkline.engines.sip.origin import FromTrunk, FromUser, Origin
from trunkline.engines.sip.registration import (
    Registration,
    RegistrationState,
    TrunkRegistration,
)
from trunkline.engines.sip.stats import Stats
from trunkline.engines.sip.transport import Hop, Listener, StreamLimits
from trunkline.engines.sip.trunks import Trunk

__all__ = [
    "AgentConfig",
    "Answered",
    "BanPolicy",
    "Binding",
    "Call",
    "Confirmed",
    "Digit",
    "Ended",
    "Event",
    "Failed",
    "Farewell",
    "FromTrunk",
    "FromUser",
    "Hop",
    "IncomingCall",
    "Info",
    "Invitation",
    "Listener",
    "Offer",
    "Offered",
    "Origin",
    "OutgoingCall",
    "Placing",
    "Proceeding",
    "Progress",
    "RegistrarPolicy",
    "Registration",
    "RegistrationState",
    "Remains",
    "Reply",
    "Secrets",
    "Stats",
    "StreamLimits",
    "Trunk",
    "TrunkRegistration",
    "Unanswered",
    "Unheard",
    "UserAgent",
    "Word",
    "remains_of",
]
