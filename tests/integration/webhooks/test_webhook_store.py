"""The SQL of webhooks on both engines."""

from functools import partial

import pytest

from trunkline.runtime.db import Database
from trunkline.webhooks import NewWebhook, enqueue
from trunkline.webhooks.model import State
from trunkline.webhooks.store import log, queue

T0 = 1_767_225_600.0


def new(
    number: int, target: str = "http://a.example", at: float = T0, account: str = "MA1"
) -> NewWebhook:
    uuid = f"uuid-{number}"
    return NewWebhook(account, "message.status", uuid, "POST", f"{target}/{number}", "N=1", at)


def claim(target: str, now: float, limit: int = 10, owner: str = "me") -> queue.Claim:
    return queue.Claim(target, limit, now, now + 60.0, owner)


def settled(row_id: int, state: State, owner: str = "me", due_at: float = T0) -> queue.Settled:
    ended_at = None if state is State.WAITING else T0 + 1
    return queue.Settled(
        row_id, owner, state.value, due_at, 1, ended_at, T0, 12, "1 a b", None, 200, "h", "b", None
    )


async def put(database: Database, *webhooks: NewWebhook) -> None:
    await database.write(partial(enqueue, requests=webhooks))


async def take(database: Database, wish: queue.Claim) -> queue.ClaimResult:
    return await database.submit(queue.claim, wish)


async def ids(database: Database, wanted: log.WebhookFilter, **more: int) -> list[int]:
    found = await database.read(lambda conn: log.list_webhooks(conn, wanted, **more))
    return [record.id for record in found]


async def test_claims_are_exclusive_ordered_and_per_target(database: Database) -> None:
    await put(database, *(new(n, at=T0 - n) for n in range(5)), new(9, "https://b.example"))
    first = await take(database, claim("http://a.example:80", T0, 3, "one"))
    assert [row.resource_uuid for row in first.rows] == ["uuid-2", "uuid-3", "uuid-4"]
    assert first.next_due is None
    second = await take(database, claim("http://a.example:80", T0, 3, "two"))
    assert [row.resource_uuid for row in second.rows] == ["uuid-0", "uuid-1"]
    assert second.next_due == T0 + 60.0  # the end of a lease
    other = await take(database, claim("https://b.example:443", T0))
    assert [row.url for row in other.rows] == ["https://b.example/9"]


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


async def test_settling_is_fenced_by_the_owner(database: Database) -> None:
    await put(database, new(1), new(2))
    rows = (await take(database, claim("http://a.example:80", T0))).rows
    stolen = await take(database, claim("http://a.example:80", T0 + 61, 1, "thief"))
    assert [row.id for row in stolen.rows] == [rows[0].id]
    both = [settled(row.id, State.DELIVERED) for row in rows]
    with pytest.raises(queue.ClaimLost):
        await database.write(lambda conn: queue.settle(conn, both))
    assert await database.write(lambda conn: queue.settle(conn, both[:1])) is False
    assert await database.write(lambda conn: queue.settle(conn, both[1:])) is True
    # Nor is a settled one settled again.
    assert await database.write(lambda conn: queue.settle(conn, both[1:])) is False
    found = await database.read(lambda conn: log.get_webhook(conn, rows[0].id))
    assert found is not None
    assert found[1] == []


async def test_released_webhooks_can_be_claimed_again(database: Database) -> None:
    await put(database, new(1))
    (row,) = (await take(database, claim("http://a.example:80", T0))).rows
    await database.submit(queue.release, queue.Release(row.id, "other", T0))
    assert (await take(database, claim("http://a.example:80", T0))).rows == []
    await database.submit(queue.release, queue.Release(row.id, "me", T0))
    assert len((await take(database, claim("http://a.example:80", T0))).rows) == 1


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
