"""Collecting keys: prompts that end with the first key, then time limits between keys."""

import contextlib
from dataclasses import dataclass

from trunkline.voice.events import Digit, LegEvent, PlaybackEnded
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import LegGone, Refused, Sound


@dataclass(frozen=True, slots=True)
class Limits:
    """When a collection of keys ends; seconds."""

    first_s: float  # from the end of the prompts to the first key
    gap_s: float  # between keys
    most: int
    finish_on: str


class Keys:
    """The keys so far, and until when the next may come."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.digits = ""
        self.finished = False

    def take(self, digit: str) -> None:
        """Add a key; the one that finishes is not kept."""
        if digit in self.limits.finish_on:
            self.finished = True
            return
        self.digits += digit
        self.finished = len(self.digits) >= self.limits.most


class Prompt:
    """A playback that listens: it may be cut short."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._playback = ""

    @property
    def playing(self) -> bool:
        """It has not ended yet."""
        return bool(self._playback)

    async def start(self, sounds: tuple[Sound, ...]) -> None:
        """Begin to play; nothing to play has ended at once."""
        if sounds:
            self._playback = await self._session.leg.play(sounds)

    def ended_by(self, event: LegEvent | None) -> bool:
        """Tell whether this event ends it."""
        if not isinstance(event, PlaybackEnded) or event.playback != self._playback:
            return False
        self._playback = ""
        return True

    async def stop(self) -> None:
        """Cut it short."""
        if self._playback:
            playback, self._playback = self._playback, ""
            with contextlib.suppress(LegGone):
                await self._session.leg.stop_playing(playback)


async def has_more(session: Session) -> bool:
    """Whether something has come after all: on a busy machine keys are told late."""
    with contextlib.suppress(LegGone, Refused):
        await session.leg.hear()
    return session.mailbox.waiting


async def collect(session: Session, sounds: tuple[Sound, ...], limits: Limits) -> str:
    """Play, and return the keys that were pressed, "" when none was (or only the finishing one)."""
    prompt, keys = Prompt(session), Keys(limits)
    clock = session.ports.clock
    await prompt.start(sounds)
    until, over = clock.now() + limits.first_s, False
    try:
        while not keys.finished and not over:
            event = await session.next(None if prompt.playing else until - clock.now())
            if isinstance(event, Digit) and event.leg == session.leg.uuid:
                await prompt.stop()
                keys.take(event.digit)
                until = clock.now() + limits.gap_s
            elif prompt.ended_by(event):
                until = clock.now() + limits.first_s
            elif event is None and not prompt.playing and clock.now() >= until:
                over = not await has_more(session)
    finally:
        await prompt.stop()
    return keys.digits
