"""Reliable provisional responses (RFC 3262): numbering, matching and order; for either side."""

from typing import Final, NamedTuple

from trunkline.protocols.sip.grammar import parse_number
from trunkline.protocols.sip.message import MAX_CSEQ, Request, Response

_LARGEST: Final = 2**32 - 1


class RAck(NamedTuple):
    rseq: int
    cseq: int
    method: str


def parse_rack(text: str | None) -> RAck | None:
    """Read RAck; None for rubbish."""
    parts = (text or "").split()
    if len(parts) != 3:
        return None
    rseq, cseq = parse_number(parts[0], _LARGEST), parse_number(parts[1], MAX_CSEQ)
    return None if rseq is None or cseq is None else RAck(rseq, cseq, parts[2])


def wants_reliable(request: Request) -> bool:
    """Whether the peer insists on reliable provisional responses."""
    return "100rel" in request.headers.tokens("require")


def can_reliable(request: Request) -> bool:
    """Whether the peer understands them."""
    return "100rel" in request.headers.tokens("supported") or wants_reliable(request)


class Numbering:
    """UAS: numbers of the reliable responses to one INVITE; one at a time is unacknowledged.

    RFC 3262 3 lets only the first one wait for its PRACK before others may go out; we wait for
    each.
    """

    __slots__ = ("_cseq", "_next", "pending")

    def __init__(self, first: int, cseq: int) -> None:
        self._next = first
        self._cseq = cseq
        self.pending: int | None = None
        """The RSeq that waits for its PRACK."""

    def take(self) -> int:
        """Give the RSeq of the response that goes out now."""
        self.pending = self._next
        self._next += 1
        return self.pending

    def acknowledge(self, prack: Request) -> bool:
        """Match a PRACK; False is answered with 481 (RFC 3262 3)."""
        rack = parse_rack(prack.headers.get("rack"))
        if rack is None or rack != (self.pending, self._cseq, "INVITE"):
            return False
        self.pending = None
        return True


class Ordering:
    """UAC: which reliable responses of one early dialog are to be taken, in order (RFC 3262 4)."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: int | None = None

    def take(self, response: Response) -> RAck | None:
        """Give what the PRACK has to say.

        None for a retransmission or one out of order, to be dropped.
        """
        rseq = parse_number(response.headers.get("rseq"), _LARGEST)
        if rseq is None or (self._last is not None and rseq != self._last + 1):
            return None
        self._last = rseq
        return RAck(rseq, response.cseq.number, response.cseq.method)


def is_reliable(response: Response) -> bool:
    """Whether a provisional response asks for a PRACK; 100 never does."""
    if not 100 < response.status < 200 or "rseq" not in response.headers:
        return False
    return "100rel" in response.headers.tokens("require")
