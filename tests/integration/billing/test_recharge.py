"""Top-ups: one payment at a time, booked once, whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from trunkline.accounts import store as accounts
from trunkline.accounts.model import Account, BillingMode, NewAccount
from trunkline.billing import store
from trunkline.billing.errors import RechargeRefused
from trunkline.billing.model import Debit, Payment
from trunkline.billing.recharge import rules
from trunkline.billing.recharge.gateway import GatewayPayments
from trunkline.billing.recharge.port import Outcome, SimulatedPayments
from trunkline.billing.recharge.watch import CHECK_S, LEASE_S, RETRY_S, Recharger
from trunkline.billing.store import recharges
from trunkline.billing.store.recharges import Rule
from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.guard import AddressPolicy
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring

KEYS = Keyring({"k1": bytes(32)})
DOLLAR = 100_000


class Till:
    """Pays as it is told, and remembers what it was asked for."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[Payment] = []

    async def take(self, payment: Payment) -> Outcome:
        self.asked.append(payment)
        return self.outcomes.pop(0) if self.outcomes else Outcome.PAID


class World:
    def __init__(self, db: Database, clock: ControlledClock) -> None:
        self.db = db
        self.clock = clock
        self.told = 0

    async def open(self, new: NewAccount | None = None) -> Account:
        made = new or NewAccount("a")
        return await self.db.write(
            lambda conn: accounts.create_account(conn, KEYS, made, self.clock.now())
        )

    async def rule(self, account: Account, threshold: int = 10, amount: int = 50) -> None:
        rule = Rule(account.auth_id, threshold * DOLLAR, amount * DOLLAR)
        await self.db.write(lambda conn: rules.set_rule(conn, account, rule, self.clock.now()))

    def recharger(self, till: Till) -> Recharger:
        return Recharger(db=self.db, clock=self.clock, payments=till, on_paid=self._tell)

    async def _tell(self) -> None:
        self.told += 1

    async def cash(self, account: Account) -> int:
        return await self.db.read(lambda conn: store.balance(conn, account.auth_id))

    async def shown(self, account: Account) -> bool:
        found = await self.db.read(lambda conn: accounts.find(conn, KEYS, account.auth_id))
        assert found is not None
        return found.auto_recharge


@pytest.fixture
def world(database: Database, clock: ControlledClock) -> World:
    return World(database, clock)


async def test_a_low_balance_is_topped_up_until_it_is_enough(world: World) -> None:
    account, other = await world.open(), await world.open()
    await world.rule(account)
    assert await world.shown(account)
    assert not await world.shown(other)
    till = Till()
    recharger = world.recharger(till)
    await recharger.sweep()
    await recharger.sweep()
    assert [payment.amount for payment in till.asked] == [50 * DOLLAR]
    assert await world.cash(account) == 50 * DOLLAR
    assert await world.cash(other) == 0
    assert world.told == 1

    def spend(conn: Connection) -> None:
        cost = Debit(account.auth_id, 40 * DOLLAR + 1, "message", "m", 0.0)
        store.debit(conn, [cost])

    await world.db.write(spend)
    await recharger.sweep()
    assert len(till.asked) == 1
    world.clock.advance(recharges.REST_S)
    await recharger.sweep()
    assert await world.cash(account) == 60 * DOLLAR - 1
    assert len({payment.payment_id for payment in till.asked}) == 2


async def test_a_declined_payment_is_tried_later_and_later(world: World) -> None:
    account = await world.open()
    await world.rule(account)
    till = Till(Outcome.DECLINED, Outcome.DECLINED)
    recharger = world.recharger(till)
    for wait_s, asked in ((0.0, 1), (RETRY_S - 1, 1), (1.0, 2), (RETRY_S, 2), (RETRY_S, 3)):
        world.clock.advance(wait_s)
        await recharger.sweep()
        assert len(till.asked) == asked
    assert await world.cash(account) == 50 * DOLLAR
    assert len({payment.payment_id for payment in till.asked}) == 3
    rule = await world.db.read(lambda conn: recharges.get(conn, account.auth_id))
    assert rule is not None
    assert (rule.failures, rule.payment_id) == (0, "")


