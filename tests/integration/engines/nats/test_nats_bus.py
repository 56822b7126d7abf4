"""The bus between processes over a real server: who is asked answers once, or an error says why."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from certificates import Authority
from nats.aio.client import Client
from nats_server import NatsServer

from trunkline.engines.nats.answering import KEEP_BYTES
from trunkline.engines.nats.bus import NatsBus
from trunkline.engines.nats.credentials import place_of, tls_context
from trunkline.engines.nats.envelope import Ask, encode
from trunkline.engines.nats.link import Servers
from trunkline.runtime.bus import (
    BusAway,
    NobodyServes,
    OtherRelease,
    RequestFailed,
    RequestTimeout,
    TooLarge,
)

SUBJECT = "calls.node1"
NewBus = Callable[..., Awaitable[NatsBus]]


@pytest.fixture(scope="module")
def shared() -> Iterator[NatsServer]:
    server = NatsServer().start()
    yield server
    server.close()


@pytest.fixture
def own() -> Iterator[NatsServer]:
    """A server that a test may kill."""
    server = NatsServer()
    yield server
    server.close()


@pytest.fixture
async def new_bus() -> AsyncIterator[NewBus]:
    made: list[NatsBus] = []

    async def make(
        *urls: str, authority: Path | None = None, ours: Path | None = None, within_s: float = 5.0
    ) -> NatsBus:
        servers = Servers(tuple(map(place_of, urls)), tls_context(authority, ours, None))
        made.append(NatsBus(servers))
        made[-1].start()
        await made[-1].tried(within_s)
        return made[-1]

    yield make
    for bus in made:
        await bus.close()


LOCKED_OUT = r"Authorization Violation|may not let us in"  # if its reset overtakes its word


async def until(is_so: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not is_so():  # noqa: ASYNC110 - what is looked at has no event
            await asyncio.sleep(0.01)


async def served(asker: NatsBus, subject: str = SUBJECT) -> None:
    """Wait until somebody elsewhere serves it."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(NobodyServes, BusAway):
                await asker.request(subject, b"?", timeout_s=5)
                return
            await asyncio.sleep(0.01)


async def reverse(payload: bytes) -> bytes:
    return payload[::-1]


async def test_another_process_answers_or_nobody_does(shared: NatsServer, new_bus: NewBus) -> None:
    asks, serves = await new_bus(shared.url), await new_bus(shared.url)
    with pytest.raises(NobodyServes):
        await asks.request(SUBJECT, b"abc", timeout_s=30)
    end = serves.serve(SUBJECT, reverse)
    await served(asks)
    assert await asks.request(SUBJECT, b"abc", timeout_s=5) == b"cba"
    many = [asks.request(SUBJECT, b"%d!" % n, timeout_s=60) for n in range(500)]
    assert await asyncio.gather(*many) == [(b"%d!" % n)[::-1] for n in range(500)]
    end()

    answers = [asks.request(SUBJECT, b"abc", timeout_s=60) for _ in range(1_000)]
    found = await asyncio.gather(*answers, return_exceptions=True)  # none is lost on the way out
    assert {b"cba" if one == b"cba" else type(one) for one in found} <= {b"cba", NobodyServes}
    with pytest.raises(NobodyServes):
        await asks.request(SUBJECT, b"abc", timeout_s=5)


async def test_failures_are_told_and_silence_ends(shared: NatsServer, new_bus: NewBus) -> None:
    asks, serves = await new_bus(shared.url), await new_bus(shared.url)

    async def fail(_payload: bytes) -> bytes:
        raise LookupError("no such thing")

    go_on = asyncio.Event()

    async def hang(payload: bytes) -> bytes:
        if payload == b"hang":
            await go_on.wait()
        return b""

    serves.serve("fail", fail)
    serves.serve("hang", hang)
    await served(asks, "hang")
    with pytest.raises(RequestFailed, match="LookupError: no such thing"):
        await asks.request("fail", b"", timeout_s=5)
    with pytest.raises(RequestTimeout):
        await asks.request("hang", b"hang", timeout_s=0.05)
    go_on.set()


async def test_large_answers_come_in_parts_and_large_requests_are_refused(
    shared: NatsServer, new_bus: NewBus
) -> None:
    asks, serves = await new_bus(shared.url), await new_bus(shared.url)

    async def many(payload: bytes) -> bytes:
        return payload * 100_000

    serves.serve(SUBJECT, many)
    await served(asks)
    assert await asks.request(SUBJECT, b"a word, not 1", timeout_s=20) == b"a word, not 1" * 100_000
    for _ in range(30):
        await asks.request(SUBJECT, b"a word, not 1", timeout_s=20)
    kept = serves._answering._results  # answers are kept a while, but not without measure
    assert len(kept) * 1_300_000 <= KEEP_BYTES + 2 * 1_300_000
    with pytest.raises(RequestFailed, match="too many"):
        await asks.request(SUBJECT, b"x" * 1_000, timeout_s=20)
    with pytest.raises(TooLarge, match="NATS carries 1048576"):
        await asks.request(SUBJECT, b"x" * 1_100_000, timeout_s=5)


