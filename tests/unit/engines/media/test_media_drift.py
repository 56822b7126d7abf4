"""Ten minutes of a sender whose clock is wrong by 100 ppm, over a bad network; all in made-up time.

100 ppm are 60 ms in ten minutes: three ticks that must be played short, or filled, unheard.
"""

import heapq
import random
from dataclasses import replace

import numpy as np
import pytest

from trunkline.engines.media.dsp.frames import FRAME
from trunkline.engines.media.dsp.g711 import FROM_ULAW
from trunkline.engines.media.legs.formats import make_format
from trunkline.engines.media.legs.incoming import Incoming
from trunkline.engines.media.messages import Digit, Event, Stream
from trunkline.protocols.rtp import Packet, TelephoneEvent, serialize, serialize_event

TICK_S = 0.02
TICKS = 10 * 60 * 50
PRESS_EACH = 250  # a key each 5 s, 100 ms long
MARK_EACH = 3_000  # a loud packet run each minute
LOUD, LOW = bytes([0x90]) * FRAME, bytes([0xE0]) * FRAME  # μ-law


def sent(pace: float, pick: random.Random, typed: str) -> list[tuple[float, int, bytes]]:
    """Packets by the time they arrive: 2 % lost, 1 % twice, 0 to 80 ms late."""
    arriving: list[tuple[float, int, bytes]] = []
    sequence = 65_000
    for tick in range(TICKS):
        phase = tick % PRESS_EACH - PRESS_EACH // 2
        packet = Packet(0, 0, tick * FRAME, 9, LOUD if tick % MARK_EACH < 10 else LOW)
        if 0 <= phase < 7:
            body = TelephoneEvent(
                int(typed[tick // PRESS_EACH]), min(phase + 1, 5) * FRAME, phase > 3
            )
            packet = Packet(101, 0, (tick - phase) * FRAME, 9, serialize_event(body))
        sequence += 1
        octets = serialize(replace(packet, sequence=sequence & 0xFFFF))
        for _ in range(0 if pick.random() < 0.02 else 2 if pick.random() < 0.01 else 1):
            at = tick * TICK_S * pace + 0.001 + pick.random() * 0.08
            heapq.heappush(arriving, (at, len(arriving), octets))
    return arriving


@pytest.mark.parametrize("pace", [1.0001, 0.9999])
def test_a_clock_that_is_wrong_over_a_bad_network(pace: float) -> None:
    pick = random.Random(100)
    typed = "".join(pick.choice("0123456789") for _ in range(TICKS // PRESS_EACH))
    arriving = sent(pace, pick, typed)
    told: list[Event] = []
    incoming = Incoming("leg", told.append, lambda _: None)
    incoming.apply(
        Stream(
            address="192.0.2.1", port=4000, codec="PCMU", payload_type=0, receive_types=(0,),
            event_type=101, event_receive_types=(101,),
        ),
        make_format("PCMU"),
    )  # fmt: skip
    past = np.zeros(2 * FRAME, np.int16)
    loud: list[int] = []
    for tick in range(int(TICKS * pace) + 20):
        now = tick * TICK_S
        while arriving and arriving[0][0] <= now:
            incoming.take(heapq.heappop(arriving)[2], now)
        if tick % 10 == 0:
            incoming.expire_events(now)
        frame = incoming.frame(past)
        heard = np.zeros(FRAME, np.int16) if frame is None else frame
        if isinstance(heard, bytes):
            heard = FROM_ULAW[np.frombuffer(heard, np.uint8)]
        past = np.concatenate((past[FRAME:], heard))
        if np.abs(heard.astype(int)).mean() > 3_000 and (not loud or tick - loud[-1] > 100):
            loud.append(tick)
    assert "".join(one.digit for one in told if isinstance(one, Digit)) == typed
    begun = [minute * MARK_EACH * pace for minute in range(10)]
    delays = [at - begin for at, begin in zip(loud, begun, strict=True)]
    assert all(0 <= delay <= 10 for delay in delays), delays  # 200 ms
    assert abs(np.mean(delays[-3:]) - np.mean(delays[1:4])) <= 1, delays
    reception, stats = incoming.reception, incoming.jitter.stats
    assert reception is not None
    assert stats.resyncs == 0
    assert stats.late < TICKS / 100
    assert abs(reception.lost / TICKS - 0.02 + 0.01) < 0.005  # copies count as received
    assert 0.7 < reception.jitter / (0.08 / 3 * 8_000) < 1.4  # RFC 3550 A.8
