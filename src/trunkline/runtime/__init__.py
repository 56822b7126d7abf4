"""The ground everything stands on: clock, settings, log, metrics, database, bus.

Knows nothing of telephony, accounts or the public API.
"""