async def test_events_reach_every_process_once(shared: NatsServer, new_bus: NewBus) -> None:
    one, other = await new_bus(shared.url), await new_bus(shared.url)
    here, there = one.subscribe("calls.>"), other.subscribe("calls.>")
    one.serve("one", reverse)
    other.serve("other", reverse)
    await served(one, "other")
    await served(other, "one")
    await one.publish("calls.a", b"1")
    await one.publish("numbers.b", b"2")
    await other.publish("calls.c", b"3")
    for subscription in (here, there):
        async with asyncio.timeout(5):
            found = [await anext(aiter(subscription)) for _ in range(2)]
        assert sorted(found) == [("calls.a", b"1"), ("calls.c", b"3")]


async def test_a_request_that_comes_again_is_done_once(shared: NatsServer, new_bus: NewBus) -> None:
    asks, serves = await new_bus(shared.url), await new_bus(shared.url)
    done: list[bytes] = []

    async def note(payload: bytes) -> bytes:
        done.append(payload)
        await asyncio.sleep(0.05)
        return b"%d" % len(done)

    serves.serve(SUBJECT, note)
    serves.serve("ready", reverse)
    await served(asks, "ready")
    client = Client()
    await client.connect(shared.url)
    try:
        ask = encode(Ask(id="the same", payload=b"once"))
        subject = f"trunkline.requests.{SUBJECT}"
        answers = [client.request(subject, ask, timeout=5) for _ in range(2)]
        first, second = await asyncio.gather(*answers)
        third = await client.request(subject, ask, timeout=5)
        assert first.data == second.data == third.data
        assert (done, serves.repeated) == ([b"once"], 2)
    finally:
        await client.close()


async def test_rubbish_is_counted_and_another_release_told(
    shared: NatsServer, new_bus: NewBus
) -> None:
    asks, serves = await new_bus(shared.url), await new_bus(shared.url)
    serves.serve(SUBJECT, reverse)
    await served(asks)
    client = Client()
    await client.connect(shared.url)
    try:
        subject, before = f"trunkline.requests.{SUBJECT}", serves.rubbish
        for rubbish in (b"", b"\x00" * 1_000, b"\x81\xa1v\x01", b"\x91" * 100_000, b"hello"):
            await client.publish(subject, rubbish, "somewhere")
        await client.publish(subject, encode(Ask(id="a", payload=b"")))  # nowhere to answer
        await client.publish(subject, encode(Ask(id="i" * 65, payload=b"")), "somewhere")
        await until(lambda: serves.rubbish == before + 7)
        newer = msgspec.msgpack.encode({"v": 2, "way": "unknown"})
        answer = msgspec.msgpack.decode((await client.request(subject, newer, timeout=5)).data)
        assert (answer["v"], answer["end"]) == (1, "unread")
        # A field that is not known yet does no harm.
        more = msgspec.msgpack.encode({"v": 1, "id": "x", "payload": b"ab", "new": 1})
        answer = msgspec.msgpack.decode((await client.request(subject, more, timeout=5)).data)
        assert (answer["end"], answer["payload"]) == ("done", b"ba")

        async def answers(message: object) -> None:
            reply = message.reply  # pyright: ignore[reportAttributeAccessIssue]
            await client.publish(reply, b"rubbish")
            await client.publish(reply, msgspec.msgpack.encode({"v": 1, "end": "unread"}))

        await client.subscribe("trunkline.requests.older", cb=answers)
        with pytest.raises(OtherRelease):  # the library's PING would overtake its SUB
            await served(asks, "older")
        assert asks.rubbish == 1
    finally:
        await client.close()
    assert await asks.request(SUBJECT, b"abc", timeout_s=5) == b"cba"


async def test_without_a_server_nothing_hangs_and_it_is_tried_again(
    own: NatsServer, new_bus: NewBus
) -> None:
    asks, serves = await new_bus(own.url), await new_bus(own.url)
    serves.serve(SUBJECT, reverse)
    assert await serves.request(SUBJECT, b"own", timeout_s=1) == b"nwo"  # needs no server
    with pytest.raises(BusAway, match=f"nats://127.0.0.1:{own.port}.*"):
        await asks.request(SUBJECT, b"abc", timeout_s=30)
    with pytest.raises(BusAway):
        await asks.ping()
    own.start()
    await served(asks)
    own.kill()
    await until(lambda: not asks.is_connected and not serves.is_connected)
    with pytest.raises(BusAway):
        await asks.request(SUBJECT, b"abc", timeout_s=30)
    own.start()
    await served(asks)
    assert (asks.connections, serves.connections) == (2, 2)


