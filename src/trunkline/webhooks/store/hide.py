"""Hiding what a webhook told, once nobody has to be told any more."""

from collections.abc import Collection, Sequence
from urllib.parse import parse_qsl

from sqlalchemy import select, update

from trunkline.runtime.db import Connection
from trunkline.values.form import form_encoded
from trunkline.webhooks.store.tables import webhook_attempts, webhooks

HIDDEN = "hidden"


def hide_parameters(conn: Connection, ids: Sequence[int], names: Collection[str]) -> None:
    """Write `hidden` for these parameters of forms that were sent, where they are not empty."""
    if not ids:
        return
    for row in conn.execute(select(webhooks.c.id, webhooks.c.body).where(webhooks.c.id.in_(ids))):
        sent = parse_qsl(row.body, keep_blank_values=True)
        kept = {name: HIDDEN if value and name in names else value for name, value in sent}
        conn.execute(
            update(webhooks).where(webhooks.c.id == row.id).values(body=form_encoded(kept))
        )
    # Where an attempt was redirected to may have the parameters in its query.
    conn.execute(
        update(webhook_attempts)
        .where(webhook_attempts.c.webhook_id.in_(ids))
        .values(final_url=None)
    )
