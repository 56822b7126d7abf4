"""The worker against real databases and scripted targets on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from urllib.parse import parse_qsl

import pytest
from plivo.utils import validate_signature
from sqlalchemy import Connection, text

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.runtime.clock import ControlledClock, SystemClock
from trunkline.runtime.db import Database
from trunkline.webhooks import Credentials, NewWebhook, WebhookOutcome, enqueue
from trunkline.webhooks.deliver import WebhookWorker
from trunkline.webhooks.model import AfterCommit, Claimed, DeliverySettings, OutcomeHook, State
from trunkline.webhooks.replay import replay
from trunkline.webhooks.store import log, queue

ACCOUNT = "SAXXXXXXXXXXXXXXXXXX"
TOKENS = {ACCOUNT: Credentials("sub-token", "main-token")}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
ERROR = b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"
QUICK = DeliverySettings(timeout_s=0.3, connect_s=0.3)

T0 = 1_767_225_600.0

Answer = Callable[[bytes], Awaitable[bytes]]


class Target:
    """A server that answers each request as its script says; b"" closes the connection."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.under_way = 0
        self.most_under_way = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    if line.startswith(b"Content-Length:"):
                        length = int(line[15:])
                request = head + await reader.readexactly(length)
                self.requests.append(request)
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                answer = await self.answer(request)
                self.under_way -= 1
                if not answer:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Target]:
    target = Target(answer)
    peers: set[asyncio.Task[None]] = set()
    listener = await asyncio.start_server(
        lambda *streams: peers.add(asyncio.create_task(target.serve(*streams))), "127.0.0.1", 0
    )
    target.port = listener.sockets[0].getsockname()[1]
    try:
        yield target
    finally:
        listener.close()
        for peer in peers:
            peer.cancel()
        await asyncio.gather(*peers, return_exceptions=True)


def always(data: bytes) -> Answer:
    async def answer(_request: bytes) -> bytes:
        return data

    return answer


async def hang(_request: bytes) -> bytes:
    await asyncio.sleep(30)
    return OK


@asynccontextmanager
async def working(
    database: Database,
    clock: ControlledClock | SystemClock,
    *,
    hooks: dict[str, OutcomeHook] | None = None,
    settings: DeliverySettings = QUICK,
    name: str = "",
) -> AsyncIterator[WebhookWorker]:
    http = HttpClient(AddressPolicy(allow_loopback=True))
    worker = WebhookWorker(
        db=database,
        clock=clock,
        http=http,
        credentials=TOKENS.get,
        hooks=hooks or {},
        settings=settings,
        name=name,
    )
    life = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop(2.0)
        await life
        await http.close()


def webhook(url: str, at: float, number: int = 0, **changes: str) -> NewWebhook:
    new = NewWebhook(ACCOUNT, "message.status", f"uuid-{number}", "POST", url, f"N={number}", at)
    return new._replace(**changes)


async def put(database: Database, webhooks: Sequence[NewWebhook]) -> None:
    await database.write(partial(enqueue, requests=webhooks))


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the conditions are of several kinds
            await asyncio.sleep(0.005)


async def records(database: Database) -> list[log.WebhookRecord]:
    found = await database.read(
        lambda conn: log.list_webhooks(conn, log.WebhookFilter(), limit=5_000)
    )
    return found[::-1]


async def attempts(database: Database, webhook_id: int) -> list[log.AttemptRecord]:
    found = await database.read(lambda conn: log.get_webhook(conn, webhook_id))
    assert found is not None
    return found[1]


def header(request: bytes, name: str) -> str:
    for line in request.decode().split("\r\n"):
        key, _, value = line.partition(": ")
        if key == name:
            return value
    raise AssertionError(f"no {name} in {request!r}")


