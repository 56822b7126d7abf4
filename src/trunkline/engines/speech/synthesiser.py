"""Text to speech: asks the child that speaks, and remembers what it has said."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

import msgspec
import structlog

from trunkline.engines.speech.cache import FileCache
from trunkline.engines.speech.child import Child
from trunkline.engines.speech.errors import CannotSpeak, ChildDied
from trunkline.engines.speech.synthesis.messages import Gender, Speak, SpeakConfig, Spoken

log = structlog.get_logger(__name__)

_MODULE: Final = "trunkline.engines.speech.synthesis.process"
_TRIES: Final = 2  # of a child that dies
_DIALECT: Final = "2"  # another one when markup comes to be spoken otherwise than what is kept
# W3C SSML 1.1, but not <audio> and <voice>: eSpeak NG opens the files they name.
_SSML: Final = frozenset({
    "speak", "p", "s", "w", "token", "break", "emphasis", "lang", "phoneme", "prosody", "say-as",
    "sub", "mark", "desc",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiserConfig:
    """`folder` keeps what was spoken, at most `cache_bytes`; Piper's voices are .onnx files."""

    folder: Path
    cache_bytes: int = 256 << 20
    piper_voices: tuple[Path, ...] = ()
    most_chars: int = 20_000
    most_seconds: float = 1_800.0
    most_waiting: int = 100
    timeout_s: float = 15.0
    environment: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What is to be said. `language` is a BCP 47 tag; `ssml` the content of a `<speak>`, or ""."""

    text: str
    language: str = "en-US"
    gender: Gender = "female"
    ssml: str = ""


class Synthesiser:
    """One child process; made inside a running event loop."""

    def __init__(self, config: SynthesiserConfig) -> None:
        """Prepare; the child starts with the first text.

        Raises:
            OSError: the folder cannot be made or read.
        """
        self._config = config
        self._cache = FileCache(config.folder, ".wav", config.cache_bytes)
        voices = tuple(str(file) for file in config.piper_voices)
        self._voices = "\n".join(voices)
        self._child: Final = Child(
            _MODULE,
            msgspec.json.encode(SpeakConfig(voices)).decode(),
            most_waiting=config.most_waiting,
            environment=config.environment,
        )
        self._running: dict[tuple[str, ...], asyncio.Task[Path]] = {}

    @property
    def child(self) -> Child:
        """The process that speaks."""
        return self._child

    async def speak(self, wanted: Utterance) -> Path:
        """Return a WAV file (8 kHz, 16 bit, mono); it may be gone after some minutes.

        Markup that is no well-formed SSML, or has <audio>, is left out: the text is spoken.

        Raises:
            CannotSpeak: too long, empty, or in a language without a voice.
            SpeechBusy: too many texts wait.
            ChildDied: the engine does not work.
        """
        if max(len(wanted.text), len(wanted.ssml)) > self._config.most_chars:
            raise CannotSpeak(f"The text is longer than {self._config.most_chars} characters.")
        ssml = wanted.ssml if _is_usable(wanted.ssml) else ""
        if not ssml and not wanted.text.strip():
            raise CannotSpeak("There is nothing to say.")
        marked = _DIALECT + ssml if ssml else ""
        key = (wanted.text, marked, wanted.language, wanted.gender, self._voices)
        found = self._cache.find(*key)
        if found is not None:
            return found
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._make(key, wanted, ssml), name="speech: speak")
            self._running[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        # Shielded: who else wants the same must not lose it when one has gone.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End the child."""
        await self._child.close()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _forget(self, key: tuple[str, ...], done: asyncio.Task[Path]) -> None:
        self._running.pop(key, None)
        if not done.cancelled() and done.exception() is not None:
            log.info("speech.unspoken", reason=str(done.exception()))

    async def _make(self, key: tuple[str, ...], wanted: Utterance, ssml: str) -> Path:
        request = msgspec.msgpack.encode(
            Speak(
                path=str(self._cache.draft(*key)),
                text=wanted.text,
                ssml=ssml,
                language=wanted.language,
                gender=wanted.gender,
                most_seconds=self._config.most_seconds,
            )
        )
        spoken = msgspec.msgpack.decode(await self._ask(request), type=Spoken)
        if spoken.error:
            raise CannotSpeak(spoken.error)
        return self._cache.add(*key)

    async def _ask(self, request: bytes) -> bytes:
        for _ in range(_TRIES - 1):
            try:
                return await self._child.ask(request, timeout_s=self._config.timeout_s)
            except ChildDied:
                continue
        return await self._child.ask(request, timeout_s=self._config.timeout_s)


def _is_usable(ssml: str) -> bool:
    """Say whether markup is well-formed, with elements that may be passed on alone."""
    if not ssml:
        return False
    strange: list[str] = []

    def check(name: str, _attributes: object) -> None:
        if name not in _SSML and not name.startswith("amazon:"):
            strange.append(name)

    parser = ParserCreate()  # without namespaces: amazon:… may stand undeclared
    parser.StartElementHandler = check
    try:
        # Inside of an element no DOCTYPE is possible, and so no entity of its own.
        parser.Parse(f"<speak>{ssml}</speak>", True)
    except (ExpatError, ValueError):
        return False
    return not strange
