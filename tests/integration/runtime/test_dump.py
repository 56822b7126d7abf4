"""Copies of a database: complete, put back whole, and never over something by accident."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from trunkline.runtime.db import dump, probe
from trunkline.runtime.db.engine import normalise


def run(url: str, *statements: str) -> None:
    engine = create_engine(normalise(url), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(url: str) -> list[tuple[int, str]]:
    engine = create_engine(normalise(url), poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, name FROM kept ORDER BY id")).all()
    return [tuple(row) for row in found]


@pytest.fixture
def filled_url(database_url: str) -> str:
    run(
        database_url,
        "CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO kept VALUES (1, 'größer'), (2, 'E''s')",
    )
    return database_url


def test_a_copy_put_back_is_the_same(filled_url: str, tmp_path: Path) -> None:
    dump.dump(filled_url, tmp_path / "copy")
    run(filled_url, "DELETE FROM kept", "CREATE TABLE later (id INTEGER)")
    dump.load(filled_url, tmp_path / "copy")
    assert rows(filled_url) == [(1, "größer"), (2, "E's")]
    with pytest.raises(Exception, match="later"):
        run(filled_url, "SELECT * FROM later")


def test_a_copy_that_cannot_be_read_changes_nothing(filled_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("INSERT INTO nowhere VALUES (1);\n" * 400)
    with pytest.raises(dump.DumpFailed):
        dump.load(filled_url, tmp_path / "copy")
    assert len(rows(filled_url)) == 2


def test_empty_means_no_rows(database_url: str) -> None:
    assert dump.is_empty(database_url)
    run(database_url, "CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT)")
    assert dump.is_empty(database_url)
    run(database_url, "INSERT INTO kept VALUES (1, 'x')")
    assert not dump.is_empty(database_url)


def test_a_damaged_file_is_found(sqlite_url: str) -> None:
    assert probe.find_damage(sqlite_url) is None
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    page = 4096
    content[page * 2 : page * 3] = b"\xff" * page
    path.write_bytes(content)
    assert probe.find_damage(sqlite_url) is not None


def test_no_copy_of_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(dump.DumpFailed, match="there is no database"):
        dump.dump(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_the_password_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    spy.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat "$PGSERVICEFILE" >&2\nexit 3\n'
    )
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:/usr/bin:/bin")
    with pytest.raises(dump.DumpFailed, match="password=hush"):
        dump.dump("postgresql://me:hush@db.test/name?sslmode=require", tmp_path / "copy")
    assert "hush" not in (tmp_path / "arguments").read_text()
