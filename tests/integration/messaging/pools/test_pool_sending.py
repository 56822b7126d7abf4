"""Messages by pools: sticky pairs, between processes too, and what records and callbacks tell."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest
from pools_desk import PoolDesk, number_pool
from sqlalchemy import func, select

from trunkline.messaging.errors import PoolRefused
from trunkline.messaging.pools.forget import Forgetter
from trunkline.messaging.pools.store import pairs
from trunkline.messaging.pools.store.tables import former_pools, sticky_senders
from trunkline.messaging.store import optouts
from trunkline.runtime.db import Connection
from trunkline.values.ids import new_uuid

NUMBERS = [f"141555501{number:02d}" for number in range(10)]
A, B = NUMBERS[:2]


def handsets(count: int, area: str = "512") -> list[str]:
    return [f"1{area}{number:07d}" for number in range(2_000_000, 2_000_000 + count)]


async def pairs_of(desk: PoolDesk, pool: Mapping[str, Any]) -> dict[str, str]:
    def read(conn: Connection) -> dict[str, str]:
        columns = sticky_senders.c
        rows = conn.execute(
            select(columns.recipient, columns.sender).where(columns.pool_id == pool["uuid"])
        )
        return {row[0]: row[1] for row in rows}

    return await desk.db.read(read)


async def test_a_recipient_always_hears_from_the_same_sender(desk: PoolDesk) -> None:
    await desk.own(*NUMBERS)
    pool = await desk.pool(*NUMBERS)
    recipients = handsets(200)
    first = await desk.senders(pool, *recipients)
    assert set(Counter(first).values()) == {20}
    assert await desk.senders(pool, *recipients) == first
    restarted = await desk.another()
    assert await restarted.senders(pool, *reversed(recipients)) == first[::-1]
    assert await pairs_of(desk, pool) == dict(zip(recipients, first, strict=True))


async def test_processes_that_meet_a_recipient_at_once_agree(desk: PoolDesk) -> None:
    await desk.own(*NUMBERS)
    pool = await desk.pool(*NUMBERS)
    others = [await desk.another() for _ in range(3)]
    recipients = handsets(50)
    sent = await asyncio.gather(
        *(one.senders(pool, *recipients) for one in (desk, *others)),
        *(one.senders(pool, *reversed(recipients)) for one in (desk, *others)),
    )
    assert all(one in (sent[0], sent[0][::-1]) for one in sent)


async def test_a_process_that_was_second_takes_the_firsts_choice(desk: PoolDesk) -> None:
    await desk.own(A, B)
    pool = await desk.pool(A, B)
    (recipient,) = handsets(1)
    mine = pairs.Pair(pool["uuid"], recipient, "sms", A)
    theirs = mine._replace(sender=B)

    def race(conn: Connection) -> tuple[bool, bool, pairs.Known]:
        kept = pairs.keep(conn, [mine], 1.0), pairs.keep(conn, [theirs], 2.0)
        return *kept, pairs.known(conn, pool["uuid"], [recipient])

    assert await desk.db.write(race) == (True, False, {(recipient, "sms"): A})
    late = theirs._replace(instead_of="someone")
    assert not await desk.db.write(lambda conn: pairs.keep(conn, [late], 3.0))
    assert await desk.senders(pool, recipient) == [A]


async def test_a_sender_that_left_is_replaced_for_good(desk: PoolDesk) -> None:
    await desk.own(A, B)
    pool = await desk.pool(A, B)
    recipients = handsets(10)
    before = await desk.senders(pool, *recipients)
    assert set(before) == {A, B}
    await desk.call("numberpool_number.remove", number_pool_uuid=number_pool(pool), number=A)
    assert await desk.senders(pool, *recipients) == [B] * 10
    await desk.add(pool, A)
    assert await desk.senders(pool, *recipients) == [B] * 10
    assert set((await pairs_of(desk, pool)).values()) == {B}


async def test_without_stickiness_nothing_is_kept(desk: PoolDesk) -> None:
    await desk.own(A, B)
    pool = await desk.pool(A, B, sticky_sender=False)
    (recipient,) = handsets(1)
    sent = [(await desk.senders(pool, recipient))[0] for _ in range(10)]
    assert Counter(sent) == {A: 5, B: 5}
    assert await pairs_of(desk, pool) == {}


async def test_records_and_callbacks_name_the_pool(desk: PoolDesk) -> None:
    await desk.own(A)
    pool = await desk.pool(A)
    url = "https://example.com/status"
    prepared = await desk.send(pool, *handsets(2), "x", callback_url=url)
    assert prepared.invalid == ["x"]
    assert [row.powerpack_uuid for row in await desk.records()] == [pool["uuid"]] * 2
    told = [parse_qs(webhook.body) for webhook in prepared.rows.webhooks]
    assert [one["PowerpackUUID"] for one in told] == [[pool["uuid"]]] * 2


async def test_whom_no_number_fits_gets_an_error_and_the_others_a_message(desk: PoolDesk) -> None:
    await desk.own("72345")
    pool = await desk.pool("72345")
    prepared = await desk.send(pool, "14155550123", "4915112345678", callback_url="http://a.b/c")
    assert [dispatch.sender for dispatch in prepared.rows.dispatches] == ["72345"]
    rows = [(row.recipient, row.state, row.error_code, row.sender) for row in await desk.records()]
    assert rows == [
        ("14155550123", "queued", None, "72345"),
        ("4915112345678", "failed", 40, ""),
    ]
    assert list(await pairs_of(desk, pool)) == ["14155550123"]


async def test_pools_that_cannot_send_are_refused(desk: PoolDesk) -> None:
    pool = await desk.pool()
    with pytest.raises(PoolRefused, match="no number for SMS"):
        await desk.send(pool, "14155550123")
    await desk.own(A)
    await desk.add(pool, A)
    for auth_id in (desk.other, desk.sub):
        with pytest.raises(PoolRefused, match="no such Powerpack"):
            await desk.send(pool, "14155550123", auth_id=auth_id)
    assert list(await desk.records()) == []


async def test_an_opted_out_recipient_keeps_its_sender_and_is_not_written_to(
    desk: PoolDesk,
) -> None:
    await desk.own(*NUMBERS)
    pool = await desk.pool(*NUMBERS)
    loose = await desk.pool(name="loose", sticky_sender=False)
    recipient, other = handsets(2)
    (sender,) = await desk.senders(pool, recipient)
    await desk.db.write(lambda conn: optouts.add(conn, [(sender, recipient, 1.0, "STOP")]))
    assert await desk.senders(pool, recipient, other) != []
    failed = [row for row in await desk.records() if row.state == "failed"]
    assert [(row.sender, row.recipient, row.error_code) for row in failed] == [
        (sender, recipient, 200)
    ]
    where = {"number_pool_uuid": number_pool(pool)}
    for number in NUMBERS:
        await desk.call("numberpool_number.remove", **where, number=number)
        await desk.add(loose, number)
    assert await desk.senders(loose, recipient) == []


async def test_one_sender_carries_sms_and_mms_if_it_can(desk: PoolDesk) -> None:
    await desk.own(A, B, mms_enabled=True)
    pool = await desk.pool(A)
    await desk.add(pool, B, service="mms")
    pool_id = pool["uuid"]
    chooser = desk.chooser
    first, second = handsets(2)

    async def ask(service: str, recipient: str) -> str:
        wanted = chooser.wanted(desk.main, pool_id, service, [recipient])
        senders = chooser.from_memory(wanted)
        if senders is None:
            settled = await desk.db.write(lambda conn: chooser.settle(conn, [wanted], 1.0))
            senders = settled[0]
        return senders[recipient]

    assert await ask("mms", first) == B
    assert await ask("sms", first) == B
    assert await ask("sms", second) == A
    assert await ask("mms", second) == B
    assert await ask("sms", second) == A


async def test_a_background_call_that_is_repeated_stores_nothing_again(desk: PoolDesk) -> None:
    await desk.own(*NUMBERS)
    pool = await desk.pool(*NUMBERS)
    once = new_uuid()
    first = await desk.send(pool, *handsets(3), once=once)
    again = await desk.send(pool, *handsets(3), once=once)
    assert first.uuids == again.uuids
    assert len(await desk.records()) == 3


async def test_pairs_of_deleted_pools_are_deleted_in_the_end(
    desk: PoolDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "FORGET_ROWS", 40)
    await desk.own(A)
    pool, kept = await desk.pool(A), await desk.pool(name="kept")
    await desk.send(pool, *handsets(100))
    await desk.call("delete", uuid=pool["uuid"])
    await desk.add(kept, A)
    await desk.send(kept, *handsets(1))
    assert len(await pairs_of(desk, pool)) == 100
    await Forgetter(desk.db, desk.clock).sweep()
    assert await pairs_of(desk, pool) == {}
    assert len(await pairs_of(desk, kept)) == 1
    count = select(func.count()).select_from(former_pools)
    assert await desk.db.read(lambda conn: conn.execute(count).scalar_one()) == 0


async def test_fifty_numbers_and_ten_thousand_messages(desk: PoolDesk) -> None:
    """Two rounds to 5,000 recipients: every number used alike, everybody's sender the same twice,
    and whoever can have a local sender has one."""
    areas = ("415", "212", "512", "305", "416")
    numbers = [f"1{area}55501{number:02d}" for area in areas for number in range(10)]
    for area in areas:
        mine = [number for number in numbers if number[1:4] == area]
        await desk.own(*mine, country="CA" if area == "416" else "US")
    pool = await desk.pool(*numbers)
    local = [one for area in areas for one in handsets(800, area)]
    strangers = handsets(1_000, "907")  # Alaska: nobody's neighbour
    everybody = [*local, *strangers]
    rounds: list[list[str]] = []
    for _ in range(2):
        batches = [everybody[at : at + 1_000] for at in range(0, len(everybody), 1_000)]
        sent = await asyncio.gather(*(desk.senders(pool, *batch) for batch in batches))
        rounds.append([sender for batch in sent for sender in batch])
    first, second = rounds
    assert len(first) + len(second) == 10_000
    assert first == second
    matches = sum(
        sender[1:4] == recipient[1:4] for sender, recipient in zip(first, local, strict=False)
    )
    assert matches == len(local)
    used = Counter(first)
    assert set(used) == set(numbers)
    american = [count for number, count in used.items() if number[1:4] != "416"]
    assert sum(american) == 4 * 800 + 1_000  # strangers hear from their own country
    assert max(american) - min(american) <= 1
    assert {used[number] for number in numbers if number[1:4] == "416"} == {80}
