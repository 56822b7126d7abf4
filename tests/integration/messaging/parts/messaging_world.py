"""What messaging works with, put together as the program does it, but for the carriers."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs

from sqlalchemy import select, text

from trunkline.accounts import store as accounts_store
from trunkline.accounts.directory import Directory as Accounts
from trunkline.accounts.model import Account, NewAccount
from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.applications import store as applications_store
from trunkline.applications.directory import Directory as Applications
from trunkline.applications.model import NewApplication
from trunkline.billing import store as billing_store
from trunkline.billing.balances import Balances
from trunkline.billing.model import ANY_COUNTRY, Direction, Price, Product
from trunkline.billing.rates import Rates
from trunkline.messaging.carriers.port import Accepted, Outcome
from trunkline.messaging.carriers.routes import Route
from trunkline.messaging.credit import Credit
from trunkline.messaging.destinations.rules import Destinations
from trunkline.messaging.dispatch import Lane
from trunkline.messaging.model import Dispatch, Failed, Part, ReceiptItem, Sent, State
from trunkline.messaging.optout import OptOuts
from trunkline.messaging.receive import Receiver
from trunkline.messaging.recover import Janitor
from trunkline.messaging.routing import Router
from trunkline.messaging.send import Sender, SendRequest
from trunkline.messaging.store import outbound, receipts
from trunkline.messaging.store.tables import messages, parts, unmatched
from trunkline.numbers import store as numbers_store
from trunkline.numbers.directory import Directory as Numbers
from trunkline.numbers.model import OwnedNumber
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database, DatabaseUnavailable
from trunkline.runtime.secrets import Keyring
from trunkline.values.networks.lookup import Networks

NUMBER, OTHER_NUMBER, HANDSET = "14155550100", "14155550101", "14155550123"
STATUS_URL, MESSAGE_URL = "https://example.com/status", "https://example.com/message"
RATE, INBOUND_RATE, CASH = 350, 100, 1_000_000
OWNER = "here:1:me"
LOOK_S = 0.005  # between two looks at what is to be seen: who looks all the time slows it down


@dataclass
class FakeCarrier:
    """Takes what fits and keeps it until the test answers, or answers as `reply` says."""

    name: str
    is_up: bool = True
    window: int = 100
    taken: list[Dispatch] = field(default_factory=list[Dispatch])
    history: list[Dispatch] = field(default_factory=list[Dispatch])
    reply: Callable[[Dispatch], Outcome] | None = None
    settle: Callable[[Dispatch, Outcome], None] | None = None
    on_room: Callable[[], None] | None = None

    def capacity(self) -> int:
        return self.window - len(self.taken) if self.is_up else 0

    def submit(self, dispatch: Dispatch) -> None:
        self.taken.append(dispatch)
        self.history.append(dispatch)
        if self.reply is not None:
            asyncio.get_running_loop().call_soon(self.answer, self.reply(dispatch), dispatch)

    def answer(self, outcome: Outcome, dispatch: Dispatch | None = None) -> Dispatch:
        """Tell the outcome of a message, of the oldest if none is named."""
        chosen = self.taken[0] if dispatch is None else dispatch
        self.taken.remove(chosen)
        assert self.settle is not None
        self.settle(chosen, outcome)
        if self.on_room is not None:
            self.on_room()
        return chosen


def accepted(dispatch: Dispatch) -> Accepted:
    """Every part taken, under ids made from the message's own."""
    total = dispatch.units
    key = dispatch.message_uuid.upper()
    return Accepted(tuple(Part(f"{key}-{at}", at, total) for at in range(1, total + 1)))


class Gone:
    """The transactions of a database that cannot be reached."""

    def __init__(self) -> None:
        self.asked = 0

    def begin(self) -> None:
        self.asked += 1
        raise DatabaseUnavailable("connection refused")


