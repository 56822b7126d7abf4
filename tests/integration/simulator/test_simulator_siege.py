"""24,000 mutated SIP, SDP, RTP and RTCP packets at a running agent, whose other call goes on.

18,000 SIP messages, 1,000 session descriptions as re-INVITEs of ten calls, 5,000 packets of audio.
"""

import asyncio
import random
import re
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from voice_caller import LOOPBACK, Caller, level_at, until

from trunkline.engines.media import MediaProcess
from trunkline.engines.media import messages as m
from trunkline.engines.sip import Answered, Ended
from trunkline.protocols.rtp import Packet, TelephoneEvent, serialize, serialize_event
from trunkline.protocols.sip import Request, Response, SipError, parse
from trunkline.runtime.clock import SystemClock
from trunkline.simulator.voice import VoiceConfig, VoiceSimulator

SIP, SDP, RTP = 18_000, 1_000, 5_000
CALLS = 10
OUTSIDE = "127.66.0.1"
"""Where it comes from: answers go to any port a mutation names, and nobody else listens there."""
AWAY = re.compile(rb"IN IP4 (?!127\.)\d+(\.\d+){3}")
BATCH = 50  # packets: no kernel buffer is filled by so few
DESCRIPTION = (
    "v=0\r\no=- 1 {version} IN IP4 127.66.0.1\r\ns=-\r\nc=IN IP4 127.66.0.1\r\nt=0 0\r\n"
    "a=sendrecv\r\nm=audio {port} RTP/AVP 0 8 9 101 13\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\na=ptime:20\r\na=rtcp:{port}\r\n"
)
HEAD = (
    "{method} sip:15005558000@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.66.0.1:{port};branch=z9hG4bK{call}{cseq}{method};rport\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:+4930@127.66.0.1>;tag=f\r\n"
    "To: <sip:15005558000@127.0.0.1>{to}\r\n"
    "Call-ID: {call}\r\nCSeq: {cseq} {method}\r\nContact: <sip:me@127.66.0.1:{port}>\r\n"
    "{kind}Content-Length: {length}\r\n\r\n"
)


def mutated(rng: random.Random, octets: bytes, most: int = 6) -> bytes:
    """Change, drop, double and insert octets."""
    data = bytearray(octets)
    for _ in range(rng.randint(1, most)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at : at + 1] = rng.randbytes(1)
            case 1:
                del data[at : at + rng.randint(1, 12)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 12))
            case 3:
                other = rng.randrange(len(data) + 1)
                data[at:at] = data[other : other + rng.randint(1, 60)]
            case _:
                data[at:at] = rng.choice((b"\r\n", b";", b":", b" ", b"-1", b"99999999999", b"\0"))
    return bytes(data)


class Besieger:
    """One call by hand: its SIP socket and its RTP socket."""

    def __init__(self, target: int, name: str) -> None:
        self.target, self.name, self.cseq, self.to = target, name, 0, ""
        self.sip, self.rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for one in (self.sip, self.rtp):
            one.bind((OUTSIDE, 0))
            one.setblocking(False)
        self.there: tuple[str, int] = ("", 0)

    def message(self, method: str, body: bytes = b"") -> bytes:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        head = HEAD.format(
            method=method, port=self.sip.getsockname()[1], call=self.name, cseq=self.cseq,
            to=self.to, kind=kind, length=len(body),
        )  # fmt: skip
        return head.encode() + body

    def description(self, version: int = 1) -> bytes:
        return DESCRIPTION.format(port=self.rtp.getsockname()[1], version=version).encode()

    def send(self, octets: bytes) -> None:
        self.sip.sendto(octets, (LOOPBACK, self.target))

    async def invite(self, body: bytes) -> Response:
        """Send an INVITE, or one within the call; acknowledge whatever the answer is."""
        self.cseq += 1
        self.send(self.message("INVITE", body))
        async with asyncio.timeout(15):
            while True:
                octets = await asyncio.get_running_loop().sock_recv(self.sip, 65536)
                try:
                    got = parse(octets)
                except SipError:
                    continue
                if isinstance(got, Request) or got.status < 200 or got.cseq.number != self.cseq:
                    continue
                self.to = f";tag={got.to.tag}"
                self.send(self.message("ACK"))
                return got

    async def open(self) -> None:
        got = await self.invite(self.description())
        assert got.status == 200
        text = got.body.decode()
        line = next(line for line in text.splitlines() if line.startswith("m=audio"))
        self.there = (LOOPBACK, int(line.split()[1]))

    def packet(self, number: int, payload: bytes = b"\xff" * 160, kind: int = 0) -> bytes:
        return serialize(Packet(kind, number & 0xFFFF, number * 160, 0x5151, payload))

    def close(self) -> None:
        self.sip.close()
        self.rtp.close()


@pytest.fixture
async def world(tmp_path):
    phones, caller = VoiceSimulator(VoiceConfig(), SystemClock()), Caller(tmp_path)
    await phones.start()
    await caller.start()
    made: list[Besieger] = []

    def besieger(name: str) -> Besieger:
        made.append(Besieger(phones.port, name))
        return made[-1]

    yield phones, caller, besieger
    for one in made:
        one.close()
    await caller.close()
    await phones.stop()


