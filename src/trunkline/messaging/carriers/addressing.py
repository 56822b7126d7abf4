"""Type of number and numbering plan of an address, found from the address itself (SMPP34 5.2.5)."""

from dataclasses import dataclass
from typing import Final, NamedTuple

ALPHANUMERIC_MAX: Final = 11  # 3GPP 23.040 9.1.2.5: ten octets of packed septets


class BadAddress(ValueError):
    """The address can be nobody's number or name."""


class Address(NamedTuple):
    ton: int
    npi: int
    value: str


@dataclass(frozen=True, slots=True)
class AddressRules:
    """(TON, NPI) by kind of address, as a carrier wants them; the defaults suit most.

    `recipient` is for destinations that are international numbers; None: as `international`.
    `short_code_digits` is the longest number taken for a short code. `keep_plus` sends the plus.
    """

    international: tuple[int, int] = (1, 1)
    alphanumeric: tuple[int, int] = (5, 0)
    short_code: tuple[int, int] = (3, 0)
    short_code_digits: int = 6
    recipient: tuple[int, int] | None = None
    keep_plus: bool = False


DEFAULT_RULES: Final = AddressRules()


def sender_address(sender: str, rules: AddressRules = DEFAULT_RULES) -> Address:
    """Address of a number with or without plus, a short code, or a name of 1–11 characters."""
    digits = sender.removeprefix("+")
    if digits.isascii() and digits.isdigit():
        if len(digits) <= rules.short_code_digits and digits is sender:
            return Address(*rules.short_code, digits)
        return Address(*rules.international, sender if rules.keep_plus else digits)
    if not 1 <= len(sender) <= ALPHANUMERIC_MAX:
        raise BadAddress(f"sender name of {len(sender)} characters, at most {ALPHANUMERIC_MAX}")
    return Address(*rules.alphanumeric, sender)


def recipient_address(recipient: str, rules: AddressRules = DEFAULT_RULES) -> Address:
    """Address of a number with or without plus, or of a short code; raises BadAddress."""
    digits = recipient.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise BadAddress("recipient is not a number")
    if rules.recipient is not None and len(digits) > rules.short_code_digits:
        return Address(*rules.recipient, recipient if rules.keep_plus else digits)
    return sender_address(recipient, rules)
