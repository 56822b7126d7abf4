"""Speech to text: asks the child that understands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from trunkline.engines.speech.child import Child
from trunkline.engines.speech.errors import CannotUnderstand
from trunkline.engines.speech.recognition.messages import (
    Understand,
    UnderstandConfig,
    Understood,
)

_MODULE: Final = "trunkline.engines.speech.recognition.process"
_SPHINX: Final = "en"
MOST_AUDIO: Final = 60 * 8_000
"""Octets of an utterance: a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserConfig:
    """`vosk_models` are folders by language (`de`, `en-IN`), `whisper_model` is a folder."""

    vosk_models: Mapping[str, Path] = field(default_factory=dict[str, Path])
    whisper_model: Path | None = None
    most_waiting: int = 50
    timeout_s: float = 60.0
    transcribe_timeout_s: float = 3_600.0
    environment: dict[str, str] = field(default_factory=dict[str, str])


class Recogniser:
    """Two child processes: one for calls, one for recordings, so that no call waits for those."""

    def __init__(self, config: RecogniserConfig) -> None:
        """Prepare; made inside a running event loop. Children start when they are needed."""
        self._config = config
        self._languages = frozenset(name.lower() for name in config.vosk_models)
        arguments = UnderstandConfig(
            vosk_models={name: str(folder) for name, folder in config.vosk_models.items()},
            whisper_model=str(config.whisper_model or ""),
        )
        written = msgspec.json.encode(arguments).decode()
        self.child: Final = Child(
            _MODULE, written, most_waiting=config.most_waiting, environment=config.environment
        )
        self._patient: Final = Child(
            _MODULE, written, most_waiting=config.most_waiting, environment=config.environment
        )

    def problem(self, language: str) -> str:
        """Return why a language cannot be understood, "" if it can."""
        tag = language.lower()
        base = tag.partition("-")[0]
        if tag in self._languages or base in self._languages or self._config.whisper_model:
            return ""
        if base == _SPHINX:
            return ""
        return f"There is no model to recognise {language[:40]}: see speech.vosk_models."

    async def understand(
        self,
        audio: bytes,
        *,
        language: str = "en-US",
        hints: tuple[str, ...] = (),
        partial: bool = False,
    ) -> Understood:
        """Return what is said in one utterance (μ-law, 8 kHz; at most a minute is looked at).

        Raises:
            CannotUnderstand: no model for the language, or it cannot be loaded.
            SpeechBusy, ChildDied: see `Child`.
        """
        wanted = Understand(
            audio=audio[:MOST_AUDIO], language=language, hints=hints, partial=partial
        )
        return await self._ask(self.child, wanted, self._config.timeout_s)

    async def transcribe(self, path: Path, *, language: str = "en-US") -> Understood:
        """Return what is said in a sound file, with its parts.

        Raises:
            CannotUnderstand: as for `understand`, or the file is none.
            SpeechBusy, ChildDied: see `Child`.
        """
        wanted = Understand(path=str(path), language=language)
        return await self._ask(self._patient, wanted, self._config.transcribe_timeout_s)

    async def close(self) -> None:
        """End the children."""
        await self.child.close()
        await self._patient.close()

    async def _ask(self, child: Child, wanted: Understand, timeout_s: float) -> Understood:
        problem = self.problem(wanted.language)
        if problem:
            raise CannotUnderstand(problem)
        octets = await child.ask(msgspec.msgpack.encode(wanted), timeout_s=timeout_s)
        understood = msgspec.msgpack.decode(octets, type=Understood)
        if understood.error:
            raise CannotUnderstand(understood.error)
        return understood
