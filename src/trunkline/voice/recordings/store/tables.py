"""Tables of recordings and of what was said in them."""

from sqlalchemy import BigInteger, Column, Float, Index, Table, Text, text

from trunkline.runtime.db import metadata

# SQLite takes a partial index only for a query that has its condition literally.
IS_PENDING = "state = 'pending'"
IS_IN_PROGRESS = "state = 'in-progress'"

recordings = Table(
    "recordings",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("main_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("call_uuid", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),  # pending | ready
    Column("format", Text, nullable=False),  # mp3 | wav
    Column("started_at", Float(53), nullable=False),
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("conference_name", Text, nullable=False),
    Column("conference_uuid", Text, nullable=False),
    Column("mpc_name", Text, nullable=False),
    Column("mpc_uuid", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("draft", Text, nullable=False),
    Column("ended_at", Float(53), nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("added_at", Float(53), nullable=False),
    Column("aftermath", Text, nullable=False, server_default=""),  # JSON
    Index("ix_recordings_main_id_added_at", "main_id", "added_at"),
)
Index(
    "ix_recordings_pending",
    recordings.c.node,
    sqlite_where=text(IS_PENDING),
    postgresql_where=text(IS_PENDING),
)

transcriptions = Table(
    "transcriptions",
    metadata,
    Column("transcription_id", Text, primary_key=True),
    Column("recording_id", Text, nullable=False, unique=True),
    Column("main_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", Text, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("updated_at", Float(53), nullable=False),
    Column("callback_url", Text, nullable=False, server_default=""),
    Column("callback_method", Text, nullable=False, server_default="POST"),
    Column("leased_until", Float(53), nullable=False, server_default="0"),
)
Index(
    "ix_transcriptions_in_progress",
    transcriptions.c.created_at,
    sqlite_where=text(IS_IN_PROGRESS),
    postgresql_where=text(IS_IN_PROGRESS),
)
