"""Keys as tones over bad networks: a loss in the middle of one does not make two of it."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
from rough_line import FRAME, TICK_S, Rough, RoughLine, Sent

from trunkline.engines.media.dsp.dtmf import TAIL, DigitDetector, DigitState
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.media.dsp.tones import digit_frame
from trunkline.engines.media.legs.formats import make_format
from trunkline.engines.media.legs.incoming import Incoming
from trunkline.engines.media.messages import Stream
from trunkline.protocols.rtp import Packet, serialize

KEYS, FIRST = 100, 50
HISTORY = 4 * FRAME


@pytest.mark.parametrize(
    ("how", "press", "each"),
    [
        (Rough(), 5, 10),
        (Rough(loss=0.05), 5, 10),
        (Rough(loss=0.05, burst=2), 10, 20),
        (Rough(loss=0.0), 4, 8),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_each_tone_once(how: Rough, press: int, each: int, seed: int) -> None:
    pick = random.Random(seed)
    typed = "".join(pick.choice("0123456789*#") for _ in range(KEYS))
    ticks = FIRST + KEYS * each + 20
    carried = RoughLine(how, seed).carry(said(typed, press, each, ticks), ticks * TICK_S)
    assert heard(carried, ticks) == typed


def said(typed: str, press: int, each: int, ticks: int) -> Iterator[Sent]:
    """A key each `each` ticks, as long as `press` of them, silence between them."""
    for tick in range(ticks):
        key, phase = divmod(tick - FIRST, each)
        frame = np.zeros(FRAME, np.int16)
        if 0 <= key < len(typed) and phase < press:
            frame = digit_frame(typed[key], phase, ends=phase == press - 1)
        octets = ulaw_encode(frame).tobytes()
        yield Sent(tick * TICK_S, serialize(Packet(0, tick & 0xFFFF, tick * FRAME, 9, octets)))


def heard(carried: list[tuple[float, bytes]], ticks: int) -> str:
    incoming = Incoming("leg", lambda _: None, lambda _: None)
    incoming.apply(
        Stream(address="192.0.2.1", port=4000, codec="PCMU", payload_type=0, receive_types=(0,)),
        make_format("PCMU"),
    )
    arriving, past = carried[::-1], np.zeros(HISTORY, np.int16)
    state, detector = DigitState(), DigitDetector()
    for tick in range(ticks + 30):
        while arriving and arriving[-1][0] <= tick * TICK_S:
            incoming.take(arriving.pop()[1], tick * TICK_S)
        frame = incoming.frame(past[FRAME:])
        if isinstance(frame, bytes):
            frame = FROM_ULAW[np.frombuffer(frame, np.uint8)]
        past = np.concatenate((past[FRAME:], np.zeros(FRAME, np.int16) if frame is None else frame))
        state.gap = incoming.made_up
        detector.detect(past[None, -FRAME - TAIL :], [state])
    return "".join(digit for digit, _ in state.found)