async def test_delivers_signed_and_logs(database: Database, clock: ControlledClock) -> None:
    async with serving(always(OK)) as target, working(database, clock) as worker:
        new = webhook(target.url("/a?b=c"), clock.now(), body="Text=caf%C3%A9+%26&From=1")
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.delivered == 1)
    (request,) = target.requests
    assert request.startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert dict(parse_qsl(request.partition(b"\r\n\r\n")[2].decode())) == {
        "Text": "café &",
        "From": "1",
    }
    nonce = header(request, "X-Plivo-Signature-V2-Nonce")
    for name, token in (("V2", "sub-token"), ("Ma-V2", "main-token")):
        signature = header(request, f"X-Plivo-Signature-{name}")
        assert validate_signature(new.url, nonce, signature, token)
    (record,) = await records(database)
    assert (record.state, record.attempts, record.ended_at) == (State.DELIVERED, 1, clock.now())
    (attempt,) = await attempts(database, record.id)
    assert (attempt.attempt, attempt.status, attempt.body, attempt.error) == (1, 200, "ok", None)
    assert attempt.headers == "Content-Type: text/plain\nContent-Length: 2"
    assert dict(attempt.request_headers) == {
        name: header(request, name)
        for name in (
            "Content-Type",
            "X-Plivo-Signature-V2",
            "X-Plivo-Signature-Ma-V2",
            "X-Plivo-Signature-V2-Nonce",
        )
    }


async def test_get_carries_the_parameters_in_the_query(
    database: Database, clock: ControlledClock
) -> None:
    async with serving(always(OK)) as target, working(database, clock) as worker:
        new = webhook(target.url("/a?b=c#ct=2000"), clock.now(), method="GET", body="Text=x+y")
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.delivered == 1)
    (request,) = target.requests
    assert request.startswith(b"GET /a?b=c&Text=x+y HTTP/1.1\r\n")
    signature = header(request, "X-Plivo-Signature-V2")
    nonce = header(request, "X-Plivo-Signature-V2-Nonce")
    assert validate_signature(target.url("/a?b=c&Text=x+y"), nonce, signature, "sub-token")


async def test_found_by_the_scan_without_waking(database: Database, clock: ControlledClock) -> None:
    async with serving(always(OK)) as target:
        await put(database, [webhook(target.url(), clock.now(), 1)])
        async with working(database, clock) as worker:
            await until(lambda: worker.counters.delivered == 1)
            await put(database, [webhook(target.url(), clock.now(), 2)])
            clock.advance(QUICK.scan_s)
            await until(lambda: worker.counters.delivered == 2)
            await put(database, [webhook(target.url(), clock.now(), 3)])
            worker.wake()
            await until(lambda: worker.counters.delivered == 3)


async def test_retry_schedule(database: Database, clock: ControlledClock) -> None:
    start = clock.now()
    async with serving(always(ERROR)) as target, working(database, clock) as worker:
        new = webhook(target.url(), start)
        await put(database, [new])
        worker.wake([new.target])
        for number, wait_s in enumerate((60.0, 120.0, 240.0), start=1):
            await until(lambda number=number: worker.counters.retried == number)
            clock.advance(wait_s - 1)
            await asyncio.sleep(0.05)
            assert len(target.requests) == number
            clock.advance(1)
        await until(lambda: worker.counters.failed == 1)
        clock.advance(86_400)
        await asyncio.sleep(0.05)
    assert len(target.requests) == 4
    nonces = {header(request, "X-Plivo-Signature-V2-Nonce") for request in target.requests}
    assert len(nonces) == 4
    (record,) = await records(database)
    assert (record.state, record.attempts) == (State.FAILED, 4)
    assert record.ended_at == start + 420
    made = await attempts(database, record.id)
    assert [attempt.started_at - start for attempt in made] == [0, 60, 180, 420]
    assert {(attempt.status, attempt.body) for attempt in made} == {(500, "oops")}


async def test_retry_that_succeeds(database: Database, clock: ControlledClock) -> None:
    # Closed, so that the second attempt has a fresh connection, which is not retried in secret.
    closed = b"HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    answers = [closed, b"", OK]

    async def answer(_request: bytes) -> bytes:
        return answers.pop(0)

    settings = DeliverySettings(retries_s=(5.0, 7.0))
    async with serving(answer) as target, working(database, clock, settings=settings) as worker:
        new = webhook(target.url(), clock.now())
        await put(database, [new])
        worker.wake([new.target])
        for wait_s in (5.0, 7.0):
            await until(lambda wait_s=wait_s: worker.counters.retried == 1 + (wait_s == 7.0))
            clock.advance(wait_s)
        await until(lambda: worker.counters.delivered == 1)
    (record,) = await records(database)
    made = await attempts(database, record.id)
    assert [attempt.status for attempt in made] == [500, None, 200]
    assert made[1].error is not None
    assert "before any answer" in made[1].error