async def test_a_request_under_way_survives_the_server(own: NatsServer, new_bus: NewBus) -> None:
    own.start()
    asks, serves = await new_bus(own.url), await new_bus(own.url)
    begun, go_on = asyncio.Event(), asyncio.Event()
    done: list[bytes] = []

    async def slow(payload: bytes) -> bytes:
        done.append(payload)
        begun.set()
        await go_on.wait()
        return b"done"

    serves.serve(SUBJECT, slow)
    serves.serve("ready", reverse)
    await served(asks, "ready")
    asked = asyncio.create_task(asks.request(SUBJECT, b"once", timeout_s=20))
    await asyncio.wait_for(begun.wait(), 5)
    own.kill()
    await until(lambda: not asks.is_connected and not serves.is_connected)
    go_on.set()
    own.start()
    assert await asked == b"done"
    assert done == [b"once"]


async def test_a_server_that_hangs_holds_nobody_up(own: NatsServer, new_bus: NewBus) -> None:
    own.start()
    asks, serves = await new_bus(own.url), await new_bus(own.url)
    serves.serve(SUBJECT, reverse)
    await served(asks)
    own.hang()
    with pytest.raises(RequestTimeout):
        await asks.request(SUBJECT, b"abc", timeout_s=0.1)
    own.wake()
    assert await asks.request(SUBJECT, b"abc", timeout_s=20) == b"cba"


async def test_closing_answers_what_is_under_way(shared: NatsServer, new_bus: NewBus) -> None:
    asks, serves = await new_bus(shared.url), await new_bus(shared.url)
    begun = asyncio.Event()

    async def slow(_payload: bytes) -> bytes:
        begun.set()
        await asyncio.sleep(0.2)
        return b"done"

    serves.serve(SUBJECT, slow)
    serves.serve("ready", reverse)
    await served(asks, "ready")
    asked = asyncio.create_task(asks.request(SUBJECT, b"", timeout_s=5))
    await asyncio.wait_for(begun.wait(), 5)
    await serves.close()
    assert await asked == b"done"
    with pytest.raises(NobodyServes):
        await asks.request(SUBJECT, b"", timeout_s=5)


async def test_who_is_not_let_in_is_told(new_bus: NewBus) -> None:
    server = NatsServer("authorization { user: ann, password: 's3cret @:/' }").start()
    try:
        wrong = await new_bus(server.url.replace("//", "//ann:guess@"))
        with pytest.raises(BusAway, match=LOCKED_OUT) as refusal:
            await wrong.request(SUBJECT, b"", timeout_s=5)
        assert "guess" not in str(refusal.value)
        right = await new_bus(server.url.replace("//", "//ann:s3cret%20%40%3A%2F@"))
        await right.ping()
    finally:
        server.close()
    server = NatsServer("authorization { token: t0ken }").start()
    try:
        await (await new_bus(server.url.replace("//", "//t0ken@"))).ping()
    finally:
        server.close()


async def test_tls_is_held_to(tmp_path: Path, shared: NatsServer, new_bus: NewBus) -> None:
    authority = Authority(tmp_path, "authority")
    pem = authority.certificate("127.0.0.1", "server.pem")
    server = NatsServer(f"tls {{ cert_file: '{pem}', key_file: '{pem}' }}").start()
    try:
        safe = server.url.replace("nats:", "tls:")
        await (await new_bus(safe, authority=authority.path)).ping()
        strange = await new_bus(safe)
        with pytest.raises(BusAway, match="certificate verify failed"):
            await strange.ping()
    finally:
        server.close()
    files = f"cert_file: '{pem}', key_file: '{pem}', ca_file: '{authority.path}'"
    server = NatsServer(f"tls {{ {files}, verify: true }}").start()
    try:
        safe = server.url.replace("nats:", "tls:")
        ours = authority.certificate("client.example", "client.pem")
        await (await new_bus(safe, authority=authority.path, ours=ours)).ping()
        unknown = await new_bus(safe, authority=authority.path)
        with pytest.raises(BusAway):
            await unknown.ping()
    finally:
        server.close()
    plain = await new_bus(shared.url.replace("nats://", "tls://ann:s3cret@"))
    with pytest.raises(BusAway, match="does no TLS"):
        await plain.ping()


async def test_another_server_of_the_list_is_taken(shared: NatsServer, new_bus: NewBus) -> None:
    gone = NatsServer()
    gone.close()
    await (await new_bus(gone.url, shared.url)).ping()
