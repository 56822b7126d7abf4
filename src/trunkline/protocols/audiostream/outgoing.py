"""What an application is told on a stream."""

import binascii
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from trunkline.protocols.audiostream.formats import Format

Track = Literal["inbound", "outbound"]

_encode: Final = msgspec.json.Encoder().encode


class Writer:
    """Writes the messages of one stream; each has a number of its own, counted from 0."""

    def __init__(self, stream_id: str, call_id: str, account_id: str, extra_headers: str) -> None:
        """`extra_headers` is as given by the application, see `headers_of`."""
        self._stream_id = stream_id
        self._call_id = call_id
        self._account_id = account_id
        # Applications read it as a text that holds a JSON object.
        self._headers = msgspec.json.encode(headers_of(extra_headers)).decode()
        self._number = 0
        self._chunks: dict[Track, int] = {"inbound": 0, "outbound": 0}
        self._media: dict[Track, bytes] = {
            track: self._pattern(track) for track in ("inbound", "outbound")
        }

    def start(self, tracks: Sequence[Track], audio: Format) -> bytes:
        """The first message: what is streamed, and how it is written."""
        return self._event(
            "start",
            start={
                "callId": self._call_id,
                "streamId": self._stream_id,
                "accountId": self._account_id,
                "tracks": list(tracks),
                "mediaFormat": {"encoding": audio.content_type, "sampleRate": audio.rate},
            },
        )

    def media(self, track: Track, at_ms: int, audio: bytes) -> bytes:
        """Some audio of a track; `at_ms` since 1970. It is most of all messages, so by hand."""
        self._chunks[track] = chunk = self._chunks[track] + 1
        number, self._number = self._number, self._number + 1
        payload = binascii.b2a_base64(audio, newline=False)
        return self._media[track] % (number, at_ms, chunk, payload)

    def _pattern(self, track: Track) -> bytes:
        """All of a message that is always the same, and the places of the rest."""
        stream = _encode({"streamId": self._stream_id})[1:-1].replace(b"%", b"%%")
        headers = _encode({"extra_headers": self._headers})[1:].replace(b"%", b"%%")
        media = b'"media":{"track":"' + track.encode() + b'","timestamp":"%d","chunk":%d,'
        return b"".join((
            b'{"event":"media","sequenceNumber":%d,', stream, b",", media,
            b'"payload":"%b"},', headers,
        ))  # fmt: skip

    def digit(self, digit: str, at_ms: int) -> bytes:
        """A key was pressed."""
        dtmf = {"digit": digit, "track": "inbound", "timestamp": str(at_ms)}
        return self._event("dtmf", streamId=self._stream_id, dtmf=dtmf)

    def played(self, name: str) -> bytes:
        """All audio before a checkpoint has been heard."""
        return self._event("playedStream", streamId=self._stream_id, name=name)

    def cleared(self) -> bytes:
        """What had not been heard is forgotten."""
        return self._event("clearedAudio", streamId=self._stream_id)

    def play_failed(self, reason: str) -> bytes:
        """Audio was not taken."""
        return self._event("playFailed", streamId=self._stream_id, reason=reason)

    def error(self, reason: str) -> bytes:
        """A message could not be obeyed."""
        return self._event("error", streamId=self._stream_id, reason=reason)

    def stop(self, reason: str) -> bytes:
        """The last message."""
        return self._event("stop", streamId=self._stream_id, reason=reason)

    def _event(self, event: str, **fields: Any) -> bytes:
        head = {"event": event, "sequenceNumber": self._next()}
        return _encode({**head, **fields, "extra_headers": self._headers})

    def _next(self) -> int:
        number, self._number = self._number, self._number + 1
        return number


def headers_of(text: str) -> dict[str, str]:
    """Read `k=v,k2=v2`, `k=v;k2=v2` or a JSON object; pairs without a name are left out."""
    written = _object(text)
    if written is not None:
        return {name: _as_text(value) for name, value in written.items()}
    pairs = (pair.partition("=") for pair in _pairs(text))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def unreadable_header(text: str) -> str:
    """Return the first part that is not `k=v`, "" if there is none."""
    if _object(text) is not None:
        return ""
    parts = (part.strip() for part in _pairs(text))
    return next((part for part in parts if part and part.find("=") < 1), "")


def _pairs(text: str) -> list[str]:
    return text.replace(";", ",").split(",")


def _object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else _encode(value).decode()
