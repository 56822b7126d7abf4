"""Who is topped up: set and taken away, together with what account.get shows."""

from trunkline.accounts import store as accounts
from trunkline.accounts.model import Account, AccountChanges, BillingMode
from trunkline.billing.errors import RechargeRefused
from trunkline.billing.store import recharges
from trunkline.billing.store.recharges import Rule
from trunkline.runtime.db import Connection

MAX_AMOUNT = 100_000 * 100_000  # 100,000 dollars: more is a slip of the comma


def set_rule(conn: Connection, account: Account, rule: Rule, at: float) -> None:
    """Top an account up by `rule.amount` whenever it has less than `rule.threshold`.

    Raises:
        RechargeRefused: the account pays afterwards, an amount is out of range, or a payment of
            another amount is under way.
    """
    if account.is_subaccount or account.billing_mode is BillingMode.POSTPAID:
        raise RechargeRefused("only prepaid main accounts are topped up")
    if not 0 < rule.amount <= MAX_AMOUNT:
        raise RechargeRefused("the amount must be above 0 and at most 100000 dollars")
    if not 0 <= rule.threshold <= MAX_AMOUNT:
        raise RechargeRefused("the threshold must be between 0 and 100000 dollars")
    before = recharges.get(conn, rule.account_id)
    if before is not None and before.payment_id and before.amount != rule.amount:
        raise RechargeRefused("a payment is under way: try again when it has ended")
    recharges.put(conn, rule)
    accounts.update_account(conn, rule.account_id, AccountChanges(auto_recharge=True), at)


def stop(conn: Connection, account_id: str, at: float) -> None:
    """Top it up no more; a payment under way is still followed to its end."""
    recharges.disable(conn, account_id)
    accounts.update_account(conn, account_id, AccountChanges(auto_recharge=False), at)
