"""Carriers: pure tables for status, ids, addresses and routes; the links that use them."""
