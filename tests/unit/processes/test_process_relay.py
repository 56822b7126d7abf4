import asyncio
from typing import Any, cast

from structlog.testing import capture_logs

from trunkline.processes.beside.relay import MAX_BUFFERED, MAX_LINE, Line, Mouth


class Committed:
    """What `Database` tells its listeners, without a database."""

    def __init__(self) -> None:
        self.listeners: dict[str, Any] = {}
        self.writer = self
        self.told: list[dict[str, set[str]]] = []

    def listen(self, topic: str, listener: Any) -> None:
        self.listeners[topic] = listener

    def forget(self, topic: str, listener: Any) -> None:
        assert self.listeners.pop(topic) is listener

    def tell(self, notes: dict[str, set[str]]) -> None:
        self.told.append(notes)
        for topic, keys in notes.items():
            if topic in self.listeners:
                self.listeners[topic](keys)


class Pipe:
    """A writer that keeps what is written, or holds it like a reader that is slow."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.buffered = 0
        self.closing = False
        self.transport = self

    def write(self, data: bytes) -> None:
        self.lines.append(data)

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return self.buffered


async def turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def across(pipe: Pipe, *more: bytes) -> tuple[Committed, list[dict[str, float]]]:
    """Let the other side hear all lines."""
    reader = asyncio.StreamReader(limit=MAX_LINE)
    for line in (*pipe.lines, *more):
        reader.feed_data(line)
    reader.feed_eof()
    other, figures = Committed(), list[dict[str, float]]()

    def hear(line: Line) -> None:
        if line.figures:
            figures.append(line.figures)

    await Mouth(cast(Any, Pipe())).listen(reader, cast(Any, other), hear)
    return other, figures


async def test_what_piles_up_in_a_turn_goes_in_one_line() -> None:
    here, pipe = Committed(), Pipe()
    mouth = Mouth(cast(Any, pipe))
    mouth.follow(cast(Any, here), ("messages", "webhooks"))
    here.listeners["messages"]({"a", "b"})
    here.listeners["messages"]({"b", "c"})
    here.listeners["webhooks"]({"https://example.com:443"})
    mouth.figures({"sent": 1.0}, {"a": "b"})
    mouth.figures({"sent": 2.0}, {"a": "b"})
    assert pipe.lines == []
    await turn()
    assert len(pipe.lines) == 1
    other, figures = await across(pipe)
    assert other.told == [{"messages": {"a", "b", "c"}, "webhooks": {"https://example.com:443"}}]
    assert figures == [{"sent": 2.0}]


async def test_the_next_turn_begins_a_new_line() -> None:
    here, pipe = Committed(), Pipe()
    mouth = Mouth(cast(Any, pipe))
    mouth.follow(cast(Any, here), ("messages",))
    for name in ("a", "b"):
        here.listeners["messages"]({name})
        await turn()
    other, figures = await across(pipe)
    assert (other.told, figures) == ([{"messages": {"a"}}, {"messages": {"b"}}], [])


async def test_a_slow_or_gone_reader_costs_nothing() -> None:
    here, pipe = Committed(), Pipe()
    mouth = Mouth(cast(Any, pipe))
    mouth.follow(cast(Any, here), ("messages",))
    pipe.buffered = MAX_BUFFERED
    here.listeners["messages"]({"lost"})
    await turn()
    pipe.buffered, pipe.closing = 0, True
    here.listeners["messages"]({"lost too"})
    await turn()
    pipe.closing = False
    here.listeners["messages"]({"heard"})
    await turn()
    other, _ = await across(pipe)
    assert other.told == [{"messages": {"heard"}}]


async def test_rubbish_on_the_pipe_is_reported_and_passed_over() -> None:
    rubbish = (b"Traceback\n", b"\n", b'{"notes": 1}\n', b'{"figures": {"up": true}}\n')
    with capture_logs() as logs:
        other, figures = await across(Pipe(), *rubbish, b'{"figures": {"sent": 1}}\n')
    assert (other.told, figures) == ([], [{"sent": 1.0}])
    assert [entry["event"] for entry in logs] == ["relay.unreadable"] * len(rubbish)


async def test_word_from_the_other_side_is_not_sent_back() -> None:
    here, pipe, reader = Committed(), Pipe(), asyncio.StreamReader()
    mouth = Mouth(cast(Any, pipe))
    mouth.follow(cast(Any, here), ("messages",))
    reader.feed_data(b'{"notes": {"messages": ["a"]}}\n')
    reader.feed_eof()
    await mouth.listen(reader, cast(Any, here), lambda _: None)
    here.listeners["messages"]({"b"})
    await turn()
    assert here.told == [{"messages": {"a"}}]
    other, _ = await across(pipe)
    assert other.told == [{"messages": {"b"}}]


async def test_who_leaves_passes_nothing_on() -> None:
    here, pipe = Committed(), Pipe()
    mouth = Mouth(cast(Any, pipe))
    mouth.follow(cast(Any, here), ("messages", "webhooks"))
    mouth.leave(cast(Any, here))
    assert here.listeners == {}
