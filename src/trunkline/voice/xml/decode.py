"""From the bytes of an answer to its text: byte order mark, header, declaration, UTF-8, in turn."""

import codecs
import re

from trunkline.voice.xml.errors import Malformed, TooLarge

MAX_BYTES = 100 * 1024  # PLIVO XML: documents ≤ 100 KB

# RFC 7303 3: a byte order mark wins over the header's charset, that over the declaration.
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
# XML 1.0 appendix F: how "<?" looks in UTF-16 without a mark.
_BARE_UTF16 = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
# Character sets of text, not every codec that Python has (some unpack, some run escapes).
_TEXT_SETS = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|(us-)?ascii|iso-?8859-?\d{1,2}|latin-?\d{1,2}|windows-125\d|cp125\d"
    r"|koi8-[ru]|shift[-_]jis|euc-(jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5",
)
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0 2.2: no characters of XML


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a document; raises TooLarge and Malformed.

    Bytes that are not what they are said to be are read as Windows-1252, which is what they are
    when somebody forgot to say so.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"The document is longer than {MAX_BYTES} bytes.")
    text = _decoded(body, content_type)
    if _CONTROL.search(text):
        raise Malformed("The document holds control characters.")
    return text


def _decoded(body: bytes, content_type: str) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _as(body[len(mark) :], encoding)
    for start, encoding in _BARE_UTF16:
        if body.startswith(start):
            return _as(body, encoding)
    named = _CHARSET.search(content_type)
    declared = _DECLARED.match(body)
    name = named[1] if named else declared[1].decode("ascii") if declared else "utf-8"
    name = name.lower()
    # "UTF-16" in a declaration that could be read octet by octet is not true.
    if not _TEXT_SETS.fullmatch(name) or name.startswith(("utf-16", "utf16")):
        name = "utf-8"
    return _as(body, name)


def _as(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        if encoding.startswith("utf-16"):
            raise Malformed("The document is not the UTF-16 that it begins as.") from None
        return body.decode("windows-1252", "replace")
