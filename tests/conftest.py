"""Fixtures of every test: a real PostgreSQL, a fresh database on either engine, a moved clock.

PostgreSQL is started when the first test asks for it, so unit tests never pay for it. The schema is
built once per engine and copied for each test; PostgreSQL's copies are emptied and used again.
"""

import contextlib
import gc
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parent / "parts"))

from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Database
from trunkline.runtime.db.engine import normalise
from trunkline.runtime.db.migrate import migrate

# Compiled once for all processes of all runs, also where the environment forbids it in the tree.
BYTECODE = str(Path(tempfile.gettempdir()) / "trunkline-pycache")
sys.dont_write_bytecode, sys.pycache_prefix = False, BYTECODE
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = BYTECODE

gc.disable()  # collecting thousands of tests makes no garbage; see `pytest_runtestloop`

ENGINES = ("sqlite", "postgresql")
MANY_ROWS = 1_000  # leave too much behind, also in plans, for another test
START = 1_767_225_600.0  # 2026-01-01T00:00:00Z: where every test's clock begins


class PostgresServer:
    """A PostgreSQL of our own in a temporary folder, reached through its Unix socket alone."""

    def __init__(self) -> None:
        self._bin = self._find_binaries()
        self._user = self._unprivileged_user()
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-pg-"))
        self._numbers = itertools.count(1)
        self._template: str | None = None
        self._shape = ""
        self._clean: list[str] = []
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        try:
            self._run("initdb", "--auth=trust", "--username=trunkline", "--encoding=UTF8",
                      "--locale=C", "--no-sync", f"--pgdata={self.folder}/data")  # fmt: skip
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def url(self, name: str) -> str:
        return f"postgresql://trunkline@/{name}?host={self.folder}"

    def create(self, *, schema: bool) -> str:
        """Create a database, empty or with the whole schema; return its URL."""
        if schema and self._template is None:
            template = f"template_{next(self._numbers)}"
            self._admin(f"CREATE DATABASE {template}")
            migrate(self.url(template))
            with contextlib.closing(psycopg.connect(self.url(template))) as conn:
                self._shape = self._shape_of(conn)
            self._template = template
        name = f"test_{next(self._numbers)}"
        source = self._template if schema else "template0"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
        return self.url(name)

    def lend(self) -> str:
        """Return the URL of a database with the schema and no row: one given back, or a new one."""
        return self._clean.pop() if self._clean else self.create(schema=True)

    def give_back(self, url: str) -> None:
        """Empty a lent database for the next; what was changed much, or is gone, is dropped."""
        try:
            with contextlib.closing(psycopg.connect(url, autocommit=True)) as conn:
                conn.execute("SET lock_timeout = '5s'")
                usable = self._shape_of(conn) == self._shape and self._empty(conn)
        except psycopg.OperationalError:  # the test has dropped it, or locked it for good
            usable = False
        if usable:
            self._clean.append(url)
        else:
            self.drop(url)

    @staticmethod
    def _shape_of(conn: psycopg.Connection) -> str:
        """Return what any change of the schema changes."""
        found = conn.execute(
            "SELECT string_agg(c.relname || c.relchecks || c.reltriggers || a.names, ',')"
            " FROM (SELECT oid, relname, relchecks, (SELECT count(*) FROM pg_trigger"
            "  WHERE tgrelid = pg_class.oid) AS reltriggers FROM pg_class"
            "  WHERE relnamespace = 'public'::regnamespace ORDER BY relname) AS c"
            " JOIN LATERAL (SELECT string_agg(attname || atttypid || attnotnull, ','"
            "  ORDER BY attnum) AS names FROM pg_attribute WHERE attrelid = c.oid) AS a ON TRUE"
        ).fetchone()
        return "" if found is None else str(found[0])

    @staticmethod
    def _empty(conn: psycopg.Connection) -> bool:
        """Remove all rows, also those of connections still open; False when there were many."""
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = conn.execute(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        filled = conn.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for (name,) in tables
            ).encode()
        ).fetchall()
        conn.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        removed = sum(conn.execute(f"DELETE FROM {name}".encode()).rowcount for (name,) in filled)
        conn.execute(
            "SELECT setval(format('%I', sequencename)::regclass, start_value, false)"
            " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )
        return removed < MANY_ROWS

    def drop(self, url: str) -> None:
        self._admin(f"DROP DATABASE IF EXISTS {normalise(url).database} WITH (FORCE)")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # immediate: nothing here is worth a checkpoint
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin(self, statement: str) -> None:
        with contextlib.closing(psycopg.connect(self.url("postgres"), autocommit=True)) as conn:
            conn.execute(statement.encode())

    def _start(self) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "64MB",
            "autovacuum": "off",
        }
        command = [*self._as_user(), f"{self._bin}/postgres", "-D", f"{self.folder}/data"]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = self.folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/")
        try:
            self._await_ready(process, log)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return process

    def _await_ready(self, process: subprocess.Popen[bytes], log: Path) -> None:
        for _ in range(300):
            if process.poll() is not None:
                break
            with contextlib.suppress(psycopg.OperationalError):
                self._admin("SELECT 1")
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")

    def _run(self, name: str, *options: str) -> None:
        command = [*self._as_user(), f"{self._bin}/{name}", *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed:\n{done.stdout}{done.stderr}")

    def _as_user(self) -> list[str]:
        if self._user is None:
            return []
        account = pwd.getpwnam(self._user)
        return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}",
                "--clear-groups", "--pdeathsig=QUIT"]  # fmt: skip

    @staticmethod
    def _unprivileged_user() -> str | None:
        if os.geteuid() != 0:
            return None  # PostgreSQL refuses to run as root, and only as root
        names = {account.pw_name for account in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    @staticmethod
    def _find_binaries() -> Path:
        installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
        versions = sorted(installed, key=lambda path: int(path.parent.parent.name), reverse=True)
        if versions:
            return versions[0].parent
        found = shutil.which("initdb")
        if found is None:
            raise RuntimeError("PostgreSQL is not installed: run `make test`, which installs it")
        return Path(found).resolve().parent


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database of this test's own, with the schema."""
    url = postgresql_server.lend()
    yield url
    postgresql_server.give_back(url)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite database of this test's own, with the schema."""
    path = tmp_path / "trunkline.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with the schema, once on each engine."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def make_empty_url(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """Make the URL of an empty database of the named engine: for tests of the schema itself."""
    made: list[str] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path}/empty-{len(list(tmp_path.iterdir()))}.db"
        server: PostgresServer = request.getfixturevalue("postgresql_server")
        made.append(server.create(schema=False))
        return made[-1]

    yield make
    for url in made:
        request.getfixturevalue("postgresql_server").drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A started `Database` with the schema, once on each engine."""
    opened = Database(database_url)
    opened.start()
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ControlledClock:
    """A frozen clock at 2026-01-01T00:00:00Z."""
    return ControlledClock(START)


def pytest_xdist_auto_num_workers() -> int:
    """One more worker than cores: a third of the time a worker waits for programs and clocks."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Take what was imported and collected out of the garbage collector's sight."""
    gc.freeze()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let one worker have all tests that share something slow to make."""
    if item.get_closest_marker("xdist_group"):  # they say so themselves
        return
    used = {*getattr(item, "fixturenames", ())}
    callspec = getattr(item, "callspec", None)
    engine = callspec.params.get("engine", "") if callspec is not None else ""
    if used & {"cells", "results"}:
        item.add_marker(pytest.mark.xdist_group("what SDKs and documents say"))
    elif "program" in used:
        item.add_marker(pytest.mark.xdist_group(f"the program on {engine}"))
    elif "e2e" in item.path.parts:  # programs of a module's own
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} on {engine}"))
