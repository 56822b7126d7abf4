"""The one table of the Cloud API's errors."""

import pytest

from trunkline.messaging.carriers.cloud_errors import ERRORS, plivo_code, submit_status
from trunkline.messaging.carriers.status import Outcome
from trunkline.messaging.model import ERROR_TEXTS


def test_every_row_names_its_source_and_a_code_that_has_words() -> None:
    for code, row in ERRORS.items():
        assert row.code == code
        assert row.source
        assert row.plivo_code in ERROR_TEXTS


@pytest.mark.parametrize(
    ("http", "code", "outcome", "plivo"),
    [
        (400, 131047, Outcome.FAILED, 340),
        (400, 130429, Outcome.THROTTLED, 20),
        (401, 0, Outcome.LINK, 90),
        (401, 190, Outcome.LINK, 90),
        (403, 0, Outcome.LINK, 90),
        (429, 0, Outcome.THROTTLED, 20),
        (500, 999_999, Outcome.TEMPORARY, 20),
        (400, 999_999, Outcome.FAILED, 10),
        (503, 131016, Outcome.TEMPORARY, 20),
    ],
)
def test_answers(http: int, code: int, outcome: Outcome, plivo: int) -> None:
    found = submit_status(http, code)
    assert (found.outcome, found.plivo_code) == (outcome, plivo)


def test_statuses() -> None:
    assert plivo_code(131026) == 70
    assert plivo_code(424242) == 1000
    assert plivo_code(0) == 1000
