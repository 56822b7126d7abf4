"""What becomes of registrations whose number or subaccount goes."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from trunkline.compliance.store import links, tollfree
from trunkline.compliance.store.tables import (
    CAMPAIGNS,
    LINKS,
    VERIFICATIONS,
    brands,
    campaigns,
    profiles,
    verifications,
)
from trunkline.compliance.store.tables import links as links_table
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import Connection

_MIRRORED = (
    (CAMPAIGNS, campaigns, campaigns.c.campaign_id),
    (LINKS, links_table, links_table.c.number),
    (VERIFICATIONS, verifications, verifications.c.uuid),
)


def on_release(conn: Connection, main_auth_id: str, numbers: Sequence[str]) -> None:
    """Forget the campaign and the verification of numbers that leave their account."""
    del main_auth_id
    revision = next_revision(conn)
    links.remove(conn, numbers, revision)
    tollfree.remove_of(conn, numbers, revision)


def on_subaccount_delete(
    conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool
) -> None:
    """Delete a deleted subaccount's registrations (`cascade`) or pass them to the main account."""
    revision = next_revision(conn)
    for table in (profiles, brands):
        theirs = table.c.account_id == subaccount_id
        if cascade:
            conn.execute(delete(table).where(theirs))
        else:
            conn.execute(update(table).where(theirs).values(account_id=main_auth_id))
    for topic, table, key in _MIRRORED:
        theirs = table.c.account_id == subaccount_id
        if cascade:
            keys = conn.execute(select(key).where(theirs)).scalars().all()
            conn.execute(delete(table).where(theirs))
            record_removals(conn, topic, revision, keys)
        else:
            values = {"account_id": main_auth_id, "revision": revision}
            conn.execute(update(table).where(theirs).values(values))
