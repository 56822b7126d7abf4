"""The data folder: made private to its owner, and claimed by one program at a time."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from trunkline.values.errors import TrunklineError

LOCK_FILE = ".lock"


class FolderInUse(TrunklineError):
    """Another process works in the data folder."""


class FolderUnusable(TrunklineError):
    """The data folder cannot be made or written."""


def prepare(data: Path) -> None:
    """Make the folder, readable by its owner alone, unless it is there.

    Raises:
        FolderUnusable: it cannot be.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(f"data folder {data}: {error.strerror}") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise FolderUnusable(f"data folder {data} cannot be written by this user")


class Claim:
    """Holds the folder until closed; the system lets go of it when the process dies."""

    def __init__(self, data: Path) -> None:
        """Claim `data` at once or not at all.

        Raises:
            FolderInUse: another process holds it.
            FolderUnusable: it cannot be written.
        """
        prepare(data)
        self._file = (data / LOCK_FILE).open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise FolderInUse(
                f"data folder {data} is in use by process {holder}: stop that first, or give this"
                " one another folder (TRUNKLINE_DATA)"
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def close(self) -> None:
        """Let go of the folder."""
        self._file.close()

    def __enter__(self) -> "Claim":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
