"""What can go wrong with SMPP bytes.

SmppError
├── EncodeError      a value does not fit its field; names PDU and field
├── BodyError        a received body breaks its layout; carries the status to answer with
├── StateError       this PDU may not be sent in this session state
└── WindowFull       no room for another unanswered request

values the Decoder returns among the PDUs: BadLength, UnknownCommand, BadBody
"""

from dataclasses import dataclass


class SmppError(Exception):
    """Root of everything this package raises."""


class EncodeError(SmppError, ValueError):
    """A value does not fit its field."""

    def __init__(self, pdu: str, field: str, reason: str) -> None:
        super().__init__(f"{pdu}.{field}: {reason}")
        self.pdu = pdu
        self.field = field
        self.reason = reason


class BodyError(SmppError):
    """A received body or TLV breaks its layout."""

    def __init__(self, status: int, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.status = status
        self.field = field
        self.reason = reason


class StateError(SmppError):
    """This PDU may not be sent in this session state (SMPP34 2.3)."""


class WindowFull(SmppError):
    """No room for another unanswered request."""


@dataclass(frozen=True, slots=True)
class BadLength:
    """command_length is out of range: the stream is lost; nack with ESME_RINVCMDLEN and close."""

    command_length: int
    sequence_number: int


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """No such command_id: a request is to be answered generic_nack ESME_RINVCMDID (SMPP34 4.3)."""

    command_id: int
    sequence_number: int
    command_status: int = 0


@dataclass(frozen=True, slots=True)
class BadBody:
    """The header is sound, the body is not.

    `status` is what to answer a request with; `command_status` is what a response carried.
    """

    command_id: int
    sequence_number: int
    command_status: int
    status: int
    field: str
    reason: str


Malformed = BadLength | UnknownCommand | BadBody
