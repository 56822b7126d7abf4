"""Files by key in a folder, the least used going first when they are too large together."""

import os
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from typing import Final

_NEW: Final = ".new"


class FileCache:
    """Owns its folder; all methods but `add`'s rename work in memory."""

    def __init__(self, folder: Path, suffix: str, most_bytes: int) -> None:
        """Take over what an earlier process left in `folder`, which is made if it is not there.

        Raises:
            OSError: the folder cannot be made or read.
        """
        self._folder = folder
        self._suffix = suffix
        self._most_bytes = most_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()  # the least used first
        self.bytes = 0
        folder.mkdir(parents=True, exist_ok=True)
        found: list[tuple[float, str, int]] = []
        for path in folder.iterdir():
            if path.name.endswith(_NEW):
                path.unlink(missing_ok=True)  # of a process that died
            elif path.suffix == suffix:
                stat = path.stat()
                found.append((stat.st_mtime, path.stem, stat.st_size))
        for _, name, size in sorted(found):
            self._sizes[name] = size
            self.bytes += size
        self._shrink()

    def __len__(self) -> int:
        return len(self._sizes)

    def find(self, *key: str) -> Path | None:
        """Return the file of a key, which counts as used now."""
        name = _name(key)
        if name not in self._sizes:
            return None
        path = self._path(name)
        try:
            os.utime(path)
        except OSError:  # somebody has tidied up
            self.bytes -= self._sizes.pop(name)
            return None
        self._sizes.move_to_end(name)
        return path

    def draft(self, *key: str) -> Path:
        """Return where to write the file of a key before it is added."""
        return self._folder / f"{_name(key)}{_NEW}"

    def add(self, *key: str) -> Path:
        """Take the draft of a key in; the least used files go if there is no room.

        Raises:
            OSError: there is no draft.
        """
        name, draft = _name(key), self.draft(*key)
        size = draft.stat().st_size
        draft.replace(self._path(name))
        self.bytes += size - self._sizes.pop(name, 0)
        self._sizes[name] = size
        self._shrink()
        return self._path(name)

    def _shrink(self) -> None:
        while self.bytes > self._most_bytes and len(self._sizes) > 1:
            name, size = self._sizes.popitem(last=False)
            self.bytes -= size
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{self._suffix}"


def _name(key: tuple[str, ...]) -> str:
    return sha256("\x00".join(key).encode(errors="replace")).hexdigest()
