"""What commands are made of: streams, things to play."""

from typing import Literal

import msgspec

Codec = Literal["PCMU", "PCMA", "G722", "opus"]
Track = Literal["inbound", "outbound"]
Encoding = Literal["l16", "mulaw"]
DigitMethod = Literal["auto", "rfc4733", "inband"]


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Where a leg's RTP goes and what it carries; made from sdp.Negotiated.

    `address` may be "" while the peer holds us. `detect_inband` listens for digits in the audio:
    None does so if the peer has no telephone events. `other_types` may come too, in other formats,
    and `other_event_types`, with other clock rates.
    """

    address: str
    port: int
    codec: Codec
    payload_type: int
    receive_types: tuple[int, ...]
    rtcp_address: str = ""
    rtcp_port: int = 0
    rtcp_mux: bool = False
    event_type: int | None = None
    event_rate: int = 8000
    event_receive_types: tuple[int, ...] = ()
    other_event_types: tuple[tuple[int, int], ...] = ()
    noise_type: int | None = None
    other_types: tuple[tuple[int, Codec], ...] = ()
    ptime_ms: int = 20
    sends: bool = True
    receives: bool = True
    detect_inband: bool | None = None


class FileItem(msgspec.Struct, frozen=True, tag="file"):
    """A sound file: WAV or MP3 (anything libsndfile reads)."""

    path: str


class ToneItem(msgspec.Struct, frozen=True, tag="tone"):
    """Tones together, `on_ms` sounding and `off_ms` silent, for `duration_ms` (0: endless)."""

    frequencies: tuple[float, ...]
    duration_ms: int
    on_ms: int = 0
    off_ms: int = 0
    level: float = -13.0


class SilenceItem(msgspec.Struct, frozen=True, tag="silence"):
    duration_ms: int


Item = FileItem | ToneItem | SilenceItem
