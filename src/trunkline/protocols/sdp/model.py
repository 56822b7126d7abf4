"""The parts of a session description (RFC 8866 5), as they stand on its lines."""

from dataclasses import dataclass
from typing import NamedTuple


class SdpError(ValueError):
    """What was received is no session description; `line` counts from 1, 0 is the whole."""

    def __init__(self, line: int, text: str, reason: str) -> None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"line {line} ({shown!r}): {reason}" if line else reason)
        self.line = line
        self.text = text
        self.reason = reason


class Attribute(NamedTuple):
    """`a=name` or `a=name:value`; `value` is None for the first form."""

    name: str
    value: str | None = None


class Connection(NamedTuple):
    """`c=IN IP4 address`; a TTL or a count after the address is kept in it (RFC 8866 5.7)."""

    address: str
    address_type: str = "IP4"
    network_type: str = "IN"


class Bandwidth(NamedTuple):
    """`b=AS:64`; kilobits a second for AS and CT, bits for TIAS."""

    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Origin:
    """`o=`: who described the session, and which version of it this is (RFC 8866 5.2)."""

    address: str
    session_id: str = "0"
    version: str = "0"
    username: str = "-"
    address_type: str = "IP4"
    network_type: str = "IN"


@dataclass(frozen=True, slots=True)
class Media:
    """`m=` and the lines that follow it; `port` 0 means refused (RFC 3264 6)."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    port_count: int = 1
    title: str = ""
    connection: Connection | None = None
    bandwidths: tuple[Bandwidth, ...] = ()
    attributes: tuple[Attribute, ...] = ()

    def attribute(self, name: str) -> str | None:
        """The value of the first attribute of that name; "" when it has none, None if absent."""
        return find(self.attributes, name)

    def values(self, name: str) -> list[str]:
        """The values of all attributes of that name."""
        return [a.value for a in self.attributes if a.name == name and a.value is not None]


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """All of it; `times` are the raw values of the t= and r= lines, in order."""

    origin: Origin
    name: str = "-"
    connection: Connection | None = None
    bandwidths: tuple[Bandwidth, ...] = ()
    times: tuple[tuple[str, str], ...] = (("t", "0 0"),)
    attributes: tuple[Attribute, ...] = ()
    media: tuple[Media, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """Lines that are only passed on: i, u, e, p, z, k of the session."""

    def attribute(self, name: str) -> str | None:
        """The value of the first session attribute of that name; "" when it has none."""
        return find(self.attributes, name)


def find(attributes: tuple[Attribute, ...], name: str) -> str | None:
    """The value of the first attribute of that name; "" when it has none, None if absent."""
    for attribute in attributes:
        if attribute.name == name:
            return attribute.value or ""
    return None
