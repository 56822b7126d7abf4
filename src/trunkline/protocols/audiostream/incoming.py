"""What an application asks of a stream."""

import string
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trunkline.protocols.audiostream.formats import Format, UnknownFormat, format_of

MOST_OCTETS: Final = 64 * 1024  # PLIVO streams: a message
MOST_NAME_CHARS: Final = 256
MOST_DIGITS: Final = 128
_DIGITS: Final = frozenset(string.digits + "*#ABCDabcdwW")


class BadMessage(ValueError):
    """A message that cannot be obeyed; the text names the field."""


class PlayAudio(msgspec.Struct, frozen=True):  # 50 a second: three times as quick as a dataclass
    """Let the call hear this, after what was sent before."""

    format: Format
    audio: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Tell when all audio sent before has been heard."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Forget the audio that has not been heard yet."""


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Send keys to the call."""

    digits: str


Wish = PlayAudio | Checkpoint | ClearAudio | SendDigits


class _Media(msgspec.Struct, rename="camel"):
    payload: bytes  # base64
    content_type: str = "audio/x-mulaw"
    sample_rate: int | float | str | None = None


class _Message(msgspec.Struct, rename="camel"):
    event: str
    media: _Media | None = None
    name: str | int | None = None
    dtmf: Any = None


_decoder: Final = msgspec.json.Decoder(_Message)


def read(octets: bytes) -> Wish:
    """Read one message.

    Raises:
        BadMessage: it is no JSON of a known event, or a field is wrong.
    """
    if len(octets) > MOST_OCTETS:
        raise BadMessage(f"a message has at most {MOST_OCTETS} octets")
    try:
        message = _decoder.decode(octets)
    except msgspec.DecodeError as error:
        raise BadMessage(str(error)) from None
    if message.event == "playAudio":
        return _play(message.media)
    match message.event:
        case "checkpoint":
            return _checkpoint(message.name)
        case "clearAudio":
            return ClearAudio()
        case "sendDTMF":
            return _digits(message.dtmf)
        case _:
            raise BadMessage(f"there is no event {message.event[:40]!r}")


def _play(media: _Media | None) -> PlayAudio:
    if media is None:
        raise BadMessage("playAudio needs media")
    rate = media.sample_rate
    if isinstance(rate, float) and rate % 1 == 0:
        rate = int(rate)
    try:
        found = format_of(media.content_type, rate)
    except UnknownFormat as error:
        raise BadMessage(f"media: {error}") from None
    if found.encoding == "l16" and len(media.payload) % 2:
        raise BadMessage("media.payload has half a sample")
    return PlayAudio(found, media.payload)


def _checkpoint(name: str | int | None) -> Checkpoint:
    if name is None or not 0 < len(str(name)) <= MOST_NAME_CHARS:
        raise BadMessage(f"checkpoint needs a name of at most {MOST_NAME_CHARS} characters")
    return Checkpoint(str(name))


def _digits(dtmf: object) -> SendDigits:
    if not isinstance(dtmf, str | int) or isinstance(dtmf, bool):
        raise BadMessage("sendDTMF needs dtmf, a text of keys")
    digits = str(dtmf)
    if not 0 < len(digits) <= MOST_DIGITS or not set(digits) <= _DIGITS:
        raise BadMessage(f"dtmf must be 1 to {MOST_DIGITS} of 0-9, *, #, A-D, w, W")
    return SendDigits(digits)
