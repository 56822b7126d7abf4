"""Tables of webhooks. Times are seconds since 1970 UTC."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, SmallInteger, Table, Text, text

from trunkline.runtime.db import metadata

_ID = BigInteger().with_variant(Integer(), "sqlite")  # SQLite: the row's own number, no index

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),  # rises with created_at
    Column("account_id", Text, nullable=False),  # owner of the resource
    Column("kind", Text, nullable=False),
    Column("resource_uuid", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("target", Text, nullable=False),  # scheme://host:port
    Column("encoding", Text, nullable=False),  # form | json
    Column("body", Text, nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),  # model.State
    # WAITING: when to send. Afterwards without meaning.
    Column("due_at", Float(53), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Float(53), nullable=False),
    Column("ended_at", Float(53)),
    Column("replay_of", BigInteger),
    Index(
        "ix_webhooks_queue",
        "target",
        "due_at",
        sqlite_where=text("state < 2"),
        postgresql_where=text("state < 2"),
    ),
    Index("ix_webhooks_resource_uuid", "resource_uuid"),
    sqlite_autoincrement=True,  # purged ids do not come back
)

# Which worker serves a target; what it has in hand of it, it alone remembers.
webhook_leases = Table(
    "webhook_leases",
    metadata,
    Column("target", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Float(53), nullable=False),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("webhook_id", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("started_at", Float(53), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    # Nonce, owner's and main account's signature, separated by spaces: with the webhook itself,
    # all of the request that is not constant.
    Column("signature", Text, nullable=False),
    Column("final_url", Text),  # after redirects, when there were any
    Column("status", Integer),  # NULL: no answer
    Column("headers", Text),  # of the answer, "name: value" lines, cut
    Column("body", Text),  # of the answer, cut
    Column("error", Text),  # why there was no answer, in words
    sqlite_with_rowid=False,
)
