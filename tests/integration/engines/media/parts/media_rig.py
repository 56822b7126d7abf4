"""An engine whose ticks the test calls, and peers with real UDP sockets on loopback."""

import socket
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media import messages as m
from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.dsp.frames import FRAME, RATE
from trunkline.engines.media.dsp.g711 import FROM_ALAW, FROM_ULAW, alaw_encode, ulaw_encode
from trunkline.engines.media.engine import Engine
from trunkline.protocols.rtp import (
    Malformed,
    Packet,
    TelephoneEvent,
    parse,
    serialize,
    serialize_event,
)

E = TypeVar("E")
Audio = NDArray[np.int16]


def sine(frequency: float, count: int, amplitude: float = 8000.0, start: int = 0) -> Audio:
    at = np.arange(start, start + count)
    return (amplitude * np.sin(2 * np.pi * frequency * at / RATE)).astype(np.int16)


def power_at(audio: Audio, frequency: float) -> float:
    """Level of one frequency in dBFS."""
    x = audio.astype(np.float64) * np.hanning(len(audio))
    spectrum = np.abs(np.fft.rfft(x)) / (len(x) / 4) / 32767
    at = round(frequency * len(x) / RATE)
    return 20 * np.log10(spectrum[max(0, at - 2) : at + 3].max() + 1e-9)


class Peer:
    """A phone: sends a packet each tick, keeps all it receives."""

    def __init__(self, bind: str = "127.0.0.1") -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((bind, 0))
        self.sock.setblocking(False)
        self.rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtcp.bind((bind, 0))
        self.rtcp.setblocking(False)
        self.address, self.port = self.sock.getsockname()
        self.target = ("", 0)
        self.sequence = 65500
        self.timestamp = 4294960000
        self.ssrc = 0x1000 + self.port
        self.payload_type = 0
        self.packets: list[Packet] = []

    def send(self, payload: bytes, *, kind: int | None = None, advance: int = FRAME) -> None:
        kind = self.payload_type if kind is None else kind
        packet = Packet(kind, self.sequence, self.timestamp, self.ssrc, payload)
        self.sock.sendto(serialize(packet), self.target)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + advance) & 0xFFFFFFFF

    def send_audio(self, frame: Audio) -> None:
        encode = alaw_encode if self.payload_type == 8 else ulaw_encode
        self.send(encode(frame).tobytes())

    def press(self, event: TelephoneEvent, timestamp: int, kind: int = 101) -> None:
        packet = Packet(kind, self.sequence, timestamp, self.ssrc, serialize_event(event))
        self.sock.sendto(serialize(packet), self.target)
        self.sequence = (self.sequence + 1) & 0xFFFF

    def receive(self) -> list[Packet]:
        found: list[Packet] = []
        while True:
            try:
                data = self.sock.recv(2048)
            except BlockingIOError:
                self.packets += found
                return found
            except OSError:
                continue
            try:
                found.append(parse(data))
            except Malformed:
                continue

    def audio(self, kind: int | None = None) -> Audio:
        """All that was heard, by sequence number."""
        kind = self.payload_type if kind is None else kind
        table = FROM_ALAW if kind == 8 else FROM_ULAW
        octets = b"".join(p.payload for p in self.packets if p.payload_type == kind)
        return table[np.frombuffer(octets, np.uint8)]

    def close(self) -> None:
        self.sock.close()
        self.rtcp.close()


class Rig:
    """`now` moves 20 ms each tick; nothing here waits."""

    def __init__(self, **config: object) -> None:
        self.events: list[m.Notice] = []
        settings = {"first_port": 21000, "last_port": 29999, **config}
        self.now = 1000.0
        self.wall = 1.7e9
        self.engine = Engine(MediaConfig(**settings), self._told, lambda: self.wall)
        self.peers: dict[str, Peer] = {}

    def _told(self, event: m.Event) -> None:
        if isinstance(event, m.Heard):
            self.events += event.frames
        else:
            self.events.append(event)

    def do(self, command: m.Command) -> m.Result:
        return self.engine.handle(command, self.now)

    def open(self, leg: str, codec: m.Codec = "PCMU", **stream: object) -> Peer:
        """A leg with a peer that has told its address."""
        opened = self.do(m.OpenLeg(leg))
        assert isinstance(opened, m.LegOpened), opened
        peer = self.peers[leg] = Peer()
        peer.target = (opened.address, opened.port)
        peer.payload_type = {"PCMU": 0, "PCMA": 8, "G722": 9, "opus": 96}[codec]
        assert self.do(m.SetStream(leg, self.stream(peer, codec, **stream))) == m.Done()
        return peer

    def stream(self, peer: Peer, codec: m.Codec = "PCMU", **more: object) -> m.Stream:
        given = {
            "address": peer.address, "port": peer.port, "codec": codec,
            "payload_type": peer.payload_type, "receive_types": (peer.payload_type,),
            "event_type": 101, "event_receive_types": (101,), "noise_type": 13,
            "rtcp_address": peer.address, "rtcp_port": peer.rtcp.getsockname()[1],
        }  # fmt: skip
        return m.Stream(**{**given, **more})

    def tick(self, count: int = 1, each: Callable[[int], None] | None = None) -> None:
        for index in range(count):
            if each is not None:
                each(index)
            self.now += 0.02
            self.wall += 0.02
            self.engine.tick(self.now)
            for peer in self.peers.values():
                peer.receive()

    def speak(self, count: int, tones: dict[str, float]) -> None:
        """Let peers send tones for so many ticks."""

        def each(index: int) -> None:
            for leg, frequency in tones.items():
                self.peers[leg].send_audio(sine(frequency, FRAME, start=index * FRAME))

        self.tick(count, each)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        self.engine.close()
        for peer in self.peers.values():
            peer.close()