async def besiege_sip(phones, besieger) -> None:
    rng = random.Random(3261)
    one = besieger("sip")
    seeds = []
    for method in ("INVITE", "BYE", "CANCEL", "OPTIONS", "ACK", "UPDATE", "INFO", "REGISTER"):
        one.cseq += 1
        seed = one.message(method, one.description() if method == "INVITE" else b"")
        # To a phone that is busy: hundreds of calls that are answered are another test's matter.
        seeds.append(seed.replace(b"15005558000", b"15005558001"))
    stats = phones._agent.stats
    for number in range(0, SIP, BATCH):
        before = stats.received
        for _ in range(BATCH):
            one.send(mutated(rng, rng.choice(seeds)))
        # Each of a batch is read before the next: what is lost in a full buffer proves nothing.
        async with asyncio.timeout(15):
            while stats.received < before + BATCH:  # noqa: ASYNC110  it is read in this loop
                await asyncio.sleep(0.001)
        assert number + BATCH <= stats.received
    assert stats.malformed > SIP // 10
    assert stats.malformed < SIP


async def besiege_sdp(besieger) -> dict[int, int]:
    rng = random.Random(8866)
    answers: dict[int, int] = {}

    async def one_call(number: int) -> None:
        one = besieger(f"sdp{number}")
        await one.open()
        for version in range(SDP // CALLS):
            body = mutated(rng, one.description(version + 2), 3)
            while AWAY.search(body):  # the audio stays on this machine
                body = mutated(rng, one.description(version + 2), 3)
            got = await one.invite(body)
            answers[got.status] = answers.get(got.status, 0) + 1
        assert (await one.invite(one.description(9999))).status == 200

    await asyncio.gather(*(one_call(number) for number in range(CALLS)))
    return answers


async def besiege_rtp(process: MediaProcess, leg: str, one: Besieger) -> m.LegStats:
    rng = random.Random(3550)
    seeds = [one.packet(7), one.packet(8, b"\x05\x0a\x00\xa0", 101), one.packet(9, b"\x20", 13)]
    seeds += [bytes.fromhex("80c80006" + "00005151" + "00" * 20)]  # a sender report
    seeds += [bytes.fromhex("81c90007" + "51" * 28)]  # a receiver report
    for number in range(0, RTP, BATCH):
        ticks = (await process.stats()).ticks
        for _ in range(BATCH - 2):
            one.rtp.sendto(mutated(rng, rng.choice(seeds), 4), one.there)
        for more in range(2):  # two in a row: after a forged source ours counts again
            one.rtp.sendto(one.packet(1000 + number + more), one.there)
        while (await process.stats()).ticks < ticks + 2:  # read by a whole tick
            await asyncio.wait_for(asyncio.sleep(0.005), 15)
    stats = await process.request(m.GetLegStats(leg))
    assert isinstance(stats, m.LegStats)
    return stats


async def test_a_siege_harms_no_live_call(world):
    phones, caller, besieger = world
    talk = await caller.place(phones.port, "15005558010")  # it echoes
    await talk.hears((await talk.got(Answered)).sdp)
    await talk.play(900.0, 60_000)
    (ours,) = phones._audio.lines
    audio = besieger("rtp")
    await audio.open()
    (theirs,) = phones._audio.lines.keys() - {ours}
    process = phones._audio._process
    assert process is not None
    stats = await besiege_rtp(process, theirs, audio)
    await besiege_sip(phones, besieger)
    assert stats.refused > RTP // 10
    assert stats.packets_received > RTP // 40  # what was right among it was heard
    answers = await besiege_sdp(besieger)
    assert answers.keys() <= {200, 400, 488}, answers
    assert min(answers.get(200, 0), answers.get(488, 0)) > SDP // 20, answers
    # The call that was besieged is alive: a key is still heard on it.
    for number in range(60_000, 60_004):
        audio.rtp.sendto(audio.packet(number), audio.there)
    for number in range(4):
        event = TelephoneEvent(5, end=number > 1, volume=10, duration=160 * (number + 1))
        packet = Packet(101, 60_004 + number, 9_999_999, 0x5151, serialize_event(event))
        audio.rtp.sendto(serialize(packet), audio.there)
    await until(lambda: any("5" in one.digits for one in phones.calls("15005558000")))
    assert phones._agent.stats.faults == 0
    assert process.restarts == 0
    assert {ours, theirs} <= phones._audio.lines.keys()
    assert not talk.call.over
    # The other call heard itself all the while, and hears keys to the end.
    await talk.do(m.SendDigits(talk.leg, "42"))
    await until(lambda: phones.calls("15005558010")[-1].digits == "42")
    heard = await talk.recorded()
    seconds = heard[8_000 : len(heard) // 8_000 * 8_000].reshape(-1, 8_000)
    assert len(seconds) >= 3
    levels = [level_at(second, 900.0) for second in seconds[:-1]]
    assert np.median(levels) > -20.0
    assert min(levels) > -40.0  # a machine that is busy with this may lose some packets
    talk.call.hang_up()
    await talk.got(Ended)
