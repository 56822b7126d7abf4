"""WAV files that were sent while they were written: the decoder finds no sound in them."""

import struct
from typing import Final

_FORM: Final = 12  # RIFF, its size, WAVE
_CHUNK: Final = struct.Struct("<4sI")


def mended(body: bytes) -> bytes:
    """Return a WAV whose audio has its length; as it is if a length is told.

    Who writes to a pipe cannot come back to tell it, and many leave 0 there.
    """
    at = _FORM
    while at + _CHUNK.size < len(body):
        name, size = _CHUNK.unpack_from(body, at)
        audio_at = at + _CHUNK.size
        if name == b"data":
            if size or _is_chunk(body, audio_at):
                return body
            return b"".join((
                body[:4], struct.pack("<I", len(body) - 8), body[8:at],
                _CHUNK.pack(name, len(body) - audio_at), body[audio_at:],
            ))  # fmt: skip
        at = audio_at + size + size % 2
    return body


def _is_chunk(body: bytes, at: int) -> bool:
    """Whether a chunk that ends within the file begins here: then there is no audio before it."""
    if at + _CHUNK.size > len(body):
        return False
    name, size = _CHUNK.unpack_from(body, at)
    return all(0x20 <= octet < 0x7F for octet in name) and at + _CHUNK.size + size <= len(body)
