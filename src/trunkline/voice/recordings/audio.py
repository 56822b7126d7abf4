"""How long the audio of a file is that nobody finished: by its head and its size."""

from pathlib import Path
from typing import BinaryIO

_HEAD = 65_536
# ISO/IEC 11172-3 2.4.2.3 and 13818-3: kbit/s of layer III by index, for MPEG 1 and for 2 and 2.5
_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_LAYER_III = 1


def duration_ms(path: Path) -> int:
    """Return the length of a WAV or constant-rate MP3 file; 0 if it is neither.

    Raises:
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = _head(file)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _wav_ms(head, size)
    return _mp3_ms(head, size)


def _head(file: BinaryIO) -> bytes:
    head = file.read(_HEAD)
    if head[:3] != b"ID3" or len(head) < 10:
        return head
    # ID3v2 3.1: four times seven bits
    skipped = 10 + int("".join(f"{octet & 0x7F:07b}" for octet in head[6:10]), 2)
    file.seek(skipped)
    return file.read(_HEAD)


def _wav_ms(head: bytes, size: int) -> int:
    at, rate = 12, 0
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt ":
            rate = int.from_bytes(head[at + 16 : at + 20], "little")
        if name == b"data":
            # The length that stands there is that of a file which was closed.
            return (size - at - 8) * 1000 // rate if rate else 0
        at += 8 + length + length % 2
    return 0


def _mp3_ms(head: bytes, size: int) -> int:
    for at in range(max(0, len(head) - 3)):
        if head[at] != 0xFF or head[at + 1] & 0xE0 != 0xE0:
            continue
        version, layer = head[at + 1] >> 3 & 3, head[at + 1] >> 1 & 3
        rates = _MPEG1 if version == 3 else _MPEG2
        index = head[at + 2] >> 4
        if version != 1 and layer == _LAYER_III and 0 < index < len(rates):
            return (size - at) * 8 // rates[index]
    return 0
