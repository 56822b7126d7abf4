"""A whole inbound message, and how it is kept, charged and told."""

from dataclasses import dataclass

from trunkline.billing.model import Debit, Direction, Product
from trunkline.messaging import masking
from trunkline.messaging.model import Row, State
from trunkline.numbers.model import OwnedNumber


@dataclass(frozen=True, slots=True)
class Arrival:
    """A whole message for a number of ours."""

    number: OwnedNumber
    sender: str
    recipient: str
    text: str
    units: int
    at: float
    type: str = "sms"
    media: tuple[tuple[str, str], ...] = ()  # ids and addresses

    @property
    def product(self) -> Product:
        """What it is charged as."""
        return Product.MMS if self.type == "mms" else Product.SMS


@dataclass(frozen=True, slots=True)
class Picked:
    """Whose number a message came for, and whether its content is not to be logged."""

    owner: tuple[str, str]
    hidden: bool


def content_of(arrival: Arrival) -> dict[str, str]:
    """PLIVO messaging: Text of an SMS; Body, MediaCount, Media1, Media2 … of an MMS."""
    if arrival.type == "sms":
        return {"Text": arrival.text}
    named = {f"Media{number}": url for number, (_, url) in enumerate(arrival.media, 1)}
    return {"Body": arrival.text, "MediaCount": str(len(arrival.media)), **named}


def kept(text: str | None, body: bytes) -> str:
    """Turn user data into what is stored: binary as hexadecimal; PostgreSQL cannot keep NUL."""
    return body.hex() if text is None else text.replace("\0", "\ufffd")


def debit_of(arrival: Arrival, uuid: str, rate: int, fee: int) -> Debit:
    return Debit(
        arrival.number.main_auth_id,
        (rate + fee) * arrival.units,
        "message",
        uuid,
        arrival.at,
        used_by=arrival.number.account_id,
        fees=fee * arrival.units,
        product=arrival.product.value,
        direction=Direction.INBOUND.value,
        units=arrival.units,
    )


def row_of(
    arrival: Arrival,
    uuid: str,
    intent: str,
    rate: int,
    logs: bool,
    network: str,
    fee: int,
    pool_id: str,
) -> Row:
    """Lay out a row of `messages`, in the order of its columns."""
    return (
        uuid,
        arrival.number.main_auth_id,
        arrival.number.account_id,
        "inbound",
        State.RECEIVED.value,
        arrival.type,
        arrival.sender if logs else masking.inbound_sender(arrival.sender),
        arrival.recipient,
        arrival.number.country,
        arrival.text if logs else None,
        arrival.units,
        rate,
        rate * arrival.units,
        None,
        "true" if logs else "false",
        "",
        arrival.at,
        None,
        None,
        arrival.at,
        "",
        pool_id,
        intent,
        # Masked in the record; a reply needs it once, then `mark_forwarded` removes it.
        "" if logs else arrival.sender,
        network,
        fee,
        "",
    )
