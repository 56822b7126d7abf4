"""All SQL of accounts: one row for a main account or a subaccount, its token sealed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Row,
    Select,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from trunkline.accounts.model import Account, AccountChanges, AccountType, BillingMode, NewAccount
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import Connection, metadata
from trunkline.runtime.secrets import Keyring
from trunkline.values.ids import new_auth_id, new_auth_token
from trunkline.values.pages import Page

TOPIC = "accounts"

accounts = Table(
    "accounts",
    metadata,
    Column("auth_id", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("token_sealed", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("account_type", Text, nullable=False),
    Column("billing_mode", Text, nullable=False),
    Column("auto_recharge", Boolean, nullable=False),
    Column("address", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column[float]("created_at", Float, nullable=False),
    Column[float]("modified_at", Float),
    Column("revision", BigInteger, nullable=False, index=True),
)
_main = accounts.alias("main")

OnSubaccountDelete = Callable[[Connection, str, str, bool], None]
"""Told in the deleting transaction: main account, subaccount, cascade (delete or pass to main)."""


def create_account(conn: Connection, keyring: Keyring, new: NewAccount, at: float) -> Account:
    """Open a main account.

    Raises:
        sqlalchemy.exc.IntegrityError: `new.auth_id` exists already.
    """
    auth_id = new.auth_id or new_auth_id("MA")
    account = Account(
        auth_id=auth_id,
        main_auth_id=auth_id,
        auth_token=new.auth_token or new_auth_token(),
        name=new.name,
        enabled=True,
        main_enabled=True,
        account_type=new.account_type,
        billing_mode=new.billing_mode,
        auto_recharge=False,
        address="",
        city="",
        state="",
        timezone=new.timezone,
        created_at=at,
        modified_at=None,
    )
    _insert(conn, keyring, account)
    return account


def create_subaccount(
    conn: Connection, keyring: Keyring, main: Account, name: str, *, enabled: bool, at: float
) -> Account:
    """Open a subaccount of `main`, with a token of its own and the time zone of `main`."""
    account = Account(
        auth_id=new_auth_id("SA"),
        main_auth_id=main.auth_id,
        auth_token=new_auth_token(),
        name=name,
        enabled=enabled,
        main_enabled=main.enabled,
        account_type=main.account_type,
        billing_mode=main.billing_mode,
        auto_recharge=False,
        address="",
        city="",
        state="",
        timezone=main.timezone,
        created_at=at,
        modified_at=None,
    )
    _insert(conn, keyring, account)
    return account


def _insert(conn: Connection, keyring: Keyring, account: Account) -> None:
    values = asdict(account)
    del values["main_enabled"]
    values["account_type"] = account.account_type.value
    values["billing_mode"] = account.billing_mode.value
    values["token_sealed"] = keyring.seal(values.pop("auth_token"), _place(account.auth_id))
    conn.execute(insert(accounts).values(**values, revision=next_revision(conn)))


def find(conn: Connection, keyring: Keyring, auth_id: str) -> Account | None:
    """Return the account or subaccount with that id."""
    row = conn.execute(_select().where(accounts.c.auth_id == auth_id)).one_or_none()
    return None if row is None else _account(row, keyring)


def find_subaccount(
    conn: Connection, keyring: Keyring, main_auth_id: str, subaccount_id: str
) -> Account | None:
    """Return a subaccount of that main account, nobody else's."""
    row = conn.execute(_select().where(*_is_subaccount(main_auth_id, subaccount_id))).one_or_none()
    return None if row is None else _account(row, keyring)


def is_subaccount_of(conn: Connection, main_auth_id: str, subaccount_id: str) -> bool:
    """Tell whether that main account has that subaccount."""
    found = select(accounts.c.auth_id).where(*_is_subaccount(main_auth_id, subaccount_id))
    return conn.execute(found).one_or_none() is not None


def subaccount_names(conn: Connection, main_auth_id: str, wanted: Iterable[str]) -> dict[str, str]:
    """Return the names of a main account's subaccounts by id."""
    rows = conn.execute(
        select(accounts.c.auth_id, accounts.c.name).where(
            accounts.c.main_auth_id == main_auth_id, accounts.c.auth_id.in_(set(wanted))
        )
    )
    return {row[0]: row[1] for row in rows}


def billing_mode(conn: Connection, main_auth_id: str) -> BillingMode:
    """Return how a main account pays; one that is gone pays before."""
    found = conn.execute(
        select(accounts.c.billing_mode).where(accounts.c.auth_id == main_auth_id)
    ).scalar_one_or_none()
    return BillingMode.PREPAID if found is None else BillingMode(found)


