"""Opens SQLAlchemy engines with the pragmas and pools each database needs."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

SQLITE_BUSY_TIMEOUT_MS = 10_000
POSTGRESQL_CONNECT_TIMEOUT_S = 5


def normalise(url: str) -> URL:
    """Read a database URL; `postgres://` and `postgresql://` get the psycopg driver.

    Raises:
        ValueError: for any other scheme.
    """
    parsed = make_url(url)
    name = parsed.drivername
    if name in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if name in ("sqlite", "sqlite+pysqlite"):
        return parsed.set(drivername="sqlite+pysqlite")
    raise ValueError(f"database URL {name}:// is not supported: use sqlite:/// or postgresql://")


def open_engine(url: URL, *, readers: int, synchronous: str = "FULL") -> Engine:
    """Create an engine; connections are made when first used.

    Args:
        url: as `normalise` returns it.
        readers: how many connections the reader threads may hold.
        synchronous: SQLite only: FULL survives power loss, NORMAL a crash of the process.
    """
    if url.drivername.startswith("sqlite"):
        return _open_sqlite(url, synchronous)
    return create_engine(
        url,
        pool_size=readers + 2,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": POSTGRESQL_CONNECT_TIMEOUT_S},
    )


def _open_sqlite(url: URL, synchronous: str) -> Engine:
    if synchronous not in ("FULL", "NORMAL"):
        raise ValueError("database synchronous must be FULL or NORMAL")
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool, connect_args={"check_same_thread": False})

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun explicitly below
        connection.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA cache_size=-65536")  # 64 MiB
        connection.execute("PRAGMA wal_autocheckpoint=4000")  # pages of 4 KiB: 16 MiB
        connection.execute("PRAGMA journal_size_limit=67108864")

    event.listen(engine, "connect", on_connect)
    return engine
