"""Calls: their records and prices, the phones that register, what is recorded."""
