"""UCS-2 as handsets use it: UTF-16, big endian, counted in 16-bit code units."""

from typing import Final

_BIG: Final = b"\xfe\xff"
_LITTLE: Final = b"\xff\xfe"


def encode(text: str) -> bytes:
    """Encode to UTF-16BE; a lone surrogate becomes a question mark."""
    return text.encode("utf-16-be", "replace")


def count(text: str) -> int:
    """Count code units: two for a character beyond U+FFFF."""
    return len(encode(text)) // 2


def decode(octets: bytes) -> str:
    """Decode UTF-16BE; never fails: broken pairs and an odd last octet become U+FFFD.

    A byte-order mark is obeyed and removed, because some handsets and gateways send one.
    """
    mark = octets[:2]
    if mark == _LITTLE:
        return octets[2:].decode("utf-16-le", "replace")
    if mark == _BIG:
        octets = octets[2:]
    return octets.decode("utf-16-be", "replace")


def splits_pair(octets: bytes, at: int) -> bool:
    """Tell whether a cut before octet `at` parts a high surrogate from its low one."""
    return 0xD8 <= octets[at - 2] <= 0xDB and 0xDC <= octets[at] <= 0xDF