async def test_time_limit(database: Database, clock: ControlledClock) -> None:
    assert DeliverySettings().timeout_s == 8.0
    async with serving(hang) as target, working(database, clock) as worker:
        new = webhook(target.url(), clock.now())
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.retried == 1)
    (record,) = await records(database)
    (attempt,) = await attempts(database, record.id)
    assert attempt.error == "No complete answer in time."
    assert 250 <= attempt.duration_ms < 1_000


async def test_redirect_to_a_private_address_is_refused(
    database: Database, clock: ControlledClock
) -> None:
    away = b"HTTP/1.1 307 Go\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    async with serving(always(away)) as target, working(database, clock) as worker:
        new = webhook(target.url(), clock.now())
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.retried == 1)
    (record,) = await records(database)
    (attempt,) = await attempts(database, record.id)
    assert (
        attempt.error == "169.254.169.254 leads to 169.254.169.254, which is not a public address."
    )


async def test_redirect_is_followed_and_logged(database: Database, clock: ControlledClock) -> None:
    async def answer(request: bytes) -> bytes:
        if b" /there " in request:
            return OK
        return b"HTTP/1.1 308 Go\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"

    async with serving(answer) as target, working(database, clock) as worker:
        new = webhook(target.url(), clock.now())
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.delivered == 1)
    (record,) = await records(database)
    (attempt,) = await attempts(database, record.id)
    assert attempt.final_url == target.url("/there")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"url": "gopher://x"}, "must begin with http"),
        ({"account_id": "MAGONEXXXXXXXXXXXXXX"}, "account that owns the webhook is gone"),
    ],
)
async def test_hopeless_webhook_fails_at_once(
    database: Database, clock: ControlledClock, changes: dict[str, str], error: str
) -> None:
    async with serving(always(OK)) as target, working(database, clock) as worker:
        new = webhook(target.url(), clock.now())._replace(**changes)
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.failed == 1)
    assert target.requests == []
    (record,) = await records(database)
    (attempt,) = await attempts(database, record.id)
    assert attempt.error is not None
    assert error in attempt.error


async def test_webhook_that_was_never_tried_is_given_up_in_the_end(
    database: Database, clock: ControlledClock
) -> None:
    async with serving(always(OK)) as target:
        await put(database, [webhook(target.url(), clock.now())])
        clock.advance(86_400 + 420 + 1)
        async with working(database, clock) as worker:
            await until(lambda: worker.counters.failed == 1)
    assert target.requests == []


async def test_dead_and_slow_targets_do_not_delay_a_live_one(database: Database) -> None:
    clock = SystemClock()

    async def slow(_request: bytes) -> bytes:
        await asyncio.sleep(0.25)
        return OK

    # Dead and slow together fill the whole worker: the live one has its one place all the same.
    settings = DeliverySettings(timeout_s=0.3, in_flight=16, per_target=16)
    async with AsyncExitStack() as stack:
        dead, slow_one, live = [
            await stack.enter_async_context(serving(answer)) for answer in (hang, slow, always(OK))
        ]
        await put(database, [webhook(dead.url(), clock.now(), n) for n in range(1_000)])
        await put(database, [webhook(slow_one.url(), clock.now(), n) for n in range(1_000)])
        worker = await stack.enter_async_context(working(database, clock, settings=settings))
        await until(lambda: bool(dead.requests) and bool(slow_one.requests))
        loop = asyncio.get_running_loop()
        for number in range(5):
            started = loop.time()
            new = webhook(live.url(), clock.now(), number)
            await put(database, [new])
            worker.wake([new.target])
            await until(lambda number=number: len(live.requests) == number + 1)
            assert loop.time() - started < 0.25
        tried = len(dead.requests)
        await asyncio.sleep(1.0)
        assert len(dead.requests) - tried <= 4  # one probe at a time, of 0.3 s each
        assert 8 <= slow_one.most_under_way <= 16


