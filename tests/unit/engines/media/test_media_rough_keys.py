"""Keys over bad networks and on machines that stall, in made-up time.

Each key of which any packet arrives is told once, and in order. A key whose packets are all lost
is lost: at 2 % at random, one of 7 packets in 10^12; in bursts as long as a key, now and then.
"""

import random

import pytest
from rough_line import Keys, Rough, RoughLine

from trunkline.engines.media.legs.formats import make_format
from trunkline.engines.media.legs.incoming import Incoming
from trunkline.engines.media.messages import Digit, Event, Stream

KEYS = 300
STREAM = Stream(
    address="192.0.2.1", port=4000, codec="PCMU", payload_type=0, receive_types=(0,),
    event_type=101, event_receive_types=(101,),
)  # fmt: skip
NETWORKS = {
    "2 % lost": Rough(),
    "5 % lost": Rough(loss=0.05),
    "bursts": Rough(burst=5),
    "the phone stalls": Rough(phone_stalls=0.3),
    "the network stalls": Rough(network_stalls=0.3),
    "the media process stalls": Rough(ear_stalls=0.3),
    "it stalls for seconds": Rough(ear_stalls=0.1, stall_s=(1.0, 5.0)),
    "all of them stall": Rough(phone_stalls=0.2, network_stalls=0.2, ear_stalls=0.2),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("seed", range(2))
def test_each_key_once(network: str, seed: int) -> None:
    pick = random.Random(seed)
    typed = "".join(pick.choice("0123456789*#") for _ in range(KEYS))
    keys, line = Keys(typed), RoughLine(NETWORKS[network], seed)
    told = heard(keys, line)
    assert told == "".join(digit for n, digit in enumerate(typed) if n in line.came)
    assert len(told) >= KEYS * 0.99


@pytest.mark.parametrize("seed", range(3))
def test_short_keys_that_are_nearly_all_the_same(seed: int) -> None:
    """60 ms and a pause of 40, with both networks' faults; the ends are sent at once."""
    pick = random.Random(seed)
    typed = "".join(pick.choice("011111") for _ in range(KEYS))
    keys = Keys(typed, each=5, press=3, ends_at_once=True)
    line = RoughLine(Rough(loss=0.05, phone_stalls=0.2, late_s=0.05), seed)
    assert heard(keys, line) == "".join(d for n, d in enumerate(typed) if n in line.came)


def heard(keys: Keys, line: RoughLine) -> str:
    """What is told of these keys at the other end of this line."""
    told: list[Event] = []
    incoming = Incoming("leg", told.append, lambda _: None)
    incoming.apply(STREAM, make_format("PCMU"))
    arriving = line.carry(keys.say(), keys.seconds)[::-1]
    for tick, now in enumerate(line.ticks(keys.seconds + 6)):
        while arriving and arriving[-1][0] <= now:
            incoming.take(arriving.pop()[1], now)
        incoming.jitter.get()
        if tick % 10 == 0:
            incoming.expire_events(now)
    return "".join(one.digit for one in told if isinstance(one, Digit))
