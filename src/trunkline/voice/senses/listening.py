"""Recognition on a leg: cuts what is said into utterances, has each understood, tells it."""

import asyncio
import contextlib
from collections import deque
from typing import Final

import structlog

from trunkline.engines.speech import Recogniser, SpeechError, Understood
from trunkline.voice.events import Heard
from trunkline.voice.senses.levels import FRAME_MS, Loudness
from trunkline.voice.senses.profanity import masked
from trunkline.voice.switch.ports import Tell
from trunkline.voice.switch.taps import Tap, TapFrame, Tapped
from trunkline.voice.telephony import ListenSpec, Refused, TelephonyError

log = structlog.get_logger(__name__)

END_SILENCE_S: Final = 1.0  # "auto": so long nobody stops within a phrase
_BEFORE: Final = 15  # frames kept from before the first sound: consonants are quiet
_WORD: Final = 4  # frames that sound, of the last six, begin an utterance; fewer are a click
_LAST: Final = 6
_MOST: Final = 20 * 1000 // FRAME_MS  # frames of an utterance
_INTERIM: Final = 1000 // FRAME_MS  # frames between interim results


class Utterance:
    """Frames to utterances; pure."""

    def __init__(self, end_silence_s: float) -> None:
        self._end = max(1, round(end_silence_s * 1000 / FRAME_MS))
        self._loudness = Loudness()
        self._before: deque[bytes] = deque(maxlen=_BEFORE)
        self._recent: deque[bool] = deque(maxlen=_LAST)
        self._frames: list[bytes] = []
        self._silent = 0

    @property
    def audio(self) -> bytes:
        """What was said since somebody began to speak; b"" while nobody does."""
        return b"".join(self._frames)

    @property
    def frames(self) -> int:
        """How much that is."""
        return len(self._frames)

    def hear(self, frame: bytes) -> bytes | None:
        """Return an utterance that has ended with this frame."""
        sounds = self._loudness.sounds(frame)
        self._recent.append(sounds)
        if not self._frames:
            self._before.append(frame)
            if sum(self._recent) >= _WORD:
                self._frames = list(self._before)
                self._silent = 0
            return None
        self._frames.append(frame)
        self._silent = 0 if sounds else self._silent + 1
        if self._silent >= self._end or len(self._frames) >= _MOST:
            return self.take()
        return None

    def take(self) -> bytes:
        """Return what was said until now, and wait for the next utterance."""
        audio = self.audio
        self._frames = []
        self._before.clear()
        self._recent.clear()
        return audio


class Listening:
    """One recognition, until it is closed."""

    def __init__(
        self, leg: Tapped, spec: ListenSpec, tap: Tap, recogniser: Recogniser, tell: Tell
    ) -> None:
        self.over = False
        self._leg = leg
        self._spec = spec
        self._tap = tap
        self._recogniser = recogniser
        self._tell = tell
        self._interim = ""
        self._interim_task: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._run(), name=f"listen {leg.uuid}")

    async def close(self) -> None:
        """Stop; nothing is told any more."""
        for task in (self._task, self._interim_task):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})
        await self._leave()

    async def _run(self) -> None:
        utterance = Utterance(self._spec.end_silence_s or END_SILENCE_S)
        try:
            while (item := await self._tap.next()) is not None:
                if not isinstance(item, TapFrame):
                    continue
                audio = utterance.hear(item.audio)
                if audio is not None:
                    await self._final(audio)
                elif self._spec.interim and utterance.frames and not utterance.frames % _INTERIM:
                    self._begin_interim(utterance.audio)
        except SpeechError as error:
            self._tell(Heard(self._leg.uuid, "", error=str(error)))
        finally:
            self.over = True
            await self._leave()

    async def _final(self, audio: bytes) -> None:
        if self._interim_task is not None:
            self._interim_task.cancel()
            self._interim_task = None
        found = await self._understood(audio)
        self._interim = ""
        log.info("leg.heard", leg=self._leg.uuid, seconds=len(audio) / 8000, words=bool(found.text))
        if found.text:
            self._tell(Heard(self._leg.uuid, self._shown(found.text), found.confidence))

    def _begin_interim(self, audio: bytes) -> None:
        if self._interim_task is None or self._interim_task.done():
            self._interim_task = asyncio.create_task(self._tell_interim(audio), name="interim")

    async def _tell_interim(self, audio: bytes) -> None:
        with contextlib.suppress(SpeechError):  # the final result says what is wrong
            found = await self._understood(audio, partial=True)
            if found.text and found.text != self._interim:
                stable = _common(self._interim, found.text)
                self._interim = found.text
                self._tell(
                    Heard(
                        self._leg.uuid,
                        self._shown(stable),
                        found.confidence,
                        final=False,
                        unstable=self._shown(found.text[len(stable) :].strip()),
                        stability=found.confidence,
                    )
                )

    async def _understood(self, audio: bytes, *, partial: bool = False) -> Understood:
        return await self._recogniser.understand(
            audio, language=self._spec.language, hints=self._spec.hints, partial=partial
        )

    def _shown(self, text: str) -> str:
        return masked(text) if self._spec.profanity_filter else text

    async def _leave(self) -> None:
        with contextlib.suppress(TelephonyError):  # it went with its leg
            await self._tap.close()


async def listen(leg: Tapped, spec: ListenSpec, recogniser: Recogniser, tell: Tell) -> Listening:
    """Begin to listen. Raises Refused without a model of the language; LegGone."""
    problem = recogniser.problem(spec.language)
    if problem:
        raise Refused(problem)
    return Listening(leg, spec, await leg.open_tap(), recogniser, tell)


def _common(one: str, other: str) -> str:
    """Return the words that two texts begin with."""
    words: list[str] = []
    for left, right in zip(one.split(), other.split(), strict=False):
        if left != right:
            break
        words.append(left)
    return " ".join(words)
