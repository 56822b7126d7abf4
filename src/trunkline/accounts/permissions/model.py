"""What an account may do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permissions:
    """Of one account; None: as its main account has it, and then as the settings say.

    `countries` is what it may send to (ISO 3166 alpha-2; `EVERYWHERE` for all), `india_dlt` whether
    its messages to India go by the registered route, which needs DLT ids.
    """

    account_id: str
    countries: frozenset[str] | None = None
    india_dlt: bool | None = None
