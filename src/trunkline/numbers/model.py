"""A number that an account owns."""

from dataclasses import dataclass
from enum import StrEnum


class NumberType(StrEnum):
    """PLIVO SDK (Java NumberType): the values a number may have, never `toll-free`."""

    LOCAL = "local"
    MOBILE = "mobile"
    NATIONAL = "national"
    TOLLFREE = "tollfree"
    SHORTCODE = "shortcode"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedNumber:
    """`number` is digits with the country code first; `country` is ISO 3166 alpha-2.

    `account_id` is the main account or the subaccount that uses the number.
    """

    number: str
    main_auth_id: str
    account_id: str
    app_id: str | None = None
    country: str
    number_type: NumberType = NumberType.LOCAL
    sms_enabled: bool = True
    mms_enabled: bool = False
    voice_enabled: bool = True
    alias: str = ""
    added_at: float
