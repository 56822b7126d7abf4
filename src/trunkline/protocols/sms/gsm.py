"""The GSM 7-bit default alphabet and its extension table (3GPP 23.038 6.2.1).

An encoded text is one septet value per octet ("unpacked"), as SMPP carries data_coding 0.
"""

import codecs
from typing import Any, Final

ESCAPE: Final = 0x1B  # 3GPP 23.038 6.2.1: escape to the extension table

# 3GPP 23.038 6.2.1, in code order; 0x1B is the escape itself.
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP 23.038 6.2.1.1
EXTENSION: Final[dict[str, int]] = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}

_FOREIGN: Final = 0xFF
_HIGH: Final = 0x80  # marks an extension character in _FROM_LATIN1's output
_DECODE: Final = BASIC + "\ufffd" * 128
_FROM_EXTENSION: Final = {code: char for char, code in EXTENSION.items()}


def _latin1_table() -> bytes:
    table = bytearray([_FOREIGN]) * 256
    for code, char in enumerate(BASIC):
        if ord(char) < 256 and code != ESCAPE:
            table[ord(char)] = code
    for char, code in EXTENSION.items():
        if ord(char) < 256:
            table[ord(char)] = _HIGH | code
    return bytes(table)


def _charmap() -> dict[int, int | bytes]:
    table: dict[int, int | bytes] = {
        ord(char): code for code, char in enumerate(BASIC) if code != ESCAPE
    }
    for char, code in EXTENSION.items():
        table[ord(char)] = bytes((ESCAPE, code))
    return table


_FROM_LATIN1: Final = _latin1_table()
# Any: typeshed knows neither bytes as targets nor a text as a decoding map.
_FROM_ANY: Final[Any] = _charmap()
_TO_TEXT: Final[Any] = _DECODE
_ESCAPES: Final = tuple(
    (bytes((_HIGH | code,)), bytes((ESCAPE, code)))
    for char, code in EXTENSION.items()
    if ord(char) < 256
)


def try_encode(text: str) -> bytes | None:
    """Encode to one octet per septet, or None when a character is outside both tables.

    The length of the result is the septet count: extension characters take two.
    """
    try:
        # Three C passes and no Python loop: this is nearly every message there is.
        octets = text.encode("latin-1").translate(_FROM_LATIN1)
    except UnicodeEncodeError:
        return _try_encode_any(text)
    if octets.isascii():
        return octets
    if _FOREIGN in octets:
        return None
    for mark, pair in _ESCAPES:
        octets = octets.replace(mark, pair)
    return octets


def _try_encode_any(text: str) -> bytes | None:
    """Take the slower way, for Greek capitals and the euro sign."""
    try:
        return codecs.charmap_encode(text, "strict", _FROM_ANY)[0]
    except UnicodeEncodeError:
        return None


def encode(text: str) -> bytes:
    """Encode to one octet per septet; raises ValueError for a character outside both tables."""
    octets = try_encode(text)
    if octets is None:
        raise ValueError("text is outside the GSM 7-bit default alphabet")
    return octets


def count(text: str) -> int | None:
    """Count septets, or None when the text is outside the alphabet."""
    octets = try_encode(text)
    return None if octets is None else len(octets)


def decode(octets: bytes) -> str:
    """Decode one septet per octet; never fails.

    An octet above 0x7F becomes U+FFFD. An unknown extension code falls back to the character of
    the basic table, a lone or doubled escape to a space (3GPP 23.038 6.2.1.1).
    """
    text = codecs.charmap_decode(octets, "strict", _TO_TEXT)[0]
    if "\x1b" not in text:
        return text
    return _resolve_escapes(octets)


def _resolve_escapes(octets: bytes) -> str:
    chars: list[str] = []
    walk = iter(octets)
    for code in walk:
        if code != ESCAPE:
            chars.append(_DECODE[code])
            continue
        code = next(walk, ESCAPE)  # noqa: PLW2901 - the pair is one character
        fallback = " " if code == ESCAPE else _DECODE[code]
        chars.append(_FROM_EXTENSION.get(code, fallback))
    return "".join(chars)


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack septets eight into seven octets, after `fill_bits` (0–6) zero bits.

    3GPP 23.038 6.1.2.1.1; fill bits put the text on a septet boundary after a header
    (3GPP 23.040 9.2.3.24).
    """
    bits = 0
    shift = fill_bits
    for septet in septets:
        bits |= (septet & 0x7F) << shift
        shift += 7
    return bits.to_bytes((shift + 7) // 8, "little")


def unpack(packed: bytes, septet_count: int, fill_bits: int = 0) -> bytes:
    """Unpack at most `septet_count` septets, fewer when the octets end before."""
    bits = int.from_bytes(packed, "little") >> fill_bits
    room = max(0, len(packed) * 8 - fill_bits) // 7
    return bytes((bits >> (7 * at)) & 0x7F for at in range(min(septet_count, room)))
