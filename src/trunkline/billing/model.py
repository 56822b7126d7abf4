"""Prices and ledger entries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

ANY_COUNTRY = "*"


class Direction(StrEnum):
    """As the account sees it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Product(StrEnum):
    """What is charged.

    `sms` is a part of an SMS, `mms` a whole MMS, `whatsapp` a message, `voice` a minute. A `…_fee`
    is what networks take on top of a message; `…_setup` is paid once for a number of that type and
    `…_monthly` each month.
    """

    SMS = "sms"
    MMS = "mms"
    WHATSAPP = "whatsapp"
    VOICE = "voice"
    SMS_FEE = "sms_fee"
    MMS_FEE = "mms_fee"
    LOCAL_SETUP = "local_setup"
    LOCAL_MONTHLY = "local_monthly"
    MOBILE_SETUP = "mobile_setup"
    MOBILE_MONTHLY = "mobile_monthly"
    TOLLFREE_SETUP = "tollfree_setup"
    TOLLFREE_MONTHLY = "tollfree_monthly"
    NATIONAL_SETUP = "national_setup"
    NATIONAL_MONTHLY = "national_monthly"


FEES = frozenset({Product.SMS_FEE, Product.MMS_FEE})
NUMBERS = frozenset(one for one in Product if one.endswith(("_setup", "_monthly")))
NUMBER_TYPES = ("local", "mobile", "tollfree", "national")  # PLIVO account: the Pricing object
CAPABILITIES = ("voice", "sms", "mms")
WHATSAPP_CATEGORIES = ("marketing", "utility", "authentication", "service")
VOICE_ENDS = ("local", "tollfree", "ip")  # PLIVO account: voice prices are split so

# Who sends decides the fee of a network: the registration of a long code, or another kind.
SENDERS = ("registered", "unregistered", "tollfree", "shortcode")


@dataclass(frozen=True, slots=True)
class Price:
    """One line of the price list; `price` in 0.00001 dollar.

    `country` is ISO 3166 alpha-2 or `ANY_COUNTRY`. A number's price has no direction (None).
    `variant` narrows the line: the network of an SMS, MMS or fee, the category of a WhatsApp
    message, the capabilities of a number ("voice+sms"), the end of a call (local, tollfree, ip) or
    the network group that `prefixes` belong to. `prefixes` are digits of called numbers, `origins`
    of callers; of a fee, `origins` has the kind of sender. Each is one text, blanks between.
    """

    country: str
    direction: Direction | None
    product: Product
    price: int
    variant: str = ""
    prefixes: str = ""
    origins: str = ""

    @property
    def key(self) -> tuple[str, Direction | None, Product, str, str, str]:
        """What a list has once."""
        return (
            self.country,
            self.direction,
            self.product,
            self.variant,
            self.prefixes,
            self.origins,
        )


class NumberPrice(NamedTuple):
    """What a number costs, once and each month, in 0.00001 dollar."""

    capabilities: tuple[str, ...]
    setup: int
    monthly: int


class VoicePrice(NamedTuple):
    """A minute to numbers with `prefixes`, from callers with `origins` (none: anybody)."""

    prefixes: tuple[str, ...]
    origins: tuple[str, ...]
    group: str
    rate: int


class Payment(NamedTuple):
    """One top-up; the same `payment_id` is never paid twice, however often it is asked for."""

    payment_id: str
    account_id: str
    amount: int  # 0.00001 dollar


class Debit(NamedTuple):
    """A cost: `account_id` is the main account that pays, `amount` in 0.00001 dollar (≥ 0).

    `kind` and `resource_id` name what is paid for; the same pair is never charged twice. `used_by`
    is the subaccount that used it ("": the main account), `fees` what of the amount is networks'
    fees. `product` ("": the kind), `direction` and `units` are for the usage of the day.
    """

    account_id: str
    amount: int
    kind: str
    resource_id: str
    at: float
    used_by: str = ""
    fees: int = 0
    product: str = ""
    direction: str = ""
    units: int = 1
