from typing import Any

import pytest

from trunkline.messaging.carriers.addressing import AddressRules, BadAddress
from trunkline.messaging.carriers.pdus import (
    Ends,
    PduRules,
    content_of,
    ends_of,
    is_receipt,
    receipt_of,
    submits,
)
from trunkline.messaging.model import Dispatch
from trunkline.protocols.smpp import DataSm, DeliverSm, SubmitSm, Tlv, tlv
from trunkline.protocols.sms import decode
from trunkline.protocols.sms.decode import Alphabet
from trunkline.protocols.sms.payload import Dialect
from trunkline.protocols.sms.segment import TooLong


def dispatch(body: str = "Hi", sender: str = "14155550100", recipient: str = "14155550123") -> Any:
    return Dispatch(
        "uuid", "MA1", "MA1", "sending", "a", 0.0, 0, "me", 60.0, 0.0, None, sender, recipient,
        "US", body, 1, 350, "", "POST", "", "", "", "",
    )  # fmt: skip


def rejoined(pdus: list[SubmitSm]) -> str:
    """What a handset makes of the parts, by the code that reads inbound messages."""
    contents = [
        content_of(DeliverSm(esm_class=one.esm_class, data_coding=one.data_coding,
                             short_message=one.short_message, tlvs=one.tlvs))
        for one in pdus
    ]  # fmt: skip
    numbers = [content.concat.sequence for content in contents if content.concat]
    assert numbers == list(range(1, len(pdus) + 1)) or len(pdus) == 1
    body = b"".join(content.body for content in contents)
    return decode.text_of(body, contents[0].data_coding) or ""


@pytest.mark.parametrize(
    ("sender", "ton", "npi"), [("14155550100", 1, 1), ("ACME", 5, 0), ("72345", 3, 0)]
)
def test_ends_have_their_type_and_plan(sender: str, ton: int, npi: int) -> None:
    (pdu,) = submits(dispatch(sender=sender), PduRules(service_type="CMT"), 1)
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr) == (ton, npi, sender)
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi) == (1, 1)
    assert pdu.destination_addr == "14155550123"
    assert (pdu.registered_delivery, pdu.service_type) == (1, "CMT")
    assert (pdu.data_coding, pdu.esm_class, pdu.short_message) == (0, 0, b"Hi")
    assert pdu.tlvs == ()


def test_a_carriers_own_rules_for_ends() -> None:
    rules = PduRules(AddressRules(international=(2, 8), recipient=(0, 1), keep_plus=True))
    (pdu,) = submits(dispatch(recipient="+14155550123"), rules, 1)
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (2, 8)
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi) == (0, 1)
    assert pdu.destination_addr == "+14155550123"


def test_what_cannot_be_addressed_or_cut_is_a_value_error() -> None:
    with pytest.raises(BadAddress):
        submits(dispatch(sender="MORETHANELEVEN"), PduRules(), 1)
    with pytest.raises(BadAddress):
        submits(dispatch(recipient="ACME"), PduRules(), 1)
    with pytest.raises(TooLong):
        submits(dispatch("x" * 1_601), PduRules(), 1)


LONG_GSM = "€uro " * 60  # escape pairs at every cut
LONG_UCS2 = "Ж🎉x" * 40  # surrogate pairs too


@pytest.mark.parametrize("body", [LONG_GSM, LONG_UCS2, "x" * 1_600, "Ж" * 737])
@pytest.mark.parametrize("dialect", [Dialect.UDH, Dialect.UDH16, Dialect.SAR])
def test_a_long_message_comes_together_again(body: str, dialect: Dialect) -> None:
    pdus = submits(dispatch(body), PduRules(dialect=dialect), 7)
    assert len(pdus) > 1
    assert rejoined(pdus) == body
    assert all(len(one.short_message) <= 160 for one in pdus)


