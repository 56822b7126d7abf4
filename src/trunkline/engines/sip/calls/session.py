"""What a change of the session needs of the call it changes."""

from typing import Protocol

from trunkline.engines.sip.calls.events import Event, Reply
from trunkline.engines.sip.calls.leg import Leg, Pairs
from trunkline.protocols.sip.session_timer import Agreed


class Session(Protocol):
    """A call, as re-INVITE and UPDATE see it."""

    outgoing: bool
    answered: bool
    over: bool
    local_sdp: bytes
    remote_sdp: bytes
    leg: Leg | None

    @property
    def agreed(self) -> Agreed | None: ...

    async def ask(self, method: str, headers: Pairs, body: bytes = b"") -> Reply: ...

    def abilities(self) -> Pairs: ...

    def contact(self) -> str: ...

    def not_confirmed(self) -> None: ...

    def session_set(self, agreed: Agreed | None) -> None: ...

    def tell(self, event: Event) -> None: ...
