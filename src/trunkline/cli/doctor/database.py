"""Checks of the database: reachable, new enough, sound, and of one mind about the time."""

from collections.abc import Iterator
from pathlib import Path

from trunkline.cli.doctor.findings import Finding
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import DatabaseError
from trunkline.runtime.db.engine import normalise
from trunkline.runtime.db.migrate import pending
from trunkline.runtime.db.probe import ask_server, find_damage
from trunkline.runtime.settings import Settings

MOST_SKEW_S = 2.0
LEAST_POSTGRESQL = 15

_RESTORE = "Stop the program and restore a backup."
_DAMAGED = ("malformed", "not a database")  # SQLITE_CORRUPT, SQLITE_NOTADB


def check_database(settings: Settings) -> Iterator[Finding]:
    """Look at the database of the settings."""
    try:
        url = normalise(settings.database)
    except ValueError as error:
        yield Finding.failure("database", str(error), "Mend database.url.")
        return
    is_sqlite = url.get_backend_name() == "sqlite"
    what = f"database {url.set(drivername=url.get_backend_name())}"  # str() hides the password
    if is_sqlite and not Path(url.database or "").exists():
        yield Finding.warning(what, "does not exist yet", "`trunkline migrate` or `up` makes it.")
        return
    try:
        missing = pending(settings.database)
    except DatabaseError as error:
        if is_sqlite and any(words in str(error) for words in _DAMAGED):
            yield Finding.failure("stored data", str(error), _RESTORE)
            return
        yield Finding.failure(what, str(error), "Start the database, or mend database.url.")
        return
    yield Finding.fine(what, "reachable")
    if missing:
        state = f"lacks {', '.join(missing)}"
        yield Finding.failure("schema", state, "Run `trunkline migrate`.")
    else:
        yield Finding.fine("schema", "up to date")
    yield _sound(settings.database)
    yield from _server(settings.database)


def _sound(url: str) -> Finding:
    damage = find_damage(url)
    if damage:
        return Finding.failure("stored data", damage, _RESTORE)
    return Finding.fine("stored data", "sound")


def _server(url: str) -> Iterator[Finding]:
    server = ask_server(url)
    if server is None:
        return
    state = f"version {server.version}"
    if server.version < LEAST_POSTGRESQL:
        mend = f"Upgrade the server: {LEAST_POSTGRESQL} is the oldest that is tested."
        yield Finding.failure("PostgreSQL", state, mend)
    else:
        yield Finding.fine("PostgreSQL", state)
    skew = SystemClock().now() - server.time
    state = f"differs from the database's by {skew:+.2f} s"
    if abs(skew) > MOST_SKEW_S:
        yield Finding.warning("clock", state, "Keep both machines' clocks by NTP.")
    else:
        yield Finding.fine("clock", state)
