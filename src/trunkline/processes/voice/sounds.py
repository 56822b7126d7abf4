"""What calls say and understand: speech, files, recognition, streams, by the settings."""

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
        dialler = Dialler(policy, extra_ca_file=settings.webhook_ca_bundle)
        self.ears = Ears(recogniser=self.recogniser, streamer=Streamer(Around(dialler, base.clock)))

    async def close(self) -> None:
        """End the children."""
        await self.source.close()
        await self.recogniser.close()
        await self._voices.close()
