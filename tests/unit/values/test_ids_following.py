"""Uuids that follow another, for work that must be the same when it is done again."""

from trunkline.values.ids import following, is_uuid, new_uuid


def test_following_uuids_are_distinct_and_the_same_again() -> None:
    first = new_uuid()
    made = [following(first, number) for number in range(1_000)]
    assert len({first, *made}) == 1_001
    assert made == [following(first, number) for number in range(1_000)]
    assert all(map(is_uuid, made))


def test_the_last_uuid_is_followed_by_the_first_of_its_block() -> None:
    assert following("0190b0a0-0000-7000-8000-ffffffffffff", 0).endswith("-000000000000")
