import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from trunkline.accounts import store as accounts
from trunkline.accounts.directory import Directory
from trunkline.accounts.model import BillingMode, NewAccount
from trunkline.billing import store
from trunkline.billing.balances import UNLIMITED, Balances
from trunkline.billing.errors import PriceFileInvalid
from trunkline.billing.model import Debit, Direction
from trunkline.billing.pricelist import sample_prices
from trunkline.billing.rates import Rates
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring

AT = 1_767_225_600.0
A, B = "MA" + "1" * 18, "MA" + "2" * 18


def cost(resource: str, amount: int = 550, account: str = A, kind: str = "sms") -> Debit:
    return Debit(account, amount, kind, resource, AT)


async def debit(db: Database, *entries: Debit) -> dict[str, int]:
    return await db.write(lambda conn: store.debit(conn, entries))


async def credit(db: Database, account: str, amount: int, resource: str) -> bool:
    return await db.write(
        lambda conn: store.credit(
            conn, account, amount, kind="payment", resource_id=resource, at=AT
        )
    )


async def balances(db: Database) -> dict[str, int]:
    """Every balance; proves that each is the sum of its ledger entries."""

    def read(conn: Connection) -> dict[str, int]:
        entries = select(store.ledger.c.account_id, func.sum(store.ledger.c.amount))
        sums = {row[0]: row[1] for row in conn.execute(entries.group_by(store.ledger.c.account_id))}
        found = store.all_balances(conn)
        assert found == sums
        assert all(store.balance(conn, account) == cash for account, cash in found.items())
        return found

    return await db.read(read)


async def test_costs_come_off_the_balance_of_who_pays(database: Database) -> None:
    assert await credit(database, A, 100_000, "p1")
    paid = await debit(database, cost("m1"), cost("m2", 1_000), cost("m3", 7, B), cost("m4", 0))
    assert paid == {A: 1_550, B: 7}
    assert await balances(database) == {A: 98_450, B: -7}


async def test_the_same_resource_is_charged_once(database: Database) -> None:
    assert await debit(database, cost("m1"), cost("m2")) == {A: 1_100}
    assert await debit(database, cost("m1"), cost("m2")) == {}
    again = await debit(database, cost("m2"), cost("m3"), cost("m4", 7, B), cost("m1", 9, B))
    assert again == {A: 550, B: 7}
    assert await debit(database, cost("m1", kind="mms")) == {A: 550}
    assert await debit(database, cost("twice"), cost("twice")) == {A: 550}
    assert await balances(database) == {A: -2_750, B: -7}


async def test_the_same_payment_counts_once(database: Database) -> None:
    assert await credit(database, A, 100, "p1")
    assert not await credit(database, A, 100, "p1")
    assert await balances(database) == {A: 100}


async def test_nothing_to_charge_leaves_no_trace(database: Database) -> None:
    assert await debit(database) == {}
    assert await debit(database, cost("free", 0)) == {}
    assert await balances(database) == {}


async def test_a_charge_that_is_rolled_back_never_was(database: Database) -> None:
    def fail(conn: Connection) -> None:
        store.debit(conn, [cost("m1")])
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    assert await balances(database) == {}
    assert await debit(database, cost("m1")) == {A: 550}


async def test_two_processes_charge_the_same_accounts_exactly(
    database_url: str, database: Database
) -> None:
    other = Database(database_url)
    other.start()
    try:
        batches = [
            [cost(f"m{n}-{i}", 1, (A, B)[(i + n) % 2]) for i in range(50)] for n in range(20)
        ]
        work = [debit(db, *batch) for batch in batches for db in (database, other)]
        paid = await asyncio.gather(*work)
        assert sum(sum(one.values()) for one in paid) == 1_000  # each entry was sent twice
    finally:
        await other.close()
    assert await balances(database) == {A: -500, B: -500}


