"""What a receiver counts of one source, for RTCP and for the call's statistics (RFC 3550 A)."""

from typing import Final

from trunkline.protocols.rtp.rtcp import ReportBlock, middle
from trunkline.protocols.rtp.sequence import SEQUENCE_BITS, TIMESTAMP_BITS, difference

_MAX_DROPOUT: Final = 3000  # RFC 3550 A.1
_MAX_MISORDER: Final = 100
_SEEN: Final = (1 << (_MAX_MISORDER + 1)) - 1
_HALF: Final = (1 << (TIMESTAMP_BITS - 1)) - 1


class Reception:
    """Sequence, loss and jitter of one source. Times of arrival are in its timestamp units."""

    __slots__ = (
        *("_bad_sequence", "_base", "_expected_before", "_jitter", "_max", "_received_before"),
        *("_seen", "_sr_at", "_sr_ntp", "_transit"),
        *("duplicates", "received", "restarts", "ssrc"),
    )

    def __init__(self, ssrc: int) -> None:
        self.ssrc: Final = ssrc
        self.received = 0
        self.duplicates = 0
        self.restarts = 0
        self._base = -1
        self._max = 0  # extended: cycles and sequence
        self._bad_sequence = -1
        self._seen = 0  # one bit for each of the last numbers, the newest is the lowest
        self._transit: int | None = None
        self._jitter = 0.0  # in 1/16 of a unit (A.8)
        self._received_before = 0
        self._expected_before = 0
        self._sr_ntp = 0
        self._sr_at = 0.0

    def packet(self, sequence: int, timestamp: int, arrival: int | None) -> bool:
        """Count one packet; False: a duplicate, or of a number that makes no sense (A.1).

        With `arrival` None, which nobody knows, it says nothing of jitter.
        Such a packet is not to be played. The second packet of a new run of numbers is taken as
        a restart of the source.
        """
        if self._base < 0:
            self._restart(sequence)
        elif (self._max + 1) & 0xFFFF == sequence:  # in order, as nearly all are
            self._max += 1
            self._seen = (self._seen << 1 | 1) & _SEEN
        elif not self._advance(sequence):
            return False
        self.received += 1
        if arrival is None:
            return True
        transit = (arrival - timestamp) & 0xFFFFFFFF
        if self._transit is not None:
            d = abs(transit - self._transit)
            if d > _HALF:  # it has wrapped
                d = abs(difference(transit, self._transit, TIMESTAMP_BITS))
            self._jitter += d - self._jitter / 16
        self._transit = transit
        return True

    def event_packet(self, sequence: int) -> bool:
        """Count a packet that says nothing of jitter: an event keeps its timestamp (RFC 4733)."""
        if self._base < 0:
            self._restart(sequence)
        elif not self._advance(sequence):
            return False
        self.received += 1
        return True

    def _restart(self, sequence: int) -> None:
        self._base = self._max = sequence
        self._bad_sequence = -1
        self._seen = 1
        self._received_before = self._expected_before = 0
        self.received = 0
        self._transit = None

    def _advance(self, sequence: int) -> bool:
        step = difference(sequence, self._max, SEQUENCE_BITS)
        if 0 < step < _MAX_DROPOUT:
            self._max += step
            self._seen = (self._seen << min(step, _MAX_MISORDER + 1) | 1) & _SEEN
            return True
        if -_MAX_MISORDER <= step <= 0:
            return self._is_new(1 << -step)
        if sequence != self._bad_sequence:
            self._bad_sequence = (sequence + 1) & 0xFFFF
            return False
        self._restart(sequence)
        self.restarts += 1
        return True

    def _is_new(self, bit: int) -> bool:
        if self._seen & bit:
            self.duplicates += 1
            self.received += 1  # RFC 3550 6.4.1: duplicates count as received
            return False
        self._seen |= bit
        return True

    def extended(self, sequence: int) -> int:
        """The number that does not wrap, of a packet that was counted."""
        return self._max + difference(sequence, self._max, SEQUENCE_BITS)

    def is_behind(self, sequence: int) -> bool:
        """Whether packets that were sent after this one have come."""
        return -_MAX_MISORDER <= difference(sequence, self._max, SEQUENCE_BITS) < 0 <= self._base

    def change_clock(self, ratio: float) -> None:
        """Go on in units of another clock, `ratio` times as fast."""
        self._jitter *= ratio
        self._transit = None

    def missing(self, number: int, after: int, most: int) -> int:
        """How many packets have not come between two extended numbers, of the last `most` there.

        What is more than 100 packets old is not known any more, and nothing is missing there.
        """
        newer = self._max - number + 1
        first = max(after + 1, self._base, number - most, self._max - _MAX_MISORDER)
        count = number - first
        if count <= 0 or newer <= 0:
            return 0
        return count - (self._seen >> newer & (1 << count) - 1).bit_count()

    def sender_report(self, ntp: int, now: float) -> None:
        """Remember an SR of this source, received at `now` (seconds of any steady clock)."""
        self._sr_ntp = middle(ntp)
        self._sr_at = now

    @property
    def expected(self) -> int:
        return self._max - self._base + 1 if self._base >= 0 else 0

    @property
    def lost(self) -> int:
        """Expected and not received; negative when there were duplicates (RFC 3550 6.4.1)."""
        return self.expected - self.received

    @property
    def jitter(self) -> int:
        """Interarrival jitter in timestamp units."""
        return int(self._jitter / 16)

    @property
    def highest_sequence(self) -> int:
        """Cycles in the upper 16 bits."""
        return self._max & 0xFFFFFFFF

    def report(self, now: float) -> ReportBlock:
        """The block for the next report; the fraction is counted from block to block (A.3)."""
        expected, received = self.expected, self.received
        expected_now = expected - self._expected_before
        lost_now = expected_now - (received - self._received_before)
        self._expected_before, self._received_before = expected, received
        fraction = 0
        if expected_now > 0 and lost_now > 0:
            fraction = min(255, (lost_now << 8) // expected_now)
        dlsr = int((now - self._sr_at) * 65536) if self._sr_ntp else 0
        return ReportBlock(
            self.ssrc, fraction, self.lost, self.highest_sequence, self.jitter, self._sr_ntp, dlsr
        )


def round_trip_s(block: ReportBlock, ntp_now: int) -> float | None:
    """Round-trip time that a block about ourselves tells, in seconds; None if it tells none."""
    if not block.lsr:
        return None
    units = difference(middle(ntp_now), (block.lsr + block.dlsr) & 0xFFFFFFFF, 32)
    return units / 65536 if units >= 0 else None
