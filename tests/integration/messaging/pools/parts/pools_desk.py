"""The pool operations by id, plain values in and out, every answer held against the contract."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from trunkline.accounts import store as accounts_store
from trunkline.accounts.directory import Directory as Accounts
from trunkline.accounts.model import NewAccount, Scope
from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.applications import store as applications_store
from trunkline.applications.model import NewApplication
from trunkline.billing.rates import Rates
from trunkline.contract.catalog import operation
from trunkline.contract.check import validate_response
from trunkline.contract.context import RequestContext
from trunkline.contract.errors import ApiError, PaymentRequired
from trunkline.messaging.carriers.routes import Route
from trunkline.messaging.destinations.rules import Destinations
from trunkline.messaging.optout import OptOuts
from trunkline.messaging.pools.api import handlers
from trunkline.messaging.pools.choose import Chooser
from trunkline.messaging.pools.directory import Directory as Pools
from trunkline.messaging.pools.store import members
from trunkline.messaging.routing import Router
from trunkline.messaging.send import Prepared, Sender, SendRequest
from trunkline.messaging.store.tables import messages
from trunkline.numbers import store as numbers_store
from trunkline.numbers.directory import Directory as Numbers
from trunkline.numbers.model import NumberType, OwnedNumber
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.values.networks.lookup import Networks

KEYS = Keyring({"1": bytes(32)})
API_ID = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
ON_RELEASE = (members.on_release,)


class PoolDesk:
    """Every part that pools touch, over one database; `another()` is a second process."""

    def __init__(self, db: Database, clock: ControlledClock) -> None:
        self.db = db
        self.clock = clock
        self.accounts = Accounts(KEYS)
        self.rates = Rates()
        self.numbers = Numbers()
        self.pools = Pools()
        self.optouts = OptOuts()
        self.optouts.follow(db)
        self.chooser = Chooser(self.pools, self.numbers, self.optouts.blocked)
        self.sender = Sender(
            db=db,
            clock=clock,
            rates=self.rates,
            router=Router([Route("a")], {}),
            optouts=self.optouts,
            destinations=Destinations(self.rates, PermissionDirectory(), Networks()),
            pools=self.chooser,
        )
        self.handlers = handlers(
            db=db, rent=self._rent, unrent=self._unrent, mirrors=(self.numbers, self.pools)
        )
        self.for_rent: set[str] = set()
        self.main = self.other = self.sub = self.sibling = ""

    async def open(self) -> None:
        now = self.clock.now()

        def fill(conn: Connection) -> list[str]:
            made = [accounts_store.create_account(conn, KEYS, NewAccount(n), now) for n in "ab"]
            subs = [
                accounts_store.create_subaccount(conn, KEYS, made[0], n, enabled=True, at=now)
                for n in "cd"
            ]
            return [one.auth_id for one in (*made, *subs)]

        self.main, self.other, self.sub, self.sibling = await self.db.write(fill)
        await self.accounts.refresh(self.db)

    async def another(self) -> "PoolDesk":
        """A further process on the same database."""
        made = PoolDesk(self.db, self.clock)
        made.main, made.other = self.main, self.other
        made.sub, made.sibling = self.sub, self.sibling
        await made.refresh()
        return made

    async def refresh(self) -> None:
        for mirror in (self.accounts, self.numbers, self.pools, self.optouts):
            await mirror.refresh(self.db)

    # -- the operations

    async def call(
        self, operation_id: str, auth_id: str = "", account_id: str = "", /, **fields: Any
    ) -> dict[str, Any]:
        """Call an operation as its account; an id without a dot is one of powerpack's."""
        name = operation_id if "." in operation_id else f"powerpack.{operation_id}"
        known = operation(name)
        principal = self.accounts.principal(auth_id or self.main)
        assert principal is not None
        context = RequestContext(
            api_id=API_ID,
            principal=principal,
            account_id=account_id or auth_id or self.main,
            remote_ip="127.0.0.1",
            now=self.clock.now(),
        )
        answer = await self.handlers[known.id](context, msgspec.convert(fields, known.request))
        assert isinstance(answer, msgspec.Struct)
        built: dict[str, Any] = msgspec.to_builtins(answer)
        body = msgspec.json.encode({"api_id": API_ID, **built})
        validate_response(known, known.success_status, body)
        return built

    async def refused(self, operation_id: str, auth_id: str = "", /, **fields: Any) -> ApiError:
        """Call an operation that must be refused."""
        try:
            answer = await self.call(operation_id, auth_id, **fields)
        except ApiError as error:
            return error
        raise AssertionError(f"{operation_id} was not refused: {answer}")

    async def pool(self, *numbers: str, auth_id: str = "", **fields: Any) -> Mapping[str, Any]:
        """Make a pool with these numbers, which the account has."""
        made = await self.call("create", auth_id, **{"name": "Pool", **fields})
        for number in numbers:
            await self.add(made, number, auth_id)
        return made

    async def add(
        self, pool: Mapping[str, Any], number: str, auth_id: str = "", **fields: Any
    ) -> dict[str, Any]:
        return await self.call(
            "numberpool_number.add",
            auth_id,
            number_pool_uuid=number_pool(pool),
            number=number,
            **fields,
        )

    # -- numbers and applications

    async def own(self, *numbers: str, account_id: str = "", main: str = "", **fields: Any) -> None:
        """Give numbers to the main account or a subaccount."""
        main = main or self.main
        owned = [
            OwnedNumber(
                **{
                    "number": number,
                    "main_auth_id": main,
                    "account_id": account_id or main,
                    "country": "US",
                    "added_at": self.clock.now(),
                    "number_type": _type(number),
                    **fields,
                }
            )
            for number in numbers
        ]
        added = await self.db.write(lambda conn: numbers_store.add(conn, owned))
        assert added == len(numbers)
        await self.refresh()

    async def application(self, auth_id: str = "") -> str:
        account = self.accounts.get(auth_id or self.main)
        assert account is not None
        new = NewApplication(app_name="pool", message_url="https://example.com/in")
        now = self.clock.now()
        made = await self.db.write(
            lambda conn: applications_store.create(conn, account.scope, new, now)
        )
        return made.app_id

    async def owned(self, number: str) -> OwnedNumber | None:
        scope = Scope(self.main)
        return await self.db.read(lambda conn: numbers_store.find(conn, scope, number))

    async def release(self, *numbers: str) -> None:
        """The account gives numbers back."""
        scope = Scope(self.main)
        await self.db.write(lambda conn: numbers_store.release(conn, scope, numbers, ON_RELEASE))
        await self.refresh()

    def _rent(self, conn: Connection, scope: Scope, number: str, at: float) -> ApiError | None:
        if number not in self.for_rent:
            return PaymentRequired("no credit")
        owned = OwnedNumber(
            number=number,
            main_auth_id=scope.main_auth_id,
            account_id=scope.account_id,
            country="US",
            added_at=at,
        )
        numbers_store.add(conn, [owned])
        return None

    def _unrent(self, conn: Connection, scope: Scope, number: str, _at: float) -> None:
        numbers_store.remove(conn, scope, number, ON_RELEASE)

    # -- messages

    async def send(
        self, pool: Mapping[str, Any], *recipients: str, auth_id: str = "", **fields: Any
    ) -> Prepared:
        account = self.accounts.get(auth_id or self.main)
        assert account is not None
        request = SendRequest(
            account.auth_id,
            account.main_auth_id,
            "",
            list(recipients),
            "Hi",
            powerpack_uuid=pool["uuid"],
            **fields,
        )
        return await self.sender.send(request)

    async def senders(self, pool: Mapping[str, Any], *recipients: str, **fields: Any) -> list[str]:
        """Send, and tell from which numbers it was."""
        prepared = await self.send(pool, *recipients, **fields)
        return [dispatch.sender for dispatch in prepared.rows.dispatches]

    async def records(self) -> Sequence[Any]:
        def read(conn: Connection) -> Sequence[Any]:
            return conn.execute(select(messages).order_by(messages.c.message_uuid)).all()

        return await self.db.read(read)


def number_pool(pool: Mapping[str, Any]) -> str:
    """Take the number pool's id out of a Powerpack as SDKs do."""
    return pool["number_pool"].split("/")[5]


def _type(number: str) -> NumberType:
    if len(number) < 7:
        return NumberType.SHORTCODE
    return NumberType.TOLLFREE if number[1:4] in ("800", "888") else NumberType.LOCAL
