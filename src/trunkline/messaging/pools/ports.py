"""What pools ask of the numbers' domain beyond looking numbers up: renting and giving back."""

from collections.abc import Callable

from trunkline.accounts.model import Scope
from trunkline.contract.errors import ApiError
from trunkline.runtime.db import Connection

Rent = Callable[[Connection, Scope, str, float], ApiError | None]
"""Buys a number for the account; returns why not, having changed nothing then."""

Unrent = Callable[[Connection, Scope, str, float], None]
"""Gives a number of the account back."""