def test_udh_with_eight_bits() -> None:
    first, second = submits(dispatch("x" * 161), PduRules(dialect=Dialect.UDH), 0x1A2)
    assert first.short_message[:6] == bytes((5, 0, 3, 0xA2, 2, 1))
    assert second.short_message[:6] == bytes((5, 0, 3, 0xA2, 2, 2))
    assert (first.esm_class, second.esm_class) == (0x40, 0x40)
    assert (len(first.short_message), len(second.short_message)) == (159, 14)


def test_udh_with_sixteen_bits() -> None:
    first, second = submits(dispatch("x" * 161), PduRules(dialect=Dialect.UDH16), 0x1A2B3)
    assert first.short_message[:7] == bytes((6, 8, 4, 0xA2, 0xB3, 2, 1))
    assert second.short_message[:7] == bytes((6, 8, 4, 0xA2, 0xB3, 2, 2))
    assert (len(first.short_message), len(second.short_message)) == (159, 16)


def test_sar_in_tlvs() -> None:
    first, second = submits(dispatch("x" * 161), PduRules(dialect=Dialect.SAR), 0x1A2B3)
    assert first.tlvs == (Tlv(0x020C, b"\xa2\xb3"), Tlv(0x020E, b"\x02"), Tlv(0x020F, b"\x01"))
    assert second.tlvs[2] == Tlv(0x020F, b"\x02")
    assert (first.esm_class, first.short_message) == (0, b"x" * 153)


def test_payload_in_one_pdu() -> None:
    (pdu,) = submits(dispatch("x" * 400), PduRules(dialect=Dialect.PAYLOAD), 1)
    assert pdu.short_message == b""
    assert pdu.tlvs == (Tlv(0x0424, b"x" * 400),)
    (pdu,) = submits(dispatch("x" * 160), PduRules(dialect=Dialect.PAYLOAD), 1)
    assert (pdu.short_message, pdu.tlvs) == (b"x" * 160, ())


@pytest.mark.parametrize(
    ("text", "alphabet", "coding", "octets"),
    [
        ("Grüße @", Alphabet.GSM, 0, b"Gr\x7e\x1ee \x00"),
        ("Grüße @", Alphabet.LATIN1, 0, "Grüße @".encode("latin-1")),
        ("Grüße @", Alphabet.UTF8, 0, "Grüße @".encode()),
        ("Hi @", Alphabet.ASCII, 0, b"Hi @"),
        ("Grüße", Alphabet.ASCII, 8, "Grüße".encode("utf-16-be")),
        ("5 €", Alphabet.LATIN1, 8, "5 €".encode("utf-16-be")),
        ("Ж", Alphabet.LATIN1, 8, "Ж".encode("utf-16-be")),
    ],
)
def test_data_coding_0_is_what_the_carrier_takes_it_for(
    text: str, alphabet: Alphabet, coding: int, octets: bytes
) -> None:
    (pdu,) = submits(dispatch(text), PduRules(alphabet=alphabet), 1)
    assert (pdu.data_coding, pdu.short_message) == (coding, octets)


def test_a_long_latin1_message_is_cut_like_gsm() -> None:
    pdus = submits(dispatch("ü" * 200), PduRules(alphabet=Alphabet.LATIN1), 1)
    assert [one.short_message[6:] for one in pdus] == [b"\xfc" * 153, b"\xfc" * 47]


TEXT = (
    b"id:00A1 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:DELIVRD err:000 "
    b"text:Hi"
)
ID = tlv.RECEIPTED_MESSAGE_ID.of("00A1")


def test_ends_lose_the_plus() -> None:
    pdu = DeliverSm(source_addr="+14155550123", destination_addr="ACME")
    assert ends_of(pdu) == Ends("14155550123", "ACME")


@pytest.mark.parametrize("kind", [DeliverSm, DataSm])
def test_a_message_is_no_receipt(kind: Any) -> None:
    assert receipt_of(kind(esm_class=0)) is None
    assert receipt_of(kind(esm_class=0x40)) is None
    assert not is_receipt(kind(esm_class=0x40))


