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
    """What is charged: a part of an SMS, a whole MMS."""

    SMS = "sms"
    MMS = "mms"


@dataclass(frozen=True, slots=True)
class Price:
    """`country` is ISO 3166 alpha-2 or `ANY_COUNTRY`, `price` in 0.00001 dollar."""

    country: str
    direction: Direction
    product: Product
    price: int


class Debit(NamedTuple):
    """A cost: `account_id` is the main account that pays, `amount` in 0.00001 dollar (≥ 0).

    `kind` and `resource_id` name what is paid for; the same pair is never charged twice.
    """

    account_id: str
    amount: int
    kind: str
    resource_id: str
    at: float
