"""The two ends of a call as requests name them: numbers, and SIP addresses."""

import re

from trunkline.values.phone import sanitise
from trunkline.voice.records.model import is_uri

_NUMBER = re.compile(r"[0-9]{3,15}")  # ITU-T E.164: at most 15 digits
# RFC 3261 25.1: commas and semicolons may be in a user.
_SIP = re.compile(r"sips?:[^\s@<>\"]+@[^\s@<>,\"]+", re.IGNORECASE)
MOST_DESTINATIONS = 1_000  # PLIVO make call: bulk


class NoEnd(ValueError):
    """It is neither a number nor a SIP address; the text completes "… parameter is invalid: "."""


def end_of(written: str) -> str:
    """Return a number as digits alone, or a SIP address as it is. Raises NoEnd."""
    text = written.strip()
    if is_uri(text):
        if _SIP.fullmatch(text) and len(text) <= 255:
            return text
        raise NoEnd(f"{text[:64]!r} is not a SIP address, sip:user@domain")
    digits = sanitise(text)
    if not _NUMBER.fullmatch(digits):
        why = "is not a number of 3 to 15 digits, the country code first"
        raise NoEnd(f"{text[:64]!r} {why}")
    return digits


def ends_of(written: str) -> list[str]:
    """Return the ends of a list joined with `<`, each once. Raises NoEnd."""
    found = dict.fromkeys(end_of(part) for part in written.split("<") if part.strip())
    if not found:
        raise NoEnd("names no destination")
    if len(found) > MOST_DESTINATIONS:
        raise NoEnd(f"names more than {MOST_DESTINATIONS} destinations")
    return list(found)
