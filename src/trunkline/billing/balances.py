"""Every balance in memory, for a check that costs nothing."""

from collections.abc import Mapping

from trunkline.accounts.directory import Directory
from trunkline.accounts.model import BillingMode
from trunkline.billing import store
from trunkline.runtime.db import Database

UNLIMITED = 2**62


class Balances:
    """What accounts may still spend: the last poll, less what this process charged since.

    Other processes' charges are seen at the next poll, so a prepaid account may overspend by what
    they send in that time; the ledger and the balance in the database are exact.
    """

    def __init__(self, accounts: Directory) -> None:
        self._accounts = accounts
        self._cash: dict[str, int] = {}
        self._charged_meanwhile: dict[str, int] | None = None

    async def refresh(self, db: Database) -> None:
        """Read all balances again."""
        meanwhile = self._charged_meanwhile = {}
        try:
            cash = await db.read(store.all_balances)
        finally:
            if self._charged_meanwhile is meanwhile:
                self._charged_meanwhile = None
        # Some of these the read may have seen: too little for one poll is better than too much.
        for account_id, amount in meanwhile.items():
            cash[account_id] = cash.get(account_id, 0) - amount
        self._cash = cash

    def spendable(self, account_id: str) -> int:
        """Return what the payer of `account_id` has left in 0.00001 dollar; may be below 0.

        `UNLIMITED` when it pays afterwards, 0 when the account is unknown.
        """
        account = self._accounts.get(account_id)
        if account is None:
            return 0
        if account.billing_mode is BillingMode.POSTPAID:
            return UNLIMITED
        return self._cash.get(account.main_auth_id, 0)

    def charged(self, paid: Mapping[str, int]) -> None:
        """Take note of what `store.debit` returned, once it is committed (or earlier)."""
        for account_id, amount in paid.items():
            self._cash[account_id] = self._cash.get(account_id, 0) - amount
            if self._charged_meanwhile is not None:
                meanwhile = self._charged_meanwhile
                meanwhile[account_id] = meanwhile.get(account_id, 0) + amount
