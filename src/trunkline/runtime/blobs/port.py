"""The port to a store of blobs, and the form of their keys."""

import re
from pathlib import Path
from typing import Protocol

from trunkline.values.errors import TrunklineError

_KEY = re.compile(r"[0-9a-z][0-9a-z-]{7,63}")


class BlobsError(TrunklineError):
    """A blob could not be written, read or deleted; nothing half-written is visible."""


class Blobs(Protocol):
    """Whole blobs by key; a key is written once."""

    async def put(self, key: str, body: bytes) -> None:
        """Keep `body`; on return it is durable. Raises BlobsError."""
        ...

    async def put_file(self, key: str, path: Path) -> None:
        """Keep a copy of a file, however large; on return it is durable. Raises BlobsError."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Return a blob, None if there is none. Raises BlobsError."""
        ...

    async def part(self, key: str, start: int, length: int) -> bytes | None:
        """Return `length` (> 0) octets from `start` on, fewer at the end; None if there is no blob.

        Raises BlobsError.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget a blob if it is there. Raises BlobsError."""
        ...


def checked(key: str) -> str:
    """Return `key` if it can be no path and no pattern.

    Raises:
        BlobsError: it could.
    """
    if _KEY.fullmatch(key) is None:
        raise BlobsError(f"{key!r} is no key of a blob")
    return key
