"""All SQL of prices, balances, the ledger and usage; amounts in 0.00001 dollar."""

from trunkline.billing.store.ledger import all_balances, balance, credit, debit
from trunkline.billing.store.prices import (
    PRICES_TOPIC,
    import_prices,
    list_prices,
    prices_changed_since,
    replace_prices,
)
from trunkline.billing.store.tables import balances, ledger

__all__ = [
    "PRICES_TOPIC",
    "all_balances",
    "balance",
    "balances",
    "credit",
    "debit",
    "import_prices",
    "ledger",
    "list_prices",
    "prices_changed_since",
    "replace_prices",
]
