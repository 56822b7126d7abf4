from trunkline.webhooks.lane import NEVER, Lane, Lanes
from trunkline.webhooks.model import Claimed, DeliverySettings

SETTINGS = DeliverySettings()


def lane(most: int = 32) -> Lane:
    return Lane("http://h:80", most, most, dry=False)


def test_width_halves_with_each_failure_and_doubles_with_each_answer() -> None:
    one = lane()
    widths = []
    for _ in range(6):
        one.unreachable()
        widths.append(one.width)
    assert widths == [16, 8, 4, 2, 1, 1]
    assert one.failing
    for _ in range(6):
        one.answered(0.01)
    assert one.width == 32
    assert not one.failing


def test_lane_of_width_one_is_not_failing() -> None:
    one = lane(1)
    one.unreachable()
    assert not one.failing


def test_claims_nothing_when_dry_or_already_claiming() -> None:
    one = lane()
    one.dry = True
    assert one.to_claim(SETTINGS) == 0
    one.dry = False
    one.claiming = True
    assert one.to_claim(SETTINGS) == 0


def test_claims_much_from_a_fast_target_and_little_from_a_slow_one() -> None:
    fast, slow = lane(), lane()
    for _ in range(100):
        fast.answered(0.001)
        slow.answered(7.0)
    assert fast.to_claim(SETTINGS) == SETTINGS.rows_per_target
    assert slow.to_claim(SETTINGS) == 64


def test_claims_one_probe_for_a_failing_target() -> None:
    one = lane()
    for _ in range(5):
        one.unreachable()
    assert one.to_claim(SETTINGS) == 1
    one.held = {1}
    assert one.to_claim(SETTINGS) == 0


def test_claims_in_good_portions() -> None:
    one = lane()
    one.held = set(range(SETTINGS.rows_per_target - 10))
    assert one.to_claim(SETTINGS) == 0
    one.held = set(range(SETTINGS.rows_per_target // 2))
    assert one.to_claim(SETTINGS) == SETTINGS.rows_per_target // 2


def test_lanes_come_due_in_order() -> None:
    lanes = Lanes(width=4, most=10)
    first, second = lanes.get("a"), lanes.get("b")
    assert first is not None
    assert second is not None
    assert lanes.plan(first, 20.0)
    assert lanes.plan(second, 10.0)
    assert not lanes.plan(first, 30.0)
    assert lanes.plan(first, 5.0)
    assert lanes.next_due() == 5.0
    assert list(lanes.pop_due(4.0)) == []
    assert list(lanes.pop_due(10.0)) == [first, second]
    assert lanes.next_due() == NEVER


def test_lanes_are_bounded_and_the_unused_are_forgotten() -> None:
    lanes = Lanes(width=4, most=2)
    first, second = lanes.get("a"), lanes.get("b")
    assert first is not None
    assert second is not None
    assert lanes.get("c") is None
    second.held = {1}
    lanes.plan(first, 50.0)
    lanes.forget_unused(later_than=60.0)
    assert len(lanes) == 2
    lanes.forget_unused(later_than=40.0)
    assert len(lanes) == 1
    assert lanes.get("b") is second
    assert lanes.next_due() == NEVER


def row(number: int, resource: str) -> Claimed:
    return Claimed(number, "MA", "kind", resource, "POST", "http://h/", "form", "", 0, 0.0, None)


def test_webhooks_of_one_resource_go_one_after_the_other() -> None:
    one = lane()
    first, second, third, other = (row(n, uuid) for n, uuid in enumerate("aaab"))
    one.waiting.extend((first, second, third, other))
    assert (one.take(), one.take(), one.take()) == (first, other, None)
    one.tried(first)
    assert (one.take(), one.take()) == (second, None)
    one.tried(other)
    one.tried(second)
    assert (one.take(), one.take()) == (third, None)
    one.tried(third)
    assert (one.busy, one.behind) == (set(), {})
