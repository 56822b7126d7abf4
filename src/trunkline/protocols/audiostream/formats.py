"""How audio is written on a stream."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Encoding = Literal["l16", "mulaw"]

_ENCODINGS: Final[dict[str, Encoding]] = {"audio/x-l16": "l16", "audio/x-mulaw": "mulaw"}
# PLIVO streams: contentType; 24000 on the page of the API alone
_RATES: Final[dict[Encoding, tuple[int, ...]]] = {"l16": (8000, 16000, 24000), "mulaw": (8000,)}


@dataclass(frozen=True, slots=True)
class Format:
    """Samples: linear, 16 bit, little-endian, or μ-law; `rate` in Hz; one channel."""

    encoding: Encoding
    rate: int

    @property
    def content_type(self) -> str:
        """The type without its rate, as in `mediaFormat`."""
        return f"audio/x-{self.encoding}"


_SHORT: Final = 64


class UnknownFormat(ValueError):
    """No such type, or not at this rate; the text says which there are."""


def format_of(content_type: str, rate: str | float | None = None) -> Format:
    """Read `audio/x-l16;rate=16000`, or a type and a rate apart; without a rate it is 8000.

    Raises:
        UnknownFormat: it is none of those that are streamed.
    """
    if len(content_type) > _SHORT or (isinstance(rate, str) and len(rate) > _SHORT):
        return _read(content_type, rate)  # nobody fills the memory with spaces
    return _remembered(content_type, rate)


def _read(content_type: str, rate: str | float | None) -> Format:
    kind, _, parameter = content_type.strip().lower().partition(";")
    encoding = _ENCODINGS.get(kind.strip())
    if encoding is None:
        raise UnknownFormat(f"contentType must be audio/x-l16 or audio/x-mulaw, not {kind[:40]!r}")
    name, _, written = parameter.partition("=")
    if rate is None and name.strip() == "rate":
        rate = written.strip()
    try:
        hertz = 8000 if rate is None or rate == "" else int(str(rate))
    except ValueError:
        hertz = 0
    if hertz not in _RATES[encoding]:
        allowed = ", ".join(map(str, _RATES[encoding]))
        raise UnknownFormat(f"the rate of {kind.strip()} must be one of {allowed}")
    return Format(encoding, hertz)


_remembered: Final = lru_cache(64, typed=True)(_read)  # each message with audio names one
