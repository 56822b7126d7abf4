import random

from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols.sms.reassembly import Joined, Part, Reassembler
from trunkline.protocols.sms.segment import segment
from trunkline.protocols.sms.udh import Concat


def part(
    at: int, body: str, *, ref: int = 1, total: int = 3, wide: bool = False, **more: str
) -> Part:
    source, token = more.get("source", "4915500"), more.get("token", "")
    return Part(source, "1555", Concat(ref, total, at, wide), body.encode(), 0, token)


def test_parts_in_any_order_make_the_message() -> None:
    joiner = Reassembler()
    assert joiner.add(part(3, "c"), 0) is None
    assert joiner.add(part(1, "a"), 1) is None
    done = joiner.add(part(2, "b"), 2)
    assert done is not None
    assert done.text() == "abc"
    assert done.missing == ()
    assert len(joiner) == 0


def test_a_duplicate_changes_nothing_before_and_after_completion() -> None:
    joiner = Reassembler()
    joiner.add(part(1, "a"), 0)
    assert joiner.add(part(1, "a"), 0) is None
    joiner.add(part(2, "b"), 0)
    assert joiner.add(part(3, "c"), 0) is not None
    assert joiner.add(part(2, "b"), 1) is None
    assert joiner.duplicates == 2
    assert len(joiner) == 0
    assert joiner.expire(10_000) == []


def test_a_reused_reference_with_other_text_is_a_new_message() -> None:
    joiner = Reassembler()
    joiner.add(part(1, "old"), 0)
    assert joiner.add(part(1, "new"), 1) is None
    (old,) = joiner.expire(1)
    assert old.text() == "old"
    assert old.missing == (2, 3)
    joiner.add(part(2, "-b"), 2)
    done = joiner.add(part(3, "-c"), 2)
    assert done is not None
    assert done.text() == "new-b-c"
    assert joiner.add(part(1, "newer"), 3) is None  # again, after completion
    assert len(joiner) == 1


def test_messages_do_not_mix() -> None:
    joiner = Reassembler()
    joiner.add(part(1, "a", total=2), 0)
    assert joiner.add(part(2, "x", total=3), 0) is None
    assert joiner.add(part(2, "x", total=2, source="other"), 0) is None
    assert joiner.add(part(2, "x", total=2, ref=2), 0) is None
    assert joiner.add(part(2, "x", total=2, wide=True), 0) is None
    assert len(joiner) == 5
    done = joiner.add(part(2, "b", total=2), 0)
    assert done is not None
    assert done.text() == "ab"


def test_time_out_gives_out_what_there_is() -> None:
    joiner = Reassembler(timeout_s=60)
    joiner.add(part(3, "c", token="row-3"), 0)
    joiner.add(part(1, "a", token="row-1"), 59)
    joiner.add(part(1, "z", ref=2), 30)
    assert joiner.expire(59.9) == []
    (late,) = joiner.expire(60)
    assert late.text() == "ac"
    assert late.missing == (2,)
    assert [one.token for one in late.parts] == ["row-1", "row-3"]
    assert len(joiner) == 1


def test_the_oldest_is_given_up_when_full() -> None:
    joiner = Reassembler(max_pending=2)
    for ref in (1, 2, 3):
        joiner.add(part(1, f"m{ref}", ref=ref), ref)
    assert len(joiner) == 2
    assert joiner.evicted == 1
    assert [one.text() for one in joiner.expire(3)] == ["m1"]


def test_memory_stays_bounded_though_nobody_expires() -> None:
    joiner = Reassembler(max_pending=10)
    for ref in range(1000):
        joiner.add(part(1, "x", ref=ref, wide=True), ref)
        joiner.add(part(1, "a", ref=ref, total=2, wide=True), ref)
        joiner.add(part(2, "b", ref=ref, total=2, wide=True), ref)
    assert 0 < len(joiner) <= 10
    assert len(joiner.expire(0)) == 10  # the newest ten of about a thousand


def test_a_message_of_one_part_needs_no_waiting() -> None:
    assert Reassembler().add(part(1, "x", total=1), 0) == Joined((part(1, "x", total=1),))


def test_a_character_cut_between_parts_is_whole_again() -> None:
    smile = "😀".encode("utf-16-be")
    joiner = Reassembler()
    joiner.add(Part("s", "d", Concat(1, 2, 1), smile[:2], 8), 0)
    done = joiner.add(Part("s", "d", Concat(1, 2, 2), smile[2:], 8), 0)
    assert done is not None
    assert done.text() == "😀"


def test_parts_of_different_coding_and_binary_parts() -> None:
    joiner = Reassembler()
    joiner.add(Part("s", "d", Concat(1, 2, 1), b"\x00", 0), 0)
    done = joiner.add(Part("s", "d", Concat(1, 2, 2), b"\x4f\x60", 8), 0)
    assert done is not None
    assert done.text() == "@你"
    joiner.add(Part("s", "d", Concat(2, 2, 1), b"\x00", 4), 0)
    done = joiner.add(Part("s", "d", Concat(2, 2, 2), b"\x00", 4), 0)
    assert done is not None
    assert done.text() is None


@given(st.integers(0, 2**32), st.integers(1, 6), st.data())
def test_shuffled_and_duplicated_traffic_loses_nothing(
    seed: int, count: int, data: st.DataObject
) -> None:
    rnd = random.Random(seed)
    texts = [data.draw(st.text(alphabet="abc€[", min_size=170, max_size=400)) for _ in range(count)]
    parts = [
        Part("s", "d", Concat(ref, len(cut), at), body, 0)
        for ref, text in enumerate(texts)
        for cut in [segment(text).parts]
        for at, body in enumerate(cut, 1)
    ]
    parts += rnd.sample(parts, len(parts) // 2)
    rnd.shuffle(parts)
    joiner = Reassembler()
    got = [joined.text() for one in parts if (joined := joiner.add(one, 0.0)) is not None]
    assert sorted(got) == sorted(texts)
    assert len(joiner) == 0
