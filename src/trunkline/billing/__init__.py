"""Prices, balances and the ledger that explains them.

Tables `prices`, `balances` and `ledger`; money is whole 0.00001 dollars. A balance is always the
sum of its ledger entries. `Rates` and `Balances` are the copies in memory that sending asks.
"""
