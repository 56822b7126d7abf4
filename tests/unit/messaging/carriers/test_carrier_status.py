import pytest

from trunkline.messaging.carriers.status import (
    COMMON_ERRORS,
    STATS,
    SUBMIT,
    TWILIO_ERRORS,
    DeliveryState,
    Outcome,
    receipt_outcome,
    submit_status,
)
from trunkline.protocols.sms.receipts import STATES

PLIVO_CODES = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 200, 1000}


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        (0x58, Outcome.THROTTLED, 20),
        (0x14, Outcome.THROTTLED, 20),
        (0x08, Outcome.TEMPORARY, 20),
        (0x64, Outcome.TEMPORARY, 20),
        (0x45, Outcome.TEMPORARY, 20),
        (0x0A, Outcome.REROUTE, 40),
        (0x48, Outcome.REROUTE, 40),
        (0x49, Outcome.REROUTE, 40),
        (0x0B, Outcome.FAILED, 50),
        (0x50, Outcome.FAILED, 50),
        (0x51, Outcome.FAILED, 50),
        (0x01, Outcome.FAILED, 110),
        (0x43, Outcome.FAILED, 10),
        (0x104, Outcome.FAILED, 10),
        (0xC3, Outcome.FAILED, 10),
        (0x0D, Outcome.LINK, 90),
        (0x0E, Outcome.LINK, 90),
        (0x0F, Outcome.LINK, 90),
        (0x05, Outcome.LINK, 90),
        (0x101, Outcome.FAILED, 100),
        (0x65, Outcome.FAILED, 100),
        (0x66, Outcome.FAILED, 100),
        (0x400, Outcome.FAILED, 100),
        (0x4FF, Outcome.FAILED, 100),
        (0x61, Outcome.FAILED, 10),
        (0x62, Outcome.FAILED, 10),
        (0x3E7, Outcome.FAILED, 1000),
    ],
)
def test_submit_status(status: int, outcome: Outcome, code: int) -> None:
    row = submit_status(status)
    assert (row.outcome, row.plivo_code) == (outcome, code)


def test_every_row_is_complete() -> None:
    assert 0 not in SUBMIT
    for code, row in SUBMIT.items():
        assert row.code == code
        assert row.plivo_code in PLIVO_CODES
        assert row.name
        assert row.cause
        assert row.source


def test_our_own_faults_call_a_person() -> None:
    alarms = {code for code, row in SUBMIT.items() if row.alarm}
    assert alarms >= {0x01, 0x43, 0x104, 0xC0, 0xC4, 0x0E}
    assert not alarms & {0x58, 0x0A, 0x0B, 0x08}


def test_a_carrier_map_changes_the_code_and_not_the_outcome() -> None:
    row = submit_status(0x45, {0x45: 30})
    assert (row.plivo_code, row.outcome, row.source) == (30, Outcome.TEMPORARY, "carrier map")
    assert submit_status(0x410, {0x410: 30}).plivo_code == 30
    assert submit_status(0x45, {0x46: 30}) is SUBMIT[0x45]


@pytest.mark.parametrize(
    ("stat", "err", "state", "code"),
    [
        ("DELIVRD", "000", "delivered", None),
        ("DELIVERED", "", "delivered", None),
        ("DELIVRD", "001", "delivered", None),
        ("ENROUTE", "", "sent", None),
        ("ACCEPTD", "001", "sent", None),
        ("BUFFRED", "", "sent", None),
        ("UNDELIV", "001", "undelivered", 50),
        ("UNDELIV", "1", "undelivered", 50),
        ("UNDELIV", "013", "undelivered", 70),
        ("UNDELIV", "034", "undelivered", 20),
        ("UNDELIV", "069", "undelivered", 80),
        ("UNDELIV", "000", "undelivered", 1000),
        ("UNDELIV", "", "undelivered", 1000),
        ("FAILED", "ABC", "undelivered", 1000),
        ("EXPIRED", "", "undelivered", 80),
        ("EXPIRED", "001", "undelivered", 80),
        ("REJECTD", "", "undelivered", 100),
        ("REJECTD", "013", "undelivered", 70),
        ("DELETED", "", "undelivered", 100),
        ("SKIPPED", "", "undelivered", 100),
        ("UNKNOWN", "", "undelivered", 1000),
    ],
)
def test_receipts(stat: str, err: str, state: str, code: int | None) -> None:
    got = receipt_outcome(stat, err)
    assert (got.state.value, got.plivo_code, got.known) == (state, code, True)


def test_a_carrier_map_wins_over_the_common_list() -> None:
    assert receipt_outcome("UNDELIV", "001", TWILIO_ERRORS).plivo_code == 80
    assert receipt_outcome("UNDELIV", "0930", {"930": 30}).plivo_code == 30
    assert receipt_outcome("EXPIRED", "930", {"930": 30}).plivo_code == 30
    assert receipt_outcome("DELIVRD", "930", {"930": 30}).plivo_code is None


def test_what_unknown_means_is_the_operators_choice() -> None:
    assert receipt_outcome("UNKNOWN", "", unknown=DeliveryState.SENT).state is DeliveryState.SENT


def test_a_word_we_do_not_know_is_not_final() -> None:
    got = receipt_outcome("WHATEVER", "001")
    assert (got.state, got.plivo_code, got.known) == (DeliveryState.SENT, None, False)


def test_every_message_state_has_a_row() -> None:
    assert set(STATES.values()) <= set(STATS)


def test_common_errors_are_keyed_without_leading_zeros() -> None:
    assert all(key == str(int(key)) for key in COMMON_ERRORS)
    assert set(COMMON_ERRORS.values()) <= PLIVO_CODES
