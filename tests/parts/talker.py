"""The audio of a phone in real time: says tones and keys, hears keys, reads RTCP.

It knows RFC 3550 and RFC 4733 by itself, so that the program is not measured by its own code.
"""

import re
import struct
import threading
import time
from dataclasses import dataclass, field

import numpy as np
from impaired_line import Line

RATE, FRAME, TICK_S = 8000, 160, 0.02
KEYS = "0123456789*#ABCD"  # RFC 4733 3.2, table 3
LOW_HZ, MARK_HZ = 200.0, 1000.0
FIRST_SEQUENCE = 65_400  # numbers wrap soon
MARK_TICKS = 10  # 200 ms
_PCMU, _EVENT = 0, 101
_COMPLEMENT = 0xFF


def _ulaw(samples: np.ndarray) -> bytes:
    """G.711 μ-law of 16-bit samples, by its definition."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), 32_635) + 132
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (segment + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return ((sign | segment << 4 | mantissa) ^ _COMPLEMENT).astype(np.uint8).tobytes()


def _tone(frequency: float, amplitude: float) -> list[bytes]:
    at = np.arange(RATE)  # a second, after which whole frequencies begin anew
    octets = _ulaw(np.round(amplitude * np.sin(2 * np.pi * frequency * at / RATE)))
    return [octets[n : n + FRAME] for n in range(0, len(octets), FRAME)]


@dataclass(frozen=True)
class Report:
    """What the program said of our audio: packets, timestamp units; `taken` had left us by then.

    `dropped` is what was lost by then, less the copies, where the network tells that at once.
    """

    lost: int
    fraction: float
    jitter: int
    highest: int
    taken: int
    dropped: int | None
    at_s: float


@dataclass
class Script:
    """What is said: `keys` one each `each` ticks from tick `first` on, marks at the `marks`.

    A blank among the keys is a pause as long as one.
    """

    keys: str = ""
    first: int = 50
    each: int = 10
    press: int = 5
    marks: frozenset[int] = frozenset()


@dataclass
class Talker:
    """`pace` 1.0001: its clock is slow by 100 ppm."""

    line: Line
    script: Script
    pace: float = 1.0
    reports: list[Report] = field(default_factory=list)
    packets: int = 0
    came: list[int] = field(default_factory=list[int])
    """The sequence numbers of what was heard, as it came."""
    heard: dict[int, str] = field(default_factory=dict)
    began: float = 0.0
    ticks: int = 0
    latest_s: float = 0.0
    """By how much it was behind its own time at worst."""
    transits_s: list[float] = field(default_factory=list[float], repr=False)
    """How long audio was on its way, each packet, on clocks that began at any time."""

    def __post_init__(self) -> None:
        self._sequence, self._ssrc = FIRST_SEQUENCE, 0x5A5A5A5A
        self._offset = 0xFFFFF000
        self._heard_from: int | None = None
        self._low, self._mark = _tone(LOW_HZ, 1000), _tone(MARK_HZ, 9000)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="talker", daemon=True)

    def start(self) -> "Talker":
        self.began = time.monotonic()
        self._thread.start()
        return self

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self.listen()

    @property
    def heard_keys(self) -> str:
        """The keys the program pressed, in order: an event is known by its timestamp."""
        newest = max(self.heard, default=0)
        return "".join(
            self.heard[at]
            for at in sorted(self.heard, key=lambda at: (at - newest + (1 << 31)) % (1 << 32))
        )

    @property
    def slowest_s(self) -> float:
        """How much longer than the fastest the slowest packet of audio was on its way."""
        return max(self.transits_s) - min(self.transits_s)

    @property
    def overtaken(self) -> int:
        """How many packets came after one that was sent later (RFC 3550 A.1: numbers wrap)."""
        count, newest = 0, self.came[0]
        for number in self.came:
            if late := 0 < (newest - number) & 0xFFFF < 1 << 15:
                count += 1
            newest = newest if late else number
        return count

    def story(self, index: int) -> str:
        """What happened to the key at `index` of the script: when it was said, which packets came.

        Times are seconds since the talker began, of each packet: when the network took it, when it
        let it go. Without a relay nobody knows.
        """
        tick = self.script.first + self.script.each * index
        due_s = tick * TICK_S * self.pace
        packets = [
            f"#{one.sequence} {one.taken_s - self.began:.3f}→"
            + ("/".join(f"{left - self.began:.3f}" for left in one.left_s) or "lost")
            for one in self.line.passages.get((tick * FRAME + self._offset) & 0xFFFFFFFF, [])
        ]
        return f"{self.script.keys[index]!r} due {due_s:.3f}: {', '.join(packets) or 'unknown'}"

    @property
    def said_all(self) -> bool:
        return self.ticks > self.script.first + self.script.each * len(self.script.keys)

    def _run(self) -> None:
        while not self._over.is_set():
            self._say(self.ticks)
            self.listen()
            self.ticks += 1
            due = self.began + self.ticks * TICK_S * self.pace
            ahead_s = due - time.monotonic()
            self.latest_s = max(self.latest_s, -ahead_s)
            self._over.wait(max(0.0, ahead_s))

    def _say(self, tick: int) -> None:
        script = self.script
        index, phase = divmod(tick - script.first, script.each)
        at = tick * FRAME
        pressing = 0 <= index < len(script.keys) and script.keys[index] != " "
        if pressing and phase < script.press + 2:
            end = phase >= script.press - 1  # and two copies of the end (RFC 4733 2.5.1.4)
            duration = min(phase + 1, script.press) * FRAME
            body = struct.pack("!BBH", KEYS.index(script.keys[index]), end << 7 | 10, duration)
            self._send(_EVENT, (tick - phase) * FRAME, body, first=phase == 0)
            if phase < script.press:
                return
        marked = any(0 <= tick - mark < MARK_TICKS for mark in script.marks)
        self._send(_PCMU, at, (self._mark if marked else self._low)[tick % 50])

    def _send(self, kind: int, timestamp: int, payload: bytes, *, first: bool = False) -> None:
        stamp = (timestamp + self._offset) & 0xFFFFFFFF
        head = struct.pack("!BBHII", 0x80, first << 7 | kind, self._sequence, stamp, self._ssrc)
        self.line.send(head + payload)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.packets += 1

    def listen(self) -> None:
        """Take what has come."""
        while (data := self.line.receive()) is not None:
            number, stamp = struct.unpack_from("!HI", data, 2)
            self.came.append(number)
            if data[1] & 0x7F == _EVENT:
                self.heard[stamp] = KEYS[data[12]]
                continue
            origin = self._heard_from = stamp if self._heard_from is None else self._heard_from
            said_s = ((stamp - origin + (1 << 31)) % (1 << 32) - (1 << 31)) / RATE
            self.transits_s.append(time.monotonic() - self.began - said_s)
        while (data := self.line.receive(control=True)) is not None:
            self._read_report(data)

    def _read_report(self, data: bytes) -> None:
        """A report block of SR or RR at the head of a compound packet (RFC 3550 6.4)."""
        at = {200: 28, 201: 8}.get(data[1])
        if at is None or not data[0] & 0x1F:
            return
        ssrc, lost, highest, jitter = struct.unpack_from("!IIII", data, at)
        assert ssrc == self._ssrc
        lost, fraction = lost & 0xFFFFFF, (lost >> 24) / 256
        lost = lost - (1 << 24) if lost >> 23 else lost
        now_s = time.monotonic() - self.began
        self.reports.append(
            Report(lost, fraction, jitter, highest, self.packets, self.line.dropped, now_s)
        )


def audio_of(described: bytes) -> tuple[str, int]:
    """Where an SDP wants audio."""
    host = re.search(rb"c=IN IP4 (\S+)", described)
    port = re.search(rb"m=audio (\d+)", described)
    assert host, described
    assert port, described
    return host[1].decode(), int(port[1])


def marks_ms(audio: np.ndarray) -> list[int]:
    """Where marks begin in audio at 8 kHz, in milliseconds, to 10 ms."""
    blocks = audio[: len(audio) // 80 * 80].astype(np.float64).reshape(-1, 80)
    wave = np.exp(2j * np.pi * MARK_HZ * np.arange(80) / RATE)
    loud = np.abs(blocks @ wave) / 80 > 1500
    begins = np.flatnonzero(loud & ~np.concatenate(([False], loud[:-1])))
    kept: list[int] = []
    for begin in begins:
        if not kept or begin - kept[-1] > 100:  # a second; a loss inside a mark is no new one
            kept.append(int(begin))
    return [begin * 10 for begin in kept]