async def test_prices_are_those_of_the_list(database: Database, tmp_path: Path) -> None:
    rates = Rates()
    await rates.refresh(database)
    assert rates.sms("US", Direction.OUTBOUND) == 0
    await database.write(lambda conn: store.replace_prices(conn, sample_prices()))
    await rates.refresh(database)
    assert rates.sms("US", Direction.OUTBOUND) == 550
    assert rates.sms("GB", Direction.OUTBOUND) == 4_200
    assert rates.sms("ZW", Direction.OUTBOUND) == rates.sms("", Direction.OUTBOUND) == 10_000
    assert rates.sms("GB", Direction.INBOUND) == 0
    assert rates.mms("US", Direction.INBOUND) == 500
    assert rates.mms("GB", Direction.OUTBOUND) == 20_000
    path = tmp_path / "prices.csv"
    path.write_text(
        "country,direction,product,price\nGB,outbound,sms,0.00001\n"
        "*,outbound,sms,2\n*,inbound,sms,0.003\n*,outbound,mms,4\n*,inbound,mms,0\n"
    )
    assert await database.write(lambda conn: store.import_prices(conn, path)) == 5
    await credit(database, A, 1, "p1")
    await rates.refresh(database)
    assert rates.sms("GB", Direction.OUTBOUND) == 1
    assert rates.sms("GB", Direction.INBOUND) == 300
    assert rates.sms("US", Direction.OUTBOUND) == 200_000
    await database.write(lambda conn: accounts.create_account(conn, KEYS, NewAccount("x"), AT))
    await rates.refresh(database)  # something else changed
    assert rates.sms("US", Direction.OUTBOUND) == 200_000


async def test_a_wrong_file_leaves_the_prices_as_they_were(
    database: Database, tmp_path: Path
) -> None:
    await database.write(lambda conn: store.replace_prices(conn, sample_prices()))
    before = await database.read(store.list_prices)
    path = tmp_path / "prices.csv"
    path.write_text("country,direction,product,price\nUS,outbound,sms,free\n")
    with pytest.raises(PriceFileInvalid, match="line 2, column price"):
        await database.write(lambda conn: store.import_prices(conn, path))
    assert await database.read(store.list_prices) == before


KEYS = Keyring({"k1": bytes(32)})


async def test_what_may_be_spent_follows_polls_and_own_charges(database: Database) -> None:
    directory = Directory(KEYS)

    def fill(conn: Connection) -> tuple[str, str, str]:
        prepaid = accounts.create_account(conn, KEYS, NewAccount("pre"), AT)
        later = NewAccount("post", billing_mode=BillingMode.POSTPAID)
        postpaid = accounts.create_account(conn, KEYS, later, AT)
        sub = accounts.create_subaccount(conn, KEYS, prepaid, "sub", enabled=True, at=AT)
        return prepaid.auth_id, postpaid.auth_id, sub.auth_id

    prepaid, postpaid, sub = await database.write(fill)
    await directory.refresh(database)
    known = Balances(directory)
    await known.refresh(database)
    assert [known.spendable(one) for one in (prepaid, postpaid, sub)] == [0, UNLIMITED, 0]
    assert known.spendable("MAnobody") == 0
    await credit(database, prepaid, 1_000, "p1")
    await known.refresh(database)
    assert [known.spendable(one) for one in (prepaid, sub)] == [1_000, 1_000]
    known.charged(await debit(database, cost("m1", 600, prepaid)))
    assert known.spendable(prepaid) == 400
    await known.refresh(database)
    assert known.spendable(prepaid) == 400
    await debit(database, cost("m2", 500, prepaid))  # as another process would
    assert known.spendable(prepaid) == 400
    await known.refresh(database)
    assert known.spendable(prepaid) == -100


async def test_a_charge_during_a_poll_is_not_forgotten(database: Database) -> None:
    directory = Directory(KEYS)
    made = await database.write(
        lambda conn: accounts.create_account(conn, KEYS, NewAccount("pre"), AT)
    )
    await directory.refresh(database)
    await credit(database, made.auth_id, 1_000, "p1")
    known = Balances(directory)
    await known.refresh(database)
    poll = asyncio.ensure_future(known.refresh(database))
    await asyncio.sleep(0)  # the poll is on its way, the charge is not committed
    known.charged({made.auth_id: 600})
    await poll
    assert known.spendable(made.auth_id) == 400
