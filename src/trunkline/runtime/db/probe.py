"""Questions about a database as a whole: is it sound, which server is it, what time has it."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from trunkline.runtime.db.engine import normalise, open_engine
from trunkline.runtime.db.errors import DatabaseUnavailable


class Server(NamedTuple):
    """`version` is PostgreSQL's major version; `time` seconds since 1970 by its clock."""

    version: int
    time: float


def find_damage(url: str) -> str | None:
    """Return what is wrong with the stored data, None if nothing is.

    Only SQLite can be asked cheaply; of PostgreSQL it is only proven that it answers.
    """
    engine = open_engine(normalise(url), readers=1)
    try:
        with engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                connection.execute(text("SELECT 1"))
                return None
            answer = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
            return None if answer == "ok" else answer
    except DBAPIError as error:
        return str(error.orig)
    finally:
        engine.dispose()


def ask_server(url: str) -> Server | None:
    """Return what a PostgreSQL server says of itself; None for SQLite, which has no server.

    Raises:
        DatabaseUnavailable: it does not answer.
    """
    engine = open_engine(normalise(url), readers=1)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                return None
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            now = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
            return Server(number // 10_000, float(now.scalar_one()))
    except DBAPIError as error:
        raise DatabaseUnavailable(str(error).splitlines()[0]) from error
    finally:
        engine.dispose()
