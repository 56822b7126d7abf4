"""Tables of WhatsApp. Times are seconds since 1970 UTC."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from trunkline.runtime.db import metadata

# The latest conversation of each pair and kind; free text needs an open one of origin service.
conversations = Table(
    "whatsapp_conversations",
    metadata,
    Column("number", Text, primary_key=True),  # the platform's number
    Column("handset", Text, primary_key=True),
    Column("origin", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("opened_at", Float(53), nullable=False),
    Column("expires_at", Float(53), nullable=False),
    Index("ix_whatsapp_conversations_expires_at", "expires_at"),
)

# What the carrier calls a message, in and out, and the conversation it is part of.
known = Table(
    "whatsapp_messages",
    metadata,
    Column("message_uuid", Text, primary_key=True),  # sorts by time of creation
    Column("carrier", Text, nullable=False),
    Column("wamid", Text, nullable=False),
    Column("stage", Integer, nullable=False),  # model.Stage
    Column("conversation_id", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("expires_at", Float(53), nullable=False),
    Column("dispatch", Text, nullable=False),  # JSON, for callbacks to come; "" without any
    Index("ix_whatsapp_messages_wamid", "wamid", "carrier", unique=True),
    Index("ix_whatsapp_messages_conversation_id", "conversation_id"),
)

# Statuses of messages whose answer is not stored yet.
early = Table(
    "whatsapp_early_statuses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("wamid", Text, nullable=False, index=True),
    Column("stage", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("error_code", Integer, nullable=False),
    Column("at", Float(53), nullable=False),
)
