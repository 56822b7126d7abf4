"""All SQL of permissions."""

from sqlalchemy import BigInteger, Boolean, Column, Table, Text, delete, insert, select

from trunkline.accounts.permissions.model import Permissions
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import Connection, metadata

TOPIC = "permissions"

permissions = Table(
    "permissions",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("countries", Text),  # comma-joined, NULL: inherited
    Column("india_dlt", Boolean),  # NULL: inherited
    Column("revision", BigInteger, nullable=False, index=True),
)


def put(conn: Connection, new: Permissions) -> None:
    """Store what an account may do, in the place of what it might before."""
    revision = next_revision(conn)
    conn.execute(delete(permissions).where(permissions.c.account_id == new.account_id))
    if new.countries is None and new.india_dlt is None:
        record_removals(conn, TOPIC, revision, [new.account_id])
        return
    countries = None if new.countries is None else ",".join(sorted(new.countries))
    conn.execute(
        insert(permissions).values(
            account_id=new.account_id,
            countries=countries,
            india_dlt=new.india_dlt,
            revision=revision,
        )
    )


def get(conn: Connection, account_id: str) -> Permissions:
    """Return what is stored of an account; all inherited if nothing is."""
    query = select(permissions).where(permissions.c.account_id == account_id)
    row = conn.execute(query).one_or_none()
    return Permissions(account_id) if row is None else _permissions(*row[:3])


def changed_since(conn: Connection, revision: int) -> list[Permissions]:
    """Return what was put after that revision."""
    rows = conn.execute(select(permissions).where(permissions.c.revision > revision))
    return [_permissions(*row[:3]) for row in rows]


def on_subaccount_delete(
    conn: Connection, _main_auth_id: str, subaccount_id: str, _cascade: bool
) -> None:
    """Forget what a deleted subaccount might do."""
    put(conn, Permissions(subaccount_id))


def _permissions(account_id: str, countries: str | None, india_dlt: bool | None) -> Permissions:
    listed = None if countries is None else frozenset(filter(None, countries.split(",")))
    return Permissions(account_id, listed, india_dlt)
