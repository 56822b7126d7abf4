"""A call that a handset gets: it rings, and answers or refuses as its number says."""

from typing import Final

from trunkline.engines.sip import IncomingCall
from trunkline.protocols.sip import Malformed
from trunkline.simulator.voice.conversation import Conversation, Surroundings
from trunkline.simulator.voice.log import Entry
from trunkline.simulator.voice.outcomes import Behaviour
from trunkline.simulator.voice.sounds import RINGBACK

MOST_RING_S: Final = 180.0  # RFC 3261 16.6: a proxy gives up after 3 minutes
_CUSTOM: Final = "x-ph-"


class Answering(Conversation):
    """`ring_s` is how long an ordinary handset rings."""

    def __init__(
        self,
        call: IncomingCall,
        entry: Entry,
        behaviour: Behaviour,
        around: Surroundings,
        ring_s: float,
    ) -> None:
        super().__init__(call, entry, behaviour, around)
        self._incoming = call
        self._ring_s = ring_s if behaviour.ring_s is None else behaviour.ring_s

    async def _script(self) -> None:
        behaviour, call, clock = self._behaviour, self._incoming, self._around.clock
        await self._ring()
        await clock.sleep(self._ring_s if behaviour.status else MOST_RING_S)
        if not behaviour.answers:
            status = behaviour.status or 480
            self.entry.ended(clock.now(), "handset", "", status)
            call.reject(status)
            return
        line = await self._open_line()
        answer = call.local_sdp or await self._described()
        if not call.answer(answer):
            return
        self.entry.answered(clock.now())
        await self._perform(line)

    async def _ring(self) -> None:
        behaviour, call = self._behaviour, self._incoming
        if not behaviour.rings or (behaviour.answers and self._ring_s == 0.0):
            return
        self.entry.state = "ringing"
        # Early media needs an offer to answer; with a late offer it only rings.
        if behaviour.early and call.offer:
            line = await self._open_line()
            call.ring(183, await self._described())
            await line.play(RINGBACK)
        else:
            call.ring(180)

    async def _described(self) -> bytes:
        """Our answer, or our offer where the caller made none."""
        line = await self._open_line()
        if self._incoming.offer:
            return await line.answer(self._incoming.offer)
        self._offered_late = True
        return line.offer()

    def _fail(self, status: int, reason: str) -> None:
        if self._incoming.open:
            self.entry.ended(self._around.clock.now(), "handset", reason, status)
            self._incoming.reject(status)
        else:
            super()._fail(status, reason)


def entry_of(call: IncomingCall, now: float) -> Entry:
    """Begin the log of a call."""
    request = call.request
    try:
        caller = request.from_.parsed.username.removeprefix("+")
    except Malformed:
        caller = request.from_.uri
    found = {name: value for name, value in request.headers if name.lower().startswith(_CUSTOM)}
    number = request.target.username.removeprefix("+")
    return Entry(call.call_id, number, caller, False, now, request.from_.name, found)
