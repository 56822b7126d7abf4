"""Tables of messages. Times are seconds since 1970 UTC; money is in units of 0.00001 dollar."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text, text

from trunkline.runtime.db import metadata

# Every index here is paid for with each message, and on PostgreSQL with each change of state too:
# lists are answered from the counts in `segments` instead.
messages = Table(
    "messages",
    metadata,
    Column("message_uuid", Text, primary_key=True),  # sorts by time of creation
    Column("main_id", Text, nullable=False),  # main account that owns account_id
    Column("account_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("sender", Text, nullable=False),  # masked when `log` says so
    Column("recipient", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("body", Text),  # NULL when `log` forbids keeping it, and after its time
    Column("units", Integer, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("error_code", Integer),  # NULL until final; 0 is success
    Column("log", Text, nullable=False),
    Column("requester_ip", Text, nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("sent_at", Float(53)),
    Column("reported_at", Float(53)),
    Column("updated_at", Float(53), nullable=False),
    Column("carrier", Text, nullable=False),
    Column("powerpack_uuid", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("extra", Text, nullable=False),  # JSON of rarely used fields
    Column("network", Text, nullable=False),  # the other side's: mcc/mnc/name, "" unknown
    Column("fee_rate", BigInteger, nullable=False),  # what networks take on top of each unit
    # 10DLC: the sender's campaign, "-" without one, "" where there is nothing to register.
    Column("campaign_id", Text, nullable=False, server_default=""),
    Index("ix_messages_main_id_created_at", "main_id", "created_at", "message_uuid"),
)

# The queue of outbound messages, and what their receipts and callbacks need until they are final.
dispatches = Table(
    "dispatches",
    metadata,
    Column("message_uuid", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("payer", Text, nullable=False),  # main account whose balance is debited
    Column("state", Text, nullable=False),  # waiting | sending | sent
    Column("carrier", Text, nullable=False),
    Column("due_at", Float(53), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", Text, nullable=False),  # process that is sending it
    Column("expires_at", Float(53), nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("sent_at", Float(53)),
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("rate", BigInteger, nullable=False),
    Column("callback_url", Text, nullable=False),
    Column("callback_method", Text, nullable=False),
    Column("requester_ip", Text, nullable=False),
    Column("powerpack_uuid", Text, nullable=False),
    Column("tried", Text, nullable=False),
    Column("extra", Text, nullable=False),
    Column("type", Text, nullable=False, server_default="sms"),  # sms | mms | whatsapp
    Column("network", Text, nullable=False),  # the recipient's: mcc/mnc/name, "" unknown
    Column("fee_rate", BigInteger, nullable=False),
)
Index(
    "ix_dispatches_waiting",
    dispatches.c.carrier,
    dispatches.c.due_at,
    dispatches.c.message_uuid,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "ix_dispatches_expiring",
    dispatches.c.expires_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "ix_dispatches_sending",
    dispatches.c.owner,
    sqlite_where=text("state = 'sending'"),
    postgresql_where=text("state = 'sending'"),
)

# One row per short message that a carrier accepted and whose receipt is awaited.
parts = Table(
    "parts",
    metadata,
    Column("message_uuid", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("total", Integer, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("carrier_key", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", Text, nullable=False),  # "" until a final receipt
    Column("error_code", Integer, nullable=False),
    Index("ix_parts_carrier_key", "carrier_key", "carrier"),
)

# Receipts that came before their response, or whose message is gone: kept for a while.
unmatched = Table(
    "unmatched_receipts",
    metadata,
    Column("id", Text, primary_key=True),  # the receipt's uuid / rank of the key, likeliest 0
    Column("carrier", Text, nullable=False),
    Column("carrier_key", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error_code", Integer, nullable=False),
    Column("received_at", Float(53), nullable=False),
    Column("raw", Text, nullable=False),
    Index("ix_unmatched_receipts_key", "carrier_key", "carrier"),
    Index("ix_unmatched_receipts_received_at", "received_at"),
)

# Parts of long inbound messages until the last one has come.
inbound_parts = Table(
    "inbound_parts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("reference", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("data_coding", Integer, nullable=False),
    Column("content", Text, nullable=False),  # hexadecimal of the undecoded octets
    Column("received_at", Float(53), nullable=False),
    Index("ix_inbound_parts_message", "carrier", "sender", "recipient", "reference", "total"),
)

# Who told which number to stop (PLIVO messaging: DND service).
optouts = Table(
    "optouts",
    metadata,
    Column("number", Text, primary_key=True),  # the platform's number
    Column("handset", Text, primary_key=True),
    Column("at", Float(53), nullable=False),
    Column("keyword", Text, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True, server_default="0"),
)

# Which processes send now; a row in `sending` whose owner is gone is uncertain.
senders = Table(
    "senders",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("seen_at", Float(53), nullable=False),
)

# How far work has come that goes through all messages once, by what it does.
marks = Table(
    "message_marks",
    metadata,
    Column("work", Text, primary_key=True),
    Column("message_uuid", Text, nullable=False),  # done up to and with this one
)