def list_subaccounts(
    conn: Connection, keyring: Keyring, main_auth_id: str, page: Page
) -> tuple[list[Account], int]:
    """Return one page of a main account's subaccounts, the newest first, and how many it has."""
    theirs = (accounts.c.main_auth_id == main_auth_id, accounts.c.auth_id != main_auth_id)
    total = conn.execute(select(func.count()).select_from(accounts).where(*theirs)).scalar_one()
    rows = conn.execute(
        _select()
        .where(*theirs)
        .order_by(accounts.c.created_at.desc(), accounts.c.auth_id)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_account(row, keyring) for row in rows], total


def list_main_accounts(conn: Connection, keyring: Keyring) -> list[Account]:
    """Return every main account, the oldest first."""
    own = accounts.c.main_auth_id == accounts.c.auth_id
    rows = conn.execute(_select().where(own).order_by(accounts.c.created_at, accounts.c.auth_id))
    return [_account(row, keyring) for row in rows]


def changed_since(conn: Connection, keyring: Keyring, revision: int) -> list[Account]:
    """Return the accounts that were made or changed after that revision."""
    rows = conn.execute(_select().where(accounts.c.revision > revision))
    return [_account(row, keyring) for row in rows]


def update_account(conn: Connection, auth_id: str, changes: AccountChanges, at: float) -> bool:
    """Change a main account or a subaccount by its own id; False if there is none."""
    revision = next_revision(conn)
    changed = conn.execute(
        update(accounts)
        .where(accounts.c.auth_id == auth_id)
        .values(**_given(changes), modified_at=at, revision=revision)
    )
    # What its subaccounts take from a main account may have changed with it.
    conn.execute(
        update(accounts).where(accounts.c.main_auth_id == auth_id).values(revision=revision)
    )
    return changed.rowcount == 1


def update_subaccount(
    conn: Connection, main_auth_id: str, subaccount_id: str, changes: AccountChanges, at: float
) -> bool:
    """Change a subaccount of that main account; False if it has none with that id."""
    changed = conn.execute(
        update(accounts)
        .where(*_is_subaccount(main_auth_id, subaccount_id))
        .values(**_given(changes), modified_at=at, revision=next_revision(conn))
    )
    return changed.rowcount == 1


def delete_subaccount(
    conn: Connection,
    main_auth_id: str,
    subaccount_id: str,
    *,
    cascade: bool,
    on_delete: Sequence[OnSubaccountDelete],
) -> bool:
    """Delete a subaccount and let each of `on_delete` deal with what it owned; False if none."""
    revision = next_revision(conn)
    gone = conn.execute(delete(accounts).where(*_is_subaccount(main_auth_id, subaccount_id)))
    if gone.rowcount == 0:
        return False
    record_removals(conn, TOPIC, revision, [subaccount_id])
    for hook in on_delete:
        hook(conn, main_auth_id, subaccount_id, cascade)
    return True


def reseal_tokens(conn: Connection, keyring: Keyring) -> int:
    """Seal every token under the newest key; return how many were under an older one."""
    rows = conn.execute(select(accounts.c.auth_id, accounts.c.token_sealed)).all()
    stale = [row for row in rows if not keyring.is_current(row.token_sealed)]
    for row in stale:
        place = _place(row.auth_id)
        token = keyring.unseal(row.token_sealed, place)
        conn.execute(
            update(accounts)
            .where(accounts.c.auth_id == row.auth_id)
            .values(token_sealed=keyring.seal(token, place))
        )
    return len(stale)


def _place(auth_id: str) -> str:
    return f"accounts/{auth_id}/token"


def _is_subaccount(main_auth_id: str, subaccount_id: str) -> tuple[Any, ...]:
    return (
        accounts.c.auth_id == subaccount_id,
        accounts.c.main_auth_id == main_auth_id,
        accounts.c.auth_id != main_auth_id,
    )


def _given(changes: AccountChanges) -> dict[str, Any]:
    return {name: value for name, value in asdict(changes).items() if value is not None}


def _select() -> Select[Any]:
    return select(
        accounts,
        _main.c.enabled.label("main_enabled"),
        _main.c.billing_mode.label("main_billing_mode"),
        _main.c.auto_recharge.label("main_auto_recharge"),
    ).join_from(accounts, _main, accounts.c.main_auth_id == _main.c.auth_id)


def _account(row: Row[Any], keyring: Keyring) -> Account:
    return Account(
        auth_id=row.auth_id,
        main_auth_id=row.main_auth_id,
        auth_token=keyring.unseal(row.token_sealed, _place(row.auth_id)),
        name=row.name,
        enabled=row.enabled,
        main_enabled=row.main_enabled,
        account_type=AccountType(row.account_type),
        billing_mode=BillingMode(row.main_billing_mode),
        auto_recharge=row.main_auto_recharge,
        address=row.address,
        city=row.city,
        state=row.state,
        timezone=row.timezone,
        created_at=row.created_at,
        modified_at=row.modified_at,
    )
