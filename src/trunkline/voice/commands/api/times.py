"""Times as the objects of calls have them: in the account's zone."""

from datetime import datetime

from trunkline.accounts.directory import Directory as Accounts
from trunkline.contract.context import RequestContext
from trunkline.voice.records.api import zone_of


def long_time(accounts: Accounts, context: RequestContext, at: float) -> str:
    """Write a time as `YYYY-MM-DD HH:MM:SS.ffffff+05:30`."""
    return datetime.fromtimestamp(at, zone_of(accounts, context)).isoformat(" ", "microseconds")


def short_time(accounts: Accounts, context: RequestContext, at: float | None) -> str | None:
    """Write a time as `YYYY-MM-DD HH:MM:SS+05:30`."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, zone_of(accounts, context)).isoformat(" ", "seconds")
