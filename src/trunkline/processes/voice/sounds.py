"""What calls say and understand: speech, files, recognition, streams, by the settings."""

from pathlib import Path

from trunkline.engines.http.guard import AddressPolicy
from trunkline.engines.speech import (
    Recogniser,
    RecogniserConfig,
    Synthesiser,
    SynthesiserConfig,
)
from trunkline.engines.websocket.dialler import Dialler
from trunkline.processes.foundation import Foundation
from trunkline.voice.senses.ears import Ears
from trunkline.voice.speech.voices import Voices
from trunkline.voice.streams.stream import Around
from trunkline.voice.streams.streamer import Streamer
from trunkline.voice.switch import SoundSource
from trunkline.voice.switch.ports import Unheard
from trunkline.voice.telephony import Speech

SOUNDS = "sounds"  # in the data folder: what was fetched to be played


class Sounds:
    """Made inside the event loop; children start when they are needed first."""

    def __init__(self, base: Foundation, policy: AddressPolicy) -> None:
        settings = base.settings
        self._voices = Voices(
            Synthesiser(
                SynthesiserConfig(
                    folder=settings.speech_folder,
                    cache_bytes=settings.speech_cache_mb << 20,
                    piper_voices=settings.piper_voices,
                )
            )
        )
        self.source = SoundSource(settings.data / SOUNDS, policy, base.clock, self._voices)
        self.recogniser = Recogniser(
            RecogniserConfig(vosk_models=settings.vosk_models, whisper_model=settings.whisper_model)
        )
        self._dialler = Dialler(policy, extra_ca_file=settings.webhook_ca_bundle)
        self.ears = Ears(
            recogniser=self.recogniser, streamer=Streamer(Around(self._dialler, base.clock))
        )

    async def say(self, text: str) -> Path | None:
        """Return a simulated phone's words as a WAV file; None if they cannot be spoken."""
        try:
            return await self._voices.speak(Speech(text))
        except Unheard:
            return None

    async def close(self) -> None:
        """End the children."""
        await self.source.close()
        await self.recogniser.close()
        await self._voices.close()
        await self._dialler.close()
