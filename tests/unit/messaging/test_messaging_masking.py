import pytest

from trunkline.messaging import masking


@pytest.mark.parametrize(
    ("digits", "masked"),
    [
        ("14155550528", "141XXXXX528"),
        ("4915112345678", "491XXXXXXX678"),
        ("1234567", "123X567"),
        ("123456", "XXXXXX"),
        ("12", "XX"),
        ("", ""),
    ],
)
def test_the_middle_of_a_destination_is_hidden(digits: str, masked: str) -> None:
    assert masking.number(digits) == masked


@pytest.mark.parametrize(
    ("digits", "masked"),
    [("14155550528", "14155550XXX"), ("1234", "1XXX"), ("123", "XXX"), ("1", "X"), ("", "")],
)
def test_the_end_of_an_inbound_sender_is_hidden(digits: str, masked: str) -> None:
    assert masking.inbound_sender(digits) == masked


def test_each_choice_of_log_hides_what_it_does_not_name() -> None:
    hides = {
        choice: (choice in masking.HIDES_NUMBER, choice in masking.HIDES_CONTENT)
        for choice in ("true", "false", "content_only", "number_only")
    }
    assert hides == {
        "true": (False, False),
        "false": (True, True),
        "content_only": (True, False),
        "number_only": (False, True),
    }
