"""What can go wrong with prices and money.

BillingError
├── PriceFileInvalid   a price file cannot be used; names the line and the column
└── RechargeRefused    an account cannot be topped up so
"""

from trunkline.values.errors import TrunklineError


class BillingError(TrunklineError):
    """Prices or money are not as they must be."""


class PriceFileInvalid(BillingError):
    """A price file cannot be used; nothing of it was taken."""

    def __init__(self, source: str, line: int, column: str, why: str) -> None:
        where = f"{source} line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{where}: {why}")
        self.line = line
        self.column = column
        self.why = why


class RechargeRefused(BillingError):
    """An account cannot be topped up so."""
