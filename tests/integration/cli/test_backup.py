"""Backups: whole on both engines, never over something by accident, never half."""

import asyncio
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from trunkline.accounts import store as accounts
from trunkline.accounts.model import NewAccount
from trunkline.cli.environment import Refused
from trunkline.cli.shell.database import ask_database
from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.db.dump import is_empty
from trunkline.runtime.db.migrate import migrate
from trunkline.runtime.folder import Claim, FolderInUse
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import Settings, load

Run = Callable[..., Result]


def token_of(settings: Settings) -> str:
    keyring = open_keyring(settings.secrets_file)
    (account,) = ask_database(settings, lambda conn: accounts.list_main_accounts(conn, keyring))
    return account.auth_token


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, data: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """An installation with one account, on either engine."""
    if request.param == "postgresql":
        monkeypatch.setenv("TRUNKLINE_DATABASE", request.getfixturevalue("postgresql_url"))
    return filled(data)


@pytest.fixture
def sqlite_installation(data: Path) -> Settings:
    return filled(data)


def filled(data: Path) -> Settings:
    settings = load(os.environ)
    data.mkdir()
    migrate(settings.database)
    keyring = open_keyring(settings.secrets_file)
    ask_database(
        settings,
        lambda conn: accounts.create_account(
            conn, keyring, NewAccount(name="Kept", auth_token="t" * 40), 1.0
        ),
    )
    return settings


def test_a_backup_brings_everything_back(
    installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar"
    assert trunkline("backup", file).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    ask_database(
        installation,
        lambda conn: accounts.create_account(
            conn, open_keyring(installation.secrets_file), NewAccount(name="Later"), 2.0
        ),
    )
    installation.secrets_file.unlink()
    refused = trunkline("restore", file)
    assert isinstance(refused.exception, Refused)
    assert "--force" in str(refused.exception)
    assert trunkline("restore", file, "--force").exit_code == 0
    assert installation.secrets_file.stat().st_mode & 0o777 == 0o600
    assert token_of(installation) == "t" * 40


def test_a_backup_has_the_media_too(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    key = "0178eb8a-461a-4fd1-bc37-13eebfdc0676"
    blobs = FolderBlobs(sqlite_installation.media_folder)
    asyncio.run(blobs.put(key, b"picture"))
    draft = sqlite_installation.media_folder / "76" / f".{key}.draft"
    draft.write_bytes(b"half")
    assert trunkline("backup", tmp_path / "b.tar").exit_code == 0
    other = tmp_path / "other"
    assert trunkline("restore", tmp_path / "b.tar", "--data", other).exit_code == 0
    restored = load({"TRUNKLINE_DATA": str(other)}).media_folder
    assert asyncio.run(FolderBlobs(restored).get(key)) == b"picture"
    assert [path.name for path in restored.rglob("*") if path.is_file()] == [key]


def test_a_restore_into_an_empty_place_needs_no_force(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    trunkline("backup", tmp_path / "b.tar")
    other = tmp_path / "other"
    assert trunkline("restore", tmp_path / "b.tar", "--data", other).exit_code == 0
    restored = load({"TRUNKLINE_DATA": str(other)})
    assert not is_empty(restored.database)
    assert token_of(restored) == "t" * 40


def test_another_key_is_not_replaced_by_accident(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    trunkline("backup", tmp_path / "b.tar")
    other = load({"TRUNKLINE_DATA": str(tmp_path / "other")})
    open_keyring(other.secrets_file)
    before = other.secrets_file.read_bytes()
    done = trunkline("restore", tmp_path / "b.tar", "--data", other.data)
    assert isinstance(done.exception, Refused)
    assert other.secrets_file.read_bytes() == before


def test_a_running_program_is_not_replaced(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    trunkline("backup", tmp_path / "b.tar")
    with Claim(sqlite_installation.data):
        done = trunkline("restore", tmp_path / "b.tar", "--force")
    assert isinstance(done.exception, FolderInUse)


def test_an_existing_file_is_kept(
    sqlite_installation: Settings, trunkline: Run, tmp_path: Path
) -> None:
    (tmp_path / "b.tar").write_text("mine")
    assert isinstance(trunkline("backup", tmp_path / "b.tar").exception, Refused)
    assert (tmp_path / "b.tar").read_text() == "mine"


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with tarfile.open(file) as tar:
        parts = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    change(parts)
    with tarfile.open(file, "w") as tar:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def edit_manifest(parts: dict[str, bytes], **changes: object) -> None:
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | changes).encode()


def flip(parts: dict[str, bytes]) -> None:
    parts["database"] = parts["database"][:-1] + bytes([parts["database"][-1] ^ 1])


def escape(parts: dict[str, bytes]) -> None:
    files = json.loads(parts["manifest.json"])["files"]
    edit_manifest(parts, files=files | {"../../evil": files["secrets.key"]})
    parts["../../evil"] = parts["secrets.key"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (flip, "damaged: database"),
        (lambda parts: parts.pop("database"), "not a backup"),
        (lambda parts: parts.pop("manifest.json"), "not a backup"),
        (lambda parts: edit_manifest(parts, format=2), "has form 2"),
        (lambda parts: edit_manifest(parts, engine="postgresql"), "of postgresql"),
        (escape, "does not know"),
    ],
)
def test_a_wrong_file_changes_nothing(
    sqlite_installation: Settings,
    trunkline: Run,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    expected: str,
) -> None:
    file = tmp_path / "b.tar"
    trunkline("backup", file)
    rewritten(file, change)
    done = trunkline("restore", file, "--force")
    assert isinstance(done.exception, Refused)
    assert expected in str(done.exception)
    assert token_of(sqlite_installation) == "t" * 40
    assert not (tmp_path.parent / "evil").exists()


def test_a_file_that_is_no_tar(data: Path, trunkline: Run, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_text("hello")
    assert isinstance(trunkline("restore", tmp_path / "b.tar").exception, Refused)
    assert isinstance(trunkline("restore", tmp_path / "none.tar").exception, Refused)
