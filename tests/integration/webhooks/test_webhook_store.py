"""The SQL of webhooks on both engines."""

from functools import partial

import pytest

from trunkline.runtime.db import Database
from trunkline.webhooks import NewWebhook, enqueue
from trunkline.webhooks.model import State
from trunkline.webhooks.store import log, queue
from trunkline.webhooks.store.hide import hide_parameters

T0 = 1_767_225_600.0


def new(
    number: int, target: str = "http://a.example", at: float = T0, account: str = "MA1"
) -> NewWebhook:
    uuid = f"uuid-{number}"
    return NewWebhook(account, "message.status", uuid, "POST", f"{target}/{number}", "N=1", at)


def claim(
    target: str,
    now: float,
    limit: int = 10,
    owner: str = "me",
    held: frozenset[int] = frozenset(),
    lease_s: float | None = 60.0,
) -> queue.Claim:
    until = None if lease_s is None else now + lease_s
    return queue.Claim(target, limit, now, owner, held, until)


def settled(row_id: int, state: State, attempt: int = 1, due_at: float = T0) -> queue.Settled:
    ended_at = None if state is State.WAITING else T0 + 1
    return queue.Settled(
        row_id, state.value, due_at, attempt, ended_at, T0, 12, "1 a b", None, 200, "h", "b", None
    )


async def put(database: Database, *webhooks: NewWebhook) -> None:
    await database.write(partial(enqueue, requests=webhooks))


async def take(database: Database, wish: queue.Claim) -> queue.ClaimResult:
    return await database.submit(queue.claim, wish)


async def ids(database: Database, wanted: log.WebhookFilter, **more: int) -> list[int]:
    found = await database.read(lambda conn: log.list_webhooks(conn, wanted, **more))
    return [record.id for record in found]


async def test_what_is_held_is_not_found_again(database: Database) -> None:
    await put(database, *(new(n, at=T0 - n) for n in range(5)), new(9, "https://b.example"))
    first = await take(database, claim("http://a.example:80", T0, 3))
    assert [row.resource_uuid for row in first.rows] == ["uuid-4", "uuid-3", "uuid-2"]
    assert first.next_due is None
    held = frozenset(row.id for row in first.rows)
    second = await take(database, claim("http://a.example:80", T0, 3, held=held, lease_s=None))
    assert [row.resource_uuid for row in second.rows] == ["uuid-1", "uuid-0"]
    assert second.next_due is None
    other = await take(database, claim("https://b.example:443", T0))
    assert [row.url for row in other.rows] == ["https://b.example/9"]


async def test_a_target_is_one_workers(database: Database) -> None:
    await put(database, new(1), new(2, "http://b.example"))
    target = "http://a.example:80"
    assert (await take(database, claim(target, T0))).leased
    refused = await take(database, claim(target, T0 + 59, owner="thief"))
    assert refused == queue.ClaimResult([], T0 + 60.0, leased=False)
    assert (await take(database, claim("http://b.example:80", T0, owner="thief"))).leased
    assert (await take(database, claim(target, T0 + 59))).leased  # prolonged
    assert not (await take(database, claim(target, T0 + 61, owner="thief"))).leased
    assert (await take(database, claim(target, T0 + 119, owner="thief"))).leased
    assert not (await take(database, claim(target, T0 + 120))).leased


async def test_leases_end_with_their_owner(database: Database) -> None:
    target = "http://a.example:80"
    await take(database, claim(target, T0, owner="host/1"))
    assert await database.write(partial(queue.take_over, owner="other/2", prefix="other/")) == 0
    assert await database.write(partial(queue.take_over, owner="host/2", prefix="host/")) == 1
    assert (await take(database, claim(target, T0, owner="host/2"))).leased
    await database.write(partial(queue.hand_over, owner="host/2"))
    assert (await take(database, claim(target, T0, owner="other/2"))).leased
    assert await database.write(partial(queue.forget_leases, before=T0 + 60)) == 0
    assert await database.write(partial(queue.forget_leases, before=T0 + 61)) == 1


async def test_future_and_ended_webhooks_are_not_claimed(database: Database) -> None:
    await put(database, new(1, at=T0 + 5), new(2))
    result = await take(database, claim("http://a.example:80", T0))
    assert [row.resource_uuid for row in result.rows] == ["uuid-2"]
    assert result.next_due == T0 + 5
    await database.write(
        lambda conn: queue.settle(conn, [settled(result.rows[0].id, State.DELIVERED)])
    )
    later = await take(database, claim("http://a.example:80", T0 + 1_000))
    assert [row.resource_uuid for row in later.rows] == ["uuid-1"]