@dataclass
class World:
    """The parts, and what tests ask of them again and again."""

    db: Database
    clock: ControlledClock
    account: Account
    accounts: Accounts
    applications: Applications
    numbers: Numbers
    rates: Rates
    balances: Balances
    optouts: OptOuts
    carriers: dict[str, FakeCarrier]
    router: Router
    sender: Sender
    receiver: Receiver
    credit: Credit
    lanes: dict[str, Lane] = field(default_factory=dict[str, Lane])
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    # -- what happens

    async def send(self, *recipients: str, sender: str = NUMBER, **fields: Any) -> list[str]:
        """Accept a message; its callbacks go to STATUS_URL."""
        given = {"text": "Hi", "callback_url": STATUS_URL, **fields}
        request = SendRequest(
            self.account.auth_id,
            self.account.auth_id,
            sender,
            list(recipients or [HANDSET]),
            given.pop("text"),
            **given,
        )
        return (await self.sender.send(request)).uuids

    async def claim(
        self, carrier: str = "a", limit: int = 100, owner: str = OWNER
    ) -> list[Dispatch]:
        wanted = outbound.Claim(carrier, limit, self.clock.now(), owner)
        return await self.db.submit(outbound.claim, wanted)

    async def claimed(self, **fields: Any) -> Dispatch:
        """One message, accepted and claimed."""
        (uuid,) = await self.send(**fields)
        return next(row for row in await self.claim() if row.message_uuid == uuid)

    def taken(self, dispatch: Dispatch, *keys: str, carrier: str = "a") -> Sent:
        """The carrier's answer, one key a part."""
        total = len(keys)
        numbered = tuple(Part(key, at, total) for at, key in enumerate(keys, 1))
        return Sent(dispatch, carrier, numbered, self.clock.now())

    async def mark_sent(self, dispatch: Dispatch, *keys: str, carrier: str = "a") -> Sent:
        sent = self.taken(dispatch, *keys, carrier=carrier)
        await self.db.submit(outbound.mark_sent, sent)
        return sent

    async def mark_failed(self, dispatch: Dispatch, code: int = 50) -> None:
        failed = Failed(dispatch, code, self.clock.now())
        await self.db.submit(outbound.mark_failed, failed)

    def receipt(
        self,
        *keys: str,
        state: State | None = State.DELIVERED,
        code: int = 0,
        carrier: str = "a",
        handset: str = HANDSET,
    ) -> ReceiptItem:
        at = self.clock.now()
        return ReceiptItem(carrier, keys, handset, state, code, at, f"id:{keys[0]}")

    async def report(self, *keys: str, **fields: Any) -> receipts.Applied:
        return await self.db.submit(receipts.apply, self.receipt(*keys, **fields))

    def lane(self, name: str, *, resend: bool = True) -> Lane:
        """Make the lane of a carrier, without running it."""
        made = Lane(
            self.carriers[name],
            db=self.db,
            clock=self.clock,
            router=self.router,
            credit=self.credit,
            owner=OWNER,
            resend_uncertain=resend,
        )
        self.carriers[name].settle = made.settle
        self.carriers[name].on_room = made.wake
        self.lanes[name] = made
        return made

    def run(self, *names: str, resend: bool = True) -> None:
        """Serve the queues of carriers until the test ends."""
        self.db.listen(outbound.QUEUED, self._wake)
        for name in names:
            lane = self.lane(name, resend=resend)
            self.tasks.append(asyncio.create_task(lane.run(), name=f"lane {name}"))

    def janitor(self, *, resend: bool = True, **changes: Any) -> Janitor:
        given: dict[str, Any] = {
            "db": self.db,
            "clock": self.clock,
            "router": self.router,
            "owner": f"{os.uname().nodename}:{os.getpid()}:me",
            "carriers": frozenset(self.carriers),
            "resend_uncertain": resend,
            "content_keep_s": 7 * 86_400.0,
            "deliver_incomplete": self.receiver.deliver_incomplete,
            **changes,
        }
        return Janitor(**given)

    @contextlib.contextmanager
    def broken(self) -> Iterator[Gone]:
        """Take the database away: nothing can be written meanwhile; what was begun is undone."""
        transactions = self.db.writer._transactions
        gone = Gone()
        self.db.writer._transactions = cast(Any, gone)
        try:
            yield gone
        finally:
            self.db.writer._transactions = transactions

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    # -- what is to be seen

    async def record(self, uuid: str) -> dict[str, Any]:
        def read(conn: Connection) -> dict[str, Any]:
            found = conn.execute(select(messages).where(messages.c.message_uuid == uuid))
            return dict(found.one()._mapping)

        return await self.db.read(read)

    async def records(self, direction: str = "outbound") -> list[dict[str, Any]]:
        def read(conn: Connection) -> list[dict[str, Any]]:
            query = select(messages).where(messages.c.direction == direction)
            found = conn.execute(query.order_by(messages.c.message_uuid))
            return [dict(row._mapping) for row in found]

        return await self.db.read(read)

    async def state(self, uuid: str) -> tuple[str, int | None]:
        """A message's state and error code."""
        record = await self.record(uuid)
        return record["state"], record["error_code"]

    async def queue(self) -> list[Dispatch]:
        def read(conn: Connection) -> list[Dispatch]:
            listed = ", ".join(Dispatch._fields)
            found = conn.execute(text(f"SELECT {listed} FROM dispatches ORDER BY message_uuid"))
            return [Dispatch._make(row) for row in found]

        return await self.db.read(read)

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        def read(conn: Connection) -> list[dict[str, Any]]:
            return [dict(row._mapping) for row in conn.execute(select(table))]

        return await self.db.read(read)

    async def parts(self) -> list[dict[str, Any]]:
        return await self.rows(parts)

    async def unmatched(self) -> list[dict[str, Any]]:
        return await self.rows(unmatched)

    async def keep(self, rows: list[dict[str, Any]]) -> None:
        """Put kept receipts (back) into their table."""
        await self.db.write(lambda conn: conn.execute(unmatched.insert(), rows))

    async def webhooks(self, kind: str = "message.status") -> list[dict[str, str]]:
        """Parameters of all queued webhooks of a kind, in order."""

        def read(conn: Connection) -> list[str]:
            query = text("SELECT body FROM webhooks WHERE kind = :kind ORDER BY id")
            return list(conn.execute(query, {"kind": kind}).scalars())

        bodies = await self.db.read(read)
        parsed = [parse_qs(body, keep_blank_values=True) for body in bodies]
        return [{name: values[0] for name, values in one.items()} for one in parsed]

    async def told(self, uuid: str) -> list[str]:
        """The states that a message's callbacks tell, in order."""
        return [one["Status"] for one in await self.webhooks() if one["MessageUUID"] == uuid]

    async def cash(self) -> int:
        return await self.db.read(lambda conn: billing_store.balance(conn, self.account.auth_id))

    async def until(self, seen: Callable[[], Any], *, timeout_s: float = 10.0) -> None:
        """Let the program go on until something is to be seen."""
        async with asyncio.timeout(timeout_s):
            while not seen():  # noqa: ASYNC110 - nobody sets an event for tests
                await asyncio.sleep(LOOK_S)

    async def until_state(self, uuid: str, *states: str, timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s):
            seen = await self.state(uuid)
            while seen[0] not in states:
                await asyncio.sleep(LOOK_S)
                seen = await self.state(uuid)

    def _wake(self, names: set[str]) -> None:
        for name in names & self.lanes.keys():
            self.lanes[name].wake()