async def test_lane_is_bounded_and_everything_arrives_once(
    database: Database, clock: ControlledClock
) -> None:
    async def answer(_request: bytes) -> bytes:
        await asyncio.sleep(0.001)
        return OK

    settings = DeliverySettings(per_target=8, rows_per_target=50)
    async with serving(answer) as target:
        await put(database, [webhook(target.url(), clock.now(), n) for n in range(700)])
        async with working(database, clock, settings=settings) as worker:
            await until(lambda: worker.counters.delivered == 700, 30)
            held = await database.read(
                lambda conn: conn.execute(text("SELECT max(attempts) FROM webhooks")).scalar_one()
            )
    assert held == 1
    assert target.most_under_way <= 8
    numbers = [int(request.rpartition(b"N=")[2]) for request in target.requests]
    assert sorted(numbers) == list(range(700))


def delivered(row: Claimed) -> queue.Settled:
    return queue.Settled(
        row.id, State.DELIVERED.value, T0, row.attempts + 1, T0, T0, 1, "", None, 200, "", "", None
    )


def lease(target: str, now: float, owner: str, limit: int = 1) -> queue.Claim:
    return queue.Claim(target, limit, now, owner, frozenset(), now + 60.0)


async def test_targets_of_a_dead_worker_are_taken_over(
    database: Database, clock: ControlledClock
) -> None:
    async with serving(always(OK)) as mine, serving(always(OK)) as neighbours:
        for target, owner in ((mine, "hooks-1/before"), (neighbours, "hooks-2/other")):
            new = webhook(target.url(), clock.now())
            await put(database, [new])
            wish = lease(new.target, clock.now(), owner)
            (result,) = await database.write(lambda conn, wish=wish: queue.claim(conn, [wish]))
            assert len(result.rows) == 1
        async with working(database, clock, name="hooks-1") as worker:
            await until(lambda: worker.counters.delivered == 1)
            worker.wake([webhook(neighbours.url(), 0).target])
            await asyncio.sleep(0.05)
            assert (len(mine.requests), neighbours.requests) == (1, [])  # the neighbour lives
            clock.advance(60.0)
            await until(lambda: worker.counters.delivered == 2)


async def test_only_worker_takes_over_everything(
    database: Database, clock: ControlledClock
) -> None:
    async with serving(always(OK)) as target:
        new = webhook(target.url(), clock.now())
        await put(database, [new])
        wish = lease(new.target, clock.now(), "someone")
        await database.write(lambda conn: queue.claim(conn, [wish]))
        async with working(database, clock) as worker:
            await until(lambda: worker.counters.delivered == 1)


async def test_a_worker_that_stops_hands_its_targets_over(
    database: Database, clock: ControlledClock
) -> None:
    async with serving(always(OK)) as target:
        for name in ("one", "two"):
            await put(database, [webhook(target.url(), clock.now())])
            async with working(database, clock, name=name) as worker:
                await until(lambda: worker.counters.delivered == 1)


async def test_outcome_of_a_lost_claim_is_not_stored(
    database: Database, clock: ControlledClock
) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def answer(_request: bytes) -> bytes:
        arrived.set()
        await go.wait()
        return OK

    seen: list[WebhookOutcome] = []

    def hook(_conn: Connection, outcomes: Sequence[WebhookOutcome]) -> None:
        seen.extend(outcomes)

    async with (
        serving(answer) as target,
        working(database, clock, hooks={"message.status": hook}) as worker,
    ):
        new = webhook(target.url(), clock.now())
        await put(database, [new])
        worker.wake([new.target])
        await arrived.wait()
        wish = lease(new.target, clock.now() + 61.0, "another")
        (taken,) = await database.write(lambda conn: queue.claim(conn, [wish]))
        await database.write(partial(queue.settle, items=[delivered(taken.rows[0])]))
        go.set()
        await until(lambda: worker.counters.lost == 1)
    (record,) = await records(database)
    assert (record.state, record.attempts) == (State.DELIVERED, 1)
    assert len(await attempts(database, record.id)) == 1
    assert seen == []


