"""Music: what a leg hears over and over, until it is stopped."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import structlog

from trunkline.voice.events import LegEvent, PlaybackEnded
from trunkline.voice.session.session import Session
from trunkline.voice.telephony import File, LegGone, Sound, Speech

log = structlog.get_logger(__name__)


class Music:
    """One piece at a time; in place of one that cannot be had, `instead` is heard."""

    def __init__(self, session: Session, instead: Sequence[Sound] = ()) -> None:
        self._session = session
        self._instead = tuple(instead)
        self._wanted: tuple[Sound, ...] = ()
        self._playback = ""

    async def want(self, sounds: Sequence[Sound]) -> None:
        """Let this be heard from now on, or with no sounds nothing; what is heard already goes on.

        What could not be had is not tried again, until something else was wanted.
        """
        wanted = tuple(sounds)
        if wanted == self._wanted:
            return
        await self.stop()
        self._wanted = wanted
        if wanted:
            self._playback = await self._session.leg.play(_endless(wanted))

    async def hear(self, event: LegEvent) -> None:
        """Begin it again when it has ended."""
        if not isinstance(event, PlaybackEnded) or event.playback != self._playback:
            return
        self._playback = ""
        sounds = self._wanted
        if event.error:
            log.warning("call.unheard", call=self._session.facts.call_uuid, reason=event.error)
            sounds, self._instead = self._instead, ()  # once: that may be lost as well
        if sounds:
            self._playback = await self._session.leg.play(_endless(sounds))

    async def stop(self) -> None:
        """Let it be silent."""
        playback, self._playback, self._wanted = self._playback, "", ()
        if playback:
            with contextlib.suppress(LegGone):
                await self._session.leg.stop_playing(playback)


def _endless(sounds: tuple[Sound, ...]) -> tuple[Sound, ...]:
    """One piece alone is played on and on: so it has no gaps, and is asked for once."""
    if len(sounds) == 1 and isinstance(sounds[0], File | Speech):
        return (replace(sounds[0], times=0),)
    return sounds
