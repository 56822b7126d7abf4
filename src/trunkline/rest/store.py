"""Accepted background calls, kept until their answer is queued."""

import msgspec
from sqlalchemy import Column, Connection, Float, LargeBinary, Table, Text, delete, insert, select

from trunkline.contract.background import AsyncCall
from trunkline.runtime.db import metadata

async_calls = Table(
    "async_calls",
    metadata,
    Column("api_id", Text, primary_key=True),
    Column("accepted_at", Float(53), nullable=False),
    Column("call", LargeBinary, nullable=False),  # JSON of AsyncCall
)

_decode = msgspec.json.Decoder(AsyncCall).decode


def keep(conn: Connection, call: AsyncCall) -> None:
    """Store an accepted call."""
    conn.execute(
        insert(async_calls).values(
            api_id=call.api_id, accepted_at=call.accepted_at, call=msgspec.json.encode(call)
        )
    )


def forget(conn: Connection, api_id: str) -> bool:
    """Remove a call whose answer is queued; tells whether it was there."""
    result = conn.execute(delete(async_calls).where(async_calls.c.api_id == api_id))
    return result.rowcount > 0


def unfinished(conn: Connection) -> list[AsyncCall]:
    """Return the calls that a process accepted and did not finish, oldest first."""
    rows = conn.execute(select(async_calls.c.call).order_by(async_calls.c.accepted_at))
    return [_decode(row[0]) for row in rows]