async def test_webhook_is_not_sent_when_its_lease_ends_soon(
    database: Database, clock: ControlledClock
) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def answer(_request: bytes) -> bytes:
        arrived.set()
        await go.wait()
        return OK

    settings = DeliverySettings(per_target=1)
    async with serving(answer) as target, working(database, clock, settings=settings) as worker:
        await put(database, [webhook(target.url(), clock.now(), n) for n in range(2)])
        worker.wake()
        await arrived.wait()
        wish = lease(webhook(target.url(), 0).target, clock.now() + 61.0, "another", 2)
        (taken,) = await database.write(lambda conn: queue.claim(conn, [wish]))
        assert len(taken.rows) == 2
        clock.advance(61.0)
        go.set()
        await until(lambda: worker.counters.delivered == 1)
        await asyncio.sleep(0.1)
    assert len(target.requests) == 1
    found = {record.state for record in await records(database)}
    assert found == {State.DELIVERED, State.WAITING}


async def test_moving_the_clock_past_a_lease_sends_nothing_twice(
    database: Database, clock: ControlledClock
) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def answer(_request: bytes) -> bytes:
        arrived.set()
        await go.wait()
        return OK

    settings = DeliverySettings(per_target=1)
    async with serving(answer) as target, working(database, clock, settings=settings) as worker:
        await put(database, [webhook(target.url(), clock.now(), n) for n in range(3)])
        worker.wake([webhook(target.url(), 0).target])
        await arrived.wait()
        clock.advance(3_600)
        await asyncio.sleep(0.1)
        go.set()
        await until(lambda: worker.counters.delivered == 3)
    assert sorted(request.rpartition(b"N=")[2] for request in target.requests) == [b"0", b"1", b"2"]


async def test_outcomes_are_told_once_in_the_transaction_that_stores_them(
    database: Database, clock: ControlledClock
) -> None:
    answers = {b"N=1": OK, b"N=2": ERROR}
    committed: list[int] = []

    async def answer(request: bytes) -> bytes:
        return answers[request[-3:]]

    def hook(conn: Connection, outcomes: Sequence[WebhookOutcome]) -> AfterCommit:
        for outcome in outcomes:
            conn.execute(
                text("UPDATE webhooks SET kind = :kind WHERE id = :id"),
                {"kind": f"told {outcome.ok} {outcome.final}", "id": outcome.webhook_id},
            )
        return lambda: committed.append(len(outcomes))

    settings = DeliverySettings(retries_s=())
    async with (
        serving(answer) as target,
        working(database, clock, hooks={"in": hook}, settings=settings) as worker,
    ):
        news = [
            webhook(target.url(), clock.now(), 1, kind="in"),
            webhook(target.url(), clock.now(), 2, kind="in"),
            webhook(target.url(), clock.now(), 1, kind="out"),
        ]
        await put(database, news)
        worker.wake(new.target for new in news)
        await until(lambda: worker.counters.attempts == 3)
        await until(lambda: sum(committed) == 2)
    kinds = [record.kind for record in await records(database)]
    assert kinds == ["told True True", "told False True", "out"]


async def test_outcome_has_the_answer(database: Database, clock: ControlledClock) -> None:
    reply = "<Response><Message>ü</Message></Response>" + " " * 10_000
    body = reply.encode()
    data = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%b"
    seen: list[WebhookOutcome] = []

    def hook(_conn: Connection, outcomes: Sequence[WebhookOutcome]) -> None:
        seen.extend(outcomes)

    async with (
        serving(always(data % (len(body), body))) as target,
        working(database, clock, hooks={"message.inbound": hook}) as worker,
    ):
        new = webhook(target.url(), clock.now(), kind="message.inbound")
        await put(database, [new])
        worker.wake([new.target])
        await until(lambda: worker.counters.delivered == 1)
    (record,) = await records(database)
    assert seen == [
        WebhookOutcome(
            record.id, "message.inbound", "uuid-0", ACCOUNT, True, True, 200,
            "application/xml", reply, None,
        )
    ]  # fmt: skip
    (attempt,) = await attempts(database, record.id)
    assert attempt.body == reply[:4_096]


