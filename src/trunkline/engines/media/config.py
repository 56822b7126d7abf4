"""What a media process is started with."""

import msgspec


class MediaConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Ports are taken in pairs (RTP even, RTCP the next) from `first_port` to `last_port`.

    Several processes of a machine get ranges that do not overlap.
    """

    bind: str = "127.0.0.1"
    advertised: str = ""
    """The address peers are told; "" is `bind`."""
    first_port: int = 16384  # PLIVO: RTP uses UDP 16384-32768
    last_port: int = 32767
    most_legs: int = 300  # beyond it the 20 ms deadline is missed
    latch_window_ms: int = 5000
    media_timeout_ms: int = 60_000  # PLIVO hangup cause 6020
    rtcp_interval_ms: int = 5000  # RFC 3550 6.2
    cname: str = "media@trunkline"
    most_clip_s: int = 3600
    clip_cache_bytes: int = 64 << 20
