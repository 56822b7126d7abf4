"""Cutting a text into the parts a handset joins again."""

from enum import Enum
from typing import Final, NamedTuple

from trunkline.protocols.sms import gsm, ucs2

# 3GPP 23.040 9.2.3.24.1: 140 octets, less 6 of header when concatenated.
GSM_SINGLE: Final = 160
GSM_PART: Final = 153
UCS2_SINGLE: Final = 70
UCS2_PART: Final = 67
# PLIVO messaging: error 110 over 1,600 GSM or 737 UCS-2 characters; an extension character is two.
GSM_LIMIT: Final = 1600
UCS2_LIMIT: Final = 737


class Encoding(Enum):
    """How a text is carried; the value is the SMPP data_coding (SMPP34 5.2.19)."""

    GSM7 = 0
    UCS2 = 8


class TooLong(ValueError):
    """The text needs more septets or code units than may be sent: Plivo error 110."""

    def __init__(self, encoding: Encoding, length: int, limit: int) -> None:
        super().__init__(f"{length} {encoding.name} characters, at most {limit}")
        self.encoding = encoding
        self.length = length
        self.limit = limit


class Segmented(NamedTuple):
    """A text as 1–11 parts: septets one per octet (GSM7), or UTF-16BE (UCS2)."""

    encoding: Encoding
    parts: tuple[bytes, ...]

    @property
    def units(self) -> int:
        return len(self.parts)


def choose(text: str) -> Encoding:
    """Choose GSM7 when every character fits, else UCS2 for the whole text."""
    return Encoding.UCS2 if gsm.try_encode(text) is None else Encoding.GSM7


def units(text: str) -> tuple[Encoding, int]:
    """Count the parts a text takes; raises TooLong."""
    cut = segment(text)
    return cut.encoding, len(cut.parts)


def segment(text: str, *, wide: bool = False, unicode: bool = False) -> Segmented:
    """Cut a text into parts, never inside an escape pair or a surrogate pair; raises TooLong.

    The empty text is one empty part. `wide` leaves room for a 16-bit reference in each part's
    header; `unicode` takes UCS-2 even for a text that GSM could carry.
    """
    septets = None if unicode else gsm.try_encode(text)
    if septets is not None:
        if len(septets) <= GSM_SINGLE:
            return Segmented(Encoding.GSM7, (septets,))
        if len(septets) > GSM_LIMIT:
            raise TooLong(Encoding.GSM7, len(septets), GSM_LIMIT)
        return Segmented(Encoding.GSM7, _cut_gsm(septets, GSM_PART - wide))
    octets = ucs2.encode(text)
    length = len(octets) // 2
    if length <= UCS2_SINGLE:
        return Segmented(Encoding.UCS2, (octets,))
    if length > UCS2_LIMIT:
        raise TooLong(Encoding.UCS2, length, UCS2_LIMIT)
    return Segmented(Encoding.UCS2, _cut_ucs2(octets, UCS2_PART - wide))


def _cut_gsm(septets: bytes, longest: int) -> tuple[bytes, ...]:
    parts: list[bytes] = []
    start, end = 0, len(septets)
    while end - start > longest:
        cut = start + longest
        if septets[cut - 1] == gsm.ESCAPE:
            cut -= 1
        parts.append(septets[start:cut])
        start = cut
    parts.append(septets[start:])
    return tuple(parts)


def _cut_ucs2(octets: bytes, longest: int) -> tuple[bytes, ...]:
    parts: list[bytes] = []
    start, end = 0, len(octets)
    while end - start > longest * 2:
        cut = start + longest * 2
        if ucs2.splits_pair(octets, cut):
            cut -= 2
        parts.append(octets[start:cut])
        start = cut
    parts.append(octets[start:])
    return tuple(parts)
