"""Two are connected: what ends it, and which keys are told of meanwhile."""

import contextlib

import structlog

from trunkline.voice.causes import NORMAL, SCHEDULED, Source
from trunkline.voice.dialling.party import Called
from trunkline.voice.events import Digit, Ended, LegEvent, MachineJudged
from trunkline.voice.session.orders import Departed
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import Leg, LegGone, TelephonyError
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)

_STAR = "*"


class Patterns:
    """The digit patterns that are looked for, with commas between them; the longest wins."""

    def __init__(self, written: str) -> None:
        patterns = (one.strip() for one in written.split(","))
        self._patterns = sorted((one for one in patterns if one), key=len, reverse=True)
        self._longest = max(map(len, self._patterns), default=0)
        self._typed = ""

    def take(self, digit: str) -> str:
        """Add a key; return the pattern that is complete now, "" when none is."""
        self._typed = (self._typed + digit)[-self._longest :] if self._longest else ""
        found = next((one for one in self._patterns if self._typed.endswith(one)), "")
        if found:
            self._typed = ""
        return found


async def _pass_on(key: Digit, to: Leg) -> None:
    """Let the other side have a key; a tone in the audio reaches it by itself."""
    if not key.audible:
        with contextlib.suppress(TelephonyError):
            await to.send_digits(key.digit)


class Bridge:
    """The talk of a call and a party; afterwards the party has ended, or gone its own way."""

    def __init__(self, dial: Element, session: Session, party: Called) -> None:
        self._dial = dial
        self._session = session
        self._party = party
        self._ours = Patterns(dial.string("digitsMatch"))
        self._theirs = Patterns(dial.string("digitsMatchBLeg"))
        self._joined = False
        self.departed = False

    async def run(self) -> None:
        """Answer the caller, connect the two and wait for the end."""
        session, party = self._session, self._party
        clock = session.ports.clock
        try:
            await session.answer()
            with contextlib.suppress(LegGone):  # its Ended is on the way
                await session.leg.connect(party.leg)
            session.other, self._joined = party, True
            self._tell("connected")
            # As time_limit of a call: from the answer, and who is let go later is charged no more.
            answered_at = party.facts.answered_at or clock.now()
            ends = answered_at + self._dial.number("timeLimit")
            await self._on_connect()
            while party.cause is None and not self.departed:
                event = await session.next(ends - clock.now())
                if event is not None:
                    await self._hear(event)
                elif clock.now() >= ends:
                    await party.hang_up(SCHEDULED, at=ends)
        finally:
            await self._part()

    async def _on_connect(self) -> None:
        waiting, self._session.on_connect = self._session.on_connect, []
        for start in waiting:
            try:
                await start()
            except TelephonyError as error:
                log.warning("call.unrecorded", call=self._session.facts.call_uuid,
                            reason=str(error))  # fmt: skip

    async def _hear(self, event: LegEvent) -> None:
        party = self._party
        match event:
            case Ended(cause=cause, at=at) if event.leg == party.uuid:
                await party.end(cause, at)
            case MachineJudged(machine=machine) if event.leg == party.uuid:
                party.machine = machine
            case Departed() if event.leg == party.uuid:
                self.departed = True
            case Digit(digit=digit) if event.leg == self._session.leg.uuid:
                if digit == _STAR and self._dial.flag("hangupOnStar"):
                    await party.hang_up(NORMAL.by(Source.CALLER))
                else:
                    await _pass_on(event, party.leg)
                self._match(self._ours.take(digit), "ALeg")
            case Digit(digit=digit) if event.leg == party.uuid:
                await _pass_on(event, self._session.leg)
                self._match(self._theirs.take(digit), "BLeg")
            case _:
                pass

    def _match(self, pattern: str, by: str) -> None:
        if pattern:
            self._party.tell(
                self._dial.string("callbackUrl"),
                self._dial.string("callbackMethod"),
                "digits",
                {"DialDigitsMatch": pattern, "DialDigitsPressedBy": by},
            )

    def _tell(self, action: str) -> None:
        self._party.tell(
            self._dial.string("callbackUrl"), self._dial.string("callbackMethod"), action
        )

    async def _part(self) -> None:
        """Whoever is left in the end: a party whose call has gone elsewhere is hung up.

        Also one that the caller did not wait for, though it has answered.
        """
        session, party = self._session, self._party
        gone = self._joined and (self.departed or session.other is None)
        session.other = None
        if not gone:
            await party.hang_up(NORMAL.by(Source.CALLER))
            with contextlib.suppress(LegGone):
                await session.leg.disconnect()
            self._tell("hangup")
