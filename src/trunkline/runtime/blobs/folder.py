"""Blobs as files of a folder, spread over 256 subfolders."""

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from trunkline.runtime.blobs.port import BlobsError, checked

_OWNER_ONLY = 0o600
_CHUNK = 1024 * 1024


class FolderBlobs:
    """Files are written beside, synced, then renamed: whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, body: bytes) -> None:
        path = self._path(key)
        await self._write(path, lambda file: file.write(body))

    async def put_file(self, key: str, path: Path) -> None:
        def copy(file: BinaryIO) -> None:
            with path.open("rb") as source:
                shutil.copyfileobj(source, file, _CHUNK)

        await self._write(self._path(key), copy)

    async def get(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BlobsError(f"{path} cannot be read: {error.strerror}") from error

    async def part(self, key: str, start: int, length: int) -> bytes | None:
        path = self._path(key)
        try:
            return await asyncio.to_thread(_read, path, start, length)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BlobsError(f"{path} cannot be read: {error.strerror}") from error

    async def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise BlobsError(f"{path} cannot be deleted: {error.strerror}") from error

    async def _write(self, path: Path, fill: Callable[[BinaryIO], object]) -> None:
        try:
            await asyncio.to_thread(_write, path, fill)
        except OSError as error:
            raise BlobsError(f"{path} cannot be written: {error.strerror}") from error

    def _path(self, key: str) -> Path:
        name = checked(key)
        return self._folder / name[-2:] / name


def _read(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)


def _write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name too survives a power cut
    finally:
        os.close(folder)
