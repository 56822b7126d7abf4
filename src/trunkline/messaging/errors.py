"""What can be wrong with a message before it is accepted.

MessageRefused
├── NoDestination         400, dst
├── TooManyDestinations   400, dst
├── SenderRefused         400, src
├── CountryBarred         403, dst
└── PoolRefused           400, powerpack_uuid
"""

from trunkline.values.errors import TrunklineError


class MessageRefused(TrunklineError):
    """Nothing was accepted; `field` is the parameter at fault, `why` completes a sentence."""

    field = ""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NoDestination(MessageRefused):
    """No destination is a phone number."""

    field = "dst"

    def __init__(self, invalid: list[str]) -> None:
        shown = ", ".join(invalid[:3])
        super().__init__(f"no valid phone number in it (got {shown[:80]!r})")
        self.invalid = invalid


class TooManyDestinations(MessageRefused):
    """More destinations than one request may have."""

    field = "dst"

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} destinations, at most 1,000 are allowed in one request")


class SenderRefused(MessageRefused):
    """The sender has no usable form, or is a destination too."""

    field = "src"

    def __init__(
        self, sender: str, why: str = "must be a number of ≤ 14 digits or up to 11 letters"
    ) -> None:
        super().__init__(why)
        self.sender = sender


class CountryBarred(MessageRefused):
    """The account may send to none of the destinations' countries."""

    field = "dst"

    def __init__(self, countries: set[str]) -> None:
        named = ", ".join(sorted(filter(None, countries))) or "this destination"
        super().__init__(f"geo permissions do not allow messages to {named}")


class PoolRefused(MessageRefused):
    """There is no such sender pool, or it has nobody who could send."""

    field = "powerpack_uuid"
