"""User data headers (3GPP 23.040 9.2.3.24): concatenation and application ports."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CONCAT_8: Final = 0x00  # 3GPP 23.040 9.2.3.24.1
PORTS_8: Final = 0x04  # 3GPP 23.040 9.2.3.24.3
PORTS_16: Final = 0x05  # 3GPP 23.040 9.2.3.24.4
CONCAT_16: Final = 0x08  # 3GPP 23.040 9.2.3.24.8


class BadHeader(ValueError):
    """The header's lengths do not agree with its octets."""


@dataclass(frozen=True, slots=True)
class Concat:
    """Place of a part in its message: reference 0–255 (0–65,535 wide), sequence 1–total."""

    reference: int
    total: int
    sequence: int
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class Element:
    """One information element, kept as it came."""

    tag: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Header:
    elements: tuple[Element, ...]
    concat: Concat | None = None
    ports: Ports | None = None


def parse(user_data: bytes) -> tuple[Header, bytes]:
    """Split user data that begins with a header into the header and the rest.

    An element that is known but senseless (sequence 0 or above total, wrong size) is kept as an
    element and otherwise ignored (3GPP 23.040 9.2.3.24.1). Raises BadHeader when a length runs
    past the end.
    """
    if not user_data:
        raise BadHeader("no header length")
    end = 1 + user_data[0]
    if end > len(user_data):
        raise BadHeader(f"header of {user_data[0]} octets in {len(user_data) - 1}")
    concat: Concat | None = None
    ports: Ports | None = None
    elements: list[Element] = []
    for element in _elements(user_data[1:end]):
        elements.append(element)
        # 3GPP 23.040 9.2.3.24: of elements that exclude each other the last one counts.
        concat = _concat(element) or concat
        ports = _ports(element) or ports
    return Header(tuple(elements), concat, ports), user_data[end:]


def _elements(octets: bytes) -> Iterable[Element]:
    at, end = 0, len(octets)
    while at < end:
        if at + 2 > end:
            raise BadHeader("element without a length")
        tag, size = octets[at], octets[at + 1]
        at += 2
        if at + size > end:
            raise BadHeader(f"element 0x{tag:02X} of {size} octets in {end - at}")
        yield Element(tag, octets[at : at + size])
        at += size


def _concat(element: Element) -> Concat | None:
    data = element.data
    if element.tag == CONCAT_8 and len(data) == 3:
        found = Concat(data[0], data[1], data[2])
    elif element.tag == CONCAT_16 and len(data) == 4:
        found = Concat(int.from_bytes(data[:2], "big"), data[2], data[3], wide=True)
    else:
        return None
    return found if 1 <= found.sequence <= found.total else None


def _ports(element: Element) -> Ports | None:
    data = element.data
    if element.tag == PORTS_8 and len(data) == 2:
        return Ports(data[0], data[1])
    if element.tag == PORTS_16 and len(data) == 4:
        return Ports(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
    return None


def build(elements: Iterable[Element]) -> bytes:
    """Serialise elements with the length octet in front; raises BadHeader over 255 octets."""
    body = bytearray()
    for element in elements:
        if len(element.data) > 255:
            raise BadHeader(f"element 0x{element.tag:02X} of {len(element.data)} octets")
        body += bytes((element.tag, len(element.data))) + element.data
    if len(body) > 255:
        raise BadHeader(f"header of {len(body)} octets")
    return bytes((len(body),)) + bytes(body)


def concat_element(concat: Concat) -> Element:
    """Make the element of a part; references are taken modulo their width."""
    if concat.wide:
        reference = (concat.reference & 0xFFFF).to_bytes(2, "big")
        return Element(CONCAT_16, reference + bytes((concat.total, concat.sequence)))
    return Element(CONCAT_8, bytes((concat.reference & 0xFF, concat.total, concat.sequence)))


def ports_element(ports: Ports) -> Element:
    return Element(PORTS_16, ports.destination.to_bytes(2, "big") + ports.source.to_bytes(2, "big"))
