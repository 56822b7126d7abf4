"""Word of a commit: a store says what it changed, listeners hear it once that is durable."""

from collections.abc import Callable

from sqlalchemy import Connection

Listener = Callable[[set[str]], None]
Notes = dict[str, set[str]]

_KEY = "announcements"


def announce(conn: Connection, topic: str, key: str) -> None:
    """Let the listeners of `topic` in this process hear `key` after this transaction's commit."""
    notes: Notes = conn.info.setdefault(_KEY, {})
    notes.setdefault(topic, set()).add(key)


def take(conn: Connection) -> Notes:
    """Take the notes of the transaction that ends."""
    return conn.info.pop(_KEY, None) or {}
