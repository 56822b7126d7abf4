"""Tables of calls, of what is said of them, and of the nodes that have them in hand."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text, text

from trunkline.runtime.db import metadata

calls = Table(
    "calls",
    metadata,
    Column("call_uuid", Text, primary_key=True),
    Column("main_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("direction", Text, nullable=False),  # inbound | outbound
    Column("state", Text, nullable=False),  # CallState
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("initiated_at", Float(53), nullable=False),
    Column("request_uuid", Text, nullable=False),
    Column("caller_name", Text, nullable=False),
    Column("parent_uuid", Text, nullable=False),
    Column("conference_uuid", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("endpoint_id", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("ringing_at", Float(53)),
    Column("answered_at", Float(53)),
    Column("ended_at", Float(53)),  # NULL: live or queued
    Column("bill_duration", Integer, nullable=False),
    Column("billed_duration", Integer, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("network_group", Text, nullable=False),
    Column("hangup_code", Integer, nullable=False),
    Column("hangup_name", Text, nullable=False),
    Column("hangup_source", Text, nullable=False),
    Column("hangup_cause", Text, nullable=False),
    Column("stir_verification", Text, nullable=False),
    Column("stir_attestation", Text, nullable=False),
    Column("source_ip", Text, nullable=False),
    Column("cnam_lookup", Text, nullable=False),
    Column("hangup_url", Text, nullable=False),
    Column("hangup_method", Text, nullable=False),
    Column("extra", Text, nullable=False),
    Index("ix_calls_main_id_ended_at", "main_id", "ended_at"),
)
# SQLite takes a partial index only for a query that has its condition literally.
IS_B_LEG = "parent_uuid <> ''"
_PRESENT = "ended_at IS NULL"
Index(
    "ix_calls_present",
    calls.c.main_id,
    calls.c.initiated_at,
    sqlite_where=text(_PRESENT),
    postgresql_where=text(_PRESENT),
)
Index(
    "ix_calls_node",
    calls.c.node,
    sqlite_where=text(_PRESENT),
    postgresql_where=text(_PRESENT),
)
Index(
    "ix_calls_parent_uuid",
    calls.c.parent_uuid,
    sqlite_where=text(IS_B_LEG),
    postgresql_where=text(IS_B_LEG),
)

# What people say of calls, one word for each: the last.
call_feedback = Table(
    "call_feedback",
    metadata,
    Column("call_uuid", Text, primary_key=True),
    Column("at", Float(53), nullable=False),
    Column("rating", Float(53), nullable=False),
    Column("issues", Text, nullable=False),  # joined with commas
    Column("notes", Text, nullable=False),
    Index("ix_call_feedback_at", "at"),
)

call_nodes = Table(
    "call_nodes",
    metadata,
    Column("node", Text, primary_key=True),
    Column("seen_at", Float(53), nullable=False),
)

# What would tell the far ends of legs that they are over, should their node die.
call_dialogs = Table(
    "call_dialogs",
    metadata,
    Column("leg_uuid", Text, primary_key=True),
    Column("node", Text, nullable=False, index=True),
    Column("trunk", Text, nullable=False),
    Column("farewell", Text, nullable=False),  # JSON
)
