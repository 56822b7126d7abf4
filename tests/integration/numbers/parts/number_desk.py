"""The operations of numbers as a caller has them: fields in, the checked answer out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from trunkline.accounts import api as accounts_api
from trunkline.accounts import store as accounts
from trunkline.accounts.directory import Directory as Accounts
from trunkline.accounts.model import BillingMode, NewAccount
from trunkline.applications import store as applications
from trunkline.applications.model import NewApplication
from trunkline.billing import store as billing
from trunkline.billing.rates import Rates
from trunkline.contract.catalog import operation
from trunkline.contract.check import validate_response
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.decode import RequestDecoder
from trunkline.contract.errors import ApiError
from trunkline.numbers import store
from trunkline.numbers.api import available, carriers, owned
from trunkline.numbers.directory import Directory
from trunkline.numbers.inventory_file import parse_inventory
from trunkline.numbers.model import InventoryNumber
from trunkline.numbers.renew import Renewals
from trunkline.numbers.rent import Renting
from trunkline.numbers.store import inventory
from trunkline.numbers.store.carriers import on_subaccount_delete
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.values.ids import new_uuid

KEYS = Keyring({"k1": bytes(32)})
START = 1_768_176_000.0  # 2026-01-12T00:00:00Z: 20 of 31 days are left
MONTHLY = 31_000
STOCK = """\
number,type,services,region,state,city,lata,rate_center,setup_rate,monthly_rate,restriction
14155550100,local,sms+mms+voice,California,CA,San Francisco,722,SNFC CNTRL,,,
14155550101,local,sms+voice,California,CA,San Francisco,722,SNFC CNTRL,1.00000,0.31000,
15105550102,local,sms+voice,California,CA,Oakland,722,SNFC CNTRL,,,
12125550103,local,voice,New York,NY,New York,132,NWYRCYZN01,,,
18005550104,tollfree,sms+voice,,,,,,,,
14165550105,local,sms+voice,Ontario,ON,Toronto,888,TORONTO,,,
33199000000,local,voice,Île-de-France,IDF,Paris,,,,,
443069990000,national,voice,,,,,,,,
447700900000,mobile,sms+voice,,,,,,,,
912215550000,local,voice,Maharashtra,MH,Mumbai,,,,,A local address is needed.
"""


class Refused(Exception):
    """What the API refused."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(f"{error.status} {error.message}")
        self.status = error.status
        self.field = error.field


