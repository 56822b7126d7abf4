"""Money as whole hundred-thousandths of a US dollar, the five decimals that Plivo prices have."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

PLACES = 5
UNITS_PER_DOLLAR = 10**PLACES
_LARGEST = Decimal(10**12)


def parse_amount(text: str) -> int:
    """Turn decimal text ("0.00250") into units of 0.00001 dollar.

    Raises:
        ValueError: not a finite decimal number, more than five places, or beyond ± 10^12 dollars.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a decimal amount") from None
    if not amount.is_finite() or amount.copy_abs() > _LARGEST:
        raise ValueError(f"{text!r} is not an amount of money")
    if amount.adjusted() < -PLACES and amount:
        raise ValueError(f"{text!r} has more than {PLACES} decimal places")
    units = amount.scaleb(PLACES)
    whole = int(units)
    if units != whole:
        raise ValueError(f"{text!r} has more than {PLACES} decimal places")
    return whole


@lru_cache(maxsize=4_096)  # of each message, and few are different
def format_amount(units: int) -> str:
    """Turn units of 0.00001 dollar into text with five places: 250 → "0.00250"."""
    sign = "-" if units < 0 else ""
    dollars, rest = divmod(abs(units), UNITS_PER_DOLLAR)
    return f"{sign}{dollars}.{rest:05d}"
