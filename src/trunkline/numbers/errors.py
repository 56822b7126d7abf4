"""Why a number cannot be had.

NumberError
├── InventoryFileInvalid   a file of numbers cannot be used; names the line and the column
└── RentRefused            `field` is what is at fault
    ├── NotForRent         nobody rents out such a number
    ├── NumberTaken        somebody has it
    ├── PapersMissing      it is handed out only with a regulatory application
    └── NoCredit           the account cannot pay for it
"""

from trunkline.values.errors import TrunklineError


class NumberError(TrunklineError):
    """Something about numbers is not as it must be."""


class InventoryFileInvalid(NumberError):
    """A file of numbers cannot be used; nothing of it was taken."""

    def __init__(self, source: str, line: int, column: str, why: str) -> None:
        where = f"{source} line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{where}: {why}")
        self.line = line
        self.column = column
        self.why = why


class RentRefused(NumberError):
    """The number was not rented, and nothing was charged."""

    field = "number"

    def __init__(self, number: str, why: str) -> None:
        super().__init__(f"{number} {why}")
        self.number = number
        self.why = why


class NotForRent(RentRefused):
    """The inventory does not have it."""

    def __init__(self, number: str) -> None:
        super().__init__(number, "is not for rent here")


class NumberTaken(RentRefused):
    """Another account, or this one, has it."""

    def __init__(self, number: str) -> None:
        super().__init__(number, "is not available any more")


class PapersMissing(RentRefused):
    """It has a restriction and the order no regulatory application."""

    field = "compliance_application_id"

    def __init__(self, number: str, restriction: str) -> None:
        super().__init__(number, f"needs one: {restriction}")


class NoCredit(RentRefused):
    """A prepaid account has too little left."""

    field = ""

    def __init__(self, number: str) -> None:
        super().__init__(number, "costs more than the credit that is left")
