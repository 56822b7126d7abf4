"""Topping up prepaid accounts when their credit runs low."""