class Desk:
    """Two main accounts, two subaccounts of the first, and ten numbers to rent."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = ControlledClock(START)
        self.accounts = Accounts(KEYS)
        self.directory = Directory()
        self.released: list[tuple[str, list[str]]] = []
        self.main = self.other = self.sub = self.sibling = ""
        hooks = (self._note,)
        rents = Renting(price_of=_price_of, on_release=hooks)
        rates = Rates()
        mirrors = (self.directory,)
        self.renting = rents
        self.renewals = Renewals(db=db, clock=self.clock, on_release=hooks, mirrors=mirrors)
        self.handlers: Mapping[str, Handler] = {
            **owned.handlers(owned.NumberApi(db=db, rates=rates, renting=rents, mirrors=mirrors)),
            **available.handlers(
                available.PhoneNumberApi(db=db, rates=rates, renting=rents, mirrors=mirrors)
            ),
            **carriers.handlers(carriers.CarrierApi(db=db, on_release=hooks, mirrors=mirrors)),
            **accounts_api.handlers(
                accounts_api.AccountApi(
                    db=db,
                    keyring=KEYS,
                    directory=self.accounts,
                    cash=billing.balance,
                    on_subaccount_delete=(
                        on_subaccount_delete(hooks),
                        store.on_subaccount_delete(hooks),
                    ),
                    owned=mirrors,
                )
            ),
        }

    def _note(self, _conn: Connection, main: str, numbers: Any) -> None:
        self.released.append((main, sorted(numbers)))

    async def open(self) -> None:
        def fill(conn: Connection) -> list[str]:
            main = accounts.create_account(conn, KEYS, NewAccount("a"), START)
            later = NewAccount("b", billing_mode=BillingMode.POSTPAID)
            other = accounts.create_account(conn, KEYS, later, START)
            subs = [
                accounts.create_subaccount(conn, KEYS, main, name, enabled=True, at=START)
                for name in ("Berlin", "Paris")
            ]
            inventory.put(conn, parse_inventory(STOCK, "stock.csv"))
            return [one.auth_id for one in (main, other, *subs)]

        self.main, self.other, self.sub, self.sibling = await self.db.write(fill)
        await self.pay(10_000_000)
        await self.accounts.refresh(self.db)

    async def pay(self, amount: int) -> None:
        await self.db.write(
            lambda conn: billing.credit(
                conn, self.main, amount, kind="payment", resource_id=new_uuid(), at=START
            )
        )

    async def cash(self, account_id: str) -> int:
        return await self.db.read(lambda conn: billing.balance(conn, account_id))

    async def app(self, account_id: str = "", **fields: Any) -> str:
        account = self.accounts.get(account_id or self.main)
        assert account is not None
        new = NewApplication(app_name="app", **fields)
        made = await self.db.write(
            lambda conn: applications.create(conn, account.scope, new, START)
        )
        return made.app_id

    async def call(
        self, name: str, auth_id: str = "", /, *, body: Any = None, path: Any = None, **query: Any
    ) -> dict[str, Any]:
        """Call an operation; a refusal raises `Refused`."""
        described = operation(name)
        principal = self.accounts.principal(auth_id or self.main)
        assert principal is not None
        text = b"" if body is None else msgspec.json.encode(body)
        context = RequestContext(
            api_id=new_uuid(),
            principal=principal,
            account_id=principal.auth_id,
            remote_ip="127.0.0.1",
            now=self.clock.now(),
        )
        try:
            decoded = RequestDecoder(described).decode(
                path or {}, urlencode(query, doseq=True), text, "application/json"
            )
            answer = await self.handlers[name](context, decoded.request)
        except ApiError as error:
            raise Refused(error) from None
        if answer is None:
            assert described.success_status == 204
            return {}
        assert isinstance(answer, msgspec.Struct)
        answer.api_id = context.api_id  # type: ignore[attr-defined]
        raw = msgspec.json.encode(answer)
        validate_response(described, described.success_status, raw)
        return msgspec.json.decode(raw)

    async def buy(self, number: str, auth_id: str = "", **body: Any) -> dict[str, Any]:
        return await self.call("phone_number.buy", auth_id, path={"number": number}, body=body)

    async def get(self, number: str, auth_id: str = "") -> dict[str, Any]:
        return await self.call("number.get", auth_id, path={"number": number})

    async def update(self, number: str, auth_id: str = "", **body: Any) -> dict[str, Any]:
        return await self.call("number.update", auth_id, path={"number": number}, body=body)

    async def unrent(self, number: str, auth_id: str = "") -> None:
        await self.call("number.unrent", auth_id, path={"number": number})

    async def listed(self, auth_id: str = "", **query: Any) -> list[str]:
        answer = await self.call("number.list", auth_id, **query)
        return sorted(one["number"] for one in answer["objects"])

    async def found(self, **query: Any) -> list[str]:
        answer = await self.call("phone_number.search", **{"country_iso": "US", **query})
        return [one["number"] for one in answer["objects"]]

    async def carrier(self, auth_id: str = "", name: str = "mine") -> str:
        body = {"name": name, "ip_set": "192.0.2.1"}
        return (await self.call("incoming_carrier.create", auth_id, body=body))["carrier_id"]


def _price_of(one: InventoryNumber) -> tuple[int, int]:
    return one.setup_price or 0, MONTHLY if one.monthly_price is None else one.monthly_price
