"""Phone numbers and sender names as Plivo's messaging API cleans and limits them."""

from enum import StrEnum
from functools import lru_cache
from typing import NewType

import phonenumbers

PhoneNumber = NewType("PhoneNumber", str)
"""7 to 14 digits, the country code first, no plus sign."""

_STRIPPED = str.maketrans("", "", "/-.+() \t\r\n\v\f\u00a0")  # PLIVO messaging: dst sanitisation
_MIN_DIGITS = 7
_MAX_DIGITS = 14  # PLIVO messaging: sanitised numbers ≤ 14 characters
_MAX_ALPHANUMERIC = 11  # PLIVO messaging: sanitised alphanumeric sender ≤ 11 characters
_MIN_SHORT_CODE = 3
_NANP_KEY_DIGITS = 4
_KEY_DIGITS = 8  # the longest prefix that tells regions of one country code apart (590 590 27)


class SenderKind(StrEnum):
    """What a cleaned sender is: decides rates, routes and what carriers accept."""

    LONG_CODE = "long_code"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"


def sanitise(text: str) -> str:
    """Drop `/ - . + ( )` and white space from a destination."""
    return text.translate(_STRIPPED)


def parse_phone_number(text: str) -> PhoneNumber | None:
    """Clean `text` and return it if 7 to 14 digits remain and the first is not 0, else None."""
    digits = text.translate(_STRIPPED)
    if (
        _MIN_DIGITS <= len(digits) <= _MAX_DIGITS
        and digits.isascii()
        and digits.isdigit()
        and digits[0] != "0"
    ):
        return PhoneNumber(digits)
    return None


def sanitise_sender(text: str) -> str:
    """Keep only A–Z, a–z and 0–9 of a sender."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(char for char in text if char.isascii() and char.isalnum())


def sender_kind(cleaned: str) -> SenderKind | None:
    """Name the kind of a cleaned sender; None when it is too short or too long for any."""
    if not cleaned.isascii() or not cleaned.isalnum():
        return None
    if not cleaned.isdigit():
        return SenderKind.ALPHANUMERIC if len(cleaned) <= _MAX_ALPHANUMERIC else None
    if len(cleaned) < _MIN_SHORT_CODE or len(cleaned) > _MAX_DIGITS:
        return None
    return SenderKind.SHORT_CODE if len(cleaned) < _MIN_DIGITS else SenderKind.LONG_CODE


def country_of(digits: str) -> str:
    """Return the ISO 3166 code of the country a number belongs to, or "" if it has none."""
    if digits[:1] == "1":  # North America: the area code tells
        return _country_of_prefix(digits[:_NANP_KEY_DIGITS], len(digits))
    alone = _ALONE.get(digits[:2]) or _ALONE.get(digits[:3])
    return alone or _country_of_prefix(digits[:_KEY_DIGITS], len(digits))


@lru_cache(maxsize=65_536)
def is_premium(digits: str) -> bool:
    """Whether a number is of premium rate by its country's numbering plan."""
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE


# Country codes that only one country uses.
_ALONE = {
    str(code): regions[0]
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    if len(regions) == 1 and len(regions[0]) == 2
}


@lru_cache(maxsize=65_536)
def _country_of_prefix(prefix: str, length: int) -> str:
    if not prefix.isdigit():
        return ""
    sample = prefix + "2345678901"[: max(0, length - len(prefix))]
    try:
        number = phonenumbers.parse("+" + sample)
    except phonenumbers.NumberParseException:
        return ""
    code = number.country_code or 0
    region = phonenumbers.region_code_for_number(
        number
    ) or phonenumbers.region_code_for_country_code(code)
    return region if len(region) == 2 and region != "ZZ" else ""
