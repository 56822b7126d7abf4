"""MP3 files that say less than they have: the decoder believes them and stops too soon.

It takes the number of frames from the first (Xing, Info), which files put together from several
still have of their first part; without it from the bit rate of the first frame, as if all had it.
Where much that is no sound lies before, between or behind the frames it fails.
"""

import struct
from typing import Final, NamedTuple

# ISO/IEC 11172-3 2.4.2.3, ISO/IEC 13818-3 2.4.2.3: layer III, in kbit/s and Hz
_KBPS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES: Final = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8000),
}
_TAGS: Final = (b"Xing", b"Info")
_MOST_TRIES: Final = 10_000  # of places where no frame begins: 10 ms
_MOST_STRAY: Final = 1000  # octets in one place; the decoder looks for a frame in 1024
_NEAR: Final = 2  # frames; encoders do not agree on whether the first counts
_HEAD: Final = 4
_ID3: Final = 10
_ID3_V1: Final = 128


class _Frame(NamedTuple):
    at: int
    size: int
    kbps: int


def mended(body: bytes) -> bytes:
    """Return an MP3 whose first frame tells of all others; as it is if nothing would be lost."""
    frames, stray = _frames(body)
    if not frames:
        return body
    told = _told(body, frames[0])
    if told is None:
        # Of a constant bit rate: the decoder's guess is right.
        enough = all(frame.kbps == frames[0].kbps for frame in frames)
    else:
        enough = len(frames) - 1 <= told + _NEAR
    if enough and stray <= _MOST_STRAY and body[0]:
        return body
    sounding = [frame for frame in frames if _told(body, frame) is None]
    if not sounding:
        return body
    audio = b"".join(body[frame.at : frame.at + frame.size] for frame in sounding)
    return _first(body[sounding[0].at : sounding[0].at + _HEAD], len(sounding), len(audio)) + audio


def _frames(body: bytes) -> tuple[list[_Frame], int]:
    """Walk through layer III, over tags and what is no sound; of the latter tell the most."""
    found: list[_Frame] = []
    at, tries = 0, _MOST_TRIES
    lost_at, stray = -1, 0
    while at + _HEAD <= len(body):
        if body[at : at + 3] == b"ID3" and at + _ID3 <= len(body):
            # ID3v2 3.1: seven bits an octet, without the head
            high, upper, lower, low = body[at + 6 : at + _ID3]
            at += _ID3 + (high << 21 | upper << 14 | lower << 7 | low)
        elif body[at : at + 3] == b"TAG":
            at += _ID3_V1
        elif (frame := _frame(body, at)) is not None and not (
            lost_at >= 0 and _is_last(body, frame)
        ):
            if lost_at >= 0:
                lost_at, stray = -1, max(stray, at - lost_at)
            if at + frame.size <= len(body):
                found.append(frame)
            at += frame.size
        else:
            lost_at, tries = (at if lost_at < 0 else lost_at), tries - 1
            at = body.find(b"\xff", at + 1)
            if not tries:
                return found, stray  # what else there is remains unknown
            if at < 0:
                break
    return found, max(stray, len(body) - lost_at) if lost_at >= 0 else stray


def _is_last(body: bytes, frame: _Frame) -> bool:
    """Whether none follows at once: what looks like a frame by chance has none behind it."""
    return _frame(body, frame.at + frame.size) is None


def _frame(body: bytes, at: int) -> _Frame | None:
    """ISO/IEC 11172-3 2.4.1.3; None when no frame of layer III begins here."""
    head = body[at : at + _HEAD]
    if len(head) < _HEAD or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, index = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version not in _RATES or rate == 3 or not 0 < index < 15:
        return None
    kbps = (_KBPS_1 if version == 3 else _KBPS_2)[index]
    slots = 144_000 if version == 3 else 72_000
    return _Frame(at, slots * kbps // _RATES[version][rate] + (head[2] >> 1 & 1), kbps)


def _tag_at(head: bytes) -> int:
    """Return where a Xing tag is: behind the side information."""
    is_mono = head[3] >> 6 == 3
    if head[1] >> 3 & 3 == 3:
        return _HEAD + (17 if is_mono else 32)
    return _HEAD + (9 if is_mono else 17)


def _told(body: bytes, frame: _Frame) -> int | None:
    """Return how many frames this one says there are; None when it is sound."""
    at = frame.at + _tag_at(body[frame.at : frame.at + _HEAD])
    if body[at : at + 4] not in _TAGS or frame.size < at - frame.at + 12:
        return None
    flags, count = struct.unpack_from(">II", body, at + 4)
    return count if flags & 1 else 0


def _first(head: bytes, count: int, size: int) -> bytes:
    """Make the frame that says how many follow; `head` is of one of them."""
    octets = bytearray(head)
    octets[1] |= 1  # no CRC
    octets[2] = (9 << 4) | (octets[2] & 0x0C)  # a bit rate with room for the tag
    made = _frame(bytes(octets), 0)
    room = 0 if made is None else made.size
    octets += bytes(room - len(octets))
    tag = _tag_at(head)
    octets[tag : tag + 16] = struct.pack(">4sIII", b"Xing", 3, count, room + size)
    return bytes(octets)
