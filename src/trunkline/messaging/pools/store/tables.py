"""Tables of sender pools. Times are seconds since 1970 UTC."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Table, Text

from trunkline.runtime.db import metadata

powerpacks = Table(
    "powerpacks",
    metadata,
    Column("pool_id", Text, primary_key=True),
    Column("number_pool_id", Text, nullable=False, unique=True),
    Column("main_auth_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sticky", Boolean, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("app_type", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("priorities", Text, nullable=False),  # JSON, "" for the default ones
    Column("created_at", Float(53), nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    Index("uq_powerpacks_name", "main_auth_id", "name", unique=True),
)

pool_numbers = Table(
    "pool_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("number_pool_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("number_type", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("added_at", Float(53), nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)

# Which sender a recipient knows; one row a pair, millions of them.
sticky_senders = Table(
    "sticky_senders",
    metadata,
    Column("pool_id", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("at", Float(53), nullable=False),
)

# Deleted pools whose pairs are still to be deleted.
former_pools = Table(
    "former_pools",
    metadata,
    Column("pool_id", Text, primary_key=True),
)
