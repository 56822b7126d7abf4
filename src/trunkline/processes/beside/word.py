"""Word of commits between processes that only the database and the bus connect.

What one commits the others look for at once instead of when they next poll. Losing word is
harmless: whoever waits also looks into the database now and then.
"""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
import structlog

from trunkline.runtime.bus import Bus
from trunkline.runtime.changes import CHANGED
from trunkline.runtime.db import Database
from trunkline.runtime.db.announce import Listener, Notes
from trunkline.values.ids import new_uuid

logger = structlog.get_logger(__name__)

SUBJECT: Final = "commits"
GATHER_S: Final = 0.01  # what is committed meanwhile goes together: at most 100 events a second
MOST_KEYS: Final = 1_000  # of a topic in one event; of more who hears it finds the rest itself


class Word(msgspec.Struct, frozen=True):
    """What was committed, and by which process: nobody hears itself."""

    source: Annotated[str, msgspec.Meta(max_length=64)]
    notes: dict[str, set[str]]


_encode = msgspec.msgpack.Encoder().encode
_words = msgspec.msgpack.Decoder(Word)


class Herald:
    """Tells the other processes what this one commits, and its listeners what they do."""

    def __init__(self, bus: Bus, db: Database, topics: Iterable[str]) -> None:
        self._bus = bus
        self._db = db
        self._topics = frozenset(topics)
        self._source = new_uuid()
        self._notes: Notes = {}
        self._due = asyncio.Event()
        self._hears = False

    async def tell(self) -> None:
        """Tell for ever; cancel to stop."""
        tellers = {topic: self._teller(topic) for topic in self._topics}
        for topic, teller in tellers.items():
            self._db.listen(topic, teller)
        try:
            while True:
                await self._due.wait()
                await asyncio.sleep(GATHER_S)
                self._due.clear()
                notes, self._notes = self._notes, {}
                await self._bus.publish(SUBJECT, _encode(Word(self._source, notes)))
        finally:
            for topic, teller in tellers.items():
                self._db.forget(topic, teller)

    async def hear(self) -> None:
        """Hear the others for ever; cancel to stop. What is no word is passed over."""
        heard = self._bus.subscribe(SUBJECT)
        try:
            async for event in heard:
                try:
                    word = _words.decode(event.payload)
                except (msgspec.MsgspecError, RecursionError) as error:
                    logger.warning("word.unreadable", error=str(error)[:200])
                    continue
                if word.source != self._source:
                    self._pass_on(word.notes)
        finally:
            heard.close()

    def _pass_on(self, notes: Notes) -> None:
        told: Notes = {one: notes[one] for one in self._topics & notes.keys()}
        if CHANGED in told:
            told[CHANGED] = {"0"}  # look what is new; who waits for a revision waits for our own
        self._hears = True
        try:
            self._db.writer.tell(told)
        finally:
            self._hears = False

    def _teller(self, topic: str) -> Listener:
        def tell(keys: set[str]) -> None:
            if self._hears:  # what others said must not go back to them
                return
            known = self._notes.setdefault(topic, set())
            if len(known) < MOST_KEYS:
                known.update(keys)
            self._due.set()

        return tell
