"""Octets that a peer should never send: for tests, and for carriers simulated to be broken."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from trunkline.protocols.smpp.decode import Pdu
from trunkline.protocols.smpp.encode import encode
from trunkline.protocols.smpp.fields import CString, Destinations, Field, Octet, ShortMessage
from trunkline.protocols.smpp.layout import LAYOUTS, TYPES
from trunkline.protocols.smpp.messages import DistributionList, SmeAddress, UnsuccessfulSme
from trunkline.protocols.smpp.tlv import NAMED, Tlv

_TYPES: Final = tuple(LAYOUTS)
_TAGS: Final = (*NAMED, 0x1400, 0x1401, 0x3FFF)


def random_pdu(rng: Random) -> Pdu:
    """Any valid PDU with random content."""
    pdu_type = rng.choice(_TYPES)
    layout = LAYOUTS[pdu_type]
    values: dict[str, Any] = {field.name: _value(rng, field) for field in layout}
    if layout:
        values["tlvs"] = tuple(_tlv(rng) for _ in range(rng.choice((0, 0, 1, 3))))
    return pdu_type(sequence_number=rng.randint(1, 0x7FFFFFFF), **values)


def rubbish(rng: Random) -> bytes:
    """Random octets, a header with a random body, or a valid PDU damaged in one of six ways."""
    way = rng.randrange(8)
    if way == 0:
        return rng.randbytes(rng.randint(1, 200))
    if way == 1:
        command_id = rng.choice((*TYPES, rng.getrandbits(32)))
        body = rng.randbytes(rng.randint(0, 100))
        head = (16 + len(body)).to_bytes(4, "big") + command_id.to_bytes(4, "big")
        return head + rng.randbytes(8) + body
    return damaged(rng, encode(random_pdu(rng)))


def damaged(rng: Random, data: bytes) -> bytes:
    """Change, cut, lengthen, repeat or reorder the octets of one PDU."""
    return rng.choice(_DAMAGES)(rng, data)


def _flip(rng: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] = rng.getrandbits(8)
    return bytes(changed)


def _flip_body(rng: Random, data: bytes) -> bytes:
    return data[:16] + _flip(rng, data[16:]) if len(data) > 16 else data


def _cut_body(rng: Random, data: bytes) -> bytes:
    body = data[16 : rng.randint(16, len(data))]
    return (16 + len(body)).to_bytes(4, "big") + data[4:16] + body


def _lengthen(rng: Random, data: bytes) -> bytes:
    body = data[16:] + rng.randbytes(rng.randint(1, 20))
    return (16 + len(body)).to_bytes(4, "big") + data[4:16] + body


def _lie_about_length(rng: Random, data: bytes) -> bytes:
    size = rng.choice((0, 4, 15, 16, 17, len(data) - 1, len(data) + 1, 0x10000, 0xFFFFFFFF))
    return size.to_bytes(4, "big") + data[4:]


def _lose_an_octet(rng: Random, data: bytes) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + data[place + 1 :]


_DAMAGES: Final[tuple[Callable[[Random, bytes], bytes], ...]] = (
    _flip,
    _flip_body,
    _cut_body,
    _lengthen,
    _lie_about_length,
    _lose_an_octet,
)


def _value(rng: Random, field: Field) -> Any:
    if isinstance(field, CString):
        size = rng.choice((0, field.size - 1)) if field.fixed else rng.randrange(field.size)
        return _text(rng, size)
    if isinstance(field, Octet):
        return rng.getrandbits(8)
    if isinstance(field, ShortMessage):
        return rng.randbytes(rng.choice((0, 1, 20, 140, 254)))
    if isinstance(field, Destinations):
        return tuple(_destination(rng) for _ in range(rng.randint(1, 4)))
    return tuple(
        UnsuccessfulSme(rng.getrandbits(8), 1, _text(rng, 11), rng.getrandbits(32))
        for _ in range(rng.randrange(4))
    )


def _destination(rng: Random) -> SmeAddress | DistributionList:
    if rng.random() < 0.3:
        return DistributionList(_text(rng, rng.randrange(21)))
    return SmeAddress(rng.getrandbits(8), rng.getrandbits(8), _text(rng, rng.randrange(21)))


def _text(rng: Random, size: int) -> str:
    return "".join(chr(rng.randint(1, 0xFF)) for _ in range(size))


def _tlv(rng: Random) -> Tlv:
    tag = rng.choice(_TAGS)
    named = NAMED.get(tag)
    size = named.shortest if named is not None else rng.randrange(20)
    return Tlv(tag, rng.randbytes(size))