def test_a_receipt_by_esm_class() -> None:
    receipt = receipt_of(DeliverSm(esm_class=0x04, short_message=TEXT))
    assert receipt is not None
    assert (receipt.message_id, receipt.stat, receipt.err) == ("00A1", "DELIVRD", "000")
    assert not receipt.intermediate


def test_esm_class_0_and_the_tlv_make_a_receipt() -> None:
    state = tlv.MESSAGE_STATE.of(5)
    receipt = receipt_of(DeliverSm(esm_class=0, short_message=TEXT, tlvs=(ID, state)))
    assert receipt is not None
    assert (receipt.message_id, receipt.stat) == ("00A1", "UNDELIV")  # the TLV wins


def test_a_receipt_in_data_sm() -> None:
    error = Tlv(0x0423, bytes((3, 0, 9)))
    state = tlv.MESSAGE_STATE.of(5)
    receipt = receipt_of(DataSm(esm_class=0x04, tlvs=(ID, state, error)))
    assert receipt is not None
    assert (receipt.message_id, receipt.stat, receipt.err) == ("00A1", "UNDELIV", "9")
    receipt = receipt_of(DataSm(esm_class=0x04, tlvs=(tlv.MESSAGE_PAYLOAD.of(TEXT),)))
    assert receipt is not None
    assert receipt.stat == "DELIVRD"


def test_an_intermediate_notification_says_so() -> None:
    for tlvs in ((), (ID,)):
        receipt = receipt_of(DeliverSm(esm_class=0x20, short_message=TEXT, tlvs=tlvs))
        assert receipt is not None
        assert receipt.intermediate


@pytest.mark.parametrize(
    "wrong",
    [
        Tlv(0x0427, b""),  # message_state of no octet
        Tlv(0x0427, b"\x02\x02"),
        Tlv(0x001E, b""),  # receipted_message_id without its NUL
        Tlv(0x001E, b"x" * 66),
    ],
)
def test_a_tlv_of_the_wrong_length_leaves_the_text(wrong: Tlv) -> None:
    receipt = receipt_of(DeliverSm(esm_class=0x04, short_message=TEXT, tlvs=(wrong,)))
    assert receipt is not None
    assert (receipt.message_id, receipt.stat) == ("00A1", "DELIVRD")


@pytest.mark.parametrize("text", [b"", b"thank you", b"\xff\xfe", b"stat:DELIVRD"])
def test_an_unreadable_receipt_is_one_all_the_same(text: bytes) -> None:
    pdu = DeliverSm(esm_class=0x04, short_message=text)
    assert receipt_of(pdu) is None
    assert is_receipt(pdu)


def test_content_without_tlvs() -> None:
    content = content_of(DeliverSm(data_coding=8, short_message="Ж".encode("utf-16-be")))
    assert (content.body, content.data_coding, content.concat) == (b"\x04\x16", 8, None)


def test_content_from_the_payload_of_data_sm() -> None:
    content = content_of(DataSm(tlvs=(tlv.MESSAGE_PAYLOAD.of(b"long"),)))
    assert content.body == b"long"


def test_a_sar_of_the_wrong_length_or_incomplete_is_no_concatenation() -> None:
    sar = (tlv.SAR_MSG_REF_NUM.of(7), tlv.SAR_TOTAL_SEGMENTS.of(2), tlv.SAR_SEGMENT_SEQNUM.of(1))
    whole = content_of(DeliverSm(short_message=b"x", tlvs=sar)).concat
    assert whole is not None
    assert (whole.reference, whole.total, whole.sequence) == (7, 2, 1)
    assert content_of(DeliverSm(short_message=b"x", tlvs=sar[:2])).concat is None
    wrong = (Tlv(0x020C, b"\x07"), *sar[1:])
    assert content_of(DeliverSm(short_message=b"x", tlvs=wrong)).concat is None
    senseless = (*sar[:2], tlv.SAR_SEGMENT_SEQNUM.of(3))
    assert content_of(DeliverSm(short_message=b"x", tlvs=senseless)).concat is None
