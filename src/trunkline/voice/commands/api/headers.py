"""The SIP headers that requests give calls."""

from trunkline.contract.errors import InvalidParameter
from trunkline.voice.xml.headers import read_headers, unreadable_header


def headers_of(written: str | None) -> dict[str, str]:
    """Read `sip_headers`; those with a reserved name are left out.

    Raises:
        InvalidParameter: a pair that cannot be one of them; a document's would be left out.
    """
    bad = unreadable_header(written or "")
    if bad:
        why = f"{bad[:64]!r} is not key=value with a key of at most 24 letters, digits and hyphens"
        raise InvalidParameter("sip_headers", f"{why}, and a plain value of at most 120 characters")
    return read_headers(written or "")
