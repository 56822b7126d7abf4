"""Snapshots: a state is saved by name or path, come back to, and what was there is kept."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from trunkline.accounts import store as accounts
from trunkline.accounts.model import NewAccount
from trunkline.cli.environment import Refused
from trunkline.cli.shell.database import ask_database
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.folder import Claim, FolderInUse
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import Settings, load

Run = Callable[..., Result]


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, data: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    if request.param == "postgresql":
        monkeypatch.setenv("TRUNKLINE_DATABASE", request.getfixturevalue("postgresql_url"))
    return begun(data)


@pytest.fixture
def sqlite_installation(data: Path) -> Settings:
    return begun(data)


def begun(data: Path) -> Settings:
    settings = load(os.environ)
    data.mkdir()
    migrate(settings.database)
    opened(settings, "first")
    return settings


def opened(settings: Settings, name: str) -> None:
    keyring = open_keyring(settings.secrets_file)
    ask_database(
        settings, lambda conn: accounts.create_account(conn, keyring, NewAccount(name), 1.0)
    )


def names(settings: Settings) -> set[str]:
    keyring = open_keyring(settings.secrets_file)
    known = ask_database(settings, lambda conn: accounts.list_main_accounts(conn, keyring))
    return {account.name for account in known}


def listed(trunkline: Run) -> list[str]:
    return [one["name"] for one in json.loads(trunkline("snapshot", "list", "--json").output)]


def test_a_state_is_come_back_to_and_left_again(installation: Settings, trunkline: Run) -> None:
    assert trunkline("snapshot", "save", "one").exit_code == 0
    opened(installation, "second")
    assert trunkline("snapshot", "load", "one").exit_code == 0
    assert names(installation) == {"first"}
    assert listed(trunkline) == ["previous", "one"]
    assert trunkline("snapshot", "load", "previous").exit_code == 0
    assert names(installation) == {"first", "second"}


def test_a_file_goes_into_an_empty_folder(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    file, other = tmp_path / "seed.tar", tmp_path / "other"
    assert trunkline("snapshot", "save", file).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0
    done = trunkline("snapshot", "load", file, "--data", other)
    assert done.exit_code == 0, done.output
    assert names(load({"TRUNKLINE_DATA": str(other)})) == {"first"}
    assert trunkline("snapshot", "list", "--data", other).output.split("\n")[1:] == [""]


def test_nothing_is_replaced_by_accident(sqlite_installation: Settings, trunkline: Run) -> None:
    trunkline("snapshot", "save", "one")
    opened(sqlite_installation, "second")
    again = trunkline("snapshot", "save", "one")
    assert "is there already" in str(again.exception)
    assert trunkline("snapshot", "save", "one", "--replace").exit_code == 0
    trunkline("snapshot", "load", "one")
    assert names(sqlite_installation) == {"first", "second"}


@pytest.mark.parametrize("name", ["a b", "", ".", "-x", "ä", "a" * 101])
def test_a_name_that_is_none_is_refused(data: Path, trunkline: Run, name: str) -> None:
    done = trunkline("snapshot", "save", "--", name)
    assert isinstance(done.exception, Refused)
    assert "is no name" in str(done.exception)


def test_a_snapshot_that_is_not_there(sqlite_installation: Settings, trunkline: Run) -> None:
    done = trunkline("snapshot", "load", "none")
    assert isinstance(done.exception, Refused)
    assert "there is no snapshot" in str(done.exception)


def test_a_file_that_is_none_changes_nothing(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    (tmp_path / "x.tar").write_text("hello")
    done = trunkline("snapshot", "load", tmp_path / "x.tar")
    assert "is not a backup" in str(done.exception)
    assert names(sqlite_installation) == {"first"}


def test_a_running_program_is_not_replaced(sqlite_installation: Settings, trunkline: Run) -> None:
    trunkline("snapshot", "save", "one")
    with Claim(sqlite_installation.data):
        assert trunkline("snapshot", "save", "two").exit_code == 0
        assert isinstance(trunkline("snapshot", "load", "one").exception, FolderInUse)
