"""What takes payments: a gateway of the operator's, or a simulated one."""

from enum import StrEnum
from typing import Protocol

from trunkline.billing.model import Payment


class Outcome(StrEnum):
    """`UNKNOWN` may have been paid or not: the same payment is asked for again."""

    PAID = "paid"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class Payments(Protocol):
    """Takes payments."""

    async def take(self, payment: Payment) -> Outcome:
        """Ask for a payment, and tell what became of it; never raises for what is outside."""
        ...


class SimulatedPayments:
    """Pays everything but amounts that end in .13 dollars, which are declined."""

    _DOLLAR = 100_000
    _DECLINED_PART = 13_000

    async def take(self, payment: Payment) -> Outcome:
        """Decide at once."""
        declined = payment.amount % self._DOLLAR == self._DECLINED_PART
        return Outcome.DECLINED if declined else Outcome.PAID
