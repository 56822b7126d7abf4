"""One leg: its ports, its stream both ways, and what is going on with it."""

import ipaddress
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.dsp.dtmf import DigitState
from trunkline.engines.media.dsp.speech import SpeechState
from trunkline.engines.media.legs.bank import Bank
from trunkline.engines.media.legs.formats import Format, make_format
from trunkline.engines.media.legs.incoming import Incoming
from trunkline.engines.media.legs.latch import LatchedSocket
from trunkline.engines.media.legs.outgoing import Outgoing
from trunkline.engines.media.legs.ports import Pair
from trunkline.engines.media.legs.reports import Reports
from trunkline.engines.media.messages import (
    DigitsSent,
    Event,
    LegFailed,
    LegStats,
    MediaStarted,
    MediaTimeout,
    SpeechStarted,
    SpeechStopped,
    Stream,
)

_LATE_READS: Final = 6  # each a hundred packets: all that a socket keeps


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all legs share."""

    bank: Bank
    config: MediaConfig
    emit: Callable[[Event], None]
    wall: Callable[[], float]


class Leg:
    """Times are monotonic seconds. `by_table`: its frames are done together with others'."""

    def __init__(self, leg: str, pair: Pair, around: Surroundings, now: float) -> None:
        pick = random.SystemRandom()  # RFC 3550 5.1: unpredictable beginnings
        self.id = leg
        self.pair = pair
        self.opened_at = now
        self._around = around
        self._emit = around.emit
        self.ssrc = pick.getrandbits(32)
        self.row = around.bank.take(self.ssrc, pick.getrandbits(15), pick.getrandbits(32))
        window_s = around.config.latch_window_ms / 1000
        self.incoming = Incoming(leg, around.emit, self._on_rtcp)
        self.socket = LatchedSocket(pair.rtp, window_s, self.incoming.is_valid)
        self.outgoing = Outgoing(self.ssrc, self.socket)
        self.reports = Reports(
            pair.rtcp, self.ssrc, around.config.cname, around.config.rtcp_interval_ms / 1000,
            around.wall, self.socket.send,
        )  # fmt: skip
        self.stream: Stream | None = None
        self.format: Format | None = None
        self.failed = False
        self.detection: DigitState | None = None
        self.watch: SpeechState | None = None
        self.room = ""
        self.muted = False
        self.deaf = False
        self.heard_by: tuple[str, ...] = ()
        """Who alone hears it; (): everybody in the room."""
        self.attentive = False  # hears what is for it alone, though it is deaf
        self._listening_since = now
        self._timed_out = False
        self._told_peer: tuple[str, int] | None = None
        self._now = now

    def set_stream(self, stream: Stream, now: float) -> str:
        """Start or change the stream; what is wrong with it, or "".

        Raises:
            CodecUnavailable: nothing has changed.
        """
        wrong = _unusable(stream)
        if wrong:
            return wrong
        form = self.format
        if form is None or form.name != stream.codec:
            form = make_format(stream.codec)
        if self.stream is None or not self._expects_audio:
            self._listening_since = now
        self.stream, self.format = stream, form
        bank, row = self._around.bank, self.row
        bank.units[row] = form.units
        self.incoming.apply(stream, form)
        self.outgoing.apply(stream, form)
        self.reports.apply(stream, now)
        self.socket.aim(stream.address, stream.port, now)
        detect = stream.detect_inband
        if detect if detect is not None else stream.event_type is None:
            self.detection = self.detection or DigitState()
        else:
            self.detection = None
        return ""

    @property
    def active(self) -> bool:
        """Whether it takes part in ticks."""
        return self.stream is not None and not self.failed

    @property
    def sends(self) -> bool:
        return self.stream is not None and self.stream.sends

    @property
    def receives(self) -> bool:
        return self.stream is not None and self.stream.receives

    @property
    def _expects_audio(self) -> bool:
        """Whether silence of the peer means that it is gone: not while either side holds.

        RFC 3264 8.4: who holds does not hear us, and may send (music) or not.
        """
        return self.receives and self.sends

    def read_one(self, now: float) -> None:
        """Take the packet that has come."""
        self._now = now
        data = self.socket.read_one(now)
        if data is not None:
            self.incoming.take(data, now)

    def read(self, now: float) -> bool:
        """Take all that has come, a hundred packets at most; whether it was anything."""
        self._now = now
        found = self.socket.read(now)
        for data in found:
            self.incoming.take(data, now)
        return bool(found)

    def read_late(self, now: float) -> None:
        """Take all that has come, at a time that nobody knows."""
        self.incoming.late = True
        for _ in range(_LATE_READS):
            if not self.read(now):
                break
        self.incoming.late = False

    def _on_rtcp(self, data: bytes) -> None:
        self.reports.receive(data, self.incoming.reception, self._now)

    def housekeep(self, now: float) -> None:
        """What need not happen each tick: RTCP, lost ends of digits, time-outs."""
        incoming = self.incoming
        incoming.expire_events(now)
        self.reports.read(incoming.reception, now)
        timestamp = int(self._around.bank.timestamp[self.row])
        sent = (self.outgoing.packets, self.outgoing.octets, timestamp)
        self.reports.send_if_due(incoming.reception, sent, now)
        peer = self.socket.peer
        if peer is not None and peer != self._told_peer and incoming.heard_at is not None:
            self._told_peer = peer
            self._emit(MediaStarted(self.id, *peer))
        self._watch_silence(now)

    def _watch_silence(self, now: float) -> None:
        if not self._expects_audio:
            return
        last = max(self._listening_since, self.incoming.heard_at or 0.0)
        silent_ms = int((now - last) * 1000)
        if silent_ms < self._around.config.media_timeout_ms:
            self._timed_out = False
        elif not self._timed_out:
            self._timed_out = True
            self._emit(MediaTimeout(self.id, silent_ms))

    def hear_level(self, level: float, now: float) -> None:
        """A frame's level, while speech is watched."""
        watch = self.watch
        if watch is None:
            return
        at_ms = round((now - self.opened_at) * 1000)
        change = watch.follow(level, at_ms)
        if change == "started":
            self._emit(SpeechStarted(self.id, watch.began_ms, round(level, 1)))
        elif change == "stopped":
            ended = at_ms - watch.quiet_ms
            self._emit(SpeechStopped(self.id, ended, max(0, ended - watch.began_ms)))

    def fail(self, error: Exception) -> None:
        """Take no part in ticks any more."""
        if not self.failed:
            self.failed = True
            self._emit(LegFailed(self.id, f"{type(error).__name__}: {error}"))

    def digits_sent(self) -> None:
        """The last queued digit has left."""
        self._emit(DigitsSent(self.id))

    def close(self, now: float) -> None:
        """Say BYE; the pair and the row are the caller's to give back."""
        timestamp = int(self._around.bank.timestamp[self.row])
        sent = (self.outgoing.packets, self.outgoing.octets, timestamp)
        self.reports.say_bye(self.incoming.reception, sent, now)

    def stats(self) -> LegStats:
        """All figures until now."""
        incoming, reports = self.incoming, self.reports
        reception, jitter = incoming.reception, incoming.jitter.stats
        rate = self.format.clock_rate if self.format else 8000
        heard_rate = incoming.form.clock_rate
        peer = self.socket.peer
        remote = reports.remote
        return LegStats(
            leg=self.id,
            packets_sent=self.outgoing.packets,
            octets_sent=self.outgoing.octets,
            packets_received=incoming.packets,
            octets_received=incoming.octets,
            packets_lost=max(0, reception.lost) if reception else 0,
            jitter_ms=reception.jitter * 1000 / heard_rate if reception else 0.0,
            late=jitter.late,
            duplicates=reception.duplicates if reception else 0,
            concealed=jitter.lost,
            underruns=jitter.underruns,
            skipped=jitter.skipped,
            refused=self.socket.refused + incoming.refused,
            buffer_ms=incoming.buffer_ms,
            remote_lost=remote.lost if remote else -1,
            remote_jitter_ms=remote.jitter * 1000 / rate if remote else -1.0,
            round_trip_ms=reports.round_trip_ms,
            remote=f"{peer[0]}:{peer[1]}" if peer else "",
        )


def _unusable(stream: Stream) -> str:
    """Names are not looked up here: that would wait for the network."""
    for address in (stream.address, stream.rtcp_address):
        if address:
            try:
                ipaddress.ip_address(address)
            except ValueError:
                return f"{address!r} is no IP address"
    kinds = (
        stream.payload_type,
        *stream.receive_types,
        *(kind for kind, _ in stream.other_types),
        *stream.event_receive_types,
        *(kind for kind, _ in stream.other_event_types),
    )
    if not all(0 <= kind <= 127 for kind in kinds):
        return "a payload type is not within 0-127"
    if not (0 <= stream.port <= 65535 and 0 <= stream.rtcp_port <= 65535):
        return "a port is not within 0-65535"
    return ""
