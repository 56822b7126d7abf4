"""What leaves a leg: digits as events or tones, and frames of codecs that are not done by table."""

import struct
from collections import deque
from dataclasses import dataclass
from typing import Final

from trunkline.engines.media.dsp.frames import FRAME, TICK_MS, Samples
from trunkline.engines.media.dsp.tones import digit_frame
from trunkline.engines.media.legs.bank import Bank
from trunkline.engines.media.legs.formats import Format
from trunkline.engines.media.legs.latch import LatchedSocket
from trunkline.engines.media.messages import DigitMethod, Stream
from trunkline.protocols.rtp import DIGITS, EventSender

_FIXED: Final = struct.Struct("!BBHII")
_WAITS: Final = {"w": 500, "W": 1000}  # PLIVO DTMF: w 0.5 s, W 1 s
MOST_DIGITS: Final = 512


@dataclass(slots=True)
class _Tone:
    """One digit under way: as an event, or in the audio for `left` more ticks."""

    digit: str
    sender: EventSender | None
    timestamp: int
    index: int = 0
    ticks: int = 1


class Outgoing:
    """Counts what was sent, in packets and octets of payload."""

    __slots__ = (
        *("_format", "_gather", "_gathered", "_plan", "_pause", "_socket", "_ssrc", "_stream"),
        *("_tone", "by_table", "marker", "octets", "packets"),
    )

    def __init__(self, ssrc: int, socket: LatchedSocket) -> None:
        self._ssrc = ssrc
        self._socket = socket
        self._stream: Stream | None = None
        self._format: Format | None = None
        self._plan: deque[tuple[str, int, int, DigitMethod]] = deque()
        self._pause = 0
        self._tone: _Tone | None = None
        self._gather: list[bytes] = []
        self._gathered = 0
        self.by_table = False
        """Whether all frames of this leg may be encoded together with those of others."""
        self.marker = True
        self.packets = 0
        self.octets = 0

    def apply(self, stream: Stream, form: Format) -> None:
        """Send this way from now on."""
        self._stream, self._format = stream, form
        self.by_table = form.by_table and stream.ptime_ms == TICK_MS
        self._gather.clear()
        self.marker = True

    # -- digits ----------------------------------------------------------------------------------

    def add_digits(self, digits: str, tone_ms: int, gap_ms: int, method: DigitMethod) -> str:
        """Queue them; what is wrong with them, or ""."""
        wrong = set(digits.upper()) - set(DIGITS) - {"W"}
        if wrong:
            return f"no digits: {''.join(sorted(wrong))}"
        if len(self._plan) + len(digits) > MOST_DIGITS:
            return f"more than {MOST_DIGITS} digits wait"
        for digit in digits:
            self._plan.append((digit, tone_ms, gap_ms, method))
        return ""

    def drop_digits(self) -> None:
        """Forget those that have not begun."""
        self._plan.clear()
        self._pause = 0

    @property
    def has_digits(self) -> bool:
        return self._tone is not None or bool(self._plan) or self._pause > 0

    def next_digit(self, bank: Bank, row: int) -> bool:
        """Let a tick pass for the digits; True when an event went out in place of the audio."""
        if self._tone is None:
            if self._pause > 0:
                self._pause -= 1
                return False
            if not self._plan:
                return False
            self._begin(bank, row)
            if self._tone is None:
                return False
        tone = self._tone
        if tone.sender is None:
            self._sound(tone, bank, row)
            return False
        self._send_event(tone, tone.sender, bank, row)
        return True

    def _begin(self, bank: Bank, row: int) -> None:
        digit, tone_ms, gap_ms, method = self._plan.popleft()
        if digit in _WAITS:
            self._pause = _WAITS[digit] // TICK_MS - 1
            return
        stream = self._stream
        sender = None
        if method != "inband" and stream is not None and stream.event_type is not None:
            rate = stream.event_rate
            sender = EventSender(digit, max(1, rate * tone_ms // 1000), rate * TICK_MS // 1000)
        ticks = max(1, -(-tone_ms // TICK_MS))
        self._tone = _Tone(digit.upper(), sender, int(bank.timestamp[row]), ticks=ticks)
        self._pause = max(1, gap_ms // TICK_MS)

    def _sound(self, tone: _Tone, bank: Bank, row: int) -> None:
        """A digit in the audio, in place of everything else."""
        last = tone.index + 1 >= tone.ticks
        bank.sums[row] = digit_frame(tone.digit, tone.index, ends=last)
        tone.index += 1
        if last:
            self._tone = None

    def _send_event(self, tone: _Tone, sender: EventSender, bank: Bank, row: int) -> None:
        frame = sender.tick()
        stream = self._stream
        if stream is not None and stream.event_type is not None and stream.sends:
            timestamp = (tone.timestamp + frame.timestamp_offset) & 0xFFFFFFFF
            for _ in range(frame.copies):
                self._send(
                    bank, row, stream.event_type, frame.payload, timestamp, marker=frame.first
                )
        if frame.last:
            self._tone = None
            self.marker = True

    # -- audio -----------------------------------------------------------------------------------

    def take_type(self) -> int:
        """Count a frame that leaves with others; its second octet: payload type, and the marker."""
        self.packets += 1
        self.octets += FRAME
        kind = self._stream.payload_type if self._stream else 0
        if self.marker:
            self.marker = False
            return 0x80 | kind
        return kind

    def send_frame(self, bank: Bank, row: int, frame: Samples) -> None:
        """Encode and send 20 ms, or keep it until the packet is full."""
        stream, form = self._stream, self._format
        if stream is None or form is None:
            return
        payload = form.encode(frame)
        if form.name == "opus" or stream.ptime_ms <= TICK_MS:
            timestamp = int(bank.timestamp[row])
        else:
            if not self._gather:
                self._gathered = int(bank.timestamp[row])
            self._gather.append(payload)
            if len(self._gather) * TICK_MS < stream.ptime_ms:
                return
            payload, timestamp = b"".join(self._gather), self._gathered
            self._gather.clear()
        self._send(bank, row, stream.payload_type, payload, timestamp, marker=self.marker)
        self.marker = False

    def _send(
        self, bank: Bank, row: int, kind: int, payload: bytes, timestamp: int, *, marker: bool
    ) -> None:
        sequence = int(bank.sequence[row])
        head = _FIXED.pack(0x80, marker << 7 | kind, sequence, timestamp, self._ssrc)
        bank.sequence[row] = (sequence + 1) & 0xFFFF
        self._socket.send(head + payload)
        self.packets += 1
        self.octets += len(payload)