async def test_an_uncertain_payment_is_asked_for_again_as_itself(world: World) -> None:
    account = await world.open()
    await world.rule(account)
    till = Till(Outcome.UNKNOWN)
    recharger = world.recharger(till)
    await recharger.sweep()
    with pytest.raises(RechargeRefused, match="under way"):
        await world.rule(account, amount=70)
    await world.db.write(lambda conn: rules.stop(conn, account.auth_id, world.clock.now()))
    await recharger.sweep()
    assert len(till.asked) == 1
    world.clock.advance(LEASE_S)
    await recharger.sweep()  # although it was stopped: the money may have been taken
    assert till.asked[0] == till.asked[1]
    assert await world.cash(account) == 50 * DOLLAR
    assert not await world.shown(account)
    world.clock.advance(LEASE_S)
    await recharger.sweep()
    assert len(till.asked) == 2


async def test_two_processes_ask_for_one_payment(world: World, database_url: str) -> None:
    account = await world.open()
    await world.rule(account)
    second = Database(database_url)
    second.start()
    till = Till()
    try:
        others = World(second, world.clock).recharger(till)
        await asyncio.gather(world.recharger(till).sweep(), others.sweep())
    finally:
        await second.close()
    assert len(till.asked) == 1
    assert await world.cash(account) == 50 * DOLLAR


async def test_who_pays_afterwards_or_too_much_is_not_topped_up(world: World) -> None:
    postpaid = await world.open(NewAccount("p", billing_mode=BillingMode.POSTPAID))
    with pytest.raises(RechargeRefused, match="prepaid"):
        await world.rule(postpaid)
    account = await world.open()
    for threshold, amount in ((-1, 50), (10, 0), (10, -5), (10, 100_001), (100_001, 1)):
        with pytest.raises(RechargeRefused, match="dollars"):
            await world.rule(account, threshold, amount)
    assert not await world.shown(account)


async def test_the_watch_follows_the_clock(world: World) -> None:
    account = await world.open()
    till = Till()
    task = asyncio.create_task(world.recharger(till).run())
    await world.rule(account)
    async with asyncio.timeout(10):
        while not till.asked:
            world.clock.advance(CHECK_S)
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})


async def test_the_simulated_payments_decline_thirteen_cents() -> None:
    till = SimulatedPayments()
    assert await till.take(Payment("a", "MA", 50 * DOLLAR)) is Outcome.PAID
    assert await till.take(Payment("a", "MA", 50 * DOLLAR + 13_000)) is Outcome.DECLINED


class Gateway:
    """A payment gateway on loopback that answers with one status."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1])
            for line in head.splitlines()
            if line.lower().startswith("content-length")
        )
        self.requests.append(head + (await reader.readexactly(length)).decode())
        writer.write(f"HTTP/1.1 {self.status} X\r\ncontent-length: 0\r\n".encode())
        writer.write(b"connection: close\r\n\r\n")
        writer.close()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/pay"
    yield made
    server.close()


async def test_a_gateway_is_asked_over_http(gateway: Gateway) -> None:
    http = HttpClient(AddressPolicy(allow_loopback=True))
    try:
        till = GatewayPayments(http, gateway.url, "secret")
        payment = Payment("p-1", "MA1", 50 * DOLLAR)
        for status, outcome in (
            (200, Outcome.PAID),
            (201, Outcome.PAID),
            (402, Outcome.DECLINED),
            (400, Outcome.UNKNOWN),
            (500, Outcome.UNKNOWN),
        ):
            gateway.status = status
            assert await till.take(payment) is outcome
        request = gateway.requests[0].lower()
        assert "idempotency-key: p-1" in request
        assert "authorization: bearer secret" in request
        assert '"amount":"50.00000"' in request
        nobody = GatewayPayments(http, "http://127.0.0.1:1/pay", None)
        assert await nobody.take(payment) is Outcome.UNKNOWN
    finally:
        await http.close()
