"""A number that an account owns."""

from dataclasses import dataclass
from enum import StrEnum

REGISTERED_COUNTRIES = ("US", "CA")  # where 10DLC and toll-free verification are asked for


class NumberType(StrEnum):
    """PLIVO SDK (Java NumberType): the values a number may have, never `toll-free`."""

    LOCAL = "local"
    MOBILE = "mobile"
    NATIONAL = "national"
    TOLLFREE = "tollfree"
    SHORTCODE = "shortcode"


class CampaignStatus(StrEnum):
    """How far a US or Canadian local number is registered for 10DLC."""

    UNREGISTERED = "unregistered"
    PROCESSING = "processing"
    COMPLETED = "completed"


class TollfreeStatus(StrEnum):
    """How far a US or Canadian toll-free number is verified for messages."""

    UNVERIFIED = "unverified"
    PENDING = "pending_verification"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedNumber:
    """`number` is digits with the country code first; `country` is ISO 3166 alpha-2.

    `account_id` is the main account or the subaccount that uses the number. `region` is a name
    ("California"), `state` its code ("CA"). Prices are in 0.00001 dollar.

    A number that is rented has a `rental_id` and `renews_on`, the ISO date (UTC) on which the next
    month is charged; `unpaid_since` is the date since when a month is owed. A number of the
    account's own carrier has its `carrier_id`.
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
    region: str = ""
    state: str = ""
    city: str = ""
    lata: int | None = None
    rate_center: str = ""
    setup_price: int = 0
    monthly_price: int = 0
    voice_price: int = 0
    rental_id: str | None = None
    renews_on: str | None = None
    unpaid_since: str | None = None
    carrier_id: str | None = None
    cnam_lookup: bool = False
    cnam: str = ""
    profile_uuid: str | None = None
    verification: str | None = None
    compliance_id: str | None = None
    compliance_status: str | None = None
    campaign_id: str | None = None
    campaign_status: CampaignStatus = CampaignStatus.UNREGISTERED
    tollfree_status: TollfreeStatus = TollfreeStatus.UNVERIFIED
    tollfree_id: str | None = None
    tollfree_order: str | None = None

    @property
    def npa(self) -> str:
        """The area code of a North American number, "" elsewhere."""
        return area_code(self.number)

    @property
    def is_active(self) -> bool:
        """Whether its rent is paid."""
        return self.unpaid_since is None

    @property
    def needs_campaign(self) -> bool:
        """Whether 10DLC registration is a question for it."""
        return self.number_type is NumberType.LOCAL and self.country in REGISTERED_COUNTRIES

    @property
    def needs_tollfree_verification(self) -> bool:
        """Whether toll-free verification is a question for it."""
        return self.number_type is NumberType.TOLLFREE and self.country in REGISTERED_COUNTRIES


def area_code(number: str) -> str:
    """Return the area code (NPA) of a North American number, "" of any other."""
    return number[1:4] if len(number) == 11 and number[0] == "1" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryNumber:
    """A number that can be rented, or is; a price of None is what the price list says.

    `restriction` says what must be shown before it is handed out, "" if nothing.
    """

    number: str
    country: str
    number_type: NumberType
    sms_enabled: bool
    mms_enabled: bool
    voice_enabled: bool
    region: str = ""
    state: str = ""
    city: str = ""
    lata: int | None = None
    rate_center: str = ""
    setup_price: int | None = None
    monthly_price: int | None = None
    voice_price: int = 0
    restriction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which numbers of a country are wanted; what is None or empty does not matter.

    `patterns` are those of a whole number with `*` for any digits and `?` for one. `local_to` is
    how a number begins whose rate centre all must have.
    """

    country: str
    types: tuple[NumberType, ...] = ()
    patterns: tuple[str, ...] = ()
    region: str = ""
    city: str = ""
    services: frozenset[str] = frozenset()
    lata: int | None = None
    rate_center: str = ""
    local_to: str = ""
    unrestricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedFilter:
    """Which owned numbers are wanted; what is None or empty does not matter.

    `renews` are pairs of a comparison (`lt`, `le`, `gt`, `ge`, `eq`) and an ISO date.
    """

    types: tuple[NumberType, ...] = ()
    prefix: str = ""
    account_id: str | None = None
    alias: str | None = None
    services: frozenset[str] = frozenset()
    only_sms: bool = False
    campaign_status: CampaignStatus | None = None
    campaign_id: str | None = None
    tollfree_status: TollfreeStatus | None = None
    tollfree_order: str | None = None
    tollfree_id: str | None = None
    renews: tuple[tuple[str, str], ...] = ()
    cnam_lookup: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChanges:
    """New values of a number's fields; None leaves one as it is, "" clears one."""

    app_id: str | None = None
    account_id: str | None = None
    alias: str | None = None
    cnam_lookup: bool | None = None
    cnam: str | None = None
    verification: str | None = None
    compliance_id: str | None = None
    profile_uuid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCarrier:
    """A carrier of an account's own, whose numbers it brings; `ip_set` has commas between."""

    carrier_id: str
    main_auth_id: str
    account_id: str
    name: str
    ip_set: str
    sms: bool = False
    voice: bool = True
    created_at: float
