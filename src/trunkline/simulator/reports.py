"""Ids and receipts as the simulated carrier writes them."""

import time
from dataclasses import dataclass

from trunkline.protocols.smpp import DataSm, DeliverSm, Tlv, tlv
from trunkline.protocols.sms import receipts
from trunkline.simulator.outcomes import Form, Ids, Step

_NETWORK_GSM = 3  # SMPP34 5.3.2.31


@dataclass(slots=True, eq=False)
class Taken:
    """A message the carrier took; `number` is its id, `registered` its registered_delivery."""

    number: int
    ids: Ids
    source: tuple[int, int, str]
    destination: tuple[int, int, str]
    registered: int
    submitted_at: float
    landed: bool = False


def response_id(number: int, ids: Ids) -> str:
    if ids is Ids.DECIMAL or ids is Ids.DECIMAL_HEX:
        return str(number)
    return format(number, "X")


def receipt_id(number: int, ids: Ids) -> str:
    if ids is Ids.DECIMAL or ids is Ids.HEX_DECIMAL:
        return str(number)
    if ids is Ids.PADDED:
        return format(number, "020x")
    return format(number, "X")


def wanted(registered: int, step: Step) -> bool:
    """Tell whether registered_delivery asks for this receipt (SMPP34 5.2.17).

    Intermediate ones are sent to whoever asked for any: carriers do, and it is what is asked for.
    """
    asked = registered & 0x03
    return asked == 1 or (asked == 2 and step.stat != "DELIVRD")


def receipt(taken: Taken, step: Step, now: float) -> DeliverSm | DataSm:
    """Write the receipt of a step: from the handset's number to the sender."""
    message_id = receipt_id(taken.number, taken.ids)
    form = step.form
    intermediate = receipts.ESM_INTERMEDIATE if step.intermediate else receipts.ESM_RECEIPT
    source, destination = taken.destination, taken.source
    if form is Form.DATA_SM:
        return DataSm(
            source_addr_ton=source[0],
            source_addr_npi=source[1],
            source_addr=source[2],
            dest_addr_ton=destination[0],
            dest_addr_npi=destination[1],
            destination_addr=destination[2],
            esm_class=intermediate,
            tlvs=_tlvs(message_id, step),
        )
    return DeliverSm(
        source_addr_ton=source[0],
        source_addr_npi=source[1],
        source_addr=source[2],
        dest_addr_ton=destination[0],
        dest_addr_npi=destination[1],
        destination_addr=destination[2],
        esm_class=intermediate,
        short_message=b"" if form is Form.TLV else _text(taken, message_id, step, now),
        # Odd carriers are those without TLVs.
        tlvs=() if form is Form.ODD else _tlvs(message_id, step),
    )


def _text(taken: Taken, message_id: str, step: Step, now: float) -> bytes:
    done = _date(int(now))
    if step.form is Form.ODD:
        # No sub and dlvrd, four-digit years with seconds, lower-case stat, "Text".
        text = (
            f"id:{message_id} submit date:20{_date(int(taken.submitted_at))}00"
            f" done date:20{done}00 stat:{step.stat.lower()} err:0{step.err} Text:none"
        )
        return text.encode("latin-1")
    reached = "001" if step.stat == "DELIVRD" else "000"
    text = (
        f"id:{message_id} sub:001 dlvrd:{reached} submit date:{_date(int(taken.submitted_at))}"
        f" done date:{done} stat:{step.stat} err:{step.err} text:"
    )
    return text.encode("latin-1")


_dates: dict[int, str] = {}


def _date(second: int) -> str:
    """YYMMDDhhmm in UTC (SMPP34 appendix B); the last few seconds are remembered."""
    known = _dates.get(second)
    if known is None:
        if len(_dates) > 1000:
            _dates.clear()
        known = _dates[second] = time.strftime("%y%m%d%H%M", time.gmtime(second))
    return known


def _tlvs(message_id: str, step: Step) -> tuple[Tlv, ...]:
    named = Tlv(tlv.RECEIPTED_MESSAGE_ID.tag, message_id.encode("latin-1") + b"\0")
    state = receipts.STATE_NUMBERS.get(step.stat)
    if state is None:
        return (named,)
    stated = Tlv(tlv.MESSAGE_STATE.tag, bytes((state,)))
    if step.err == "000":
        return (named, stated)
    code = bytes((_NETWORK_GSM,)) + (int(step.err) & 0xFFFF).to_bytes(2, "big")
    return (named, stated, Tlv(tlv.NETWORK_ERROR_CODE.tag, code))
