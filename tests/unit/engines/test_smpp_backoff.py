"""How long a link waits before it tries again."""

import random

import pytest

from trunkline.engines.smpp.config import LinkConfig
from trunkline.engines.smpp.link import Link

CONFIG = LinkConfig("l", "h", 1, "id", "pw", reconnect_min_s=1.0, reconnect_max_s=60.0)


def waits(attempt: int, *, refused: bool = False) -> list[float]:
    link = Link(CONFIG, None, None, random.Random(5))
    return [link._backoff(attempt, refused=refused) for _ in range(500)]


@pytest.mark.parametrize(("attempt", "longest"), [(1, 1), (2, 2), (5, 16), (7, 60), (1000, 60)])
def test_it_doubles_up_to_the_longest_with_half_of_it_chance(attempt, longest):
    seen = waits(attempt)
    assert longest / 2 <= min(seen) < longest * 0.55
    assert longest * 0.95 < max(seen) <= longest


def test_a_refused_bind_waits_longer():
    seen = waits(1, refused=True)
    assert min(seen) >= 5.0
    assert max(seen) <= 10.0
    assert max(waits(10, refused=True)) > 50.0
