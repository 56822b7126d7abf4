"""Word of commits between two processes of one machine: JSON lines over a pipe each way.

A line is an object with `notes` {topic: [key, ...]}, `figures` {name: number}, `words` {carrier:
its last error} and `seen`, a revision; losing one is harmless: whoever waits also looks into the
database now and then.
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec
import structlog

from trunkline.runtime.db import Database
from trunkline.runtime.db.announce import Listener

logger = structlog.get_logger(__name__)

MAX_BUFFERED = 1 << 20  # octets a slow reader may be behind; then notes are dropped
MAX_LINE = 1 << 20


class Line(msgspec.Struct, omit_defaults=True):
    """One line of the pipe."""

    notes: dict[str, set[str]] = msgspec.field(default_factory=dict[str, set[str]])
    seen: int = 0  # revision of the mirrored tables that the other side has in memory
    figures: dict[str, float] = msgspec.field(default_factory=dict[str, float])
    words: dict[str, str] = msgspec.field(default_factory=dict[str, str])


_decode = msgspec.json.Decoder(Line).decode


class Mouth:
    """Writes lines, at most one a turn of the loop; what piles up meanwhile goes together."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._line = Line()
        self._due = False
        self._hears = False
        self._tellers: dict[str, Listener] = {}

    def follow(self, db: Database, topics: Iterable[str]) -> None:
        """Pass on what this process commits on `topics`."""
        for topic in topics:
            self._tellers[topic] = self._teller(topic)
            db.listen(topic, self._tellers[topic])

    def leave(self, db: Database) -> None:
        """Pass nothing on any more."""
        for topic, teller in self._tellers.items():
            db.forget(topic, teller)
        self._tellers.clear()

    def figures(self, figures: dict[str, float], words: dict[str, str]) -> None:
        """Tell the other side how things stand, in numbers and in words."""
        self._line.figures, self._line.words = figures, words
        self._soon()

    def seen(self, revision: int) -> None:
        """Tell the other side what this one's memory knows by now."""
        self._line.seen = revision
        self._soon()

    def _teller(self, topic: str) -> Listener:
        def tell(keys: set[str]) -> None:
            if self._hears:  # word of its own must not go back
                return
            self._line.notes.setdefault(topic, set()).update(keys)
            self._soon()

        return tell

    def _soon(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._due = False
        line, self._line = self._line, Line()
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < MAX_BUFFERED:
            self._writer.write(msgspec.json.encode(line) + b"\n")

    async def listen(
        self,
        reader: asyncio.StreamReader,
        db: Database,
        on_line: Callable[[Line], None],
    ) -> None:
        """Tell this process's listeners, other pipes' too, what the other side committed.

        Returns when the other side is gone.
        """
        while raw := await reader.readline():
            try:
                line = _decode(raw)
            except msgspec.DecodeError as error:
                logger.error("relay.unreadable", error=str(error), line=raw[:200])
                continue
            if line.notes:
                self._hears = True
                db.writer.tell(line.notes)
                self._hears = False
            on_line(line)
