"""Messages on the local socket: four octets of length, then msgpack."""

import struct
from typing import Final, Generic, TypeVar

import msgspec

M = TypeVar("M")

MAX_MESSAGE: Final = 8 << 20
_LENGTH: Final = struct.Struct("!I")
_encoder: Final = msgspec.msgpack.Encoder()


class BadFrame(ValueError):
    """The stream cannot be followed any more."""


def pack(message: msgspec.Struct) -> bytes:
    """One message with its length."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


class Unpacker(Generic[M]):
    """Octets in any pieces to messages."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[M]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[M]:
        """The messages that are complete now.

        Raises:
            BadFrame: a length beyond `MAX_MESSAGE`, or a body that is none of the messages.
        """
        buffer = self._buffer
        buffer += data
        found: list[M] = []
        at = 0
        while len(buffer) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, at)
            if length > MAX_MESSAGE:
                raise BadFrame(f"a message of {length} octets")
            end = at + _LENGTH.size + length
            if end > len(buffer):
                break
            try:
                found.append(self._decoder.decode(bytes(buffer[at + _LENGTH.size : end])))
            except msgspec.DecodeError as error:
                raise BadFrame(str(error)) from None
            at = end
        if at:
            del buffer[:at]
        return found
