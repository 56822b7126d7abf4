"""The limits a request is sent under, and the answer to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds; the total covers name look-up, connecting, redirects and the answer.

    `read_s` is from when there is a connection to the whole answer, anew for each redirect; None
    leaves it to the total.
    """

    connect_s: float = 5.0
    total_s: float = 8.0  # PLIVO messaging callbacks: no answer in 8 s counts as failed
    read_s: float | None = None


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one client; what passes them is refused or cut, as each line says."""

    connections: int = (
        1_000  # open sockets; then idle ones of other origins are closed, else refused
    )
    connections_per_origin: int = 32  # further requests wait
    waiting_per_origin: int = 1_000  # further requests are refused
    keep_alive_s: float = 15.0  # unused connections are closed
    head_bytes: int = 64 * 1024  # status line and headers; beyond: BadResponse
    body_bytes: int = 64 * 1024  # kept; beyond: cut, flagged, connection closed
    redirects: int = 5
    resolved_s: float = 30.0  # how long an address is remembered
    resolved_names: int = 4_096  # how many; the oldest is forgotten


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer: header names and body as sent (transfer coding removed), times in seconds."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    truncated: bool
    connect_s: float  # 0.0 on a kept-alive connection
    total_s: float
    final_url: str

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, its name given in lower case."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None
