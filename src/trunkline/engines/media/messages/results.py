"""What a command is answered with."""

import msgspec


class Done(msgspec.Struct, frozen=True, tag="done"):
    pass


class Count(msgspec.Struct, frozen=True, tag="count"):
    count: int


class LegOpened(msgspec.Struct, frozen=True, tag="opened"):
    """`rtcp_port` is always `port` + 1, and `port` even."""

    leg: str
    address: str
    port: int
    rtcp_port: int


class LegStats(msgspec.Struct, frozen=True, kw_only=True, tag="stats_of_leg"):
    """`remote_*` and `round_trip_ms` are what the peer's RTCP said; -1: nothing."""

    leg: str
    packets_sent: int = 0
    octets_sent: int = 0
    packets_received: int = 0
    octets_received: int = 0
    packets_lost: int = 0
    jitter_ms: float = 0.0
    late: int = 0
    duplicates: int = 0
    concealed: int = 0
    underruns: int = 0
    skipped: int = 0
    refused: int = 0
    """Packets from elsewhere than the latched address, or no RTP."""
    buffer_ms: int = 0
    remote_lost: int = -1
    remote_jitter_ms: float = -1.0
    round_trip_ms: float = -1.0
    remote: str = ""
    """address:port packets come from; "" before the first."""


class ProcessStats(msgspec.Struct, frozen=True, kw_only=True, tag="stats_of_process"):
    """`late_ticks` began more than 20 ms after their time, `skipped_ticks` never ran."""

    legs: int
    rooms: int
    ticks: int
    late_ticks: int
    skipped_ticks: int
    busy_s: float
    """Time spent in ticks."""
    tap_frames_dropped: int
    free_ports: int


class Poured(msgspec.Struct, frozen=True, tag="poured"):
    """All pieces were fed but these: their places, and why each was refused."""

    refused: tuple[tuple[int, str], ...] = ()


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The command was not done. `reason`: full, ports, unknown, exists, busy, invalid."""

    reason: str
    detail: str = ""


Result = Done | Count | LegOpened | LegStats | ProcessStats | Poured | Refused
