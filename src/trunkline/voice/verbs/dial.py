"""`<Dial>`: call others and be connected with the first that answers."""

import asyncio

from trunkline.voice.causes import CANCELED, NORMAL, Cause
from trunkline.voice.dialling.bridge import Bridge
from trunkline.voice.dialling.party import Called
from trunkline.voice.dialling.race import Race
from trunkline.voice.dialling.targets import targets_of
from trunkline.voice.gatherings.sounds import fetched_sounds
from trunkline.voice.session.facts import Params
from trunkline.voice.session.music import Music
from trunkline.voice.session.session import Session
from trunkline.voice.session.signals import CallOver
from trunkline.voice.telephony import LegGone, Sound, Tone
from trunkline.voice.xml.document import Element


async def run(element: Element, session: Session) -> None:
    """Ring all children at once; then the action is told how it went."""
    targets = targets_of(element, session)
    if not targets:
        return  # an empty Dial falls through, as the platform's ancestor had it
    done = _Dialled(element, session)
    try:
        # Before anybody is called: what they tell while a document is fetched would be lost.
        confirm = await fetched_sounds(session, element.string("confirmSound"))
        music = await fetched_sounds(session, element.string("dialMusic"))
        parties = [Called(session, target) for target in targets]
        winner = await done.ring(parties, confirm, music)
        if winner is not None:
            await done.talk(winner)
    except (CallOver, LegGone, asyncio.CancelledError) as end:
        # PLIVO XML: the action hears of it even when the call is over, whoever ended it.
        over = await session.departed() if isinstance(end, LegGone) else end
        session.act_hung_up(element, done.params(hung_up=True))
        raise over from None
    await session.act(element, done.params())


class _Dialled:
    """How it went."""

    def __init__(self, element: Element, session: Session) -> None:
        self._element = element
        self._session = session
        self._race: Race | None = None
        self._winner: Called | None = None
        self._cause: Cause = NORMAL

    async def ring(
        self, parties: list[Called], confirm: tuple[Sound, ...], music: tuple[Sound, ...]
    ) -> Called | None:
        """Call everybody, and let the caller hear that it rings; return who is taken."""
        heard = Music(self._session, (Tone("ring"),))
        race = self._race = Race(self._element, self._session, parties, confirm, heard)
        try:
            for party in parties:
                await party.call()
            if race.running:
                await self._ringing_tone(heard, music)
            self._winner = await race.run()
        finally:
            for party in race.running:
                if party is not self._winner:
                    await party.hang_up(CANCELED)
            await heard.stop()
        self._cause = race.cause if self._winner is None else NORMAL
        return self._winner

    async def _ringing_tone(self, heard: Music, music: tuple[Sound, ...]) -> None:
        """PLIVO XML Dial: dialMusic is `real`, `none` or the address of a document; else it rings.

        Dial does not answer a call: an unanswered one is told that it rings, or hears music early.
        """
        session = self._session
        if self._element.string("dialMusic") in ("none", "real"):
            return
        if not music and not session.answered:
            await session.leg.ring()
            return
        if not session.answered:
            await session.open_early()
        await heard.want(music or (Tone("ring"),))

    async def talk(self, winner: Called) -> None:
        """Connect the two."""
        try:
            await Bridge(self._element, self._session, winner).run()
        finally:
            self._cause = winner.cause or NORMAL

    def params(self, *, hung_up: bool = False) -> Params:
        """Return the parameters of the action."""
        winner, cause = self._winner, self._cause
        rang = self._race is not None and self._race.rang
        if hung_up and winner is None:
            cause = CANCELED
        params = {
            "DialStatus": cause.dial_status(answered=winner is not None),
            "DialRingStatus": "true" if rang else "false",
            "DialHangupCause": cause.classic,
            "DialALegUUID": self._session.facts.call_uuid,
            "DialBLegUUID": winner.uuid if winner is not None else "",
        }
        if winner is not None and winner.machine is not None:
            params["DialBLegMachine"] = "true" if winner.machine else "false"
        return params
