"""What arrives on a leg: packets sorted into audio, digits, noise and RTCP; a frame each tick."""

import struct
from collections.abc import Callable
from typing import Final, cast

import numpy as np

from trunkline.engines.media.dsp import conceal
from trunkline.engines.media.dsp.frames import TICK_MS, Samples
from trunkline.engines.media.legs.accepted import Accepted
from trunkline.engines.media.legs.formats import Cell, Format
from trunkline.engines.media.messages import Digit, Event, Stream
from trunkline.protocols.rtp import (
    Gap,
    GapKind,
    Malformed,
    Merge,
    OrderedEvents,
    Pressed,
    Reception,
    is_rtcp,
    parse,
    parse_event,
)

Emit = Callable[[Event], None]

_FIXED: Final = struct.Struct("!BBHII")
_HEADER: Final = 12
_noise: Final = np.random.default_rng(3389)


class Incoming:
    """Knows the stream's payload types, and one source (SSRC) at a time."""

    __slots__ = (
        *("_accepted", "_emit", "_events", "_format", "_gap", "_lag", "_leg", "_new_source"),
        *("_noise_level", "_plain", "_rtcp", "_stream", "events_heard", "heard_at", "jitter"),
        *("late", "octets", "packets", "reception", "refused"),
        *("_event_rate", "_event_rates"),
    )

    def __init__(self, leg: str, emit: Emit, rtcp: Callable[[bytes], None]) -> None:
        self._leg = leg
        self._emit = emit
        self._rtcp = rtcp
        self._stream: Stream | None = None
        self._accepted = Accepted()
        self._format: Format = self._accepted.form
        self._plain = True
        self.jitter = self._format.jitter_buffer()
        self.reception: Reception | None = None
        self._new_source = -1
        self._events: OrderedEvents | None = None  # of the reception's source
        self._event_rates: dict[int, int] = {}  # by payload type
        self._event_rate = 8000  # of the last one
        self._gap = 0
        self._lag = 40
        self._noise_level: int | None = None
        self.events_heard = False
        """The peer sends events: tones in its audio are copies of them."""
        self.late = False
        """What is taken now came at an unknown time: we were held up."""
        self.heard_at: float | None = None
        self.packets = 0
        self.octets = 0
        self.refused = 0

    def apply(self, stream: Stream, form: Format) -> None:
        """Read this stream from now on; a change of codec forgets what was buffered."""
        if self._accepted.apply(stream, form):
            self._follow()
        self._stream = stream
        self._event_rates = {
            **dict(stream.other_event_types),
            **dict.fromkeys(stream.event_receive_types, stream.event_rate),
        }

    def _follow(self) -> None:
        """Read what comes in the format that is in use now."""
        form = self._accepted.form
        if self.reception is not None:
            self.reception.change_clock(form.clock_rate / self._format.clock_rate)
        self._format = form
        self._plain = form.by_table
        self._forget()

    @property
    def form(self) -> Format:
        """What the peer's audio is in now: not always what we send."""
        return self._format

    def _forget(self) -> None:
        """Begin with an empty jitter buffer; its figures go on."""
        stats = self.jitter.stats
        self.jitter = self._format.jitter_buffer()
        self.jitter.stats = stats

    def is_valid(self, data: bytes) -> bool:
        """Whether these octets are RTP of this leg: what may open the latch."""
        stream = self._stream
        if stream is None or len(data) < _HEADER or data[0] >> 6 != 2:
            return False
        kind = data[1] & 0x7F
        others = kind in self._event_rates or kind == stream.noise_type
        return others or self._accepted.knows(kind)

    def take(self, data: bytes, now: float) -> None:
        """One packet from the peer at `now` (monotonic seconds)."""
        if self._stream is None or len(data) < _HEADER:
            self.refused += 1
            return
        first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
        if first == 0x80 and second & 0x7F in self._accepted.own:
            self._audio(sequence, timestamp, ssrc, data[_HEADER:], now)
            return
        if first != 0x80 and is_rtcp(data):
            self._rtcp(data)
            return
        try:
            payload = data[_HEADER:] if first == 0x80 else parse(data).payload
        except Malformed:
            self.refused += 1
            return
        kind = second & 0x7F
        if not self._accepted.knows(kind):
            self._other(kind, data, payload, now)
        elif kind in self._accepted.own or self._turn(kind, sequence, ssrc):
            self._audio(sequence, timestamp, ssrc, payload, now)
        elif kind in self._accepted.law:
            payload = payload.translate(self._accepted.to_own)
            self._audio(sequence, timestamp, ssrc, payload, now)

    def _other(self, kind: int, data: bytes, payload: bytes, now: float) -> None:
        """Take what is no audio."""
        stream = self._stream
        _, _, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
        if stream is None:
            return
        if kind in self._event_rates:
            self._event_rate = self._event_rates[kind]
            self._event(sequence, timestamp, ssrc, payload, now)
        elif is_rtcp(data):
            self._rtcp(data)
        elif kind == stream.noise_type:
            self._comfort_noise(sequence, ssrc, payload, now)
        else:
            self.refused += 1

    def _turn(self, kind: int, sequence: int, ssrc: int) -> bool:
        """Follow the peer to another format; False: this packet is not heard in a new one."""
        if kind in self._accepted.law:  # no more than a translation: nothing is forgotten
            return False
        reception = self._source(ssrc)
        if reception is None:
            return False
        if reception.is_behind(sequence):  # sent before the peer changed, overtaken since
            reception.event_packet(sequence)
            return False
        if not self._accepted.turn(kind):
            self.refused += 1
            return False
        self._follow()
        return True

    def _audio(self, sequence: int, timestamp: int, ssrc: int, payload: bytes, now: float) -> None:
        reception = self.reception
        if reception is None or reception.ssrc != ssrc or self._new_source >= 0:
            reception = self._source(ssrc)
        arrival = None if self.late else int(now * self._format.clock_rate)
        if reception is None or not reception.packet(sequence, timestamp, arrival):
            return
        self.heard_at = now
        self.packets += 1
        self.octets += len(payload)
        self._noise_level = None
        if self._events is not None and self._events.holding:
            self._tell(self._events.pass_on(now))
        if self._stream is not None and self._stream.receives:
            self.jitter.put(timestamp, payload, arrival)

    def _event(self, sequence: int, timestamp: int, ssrc: int, payload: bytes, now: float) -> None:
        reception = self._source(ssrc)
        if reception is None or not reception.event_packet(sequence):
            return
        self._count(payload, now)
        try:
            event = parse_event(payload)
        except Malformed:
            self.refused += 1
            return
        self.events_heard = True
        events = self._events = self._events or OrderedEvents(reception)
        self._tell(events.receive(sequence, timestamp, event, now))

    def _comfort_noise(self, sequence: int, ssrc: int, payload: bytes, now: float) -> None:
        reception = self._source(ssrc)
        if reception is None or not reception.event_packet(sequence):
            return
        self._count(payload, now)
        self._noise_level = payload[0] & 0x7F if payload else 127

    def _count(self, payload: bytes, now: float) -> None:
        self.heard_at = now
        self.packets += 1
        self.octets += len(payload)

    def _source(self, ssrc: int) -> Reception | None:
        """The counters of this source; a new one takes over with its second packet in a row."""
        reception = self.reception
        if reception is not None and reception.ssrc == ssrc:
            self._new_source = -1
            return reception
        if reception is not None and self._new_source != ssrc:
            self._new_source = ssrc
            return None
        self.reception = Reception(ssrc)
        if self._events is not None:
            self._tell(self._events.flush())
            self._events = None
        if reception is not None:
            self._forget()
        return self.reception

    def expire_events(self, now: float) -> None:
        """Tell digits whose end was lost."""
        if self._events is not None:
            self._tell(self._events.expire(now))

    def _tell(self, told: list[Pressed]) -> None:
        rate = self._event_rate
        for digit, units in told:
            self._emit(Digit(self._leg, digit, units * 1000 // rate, "rfc4733"))

    def frame(self, past: Samples) -> bytes | Samples | None:
        """20 ms to hear: octets to be decoded by table, samples, or None for silence.

        `past` is what was heard before it, 40 ms.
        """
        got = self.jitter.get()
        if isinstance(got, bytes) and self._plain and not self._gap:
            return got
        if isinstance(got, Gap):
            return self._fill(got, past)
        if isinstance(got, Merge):
            both = cast("Merge[Cell]", got)
            first = self._format.decode(both.first)
            return conceal.merge(first, self._format.decode(both.second))
        if not self._gap:
            return self._format.decode(got)
        run, self._gap = self._gap, 0
        return conceal.recover(past, self._lag, run, self._format.decode(got))

    def _fill(self, gap: Gap, past: Samples) -> Samples | None:
        if self._noise_level is not None and gap.kind is GapKind.HOLD:
            return conceal.comfort_noise(_noise, self._noise_level)
        if gap.run == 1 or not self._gap:
            self._lag = conceal.pitch_lag(past)
        self._gap = gap.run
        return conceal.conceal(past, self._lag, gap.run) if gap.run <= conceal.AUDIBLE else None

    @property
    def made_up(self) -> int:
        """How many frames in a row, with the last one, were made up for packets that lack."""
        return self._gap

    @property
    def buffer_ms(self) -> int:
        return self.jitter.depth * TICK_MS
