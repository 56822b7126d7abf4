"""The in-process bus: events to all, commands with an answer, and what happens when it is full."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from trunkline.runtime import bus as bus_module
from trunkline.runtime.bus import (
    BusFull,
    Event,
    InProcessBus,
    NobodyServes,
    RequestFailed,
    RequestTimeout,
    Subscription,
)


@pytest.fixture
async def bus() -> AsyncIterator[InProcessBus]:
    made = InProcessBus()
    yield made
    await made.close()


async def drain(subscription: Subscription) -> list[Event]:
    subscription.close()
    return [event async for event in subscription]


async def test_an_event_reaches_every_subscription_to_its_subject(bus: InProcessBus) -> None:
    exact, below, other = (bus.subscribe(s) for s in ("message.sent", "message.>", "call.>"))
    await bus.publish("message.sent", b"1")
    await bus.publish("message", b"2")
    await bus.publish("messages.sent", b"3")
    assert await drain(exact) == [Event("message.sent", b"1")]
    assert await drain(below) == [Event("message.sent", b"1")]
    assert await drain(other) == []


async def test_a_slow_subscription_loses_its_oldest_events(bus: InProcessBus) -> None:
    slow = bus.subscribe("n", limit=2)
    for number in range(5):
        await bus.publish("n", b"%d" % number)
    assert slow.dropped == 3
    assert [event.payload for event in await drain(slow)] == [b"3", b"4"]


async def test_a_waiting_reader_is_woken_and_ended(bus: InProcessBus) -> None:
    subscription = bus.subscribe("n")

    async def read() -> list[bytes]:
        return [event.payload async for event in subscription]

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    await bus.publish("n", b"1")
    await asyncio.sleep(0)
    subscription.close()
    assert await asyncio.wait_for(reader, 1) == [b"1"]
    await bus.publish("n", b"after")


async def test_a_request_has_an_answer(bus: InProcessBus) -> None:
    async def reverse(payload: bytes) -> bytes:
        return payload[::-1]

    end = bus.serve("reverse", reverse)
    with pytest.raises(ValueError, match="served already"):
        bus.serve("reverse", reverse)
    assert await bus.request("reverse", b"abc", timeout_s=1) == b"cba"
    end()
    with pytest.raises(NobodyServes):
        await bus.request("reverse", b"abc", timeout_s=1)


async def test_a_request_that_fails_says_why(bus: InProcessBus) -> None:
    async def fail(_payload: bytes) -> bytes:
        raise LookupError("no such call")

    bus.serve("fail", fail)
    with pytest.raises(RequestFailed, match="LookupError: no such call"):
        await bus.request("fail", b"", timeout_s=1)


async def test_a_late_command_is_still_carried_out(bus: InProcessBus) -> None:
    go, finished = asyncio.Event(), asyncio.Event()

    async def slow(_payload: bytes) -> bytes:
        await go.wait()
        finished.set()
        return b""

    bus.serve("slow", slow)
    with pytest.raises(RequestTimeout):
        await bus.request("slow", b"", timeout_s=0.01)
    go.set()
    await asyncio.wait_for(finished.wait(), 1)


async def test_too_many_requests_are_refused(
    bus: InProcessBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "REQUEST_LIMIT", 1)

    async def never(_payload: bytes) -> bytes:
        return await asyncio.get_running_loop().create_future()

    bus.serve("never", never)
    first = asyncio.create_task(bus.request("never", b"", timeout_s=5))
    await asyncio.sleep(0)
    with pytest.raises(BusFull):
        await bus.request("never", b"", timeout_s=5)
    await bus.close()
    with pytest.raises(RequestFailed, match="cancelled"):
        await first
