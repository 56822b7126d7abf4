"""Messages as SMPP PDUs and back: the only place where both vocabularies meet."""

from dataclasses import dataclass
from typing import NamedTuple

from trunkline.messaging.carriers.addressing import (
    DEFAULT_RULES,
    Address,
    AddressRules,
    recipient_address,
    sender_address,
)
from trunkline.messaging.model import Dispatch
from trunkline.protocols.smpp import BodyError, DataSm, DeliverSm, SubmitSm, Tlv, tlv
from trunkline.protocols.sms import decode, gsm, receipts
from trunkline.protocols.sms.decode import Alphabet
from trunkline.protocols.sms.payload import Dialect, PartPayload, payloads
from trunkline.protocols.sms.segment import Encoding, Segmented, segment

WANT_RECEIPT = 1  # SMPP34 5.2.17: registered_delivery, final outcome


@dataclass(frozen=True, slots=True)
class PduRules:
    """How one carrier wants its PDUs."""

    addresses: AddressRules = DEFAULT_RULES
    alphabet: Alphabet = Alphabet.GSM
    dialect: Dialect = Dialect.UDH
    service_type: str = ""


class Ends(NamedTuple):
    """Numbers without plus, and names as they came."""

    sender: str
    recipient: str


def submits(dispatch: Dispatch, rules: PduRules, reference: int) -> list[SubmitSm]:
    """Write a message as one submit_sm a part.

    Raises:
        ValueError: an address or the text cannot be sent to this carrier.
    """
    source = sender_address(dispatch.sender, rules.addresses)
    dest = recipient_address(dispatch.recipient, rules.addresses)
    cut = segment(dispatch.body, wide=rules.dialect is Dialect.UDH16)
    if rules.alphabet is not Alphabet.GSM and cut.encoding is Encoding.GSM7:
        cut = _in_alphabet(dispatch.body, cut, rules.alphabet)
    return [
        _submit(source, dest, part, rules)
        for part in payloads(cut.encoding, cut.parts, rules.dialect, reference)
    ]


def ends_of(pdu: DeliverSm | DataSm) -> Ends:
    """Read who sent an inbound PDU to whom."""
    return Ends(pdu.source_addr.removeprefix("+"), pdu.destination_addr.removeprefix("+"))


def receipt_of(pdu: DeliverSm | DataSm) -> receipts.Receipt | None:
    """Read a delivery receipt; None when the PDU is a handset's message.

    Some carriers leave esm_class 0 and only add receipted_message_id.
    """
    named = _value(pdu.tlvs, tlv.RECEIPTED_MESSAGE_ID.tag) if pdu.tlvs else None
    if named is None and not receipts.is_receipt(pdu.esm_class):
        return None
    body = _octets(pdu).decode("latin-1")
    if not pdu.tlvs:
        return receipts.parse(body, intermediate=receipts.is_intermediate(pdu.esm_class))
    try:
        return receipts.parse(
            body,
            receipted_message_id=tlv.RECEIPTED_MESSAGE_ID.find(pdu.tlvs),
            message_state=tlv.MESSAGE_STATE.find(pdu.tlvs),
            network_error_code=_value(pdu.tlvs, tlv.NETWORK_ERROR_CODE.tag),
            intermediate=receipts.is_intermediate(pdu.esm_class),
        )
    except BodyError:  # a TLV of the wrong length: the text may still say it
        return receipts.parse(body, intermediate=receipts.is_intermediate(pdu.esm_class))


def is_receipt(pdu: DeliverSm | DataSm) -> bool:
    """Tell whether the carrier says that it is a receipt, readable or not."""
    return receipts.is_receipt(pdu.esm_class)


def content_of(pdu: DeliverSm | DataSm) -> decode.Content:
    """Take a handset's message apart."""
    short = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    if not pdu.tlvs:
        return decode.read(pdu.data_coding, pdu.esm_class, short)
    return decode.read(
        pdu.data_coding,
        pdu.esm_class,
        short,
        _value(pdu.tlvs, tlv.MESSAGE_PAYLOAD.tag),
        _sar(pdu.tlvs),
    )


def _in_alphabet(text: str, cut: Segmented, alphabet: Alphabet) -> Segmented:
    """Write GSM parts in what this carrier takes data_coding 0 to be, or all of it in UCS-2."""
    try:
        parts = [gsm.decode(part).encode(alphabet.value) for part in cut.parts]
        return Segmented(Encoding.GSM7, tuple(parts))
    except UnicodeEncodeError:
        return segment(text, unicode=True)


def _submit(source: Address, dest: Address, part: PartPayload, rules: PduRules) -> SubmitSm:
    tlvs: tuple[Tlv, ...] = ()
    if part.sar is not None:
        reference, total, number = part.sar
        tlvs = (
            tlv.SAR_MSG_REF_NUM.of(reference),
            tlv.SAR_TOTAL_SEGMENTS.of(total),
            tlv.SAR_SEGMENT_SEQNUM.of(number),
        )
    if part.message_payload is not None:
        tlvs = (*tlvs, tlv.MESSAGE_PAYLOAD.of(part.message_payload))
    return SubmitSm(
        service_type=rules.service_type,
        source_addr_ton=source.ton,
        source_addr_npi=source.npi,
        source_addr=source.value,
        dest_addr_ton=dest.ton,
        dest_addr_npi=dest.npi,
        destination_addr=dest.value,
        esm_class=part.esm_class,
        registered_delivery=WANT_RECEIPT,
        data_coding=part.data_coding,
        short_message=part.short_message,
        tlvs=tlvs,
    )


def _octets(pdu: DeliverSm | DataSm) -> bytes:
    short = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    return short or _value(pdu.tlvs, tlv.MESSAGE_PAYLOAD.tag) or b""


def _value(tlvs: tuple[Tlv, ...], tag: int) -> bytes | None:
    for found, value in tlvs:
        if found == tag:
            return value
    return None


def _sar(tlvs: tuple[Tlv, ...]) -> tuple[int, int, int] | None:
    try:
        reference = tlv.SAR_MSG_REF_NUM.find(tlvs)
        total = tlv.SAR_TOTAL_SEGMENTS.find(tlvs)
        number = tlv.SAR_SEGMENT_SEQNUM.find(tlvs)
    except BodyError:
        return None
    if reference is None or total is None or number is None:
        return None
    return reference, total, number
