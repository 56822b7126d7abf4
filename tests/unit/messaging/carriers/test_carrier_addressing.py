import pytest

from trunkline.messaging.carriers.addressing import (
    Address,
    AddressRules,
    BadAddress,
    recipient_address,
    sender_address,
)


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("+14155550100", Address(1, 1, "14155550100")),
        ("14155550100", Address(1, 1, "14155550100")),
        ("72345", Address(3, 0, "72345")),
        ("723456", Address(3, 0, "723456")),
        ("7234567", Address(1, 1, "7234567")),
        ("+72345", Address(1, 1, "72345")),
        ("ACME", Address(5, 0, "ACME")),
        ("ABCDEFGHIJK", Address(5, 0, "ABCDEFGHIJK")),
        ("4GOOD", Address(5, 0, "4GOOD")),
        ("٣٤٥", Address(5, 0, "٣٤٥")),  # digits, but not for a phone
    ],
)
def test_senders(sender: str, address: Address) -> None:
    assert sender_address(sender) == address


def test_carriers_may_want_it_otherwise() -> None:
    rules = AddressRules(
        international=(2, 8), alphanumeric=(5, 1), short_code=(0, 1), short_code_digits=8,
        keep_plus=True,
    )  # fmt: skip
    assert sender_address("12345678", rules) == Address(0, 1, "12345678")
    assert sender_address("+14155550100", rules) == Address(2, 8, "+14155550100")
    assert sender_address("ACME", rules) == Address(5, 1, "ACME")


@pytest.mark.parametrize("sender", ["", "+", "ABCDEFGHIJKL"])
def test_no_sender(sender: str) -> None:
    if sender == "+":
        assert sender_address(sender) == Address(5, 0, "+")
        return
    with pytest.raises(BadAddress):
        sender_address(sender)


def test_recipients_are_numbers() -> None:
    assert recipient_address("+4915112345678") == Address(1, 1, "4915112345678")
    assert recipient_address("72345") == Address(3, 0, "72345")
    for bad in ("", "ACME", "+", "+49x"):
        with pytest.raises(BadAddress):
            recipient_address(bad)