async def open_world(db: Database, clock: ControlledClock) -> World:
    keyring = Keyring({"1": bytes(32)})
    account = await db.write(lambda conn: _provision(conn, keyring, clock.now()))
    accounts, applications, numbers = Accounts(keyring), Applications(), Numbers()
    rates, balances, optouts = Rates(), Balances(accounts), OptOuts()
    optouts.follow(db)
    for mirror in (accounts, applications, numbers, rates, balances, optouts):
        await mirror.refresh(db)
    carriers = {name: FakeCarrier(name) for name in ("a", "b")}
    router = Router([Route("a", priority=1), Route("b", priority=2)], carriers)
    permissions = PermissionDirectory()
    destinations = Destinations(rates, permissions, Networks())
    sender = Sender(
        db=db,
        clock=clock,
        rates=rates,
        router=router,
        optouts=optouts,
        destinations=destinations,
    )
    receiver = Receiver(
        db=db,
        clock=clock,
        numbers=numbers,
        applications=applications,
        rates=rates,
        sender=sender,
        destinations=destinations,
    )
    return World(
        db, clock, account, accounts, applications, numbers, rates, balances, optouts, carriers,
        router, sender, receiver, Credit(balances),
    )  # fmt: skip


def _provision(conn: Connection, keyring: Keyring, at: float) -> Account:
    account = accounts_store.create_account(conn, keyring, NewAccount(name="Tests"), at)
    billing_store.credit(conn, account.auth_id, CASH, kind="payment", resource_id="first", at=at)
    billing_store.replace_prices(
        conn,
        [
            Price(ANY_COUNTRY, Direction.OUTBOUND, Product.SMS, RATE),
            Price(ANY_COUNTRY, Direction.INBOUND, Product.SMS, INBOUND_RATE),
        ],
    )
    application = applications_store.create(
        conn, account.scope, NewApplication(app_name="in", message_url=MESSAGE_URL), at
    )
    silent = NewApplication(
        app_name="silent", message_url=MESSAGE_URL, message_method="GET",
        log_incoming_messages=False,
    )  # fmt: skip
    discreet = applications_store.create(conn, account.scope, silent, at)
    owned = {NUMBER: application.app_id, OTHER_NUMBER: discreet.app_id, "14155550102": None}
    numbers_store.add(
        conn,
        [
            OwnedNumber(
                number=number,
                main_auth_id=account.auth_id,
                account_id=account.auth_id,
                app_id=app_id,
                country="US",
                added_at=at,
            )
            for number, app_id in owned.items()
        ],
    )
    return account