async def test_broken_hook_costs_an_attempt_and_hurts_nobody_else(
    database: Database, clock: ControlledClock
) -> None:
    broken = True

    def hook(_conn: Connection, outcomes: Sequence[WebhookOutcome]) -> None:
        if broken and any(outcome.resource_uuid == "uuid-3" for outcome in outcomes):
            raise KeyError("bad")

    async with (
        serving(always(OK)) as target,
        working(database, clock, hooks={"message.status": hook}) as worker,
    ):
        news = [webhook(target.url(), clock.now(), number) for number in range(6)]
        await put(database, news)
        worker.wake([news[0].target])
        await until(lambda: (worker.counters.delivered, worker.counters.retried) == (5, 1))
        assert worker.counters.unsettled == 1
        broken = False
        clock.advance(60)
        await until(lambda: worker.counters.delivered == 6)
    made = await attempts(database, (await records(database))[3].id)
    assert [attempt.error for attempt in made] == ["The answer could not be processed.", None]


async def test_stop_gives_back_what_was_not_sent(
    database: Database, clock: ControlledClock
) -> None:
    arrived = asyncio.Event()

    async def answer(_request: bytes) -> bytes:
        arrived.set()
        await asyncio.sleep(0.1)
        return OK

    settings = DeliverySettings(per_target=2)
    async with serving(answer) as target:
        await put(database, [webhook(target.url(), clock.now(), n) for n in range(20)])
        async with working(database, clock, settings=settings) as worker:
            await arrived.wait()
        states = [record.state for record in await records(database)]
        assert states.count(State.DELIVERED) == worker.counters.delivered == len(target.requests)
        assert states.count(State.WAITING) == 20 - len(target.requests) > 0
        async with working(database, clock, settings=settings) as second:
            await until(lambda: second.counters.delivered == states.count(State.WAITING))
    assert len(target.requests) == 20


async def test_stop_cuts_off_what_hangs(database: Database, clock: ControlledClock) -> None:
    async with serving(hang) as target:
        await put(database, [webhook(target.url(), clock.now())])
        http = HttpClient(AddressPolicy(allow_loopback=True))
        worker = WebhookWorker(db=database, clock=clock, http=http, credentials=TOKENS.get)
        life = asyncio.create_task(worker.run())
        await until(lambda: bool(target.requests))
        async with asyncio.timeout(2):
            await worker.stop(0.1)
            await life
        await http.close()
    (record,) = await records(database)
    assert (record.state, record.attempts) == (State.WAITING, 0)


async def test_replay_is_a_fresh_copy(database: Database, clock: ControlledClock) -> None:
    seen: list[int | None] = []

    def hook(_conn: Connection, outcomes: Sequence[WebhookOutcome]) -> None:
        seen.extend(outcome.replay_of for outcome in outcomes)

    async with (
        serving(always(OK)) as target,
        working(database, clock, hooks={"message.status": hook}) as worker,
    ):
        database.listen(queue.QUEUED, worker.wake)
        await put(database, [webhook(target.url(), clock.now())])
        await until(lambda: worker.counters.delivered == 1)
        (original,) = await records(database)
        clock.advance(1)  # less than the scan's interval: the commit itself wakes the worker
        copy_id = await replay(database, clock, original.id)
        await until(lambda: worker.counters.delivered == 2)
        assert await replay(database, clock, 999_999) is None
    first, second = target.requests
    assert first.partition(b"\r\n\r\n")[2] == second.partition(b"\r\n\r\n")[2]
    nonce = "X-Plivo-Signature-V2-Nonce"
    assert header(first, nonce) != header(second, nonce)
    copy = (await records(database))[1]
    assert (copy.id, copy.replay_of) == (copy_id, original.id)
    assert copy.created_at == original.created_at + 1
    assert seen == [None, original.id]
