"""Messages from handsets, as the carrier delivers them."""

from trunkline.protocols.smpp import DeliverSm
from trunkline.protocols.sms import payload, segment


def originated(sender: str, recipient: str, text: str, reference: int) -> list[DeliverSm]:
    """Write the deliver_sm of each part, with an 8-bit reference as handsets use; TooLong."""
    cut = segment.segment(text)
    source, destination = _address(sender), _address(recipient)
    return [
        DeliverSm(
            source_addr_ton=source[0],
            source_addr_npi=source[1],
            source_addr=source[2],
            dest_addr_ton=destination[0],
            dest_addr_npi=destination[1],
            destination_addr=destination[2],
            esm_class=part.esm_class,
            data_coding=part.data_coding,
            short_message=part.short_message,
        )
        for part in payload.payloads(cut.encoding, cut.parts, payload.Dialect.UDH, reference)
    ]


def _address(number: str) -> tuple[int, int, str]:
    digits = number.removeprefix("+")
    if not digits.isdigit():
        return 5, 0, number  # SMPP34 5.2.5: alphanumeric
    return (3, 0, digits) if len(digits) <= 6 else (1, 1, digits)
