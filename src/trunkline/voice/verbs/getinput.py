"""`<GetInput>`: prompts, and keys or speech, whichever comes first."""

import contextlib

import structlog

from trunkline.voice.events import Digit, Heard, LegEvent
from trunkline.voice.session.collect import Keys, Limits, Prompt, has_more
from trunkline.voice.session.facts import Params
from trunkline.voice.session.prompts import sounds_of
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import LegGone, ListenSpec, Refused
from trunkline.voice.xml.document import Element

log = structlog.get_logger(__name__)

_AUTO_GAP_S = 2.0  # PLIVO XML GetInput: digitEndTimeout auto
_MOST_HINTS = 500  # PLIVO XML GetInput: hints
_MOST_HINT_CHARS = 100


async def run(element: Element, session: Session) -> None:
    """Ask `retries` times; input goes to the action, without any the next element follows."""
    await session.be_heard()
    for _ in range(element.number("retries")):
        found = await _Asking(element, session).ask()
        if found is not None:
            await session.act(element, found, logged=element.flag("log"))
            return


class _Asking:
    """One attempt."""

    def __init__(self, element: Element, session: Session) -> None:
        kinds = element.string("inputType").split()
        self._element = element
        self._session = session
        self._keys_count, self._speech_counts = "dtmf" in kinds, "speech" in kinds
        gap_s = element.maybe("digitEndTimeout") or _AUTO_GAP_S
        self._keys = Keys(
            Limits(0.0, gap_s, element.number("numDigits"), element.string("finishOnKey"))
        )
        self._prompt = Prompt(session)
        self._listening = False
        self._began = False
        self._spoken: Heard | None = None
        self._interim = 0

    async def ask(self) -> Params | None:
        """Return the input as parameters, None without any."""
        try:
            await self._listen()
            if not self._keys_count and not self._listening:
                return None
            await self._prompt.start(sounds_of(self._element.children))
            await self._wait()
        finally:
            await self._prompt.stop()
            await self._stop_listening()
        if self._spoken is not None:
            return {
                "InputType": "speech",
                "Digits": "",
                "Speech": self._spoken.text,
                "SpeechConfidenceScore": f"{self._spoken.confidence:.2f}",
                "BilledAmount": "0.00000",
            }
        if self._keys.digits:
            return {
                "InputType": "dtmf",
                "Digits": self._keys.digits,
                "Speech": "",
                "SpeechConfidenceScore": "",
                "BilledAmount": "0.00000",
            }
        return None

    async def _wait(self) -> None:
        clock = self._session.ports.clock
        ends = begins_by = gap_ends = clock.now()
        if not self._prompt.playing:
            ends, begins_by = self._times()
        while not self._keys.finished and self._spoken is None:
            due = min(ends, gap_ends if self._keys.digits else begins_by)
            if not self._prompt.playing and clock.now() >= due and not await self._has_more():
                return
            waiting_s = None if self._prompt.playing else due - clock.now()
            event = await self._session.next(waiting_s)
            if self._prompt.ended_by(event):
                ends, begins_by = self._times()
            elif event is not None and await self._is_input(event):
                if self._prompt.playing:
                    await self._prompt.stop()
                    ends, begins_by = self._times()
                gap_ends = clock.now() + self._keys.limits.gap_s
                begins_by = ends

    async def _has_more(self) -> bool:
        return self._keys_count and await has_more(self._session)

    def _times(self) -> tuple[float, float]:
        """Return when collecting ends, and by when the input must have begun."""
        now = self._session.ports.clock.now()
        ends = now + self._element.number("executionTimeout")
        start_s = self._element.maybe("startInputTimeout")
        return ends, ends if start_s is None else min(ends, now + start_s)

    async def _is_input(self, event: LegEvent) -> bool:
        if event.leg != self._session.leg.uuid:
            return False
        if isinstance(event, Digit) and self._keys_count:
            # The first kind of input decides: what is said while keys are pressed is not heard.
            await self._stop_listening()
            self._keys.take(event.digit)
            return True
        if isinstance(event, Heard) and self._listening:
            return self._hear(event)
        return False

    def _hear(self, event: Heard) -> bool:
        if event.error:
            log.warning("call.deaf", call=self._session.facts.call_uuid, reason=event.error)
            return False
        if event.final:
            if event.text:
                self._spoken = event
            return bool(event.text)
        self._tell_interim(event)
        return True

    def _tell_interim(self, event: Heard) -> None:
        self._interim += 1
        self._session.tell(
            self._element.string("interimSpeechResultsCallback"),
            self._element.string("interimSpeechResultsCallbackMethod"),
            "interim" if self._element.flag("log") else "unlogged",
            {
                "StableSpeech": event.text,
                "UnstableSpeech": event.unstable,
                "Stability": f"{event.stability:.2f}",
                "SequenceNumber": str(self._interim),
            },
        )

    async def _listen(self) -> None:
        if not self._speech_counts:
            return
        element = self._element
        end_s = element.maybe("speechEndTimeout")
        hints = [hint.strip()[:_MOST_HINT_CHARS] for hint in element.string("hints").split(",")]
        spec = ListenSpec(
            element.string("language"),
            element.string("speechModel"),
            tuple(hint for hint in hints if hint)[:_MOST_HINTS],
            None if end_s is None else float(end_s),
            element.flag("profanityFilter"),
            bool(element.string("interimSpeechResultsCallback")),
        )
        try:
            await self._session.leg.listen(spec)
        except Refused as refusal:
            log.warning("call.deaf", call=self._session.facts.call_uuid, reason=str(refusal))
        else:
            self._listening = True

    async def _stop_listening(self) -> None:
        if self._listening:
            self._listening = False
            with contextlib.suppress(LegGone):
                await self._session.leg.stop_listening()
