"""Which processes send messages now."""

from sqlalchemy import Connection, text


def seen(conn: Connection, owner: str, now: float) -> None:
    """Note that `owner` lives, and forget those silent for a day."""
    conn.execute(
        text(
            "INSERT INTO senders (owner, seen_at) VALUES (:owner, :now) "
            "ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at"
        ),
        {"owner": owner, "now": now},
    )
    conn.execute(text("DELETE FROM senders WHERE seen_at < :old"), {"old": now - 86_400})


def last_seen(conn: Connection) -> dict[str, float]:
    """Return when each sender was last seen."""
    return {row[0]: row[1] for row in conn.execute(text("SELECT owner, seen_at FROM senders"))}
