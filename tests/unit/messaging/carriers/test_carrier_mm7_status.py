import pytest

from trunkline.messaging.carriers.mm7_status import reported, submit_status
from trunkline.messaging.carriers.status import Outcome
from trunkline.messaging.model import State


@pytest.mark.parametrize(
    ("code", "outcome", "plivo_code"),
    [
        (2002, Outcome.FAILED, 50),
        (2004, Outcome.FAILED, 10),
        (3000, Outcome.TEMPORARY, 20),
        (3002, Outcome.FAILED, 100),
        (4001, Outcome.LINK, 90),
        (2999, Outcome.FAILED, 10),
        (4999, Outcome.TEMPORARY, 20),
        (9999, Outcome.TEMPORARY, 20),
    ],
)
def test_what_a_refusal_means(code: int, outcome: Outcome, plivo_code: int) -> None:
    found = submit_status(code)
    assert (found.outcome, found.plivo_code) == (outcome, plivo_code)
    assert found.alarm == (outcome is Outcome.LINK)


def test_what_a_report_means() -> None:
    assert reported("Retrieved") == (State.DELIVERED, 0)
    assert reported(" expired ") == (State.UNDELIVERED, 80)
    assert reported("Deferred") is None
    assert reported("") is None
