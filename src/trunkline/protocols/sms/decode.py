"""Text and structure of a received short message."""

from enum import Enum
from typing import Final, NamedTuple

from trunkline.protocols.sms import gsm, ucs2, udh
from trunkline.protocols.sms.payload import ESM_UDHI


class Alphabet(Enum):
    """What a carrier means by data_coding 0, "SMSC default alphabet" (SMPP34 5.2.19)."""

    GSM = "gsm"
    LATIN1 = "latin1"
    ASCII = "ascii"
    UTF8 = "utf8"


_BINARY: Final = "binary"
_DEFAULT: Final = "default"
_UCS2: Final = "ucs2"
# SMPP34 5.2.19
_CODINGS: Final[dict[int, str]] = {
    0: _DEFAULT,
    1: "ascii",
    2: _BINARY,
    3: "latin-1",
    4: _BINARY,
    5: "shift_jis",
    6: "iso8859-5",
    7: "iso8859-8",
    8: _UCS2,
    9: _BINARY,
    10: "iso2022_jp",
    13: "iso2022_jp_ext",
    14: "euc_kr",
}
_GENERAL: Final = (_DEFAULT, _BINARY, _UCS2, _BINARY)  # 3GPP 23.038 4: bits 3 and 2


class Content(NamedTuple):
    """User data with its header taken off; `body` is undecoded so that parts can be joined first.

    `header` is None when there is none or it is broken; then `body` is all there was.
    """

    body: bytes
    data_coding: int
    concat: udh.Concat | None = None
    header: udh.Header | None = None


def coding_name(data_coding: int) -> str:
    """Name the character set of a data_coding: default, binary, ucs2 or a Python codec."""
    known = _CODINGS.get(data_coding)
    if known is not None:
        return known
    if data_coding >= 0xF0:  # 3GPP 23.038 4: data coding and message class
        return _BINARY if data_coding & 0x04 else _DEFAULT
    if data_coding >= 0xE0:  # 3GPP 23.038 4: message waiting, store, UCS-2
        return _UCS2
    if data_coding >= 0xC0:  # 3GPP 23.038 4: message waiting
        return _DEFAULT
    # 3GPP 23.038 4, general groups: carriers pass the handset's octet through; bit 5 = compressed.
    if data_coding >= 0x80 or data_coding & 0x20:
        return _BINARY
    return _GENERAL[(data_coding >> 2) & 0x03] if data_coding >= 0x10 else _BINARY


def text_of(body: bytes, data_coding: int, alphabet: Alphabet = Alphabet.GSM) -> str | None:
    """Decode user data without its header; None for binary; bad octets become U+FFFD."""
    name = coding_name(data_coding)
    if name == _DEFAULT:
        if alphabet is Alphabet.GSM:
            return gsm.decode(body)
        return body.decode(alphabet.value, "replace")
    if name == _UCS2:
        return ucs2.decode(body)
    if name == _BINARY:
        return None
    return body.decode(name, "replace")


def read(
    data_coding: int,
    esm_class: int,
    short_message: bytes,
    message_payload: bytes | None = None,
    sar: tuple[int, int, int] | None = None,
) -> Content:
    """Take a deliver_sm's or data_sm's user data apart.

    `sar` is (sar_msg_ref_num, sar_total_segments, sar_segment_seqnum). message_payload counts
    when it is there and short_message is empty (SMPP34 5.3.2.32). A header's concatenation wins
    over TLVs, because it is what the handset wrote.
    """
    body = short_message or message_payload or b""
    header: udh.Header | None = None
    if esm_class & ESM_UDHI:
        try:
            header, body = udh.parse(body)
        except udh.BadHeader:
            header = None
    concat = header.concat if header is not None else None
    if concat is None and sar is not None and 1 <= sar[2] <= sar[1]:
        concat = udh.Concat(sar[0], sar[1], sar[2], wide=True)
    return Content(body, data_coding, concat, header)
