import pytest

from trunkline.protocols.sms import receipts
from trunkline.simulator.outcomes import (
    ALWAYS,
    ERR_CODES,
    NAMED,
    ORDINARY,
    TABLE,
    Answer,
    Form,
    Ids,
    Outcome,
    Step,
    outcome_of,
)
from trunkline.simulator.personality import PERSONALITIES
from trunkline.simulator.reports import Taken, receipt, receipt_id, response_id, wanted


@pytest.mark.parametrize(
    "number",
    ["4915112345678", "+14155550100", "15005560001", "150055500011", "1500555000", "15005558001",
     "15005559123", "15005550000", "15005550999", "1500555000x", "", "72345"],
)  # fmt: skip
def test_ordinary_numbers_are_reached(number: str) -> None:
    assert outcome_of(number) is ORDINARY


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("15005550001", Outcome(steps=(Step(after_s=0.0),))),
        ("+15005550005", Outcome(answer=Answer.NEVER, steps=())),
        ("15005551034", Outcome(steps=(Step("UNDELIV", "034"),))),
        ("15005552030", Outcome(steps=(Step("UNDELIV", "9030"),))),
        ("15005552000", Outcome(steps=(Step("UNDELIV", "9000"),))),
        ("15005553088", Outcome(0x58)),
        ("15005553901", Outcome(0x401)),
        ("15005554007", Outcome(steps=(Step(after_s=7.0),))),
        ("15005555003", Outcome(0x58, refusals=3)),
        ("15005556001", Outcome(0x08, refusals=1)),
        ("15005557020", Outcome(response_s=0.2)),
    ],
)
def test_magic_numbers(number: str, outcome: Outcome) -> None:
    assert outcome_of(number) == outcome


def test_the_table_names_each_number_once() -> None:
    assert len({row.destination for row in TABLE}) == len(TABLE) == len(NAMED) + 7
    assert all(row.summary for row in TABLE)
    for number, (outcome, _) in NAMED.items():
        assert outcome_of(f"1500555{number:04d}") is outcome


def test_err_codes_cover_every_plivo_code() -> None:
    assert ERR_CODES["9000"] == 1000
    for code in (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 200, 201, 999):
        err = outcome_of(f"15005552{code:03d}").steps[0].err
        assert ERR_CODES[err] == code


def test_personalities_are_named_by_their_system_id() -> None:
    assert all(name == one.system_id for name, one in PERSONALITIES.items())
    assert all(len(name) <= 15 for name in PERSONALITIES)  # SMPP34 5.2.1
    assert PERSONALITIES["sim"].bind_status == 0


@pytest.mark.parametrize(
    ("ids", "response", "in_receipt"),
    [
        (Ids.DECIMAL, "123456", "123456"),
        (Ids.HEX_DECIMAL, "1E240", "123456"),
        (Ids.DECIMAL_HEX, "123456", "1E240"),
        (Ids.PADDED, "1E240", "0000000000000001e240"),
    ],
)
def test_id_dialects(ids: Ids, response: str, in_receipt: str) -> None:
    assert response_id(123456, ids) == response
    assert receipt_id(123456, ids) == in_receipt


def taken(registered: int = 1) -> Taken:
    return Taken(77, Ids.DECIMAL, (5, 0, "ACME"), (1, 1, "4915"), registered, 1_700_000_000.0)


@pytest.mark.parametrize("form", [Form.TEXT, Form.TLV, Form.ODD])
def test_every_form_of_receipt_is_understood(form: Form) -> None:
    pdu = receipt(taken(), Step("UNDELIV", "034", form=form), 1_700_000_060.0)
    assert receipts.is_receipt(pdu.esm_class)
    assert (pdu.source_addr, pdu.destination_addr) == ("4915", "ACME")
    tlvs = dict(pdu.tlvs)
    state = tlvs.get(0x0427)
    got = receipts.parse(
        getattr(pdu, "short_message", b"").decode("latin-1"),
        receipted_message_id=(tlvs.get(0x001E) or b"").decode(),
        message_state=state[0] if state else None,
        network_error_code=tlvs.get(0x0423),
    )
    assert got is not None
    assert (got.message_id, got.stat) == ("77", "UNDELIV")
    assert got.err.lstrip("0") == "34"
    assert bool(pdu.tlvs) is (form is not Form.ODD)


def test_a_golden_receipt() -> None:
    pdu = receipt(taken(), Step(), 1_700_000_060.0)
    assert pdu.short_message == (  # type: ignore[union-attr]
        b"id:77 sub:001 dlvrd:001 submit date:2311142213 done date:2311142214"
        b" stat:DELIVRD err:000 text:"
    )
    assert pdu.tlvs == ((0x001E, b"77\0"), (0x0427, b"\x02"))


def test_registered_delivery_is_obeyed() -> None:
    assert wanted(1, Step())
    assert wanted(0x11, Step("UNDELIV"))
    assert not wanted(0, Step())
    assert not wanted(2, Step())
    assert wanted(2, Step("UNDELIV"))


def test_always_means_every_attempt() -> None:
    assert outcome_of("15005550024").refusals == ALWAYS
