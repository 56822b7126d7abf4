"""Rules of automatic top-ups, and the payment that is under way."""

from typing import NamedTuple

from sqlalchemy import case, delete, func, insert, or_, select, update

from trunkline.billing.model import Payment
from trunkline.billing.store.ledger import credit
from trunkline.billing.store.tables import balances, recharges
from trunkline.runtime.db import Connection

KIND = "recharge"
REST_S = 5.0  # between payments: longer than a process may hold on to an old look at the balance


class Rule(NamedTuple):
    """Of one main account; amounts in 0.00001 dollar. `payment_id` is "" when none is under way."""

    account_id: str
    threshold: int
    amount: int
    enabled: bool = True
    failures: int = 0
    due_at: float = 0.0
    payment_id: str = ""


_COLUMNS = tuple(recharges.c[name] for name in Rule._fields)


def get(conn: Connection, account_id: str) -> Rule | None:
    """Return the rule of an account, in force or not."""
    row = conn.execute(select(*_COLUMNS).where(recharges.c.account_id == account_id)).one_or_none()
    return None if row is None else Rule._make(row)


def put(conn: Connection, rule: Rule) -> None:
    """Store a rule, to be looked at at once; a payment under way stays so."""
    before = get(conn, rule.account_id)
    if before is not None and before.payment_id:
        rule = rule._replace(payment_id=before.payment_id, due_at=before.due_at)
    conn.execute(delete(recharges).where(recharges.c.account_id == rule.account_id))
    conn.execute(insert(recharges).values(**rule._asdict()))


def disable(conn: Connection, account_id: str) -> None:
    """Begin no further payments."""
    conn.execute(
        update(recharges).where(recharges.c.account_id == account_id).values(enabled=False)
    )


def due(conn: Connection, now: float) -> list[str]:
    """Return the accounts that have too little and a rule, or an unfinished payment."""
    cash = func.coalesce(balances.c.cash, 0)
    low = recharges.c.enabled & (cash < recharges.c.threshold)
    rows = conn.execute(
        select(recharges.c.account_id)
        .outerjoin(balances, balances.c.account_id == recharges.c.account_id)
        .where(recharges.c.due_at <= now, or_(low, recharges.c.payment_id != ""))
        .order_by(recharges.c.account_id)
    )
    return list(rows.scalars())


def claim(
    conn: Connection, account_id: str, now: float, until: float, payment_id: str
) -> Payment | None:
    """Take a payment in hand until then: the one under way, or a new one of that id.

    None when another process has it, or had it and there is enough by now.
    """
    under_way = recharges.c.payment_id != ""
    cash = func.coalesce(
        select(balances.c.cash).where(balances.c.account_id == account_id).scalar_subquery(), 0
    )
    claimed = conn.execute(
        update(recharges)
        .where(
            recharges.c.account_id == account_id,
            recharges.c.due_at <= now,
            or_(recharges.c.enabled & (cash < recharges.c.threshold), under_way),
        )
        .values(
            due_at=until,
            payment_id=case((under_way, recharges.c.payment_id), else_=payment_id),
        )
        .returning(recharges.c.payment_id, recharges.c.amount)
    ).one_or_none()
    return None if claimed is None else Payment(claimed[0], account_id, claimed[1])


def paid(conn: Connection, payment: Payment, now: float) -> None:
    """Put the money on the account, once, and end the payment."""
    credit(
        conn,
        payment.account_id,
        payment.amount,
        kind=KIND,
        resource_id=payment.payment_id,
        at=now,
    )
    _end(conn, payment, failures=0, due_at=now + REST_S)


def declined(
    conn: Connection, payment: Payment, now: float, retry_s: float, longest_s: float
) -> None:
    """End the payment; a new one is begun later, after each refusal later still."""
    rule = get(conn, payment.account_id)
    failures = 1 if rule is None else rule.failures + 1
    wait_s = min(retry_s * 2.0 ** min(failures - 1, 16), longest_s)
    _end(conn, payment, failures=failures, due_at=now + wait_s)


def _end(conn: Connection, payment: Payment, *, failures: int, due_at: float) -> None:
    conn.execute(
        update(recharges)
        .where(
            recharges.c.account_id == payment.account_id,
            recharges.c.payment_id == payment.payment_id,
        )
        .values(payment_id="", failures=failures, due_at=due_at)
    )
