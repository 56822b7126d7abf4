"""Tables of endpoints and of where they are registered."""

from sqlalchemy import BigInteger, Column, Float, Index, Table, Text

from trunkline.runtime.db import metadata

endpoints = Table(
    "endpoints",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("username", Text, nullable=False, unique=True),
    Column("alias", Text, nullable=False),
    Column("secret_sealed", Text, nullable=False),
    Column("app_id", Text, index=True),
    Column("created_at", Float(53), nullable=False),
    Column("modified_at", Float(53)),
    Column("revision", BigInteger, nullable=False, index=True),
)

registrations = Table(
    "registrations",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("received", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("q", Float(53), nullable=False),
    Column("call_id", Text, nullable=False),
    Column("cseq", BigInteger, nullable=False),
    Column("node", Text, nullable=False),
    Column("registered_at", Float(53), nullable=False),
    Column("expires_at", Float(53), nullable=False),
    Index("ix_registrations_expires_at", "expires_at"),
)