async def test_an_attempt_counts_once(database: Database) -> None:
    await put(database, new(1), new(2))
    rows = (await take(database, claim("http://a.example:80", T0))).rows
    both = [settled(row.id, State.DELIVERED) for row in rows]
    first = settled(rows[0].id, State.WAITING, due_at=T0 + 60)
    assert await database.write(lambda conn: queue.settle(conn, [first])) is True
    with pytest.raises(queue.LeaseLost):
        await database.write(lambda conn: queue.settle(conn, both))
    assert await database.write(lambda conn: queue.settle(conn, both[:1])) is False
    assert await database.write(lambda conn: queue.settle(conn, both[1:])) is True
    # Nor is a settled one settled again.
    assert await database.write(lambda conn: queue.settle(conn, both[1:])) is False
    found = await database.read(lambda conn: log.get_webhook(conn, rows[0].id))
    assert found is not None
    record, attempts = found
    assert (record.state, record.attempts, len(attempts)) == (State.WAITING, 1, 1)


async def test_postponed_webhooks_are_found_later(database: Database) -> None:
    await put(database, new(1))
    (row,) = (await take(database, claim("http://a.example:80", T0))).rows
    await database.submit(queue.postpone, queue.Postponed(row.id, T0 + 1))
    result = await take(database, claim("http://a.example:80", T0))
    assert (result.rows, result.next_due) == ([], T0 + 1)
    assert len((await take(database, claim("http://a.example:80", T0 + 1))).rows) == 1


async def test_targets_with_due_work(database: Database) -> None:
    assert await database.read(lambda conn: queue.targets(conn, T0, 10)) == []
    await put(
        database,
        *(new(n, f"http://{host}.example", T0 + n) for n, host in enumerate("cabacabb")),
        new(50, "http://late.example", T0 + 500),
    )
    found = await database.read(lambda conn: queue.targets(conn, T0 + 100, 10))
    assert found == [
        ("http://c.example:80", T0),
        ("http://a.example:80", T0 + 1),
        ("http://b.example:80", T0 + 2),
    ]
    assert len(await database.read(lambda conn: queue.targets(conn, T0 + 100, 2))) == 2


async def test_list_filters_and_pages(database: Database) -> None:
    await put(database, *(new(n, at=T0 + n, account=f"MA{n % 2}") for n in range(10)))
    (row,) = (await take(database, claim("http://a.example:80", T0))).rows
    await database.write(lambda conn: queue.settle(conn, [settled(row.id, State.FAILED)]))
    every = await ids(database, log.WebhookFilter())
    assert every == sorted(every, reverse=True)
    assert len(every) == 10
    assert await ids(database, log.WebhookFilter(), limit=3) == every[:3]
    assert await ids(database, log.WebhookFilter(), limit=3, before_id=every[2]) == every[3:6]
    assert await ids(database, log.WebhookFilter(state=State.FAILED)) == [row.id]
    assert await ids(database, log.WebhookFilter(account_ids=["MA0"])) == every[1::2]
    assert await ids(database, log.WebhookFilter(resource_uuid="uuid-7")) == [every[2]]
    assert await ids(database, log.WebhookFilter(kind="other")) == []
    middle = log.WebhookFilter(since=T0 + 3, until=T0 + 6.5)
    assert await ids(database, middle) == every[3:7]
    assert await ids(database, log.WebhookFilter(since=T0 + 100)) == []
    assert await ids(database, log.WebhookFilter(until=T0)) == []


async def test_purge_forgets_old_and_ended_webhooks_only(database: Database) -> None:
    await put(database, *(new(n, at=T0 + n) for n in range(10)))
    rows = (await take(database, claim("http://a.example:80", T0 + 8))).rows
    await database.write(
        lambda conn: queue.settle(conn, [settled(row.id, State.DELIVERED) for row in rows[1:]])
    )
    assert await database.write(lambda conn: log.purge(conn, T0 + 5, limit=3)) == 3
    assert await database.write(lambda conn: log.purge(conn, T0 + 5, limit=3)) == 1
    assert await database.write(lambda conn: log.purge(conn, T0 + 5, limit=3)) == 0
    left = await database.read(lambda conn: log.list_webhooks(conn, log.WebhookFilter()))
    assert [record.resource_uuid for record in left[::-1]] == [
        "uuid-0", "uuid-5", "uuid-6", "uuid-7", "uuid-8", "uuid-9",
    ]  # fmt: skip
    assert await database.read(lambda conn: log.get_webhook(conn, rows[1].id)) is None
    kept = await database.read(lambda conn: log.get_webhook(conn, rows[5].id))
    assert kept is not None
    assert len(kept[1]) == 1


async def test_what_was_told_can_be_hidden(database: Database) -> None:
    told = "Digits=12%2334&Speech=&CallUUID=u"
    await put(database, new(1)._replace(body=told), new(2)._replace(body=told))
    first, second = (await take(database, claim("http://a.example:80", T0))).rows
    done = settled(first.id, State.DELIVERED)._replace(final_url="http://b.example/?Digits=12")
    await database.write(partial(queue.settle, items=[done]))
    await database.write(partial(hide_parameters, ids=[first.id], names=("Digits", "Speech")))
    found = await database.read(lambda conn: log.list_webhooks(conn, log.WebhookFilter()))
    assert {one.id: one.body for one in found} == {
        first.id: "Digits=hidden&Speech=&CallUUID=u", second.id: told,
    }  # fmt: skip
    one = await database.read(lambda conn: log.get_webhook(conn, first.id))
    assert one is not None
    assert [attempt.final_url for attempt in one[1]] == [None]
