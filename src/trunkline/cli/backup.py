"""`trunkline backup` and `trunkline restore`: everything that must survive, in one file.

The file is a tar of `manifest.json`, the database's copy, the secret key and the media (unless they
are in a bucket, which has its own backups); the manifest has the size and SHA-256 of each.
"""

import hashlib
import io
import os
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Annotated

import msgspec
import typer

from trunkline.cli import media_copy
from trunkline.cli.environment import DataOption, Refused, output, settings_for, version_text
from trunkline.cli.shell.progress import busy, portion
from trunkline.runtime.clock import SystemClock
from trunkline.runtime.db import dump
from trunkline.runtime.db.migrate import current
from trunkline.runtime.folder import Claim, prepare
from trunkline.runtime.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
SECRETS = "secrets.key"
MEDIA = "media.tar"

_CHUNK_BYTES = 1 << 20
_MANIFEST_LIMIT_BYTES = 1 << 20


class Entry(msgspec.Struct, frozen=True):
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself."""

    format: int
    program: str
    engine: str
    schema: str
    made_at: float
    files: dict[str, Entry]


def backup(
    file: Annotated[Path, typer.Argument(help="The new file, such as backup.tar.")],
    data: DataOption = None,
) -> None:
    """Copy the database, the secret key and the media into one file; the program may be running."""
    if file.exists():
        raise Refused(f"{file} is there already")
    save(settings_for(data), file)
    output.print(f"wrote {file}; it holds the secret key: keep it safe", soft_wrap=True)


def save(settings: Settings, file: Path) -> None:
    """Write a backup, in the place of a file that is there.

    Raises:
        DumpFailed, Refused: it was not written; a file that was there is as it was.
    """
    with tempfile.TemporaryDirectory(prefix="trunkline-backup-") as folder:
        parts = {DATABASE: Path(folder) / DATABASE}
        with portion("database") as tell:
            dump.dump(settings.database, parts[DATABASE], tell)
        if settings.secrets_file.exists():
            parts[SECRETS] = settings.secrets_file
        # After the database: what its rows name is there, unless it was deleted since.
        if media_copy.pack(settings, Path(folder) / MEDIA):
            parts[MEDIA] = Path(folder) / MEDIA
        manifest = Manifest(
            format=FORMAT,
            program=version_text(),
            engine=dump.engine_name(settings.database),
            schema=current(settings.database) or "",
            made_at=SystemClock().now(),
            files={name: _entry(path) for name, path in parts.items()},
        )
        with busy(f"writing {file}"):
            _write(file, manifest, parts)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `trunkline backup` wrote.")],
    data: DataOption = None,
    force: Annotated[bool, typer.Option(help="Replace what the target holds.")] = False,
) -> None:
    """Put a backup into the data folder and database of the settings; stop the program first."""
    settings = settings_for(data)
    with Claim(settings.data):
        put_back(settings, file, force=force)
    output.print("restored; now run `trunkline migrate`", highlight=False)


def put_back(settings: Settings, file: Path, *, force: bool) -> None:
    """Restore a backup into a data folder that the caller has claimed.

    Raises:
        DumpFailed, Refused: nothing has changed.
    """
    with tempfile.TemporaryDirectory(prefix="trunkline-restore-") as folder:
        with busy(f"reading {file}"):
            manifest = _unpack(file, Path(folder))
        engine = dump.engine_name(settings.database)
        if manifest.engine != engine:
            raise Refused(f"the backup is of {manifest.engine}, the settings say {engine}")
        if not force and not _is_free(settings, Path(folder)):
            raise Refused("the target holds data or another secret key; --force replaces it")
        prepare(settings.data)
        with portion("database") as tell:
            dump.load(settings.database, Path(folder) / DATABASE, tell)
        if SECRETS in manifest.files:
            _put_secrets(Path(folder) / SECRETS, settings.secrets_file)
        if MEDIA in manifest.files:
            media_copy.unpack(Path(folder) / MEDIA, settings)


def _is_free(settings: Settings, folder: Path) -> bool:
    key, kept = folder / SECRETS, settings.secrets_file
    if key.exists() and kept.exists() and key.read_bytes() != kept.read_bytes():
        return False
    return dump.is_empty(settings.database)


def _write(file: Path, manifest: Manifest, parts: dict[str, Path]) -> None:
    draft = file.with_name(f".{file.name}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as tar:
            body = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            head = tarfile.TarInfo(MANIFEST)
            head.size, head.mode = len(body), 0o600
            tar.addfile(head, io.BytesIO(body))
            for name, path in parts.items():
                with path.open("rb") as source:
                    info = tarfile.TarInfo(name)
                    info.size, info.mode = manifest.files[name].size, 0o600
                    tar.addfile(info, source)
            stream.flush()
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Refused(f"{file} cannot be written: {error.strerror}") from error


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says of itself; Refused when it is none."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            return _manifest(tar)
    except (tarfile.TarError, KeyError, OSError) as error:
        raise Refused(f"{file} is not a backup: {error}") from error


def _unpack(file: Path, folder: Path) -> Manifest:
    """Write the backup's parts into `folder`, each checked against the manifest."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            manifest = _manifest(tar)
            for name, entry in manifest.files.items():
                if name not in (DATABASE, SECRETS, MEDIA):
                    raise Refused(f"{file} holds {name!r}, which this version does not know")
                _extract(tar, name, folder / name)
                if _entry(folder / name) != entry:
                    raise Refused(f"{file} is damaged: {name} is not what the manifest says")
    except (tarfile.TarError, KeyError, OSError) as error:
        raise Refused(f"{file} is not a backup: {error}") from error
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    body = _member(tar, MANIFEST).read(_MANIFEST_LIMIT_BYTES)
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except msgspec.DecodeError as error:
        raise Refused(f"not a backup: {MANIFEST}: {error}") from error
    if manifest.format != FORMAT:
        raise Refused(f"the backup has form {manifest.format}, this version reads {FORMAT}")
    return manifest


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = tar.extractfile(name)
    if stream is None:
        raise Refused(f"not a backup: {name} is not a file")
    return stream


def _extract(tar: tarfile.TarFile, name: str, target: Path) -> None:
    with _member(tar, name) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK_BYTES):
            out.write(chunk)


def _entry(path: Path) -> Entry:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Entry(path.stat().st_size, digest)


def _put_secrets(source: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(source.read_bytes())
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)
