"""Message detail records: one, pages, filters, and who may see what."""

from typing import Any

from messaging_world import NUMBER, World
from sqlalchemy import update

from trunkline.messaging.send import SendRequest
from trunkline.messaging.store import records
from trunkline.messaging.store.records import Filters
from trunkline.messaging.store.tables import messages
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid
from trunkline.values.pages import Page

SUB, OTHER_SUB = "SA" + "1" * 18, "SA" + "2" * 18
OTHER_MAIN = "MA" + "9" * 18


async def send_as(world: World, account_id: str, main_id: str = "") -> str:
    payer = main_id or world.account.auth_id
    request = SendRequest(account_id, payer, NUMBER, ["14155550123"], "Hi")
    return (await world.sender.send(request)).uuids[0]


async def page(
    world: World, *, main_id: str = "", limit: int = 20, offset: int = 0, **filters: Any
) -> tuple[list[str], int]:
    times = filters.pop("times", {})
    wanted = Filters(main_id or world.account.auth_id, filters, times)
    rows, total = await world.db.read(lambda conn: records.page(conn, wanted, Page(limit, offset)))
    return [row.message_uuid for row in rows], total


async def get(world: World, main_id: str, account_id: str, uuid: str) -> records.Record | None:
    return await world.db.read(lambda conn: records.get(conn, main_id, account_id, uuid))


async def test_one_is_seen_by_its_account_and_the_main_account(world: World) -> None:
    main = world.account.auth_id
    uuid = await send_as(world, SUB)
    for account_id in (main, SUB):
        found = await get(world, main, account_id, uuid)
        assert found is not None
        assert (found.message_uuid, found.account_id, found.main_id) == (uuid, SUB, main)
    assert await get(world, main, OTHER_SUB, uuid) is None
    assert await get(world, OTHER_MAIN, OTHER_MAIN, uuid) is None
    assert await get(world, OTHER_MAIN, SUB, uuid) is None
    assert await get(world, main, main, new_uuid()) is None


async def test_a_subaccount_does_not_see_its_main_account(world: World) -> None:
    uuid = await send_as(world, world.account.auth_id)
    assert await get(world, world.account.auth_id, SUB, uuid) is None


async def test_pages_are_newest_first(world: World) -> None:
    uuids: list[str] = []
    for _ in range(5):
        uuids.append(await send_as(world, SUB))
        world.clock.advance(1)
    uuids.append(await send_as(world, SUB))
    uuids.append(await send_as(world, SUB))  # in the same second
    newest = uuids[::-1]
    assert await page(world) == (newest, 7)
    assert await page(world, limit=3) == (newest[:3], 7)
    assert await page(world, limit=3, offset=6) == (newest[6:], 7)
    assert await page(world, offset=7) == ([], 7)


async def test_a_main_account_sees_all_of_its_own_and_nothing_else(world: World) -> None:
    mine = [await send_as(world, account) for account in (world.account.auth_id, SUB, OTHER_SUB)]
    theirs = await send_as(world, OTHER_MAIN, OTHER_MAIN)
    assert await page(world) == (mine[::-1], 3)
    assert await page(world, account_id=SUB) == ([mine[1]], 1)
    assert await page(world, main_id=OTHER_MAIN) == ([theirs], 1)
    assert await page(world, main_id=OTHER_MAIN, account_id=SUB) == ([], 0)


async def test_filters_narrow(world: World) -> None:
    (sent,) = await world.send("14155550123")
    (failed,) = await world.send("447700900100")
    (queued,) = await world.send("14155550124", sender="ACME")
    rows = {row.message_uuid: row for row in await world.claim()}
    await world.mark_sent(rows[sent], "K1")
    await world.mark_failed(rows[failed], 420)
    assert await page(world, state="sent") == ([sent], 1)
    assert await page(world, error_code=420) == ([failed], 1)
    assert await page(world, country="GB") == ([failed], 1)
    assert await page(world, recipient="14155550124") == ([queued], 1)
    assert await page(world, sender="ACME", state="queued") == ([queued], 1)
    assert await page(world, sender="ACME", state="sent") == ([], 0)
    assert await page(world, direction="inbound") == ([], 0)
    assert await page(world, error_code=0) == ([], 0)
    await world.report("K1")
    assert await page(world, error_code=0) == ([sent], 1)


async def test_times_narrow(world: World) -> None:
    uuids: list[str] = []
    times: list[float] = []
    for _ in range(3):
        uuids.append(await send_as(world, SUB))
        times.append(world.clock.now())
        world.clock.advance(0.25)
    middle = times[1]
    expected = {
        "eq": [1], "gt": [2], "gte": [2, 1], "lt": [0], "lte": [1, 0],
    }  # fmt: skip
    for operator, found in expected.items():
        assert await page(world, times={operator: middle}) == (
            [uuids[at] for at in found],
            len(found),
        )
    between = {"gt": times[0], "lt": times[2]}
    assert await page(world, times=between) == ([uuids[1]], 1)


async def test_the_time_that_a_record_shows_finds_it(world: World) -> None:
    """Kept to a quarter of a microsecond, shown to one."""
    world.clock.advance(0.123_456_4)
    uuid = await send_as(world, SUB)
    shown = round(world.clock.now(), 6)
    assert shown != world.clock.now()
    assert await page(world, times={"eq": shown}) == ([uuid], 1)
    assert await page(world, times={"eq": shown + 2e-6}) == ([], 0)


async def test_a_masked_recipient_is_not_found_by_its_number(world: World) -> None:
    await world.send("14155550123", log="false")
    assert await page(world, recipient="14155550123") == ([], 0)
    assert (await page(world, recipient="141XXXXX123"))[1] == 1


async def test_texts_are_forgotten_a_few_at_a_time(world: World) -> None:
    uuids = [(await world.send())[0] for _ in range(5)]
    end = new_uuid()
    (kept,) = await world.send()
    rounds = 0
    while await world.db.write(lambda conn: records.forget_content(conn, end, limit=2)):
        rounds += 1
    assert rounds == 3
    bodies = {record["message_uuid"]: record["body"] for record in await world.records()}
    assert bodies == {**dict.fromkeys(uuids), kept: "Hi"}
    assert {row.body for row in await world.queue()} == {"Hi"}  # they still have to be sent


async def test_texts_are_gone_through_once(world: World) -> None:
    """Another process, or the same one after a restart, goes on where the last one was."""
    first, _ = [(await world.send())[0] for _ in range(2)]
    end = new_uuid()
    assert await world.db.write(lambda conn: records.forget_content(conn, end))
    assert not await world.db.write(lambda conn: records.forget_content(conn, end))

    def say_again(conn: Connection) -> None:
        conn.execute(update(messages).where(messages.c.message_uuid == first).values(body="x"))

    await world.db.write(say_again)
    assert not await world.db.write(lambda conn: records.forget_content(conn, end))
