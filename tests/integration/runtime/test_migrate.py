"""The schema's history: ends at the declared tables on both engines, once, and never backwards."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from trunkline.cli.tables import declare_tables
from trunkline.runtime.db import DatabaseUnavailable, migrate, revisions
from trunkline.runtime.db.engine import normalise
from trunkline.runtime.db.errors import SchemaUnknown

both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
MakeUrl = Callable[[str], str]


def run(url: str, statement: str) -> None:
    with create_engine(normalise(url), poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


@both
def test_migrations_end_at_the_declared_tables(engine: str, make_empty_url: MakeUrl) -> None:
    url = make_empty_url(engine)
    assert migrate.current(url) is None
    missing = migrate.pending(url)
    assert missing
    assert missing[0] == "0001"
    assert migrate.migrate(url) == missing
    assert migrate.current(url) == missing[-1]
    assert migrate.pending(url) == []
    assert migrate.migrate(url) == []
    declare_tables()
    assert revisions.drift(url) == []


def test_the_shortcut_of_an_empty_database_leads_to_the_same_schema(
    make_empty_url: MakeUrl,
) -> None:
    """After a change of a migration: `python -m trunkline.cli.tables` writes it anew."""
    by_history, by_shortcut = make_empty_url("sqlite"), make_empty_url("sqlite")
    with migrate.transaction(by_history) as connection:
        revisions.upgrade(connection, migrate.SCRIPTS)
    migrate.migrate(by_shortcut)
    written = (migrate.SCRIPTS / migrate.FRESH).read_text()
    assert revisions.fresh(by_history) == written
    assert revisions.fresh(by_shortcut) == written
    with migrate.transaction(by_history) as connection:
        names = inspect(connection).get_table_names()
        filled = [
            name
            for name in names
            if connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()
        ]
    assert filled == ["alembic_version"]  # rows of a migration would be lost on the shortcut


def test_a_database_with_tables_of_others_is_no_empty_one(make_empty_url: MakeUrl) -> None:
    url = make_empty_url("sqlite")
    run(url, "CREATE TABLE theirs (id INTEGER)")
    assert migrate.migrate(url) == migrate.revisions(migrate.SCRIPTS)
    run(url, "SELECT * FROM theirs")
    run(url, "SELECT * FROM messages")


@both
@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE numbers",
        "ALTER TABLE numbers ADD COLUMN surplus INTEGER",
        "ALTER TABLE numbers DROP COLUMN alias",
        "DROP INDEX ix_numbers_app_id",
    ],
)
def test_a_difference_is_seen(engine: str, make_empty_url: MakeUrl, change: str) -> None:
    url = make_empty_url(engine)
    migrate.migrate(url)
    run(url, change)
    declare_tables()
    assert revisions.drift(url)


@both
def test_processes_that_start_at_once_migrate_once(engine: str, make_empty_url: MakeUrl) -> None:
    url = make_empty_url(engine)
    everything = len(migrate.pending(url))
    program = (
        "import sys; from trunkline.runtime.db.migrate import migrate; sys.stdin.readline();"
        "print(len(migrate(sys.argv[1])))"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    counts = sorted(int(child.communicate(timeout=60)[0]) for child in children)
    assert [child.returncode for child in children] == [0, 0, 0]
    assert counts == [
        0,
        0,
        everything,
    ]


@both
def test_a_failing_step_leaves_the_database_as_it_was(
    engine: str, make_empty_url: MakeUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_empty_url(engine)
    scripts = tmp_path / "scripts"
    shutil.copytree(migrate.SCRIPTS, scripts)
    (scripts / "versions" / "9999_bad.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = '9999'\ndown_revision = '{migrate.pending(url)[-1]}'\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer))\n"
        "    op.execute('this is not SQL')\n"
    )
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    with pytest.raises(DatabaseUnavailable):
        migrate.migrate(url)
    assert migrate.current(url) is None
    with pytest.raises(Exception, match="half"):
        run(url, "SELECT * FROM half")


@both
def test_a_newer_database_is_refused(engine: str, make_empty_url: MakeUrl) -> None:
    url = make_empty_url(engine)
    migrate.migrate(url)
    run(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaUnknown, match="9999"):
        migrate.pending(url)
    with pytest.raises(SchemaUnknown, match="newer"):
        migrate.migrate(url)


def test_a_database_that_is_away_is_said_so(make_empty_url: MakeUrl) -> None:
    url = make_empty_url("postgresql").replace("/test_", "/absent_")
    with pytest.raises(DatabaseUnavailable):
        migrate.migrate(url)
