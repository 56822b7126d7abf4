import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.messaging.carriers.dialect import IdDialect, Learner, receipt_keys, response_key

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("message_id", "key"),
    [
        ("abc", "ABC"),
        ("00012", "12"),
        ("0", "0"),
        ("000", "0"),
        ("", ""),
        (" 7f\0", "7F"),
        (UUID, UUID.upper()[1:]),
    ],
)
def test_response_key(message_id: str, key: str) -> None:
    assert response_key(message_id) == key


# The pairs carriers are known for: what the response said, what the receipt says.
@pytest.mark.parametrize(
    ("response", "receipt", "dialect"),
    [
        ("12345", "12345", IdDialect.EXACT),
        ("12345", "0000012345", IdDialect.EXACT),
        ("0abc", "ABC", IdDialect.EXACT),
        (UUID, UUID.upper(), IdDialect.EXACT),
        ("1E240", "123456", IdDialect.HEX_DECIMAL),
        ("0001e240", "0000123456", IdDialect.HEX_DECIMAL),
        ("123456", "1E240", IdDialect.DECIMAL_HEX),
        ("0000123456", "0001e240", IdDialect.DECIMAL_HEX),
        ("FFFFFFFFFFFFFFFF", str(2**64 - 1), IdDialect.HEX_DECIMAL),
    ],
)
def test_receipts_find_their_response(response: str, receipt: str, dialect: IdDialect) -> None:
    stored = response_key(response)
    assert receipt_keys(receipt, dialect) == (stored,)
    assert stored in receipt_keys(receipt, IdDialect.AUTO)


def test_auto_tries_the_exact_id_first() -> None:
    assert receipt_keys("1234", IdDialect.AUTO) == ("1234", "4D2", "4660")
    assert receipt_keys("7", IdDialect.AUTO) == ("7",)
    assert receipt_keys(UUID, IdDialect.AUTO) == (response_key(UUID),)
    assert receipt_keys("9" * 65, IdDialect.AUTO) == ("9" * 65,)


def test_a_fixed_dialect_takes_ids_that_are_no_numbers() -> None:
    assert receipt_keys("xyz-1", IdDialect.HEX_DECIMAL) == ("XYZ-1",)
    assert receipt_keys("xyz-1", IdDialect.DECIMAL_HEX) == ("XYZ-1",)


@given(st.text(max_size=65), st.sampled_from(IdDialect))
def test_any_id_gives_one_to_three_keys(message_id: str, dialect: IdDialect) -> None:
    assert 1 <= len(receipt_keys(message_id, dialect)) <= 3


@given(st.integers(0, 2**64), st.integers(0, 5))
def test_numbers_match_both_ways(number: int, zeros: int) -> None:
    decimal, hexadecimal = "0" * zeros + str(number), "0" * zeros + format(number, "x")
    assert response_key(hexadecimal) in receipt_keys(decimal, IdDialect.AUTO)
    assert response_key(decimal) in receipt_keys(hexadecimal, IdDialect.AUTO)


def test_a_dialect_is_learned_and_kept() -> None:
    learner = Learner(needed=3)
    for number in (1000, 2000):
        learner.matched(str(number), format(number, "X"))
    assert learner.dialect is IdDialect.AUTO
    learner.matched("3000", "BB8")
    assert learner.dialect is IdDialect.HEX_DECIMAL
    learner.matched("55", "55")
    assert learner.dialect is IdDialect.HEX_DECIMAL


def test_a_mixed_run_teaches_nothing() -> None:
    learner = Learner(needed=2)
    learner.matched("1000", "3E8")
    learner.matched("1000", "1000")
    learner.matched("7", "7")  # one digit: every dialect fits
    assert learner.dialect is IdDialect.AUTO
    learner.matched("2000", "2000")
    assert learner.dialect is IdDialect.EXACT


def test_uuids_settle_on_exact() -> None:
    learner = Learner(needed=1)
    learner.matched(UUID, response_key(UUID))
    assert learner.dialect is IdDialect.EXACT
