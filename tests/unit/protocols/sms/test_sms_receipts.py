import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocols.sms.receipts import Receipt, is_intermediate, is_receipt, parse, render

STANDARD = (
    "id:0123456789 sub:001 dlvrd:001 submit date:2411211230 done date:2411211231"
    " stat:DELIVRD err:000 text:Your code: 1 id:7 stat:x"
)


def test_the_standard_form() -> None:
    assert parse(STANDARD) == Receipt(
        message_id="0123456789",
        stat="DELIVRD",
        err="000",
        sub="001",
        dlvrd="001",
        submit_date_raw="2411211230",
        done_date_raw="2411211231",
        text="Your code: 1 id:7 stat:x",
    )


# Forms met at carriers: fields missing, moved, longer, blank after the colon, other case.
@pytest.mark.parametrize(
    ("text", "message_id", "stat", "err", "done"),
    [
        ("id:abc stat:DELIVRD", "abc", "DELIVRD", "", ""),
        ("id:abc dlvrd:001 submit date:2411211230 done date:2411211231 stat:UNDELIV err:0012 text:",
         "abc", "UNDELIV", "0012", "2411211231"),
        ("id:1 sub:001 dlvrd:001 submit date:20241121123000 done date:20241121123100 stat:EXPIRED"
         " err:27 Text:none", "1", "EXPIRED", "27", "20241121123100"),
        ("id:1 submit date:241121123000 done date:241121123100 stat:delivrd err:",
         "1", "DELIVRD", "", "241121123100"),
        ("stat:BUFFRED id:77", "77", "BUFFRED", "", ""),
        ("ID:77 STAT:ACKED ERR:1", "77", "ACKED", "1", ""),
        ("id: 77 sub: dlvrd: submit date: done date: stat: UNDELIV err: 5 text:",
         "77", "UNDELIV", "5", ""),
        ("id:77 sub: dlvrd: submit date: done date: stat:SOMETHING err: text:",
         "77", "SOMETHING", "", ""),
        ("id:77\nstat:FAILED\nerr:9", "77", "FAILED", "9", ""),
        ("id:" + "9" * 65 + " stat:REJECTD err:1234567", "9" * 65, "REJECTD", "1234567", ""),
        ("id:e1c5-77f0 sub:001 submit date:bad done date:worse stat:UNKNOWN err:ABC text:x",
         "e1c5-77f0", "UNKNOWN", "ABC", ""),
        ("text:stat:DELIVRD id:3", "", "", "", ""),
    ],
)  # fmt: skip
def test_forms_met_at_carriers(text: str, message_id: str, stat: str, err: str, done: str) -> None:
    got = parse(text)
    if not message_id:
        assert got is None
        return
    assert got is not None
    assert (got.message_id, got.stat, got.err, got.done_date_raw) == (message_id, stat, err, done)


def test_tlvs_come_first_and_text_fills_the_rest() -> None:
    got = parse(
        "id:old stat:DELIVRD err:000 done date:2411211231",
        receipted_message_id="NEW\0",
        message_state=5,
        network_error_code=b"\x03\x00\x22",
    )
    assert got is not None
    assert (got.message_id, got.stat, got.err) == ("NEW", "UNDELIV", "34")
    assert got.done_date_raw == "2411211231"
    assert got.message_state == 5


def test_tlvs_alone_are_enough() -> None:
    got = parse("", receipted_message_id="7", message_state=2)
    assert got is not None
    assert (got.message_id, got.stat, got.err) == ("7", "DELIVRD", "")


@pytest.mark.parametrize(
    ("tlv", "written", "err"),
    [
        (b"\x03\x00\x00", "021", "021"),
        (b"\x03\x00\x00", "", "0"),
        (b"\x03\x01\x00", "021", "256"),
        (b"\x03\x01", "021", "021"),
        (None, "021", "021"),
    ],
)
def test_network_error_code(tlv: bytes | None, written: str, err: str) -> None:
    got = parse(f"id:1 stat:UNDELIV err:{written} text:", network_error_code=tlv)
    assert got is not None
    assert got.err == err


def test_a_state_nobody_knows_leaves_the_text_to_say() -> None:
    got = parse("id:1 stat:EXPIRED", message_state=77)
    assert got is not None
    assert got.stat == "EXPIRED"


def test_no_id_is_no_receipt() -> None:
    assert parse("hello, call me back") is None
    assert parse("") is None


@pytest.mark.parametrize(
    ("esm_class", "receipt", "intermediate"),
    [
        (0x00, False, False),
        (0x04, True, False),
        (0x44, True, False),  # with a user data header
        (0x84, True, False),  # with reply path
        (0x07, True, False),  # messaging mode bits do not matter
        (0x20, True, True),
        (0x08, False, False),  # SME delivery acknowledgement
        (0x10, False, False),
        (0x18, False, False),
        (0x40, False, False),
    ],
)
def test_message_type(esm_class: int, receipt: bool, intermediate: bool) -> None:
    assert is_receipt(esm_class) is receipt
    assert is_intermediate(esm_class) is intermediate


words = st.text(alphabet="0123456789abcdefABCDEF-", min_size=1, max_size=65)


@given(words, st.sampled_from(["DELIVRD", "UNDELIV", "X"]), st.text(alphabet="ab :", max_size=20))
def test_parse_undoes_render(message_id: str, stat: str, text: str) -> None:
    wanted = Receipt(message_id, stat, "012", "001", "000", "2411211230", "2411211231", text)
    assert parse(render(wanted)) == wanted
    assert parse(render(wanted._replace(submit_date_raw="", done_date_raw=""))) is not None


@given(st.text(max_size=200))
def test_any_text_is_a_receipt_or_none(text: str) -> None:
    got = parse(text)
    assert got is None or got.message_id


@given(
    st.lists(
        st.sampled_from(["id:", "stat:", "date:", "submit", "done", "err:", "text:", "x", " "])
    )
)
def test_scrambled_fields_never_fail(pieces: list[str]) -> None:
    parse("".join(pieces))
    parse(" ".join(pieces))
