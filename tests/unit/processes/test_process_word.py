"""Word of commits over the bus: others hear it once, nobody hears itself, rubbish is harmless."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from trunkline.processes.beside.word import MOST_KEYS, SUBJECT, Herald
from trunkline.runtime.bus import InProcessBus
from trunkline.runtime.changes import CHANGED

TOPICS = ("calls.queued", CHANGED)


class Committed:
    """What `Database` tells its listeners, without a database."""

    def __init__(self) -> None:
        self.writer = self
        self.listeners: dict[str, list[Any]] = {}
        self.heard: list[tuple[str, set[str]]] = []
        for topic in (*TOPICS, "other"):
            self.listen(topic, lambda keys, topic=topic: self.heard.append((topic, set(keys))))

    def listen(self, topic: str, listener: Any) -> None:
        self.listeners.setdefault(topic, []).append(listener)

    def forget(self, topic: str, listener: Any) -> None:
        self.listeners[topic].remove(listener)

    def tell(self, notes: dict[str, set[str]]) -> None:
        for topic, keys in notes.items():
            for listener in self.listeners[topic]:
                listener(keys)


class Pair:
    """Two processes on one bus."""

    def __init__(self) -> None:
        self.bus = InProcessBus()
        self.one, self.other = Committed(), Committed()
        self.told: list[bytes] = []

    async def settle(self, events: int) -> None:
        """Wait until so many events went over the bus, and were heard."""
        watched = self.bus.subscribe(SUBJECT)
        async with asyncio.timeout(5):
            for _ in range(events):
                self.told.append((await anext(aiter(watched))).payload)
        watched.close()
        await asyncio.sleep(0.05)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    heralds = [Herald(made.bus, one, TOPICS) for one in (made.one, made.other)]  # type: ignore[arg-type]
    tasks = [asyncio.create_task(run) for one in heralds for run in (one.tell(), one.hear())]
    await asyncio.sleep(0)
    yield made
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert [len(one) for one in made.one.listeners.values()] == [1, 1, 1]
    await made.bus.close()


async def test_the_others_hear_once_what_was_committed(pair: Pair) -> None:
    for key in ("ann", "ben", "ann"):
        pair.one.tell({"calls.queued": {key}, "other": {"x"}})
    pair.one.heard.clear()
    await pair.settle(1)
    assert pair.other.heard == [("calls.queued", {"ann", "ben"})]
    assert pair.one.heard == []
    await asyncio.sleep(0.05)
    assert len(pair.told) == 1  # it does not go back


async def test_a_revision_of_others_is_only_a_reason_to_look(pair: Pair) -> None:
    pair.other.tell({CHANGED: {"99999999"}})
    await pair.settle(1)
    assert pair.one.heard == [(CHANGED, {"0"})]


async def test_rubbish_is_passed_over_and_much_is_cut(pair: Pair) -> None:
    for rubbish in (b"", b"\xc1", b"\x91" * 50_000, b"\x82\xa6source\x01\xa5notes\x80"):
        await pair.bus.publish(SUBJECT, rubbish)
    for n in range(3 * MOST_KEYS):
        pair.one.tell({"calls.queued": {str(n)}})
    await pair.settle(1)
    ((_, keys),) = pair.other.heard
    assert len(keys) == MOST_KEYS
