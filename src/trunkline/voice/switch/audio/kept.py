"""Sound files on disk, by their content; and what is known of the URLs they came from.

Used by threads. Each method is a few file operations.
"""

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from trunkline.values.ids import new_uuid

_SPARED: Final = 64
"""So many of the youngest files are never removed: they may be playing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A URL's file and its validators; `fresh_until` in unix seconds."""

    path: Path
    etag: str = ""
    modified: str = ""
    fresh_until: float = 0.0


class _Note(msgspec.Struct):
    file: str
    etag: str = ""
    modified: str = ""
    fresh_until: float = 0.0


class KeptSounds:
    """Files are named for the digest of their content, notes for that of their URL.

    Beyond `most_bytes` those that were not used for longest go first.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()

    def find(self, url: str) -> Kept | None:
        """Return what is kept of a URL, if it is."""
        try:
            note = msgspec.json.decode(self._note_path(url).read_bytes(), type=_Note)
            path = self._folder / Path(note.file).name
            os.utime(path)
        except (OSError, msgspec.MsgspecError):
            return None  # never fetched, or removed since, or its note was cut off by a crash
        return Kept(path, note.etag, note.modified, note.fresh_until)

    def note(self, url: str, kept: Kept) -> Path:
        """Note what a URL's file is. Raises OSError."""
        note = _Note(kept.path.name, kept.etag, kept.modified, kept.fresh_until)
        self._write(self._note_path(url), msgspec.json.encode(note))
        return kept.path

    def put(self, body: bytes, suffix: str) -> Path:
        """Keep a file; the same content is kept once. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{hashlib.sha256(body).hexdigest()}{suffix}"
        if not path.exists():
            self._write(path, body)
            with self._lock:
                self._shrink()
        return path

    def _write(self, path: Path, body: bytes) -> None:
        """Appear whole or not at all."""
        draft = path.with_suffix(f".{new_uuid()}.part")
        try:
            draft.write_bytes(body)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _note_path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.json"

    def _shrink(self) -> None:
        found = sorted(
            ((path.stat().st_mtime, path.stat().st_size, path) for path in self._sounds()),
            reverse=True,
        )
        size = 0
        for index, (_, size_bytes, path) in enumerate(found):
            size += size_bytes
            if size > self._most_bytes and index >= _SPARED:
                path.unlink(missing_ok=True)

    def _sounds(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.suffix in (".wav", ".mp3")]
