"""The kinds of mandatory field a body is made of, each able to write and read itself.

A body is written to a bytearray and read from a Cursor. Writing raises EncodeError; reading raises
BodyError with the command_status that the sender is to be answered with.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from trunkline.protocols.smpp import status
from trunkline.protocols.smpp.errors import BodyError, EncodeError
from trunkline.protocols.smpp.messages import DistributionList, SmeAddress, UnsuccessfulSme

_SME_ADDRESS: Final = 1  # dest_flag, SMPP34 5.2.25
_DISTRIBUTION_LIST: Final = 2
_MAX_SHORT_MESSAGE: Final = 254  # SMPP34 5.2.22
_MAX_DESTINATIONS: Final = 254  # SMPP34 5.2.24


class Cursor:
    """A place in received bytes. With `lenient`, text may be longer than the specification says."""

    __slots__ = ("data", "end", "lenient", "pos")

    def __init__(self, data: bytes, pos: int, end: int, *, lenient: bool) -> None:
        self.data = data
        self.pos = pos
        self.end = end
        self.lenient = lenient

    def octet(self, field: str) -> int:
        if self.pos >= self.end:
            raise BodyError(status.ESME_RINVCMDLEN, field, "the body ends before it")
        value = self.data[self.pos]
        self.pos += 1
        return value

    def octets(self, field: str, size: int, on_short: int) -> bytes:
        if size > self.end - self.pos:
            reason = f"{size} octets announced, {self.end - self.pos} are there"
            raise BodyError(on_short, field, reason)
        value = self.data[self.pos : self.pos + size]
        self.pos += size
        return value

    def text(self, field: str) -> str:
        nul = self.data.find(0, self.pos, self.end)
        if nul < 0:
            raise BodyError(status.ESME_RINVCMDLEN, field, "the body ends before its NUL")
        value = self.data[self.pos : nul].decode("latin-1")
        self.pos = nul + 1
        return value


class Field(Protocol):
    """One mandatory field of a layout."""

    @property
    def name(self) -> str: ...

    def put(self, out: bytearray, value: Any, pdu: str) -> None: ...

    def take(self, cursor: Cursor) -> Any: ...


@dataclass(frozen=True, slots=True)
class CString:
    """Text closed by a NUL, which `size` counts; with `fixed` empty or exactly that long."""

    name: str
    size: int
    status: int = status.ESME_RINVPARLEN
    fixed: bool = False

    def put(self, out: bytearray, value: str, pdu: str) -> None:
        if len(value) >= self.size:
            reason = f"{len(value)} characters, at most {self.size - 1}"
            raise EncodeError(pdu, self.name, reason)
        if self.fixed and value and len(value) != self.size - 1:
            raise EncodeError(pdu, self.name, f"{len(value)} characters, not 0 or {self.size - 1}")
        if "\0" in value:
            raise EncodeError(pdu, self.name, "holds a NUL")
        try:
            out += value.encode("latin-1")
        except UnicodeEncodeError:
            raise EncodeError(pdu, self.name, "holds a character above U+00FF") from None
        out.append(0)

    def take(self, cursor: Cursor) -> str:
        value = cursor.text(self.name)
        if cursor.lenient:
            return value
        if len(value) >= self.size:
            reason = f"{len(value)} characters, at most {self.size - 1}"
            raise BodyError(self.status, self.name, reason)
        if self.fixed and value and len(value) != self.size - 1:
            raise BodyError(self.status, self.name, f"{len(value)} characters, not 0 or 16")
        return value


@dataclass(frozen=True, slots=True)
class Octet:
    """An integer of one octet, 0..255."""

    name: str

    def put(self, out: bytearray, value: int, pdu: str) -> None:
        if not 0 <= value <= 0xFF:
            raise EncodeError(pdu, self.name, f"{value} is not in 0..255")
        out.append(value)

    def take(self, cursor: Cursor) -> int:
        return cursor.octet(self.name)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """sm_length and short_message: 0..254 octets (SMPP34 5.2.21, 5.2.22)."""

    name: str = "short_message"

    def put(self, out: bytearray, value: bytes, pdu: str) -> None:
        if len(value) > _MAX_SHORT_MESSAGE:
            reason = f"{len(value)} octets, at most {_MAX_SHORT_MESSAGE} (longer: message_payload)"
            raise EncodeError(pdu, self.name, reason)
        out.append(len(value))
        out += value

    def take(self, cursor: Cursor) -> bytes:
        size = cursor.octet("sm_length")
        if size > _MAX_SHORT_MESSAGE:
            raise BodyError(status.ESME_RINVMSGLEN, "sm_length", f"{size}, at most 254")
        return cursor.octets(self.name, size, status.ESME_RINVMSGLEN)


_DESTINATION = CString("destination_addr", 21, status.ESME_RINVDSTADR)
_DL_NAME = CString("dl_name", 21, status.ESME_RINVDLNAME)
_TON = Octet("dest_addr_ton")
_NPI = Octet("dest_addr_npi")


@dataclass(frozen=True, slots=True)
class Destinations:
    """number_of_dests and that many destinations, 1..254 (SMPP34 4.5.1)."""

    name: str = "dest_addresses"

    def put(
        self, out: bytearray, value: tuple[SmeAddress | DistributionList, ...], pdu: str
    ) -> None:
        if not 1 <= len(value) <= _MAX_DESTINATIONS:
            raise EncodeError(pdu, self.name, f"{len(value)} destinations, not 1..254")
        out.append(len(value))
        for destination in value:
            if isinstance(destination, DistributionList):
                out.append(_DISTRIBUTION_LIST)
                _DL_NAME.put(out, destination.dl_name, pdu)
            else:
                out.append(_SME_ADDRESS)
                _put_address(out, destination, pdu)

    def take(self, cursor: Cursor) -> tuple[SmeAddress | DistributionList, ...]:
        count = cursor.octet("number_of_dests")
        if not 1 <= count <= _MAX_DESTINATIONS:
            raise BodyError(status.ESME_RINVNUMDESTS, "number_of_dests", f"{count}, not 1..254")
        return tuple(_take_destination(cursor) for _ in range(count))


@dataclass(frozen=True, slots=True)
class Unsuccessful:
    """no_unsuccess and that many destinations with their error (SMPP34 4.5.2)."""

    name: str = "unsuccess_smes"

    def put(self, out: bytearray, value: tuple[UnsuccessfulSme, ...], pdu: str) -> None:
        if len(value) > 0xFF:
            raise EncodeError(pdu, self.name, f"{len(value)} destinations, at most 255")
        out.append(len(value))
        for sme in value:
            _put_address(out, sme, pdu)
            if not 0 <= sme.error_status_code <= 0xFFFFFFFF:
                raise EncodeError(pdu, self.name, "error_status_code needs more than 4 octets")
            out += sme.error_status_code.to_bytes(4, "big")

    def take(self, cursor: Cursor) -> tuple[UnsuccessfulSme, ...]:
        return tuple(_take_unsuccessful(cursor) for _ in range(cursor.octet("no_unsuccess")))


def _put_address(out: bytearray, address: SmeAddress | UnsuccessfulSme, pdu: str) -> None:
    _TON.put(out, address.dest_addr_ton, pdu)
    _NPI.put(out, address.dest_addr_npi, pdu)
    _DESTINATION.put(out, address.destination_addr, pdu)


def _take_destination(cursor: Cursor) -> SmeAddress | DistributionList:
    flag = cursor.octet("dest_flag")
    if flag == _DISTRIBUTION_LIST:
        return DistributionList(_DL_NAME.take(cursor))
    if flag != _SME_ADDRESS:
        raise BodyError(status.ESME_RINVDESTFLAG, "dest_flag", f"{flag}, not 1 or 2")
    return SmeAddress(_TON.take(cursor), _NPI.take(cursor), _DESTINATION.take(cursor))


def _take_unsuccessful(cursor: Cursor) -> UnsuccessfulSme:
    ton, npi = _TON.take(cursor), _NPI.take(cursor)
    address = _DESTINATION.take(cursor)
    code = cursor.octets("error_status_code", 4, status.ESME_RINVCMDLEN)
    return UnsuccessfulSme(ton, npi, address, int.from_bytes(code, "big"))
