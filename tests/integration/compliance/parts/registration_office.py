"""The registration operations as a caller has them, a registry, and a clock that is moved."""

from collections.abc import Mapping
from typing import Any

import msgspec

from trunkline.accounts import store as accounts
from trunkline.accounts.directory import Directory as Accounts
from trunkline.accounts.model import NewAccount, Scope
from trunkline.compliance.api import brands, campaigns, links, profiles, tollfree
from trunkline.compliance.api.desk import Desk
from trunkline.compliance.directory import Directory
from trunkline.compliance.registrar import Registrar
from trunkline.compliance.simulated import SimulatedRegistry
from trunkline.contract.catalog import operation
from trunkline.contract.check import validate_response
from trunkline.contract.context import RequestContext
from trunkline.contract.decode import RequestDecoder
from trunkline.numbers import store as numbers
from trunkline.numbers.model import NumberType, OwnedNumber
from trunkline.runtime.clock import ControlledClock
from trunkline.runtime.db import Connection, Database
from trunkline.runtime.secrets import Keyring
from trunkline.values.ids import new_uuid
from trunkline.webhooks.store.tables import webhooks

KEYS = Keyring({"k1": bytes(32)})
HOOK = "https://app.example/registration"
ADDRESS = {
    "street": "660 Broadway",
    "city": "New York City",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
}
CONTACT = {
    "first_name": "John",
    "last_name": "Doe",
    "email": "john@example.com",
    "title": "manager",
    "seniority": "admin",
    "phone": "12125551234",
}
PROFILE = {
    "profile_alias": "john_new",
    "customer_type": "DIRECT",
    "entity_type": "PRIVATE",
    "company_name": "ABC Inc.",
    "vertical": "ENTERTAINMENT",
    "ein": "122321231",
    "ein_issuing_country": "US",
    "address": ADDRESS,
    "authorized_contact": CONTACT,
}
CAMPAIGN = {
    "campaign_alias": "orders",
    "vertical": "INSURANCE",
    "usecase": "MIXED",
    "sub_usecases": ["CUSTOMER_CARE", "2FA"],
    "description": "sample description text should have forty characters",
    "sample1": "Sample message 1 should have a minimum of 20 characters",
    "sample2": "Sample message 2 should have a minimum of 20 characters",
    "message_flow": "Message flow is a mandatory parameter, minimum 40 characters",
    "help_message": "Help message is a mandatory parameter, minimum 20 characters",
    "optout_message": "Opt-out message should have a minimum of 20 characters",
    "subscriber_optin": True,
    "subscriber_optout": True,
    "subscriber_help": True,
    "direct_lending": False,
    "embedded_link": False,
    "embedded_phone": False,
    "age_gated": False,
    "affiliate_marketing": False,
}
TOLLFREE = {
    "usecase": "2FA",
    "usecase_summary": "We send 2FA codes to customers when they sign up.",
    "message_sample": "Your Acme verification code is 123456.",
    "optin_image_url": "https://abc.com/test1",
    "optin_type": "WEB_FORM",
    "volume": "1,000",
    "number": "18005550199",
}
OWNED = (
    ("14155550100", "US", NumberType.LOCAL),
    ("14155550101", "US", NumberType.LOCAL),
    ("18005550199", "US", NumberType.TOLLFREE),
    ("447700900100", "GB", NumberType.MOBILE),
)


class Office:
    """Everything a customer can ask about registrations, and the day's passing."""

    def __init__(self, db: Database, clock: ControlledClock) -> None:
        self.db = db
        self.clock = clock
        self.accounts = Accounts(KEYS)
        self.directory = Directory()
        registry = SimulatedRegistry(5.0)
        self.registrar = Registrar(db=db, clock=clock, registry=registry, mirrors=(self.directory,))
        desk = Desk(db=db, registry=registry, mirrors=(self.directory,))
        self.handlers: dict[str, Any] = {}
        for one in (profiles, brands, campaigns, links, tollfree):
            self.handlers |= one.handlers(desk)
        self.main = self.other = self.sub = ""

    async def open(self) -> None:
        def fill(conn: Connection) -> list[str]:
            now = self.clock.now()
            main, other = (
                accounts.create_account(conn, KEYS, NewAccount(name), now) for name in "ab"
            )
            sub = accounts.create_subaccount(conn, KEYS, main, "c", enabled=True, at=now)
            owned = [
                OwnedNumber(
                    number=number,
                    main_auth_id=main.auth_id,
                    account_id=main.auth_id,
                    country=country,
                    number_type=kind,
                    added_at=now,
                )
                for number, country, kind in OWNED
            ]
            numbers.add(conn, owned)
            return [main.auth_id, other.auth_id, sub.auth_id]

        self.main, self.other, self.sub = await self.db.write(fill)
        await self.accounts.refresh(self.db)

    async def call(self, verb: str, *, by: str = "", **fields: Any) -> Mapping[str, Any]:
        """Call an operation with JSON fields, decoded and answered as on the wire."""
        wanted = operation(verb)
        principal = self.accounts.principal(by or self.main)
        assert principal is not None
        context = RequestContext(
            api_id=new_uuid(),
            principal=principal,
            account_id=by or self.main,
            remote_ip="127.0.0.1",
            now=self.clock.now(),
        )
        path = {name: str(fields.pop(name)) for name in wanted.path_parameters}
        query, body = "", b""
        if wanted.method == "GET":
            query = "&".join(f"{name}={value}" for name, value in fields.items())
        else:
            body = msgspec.json.encode(fields)
        decoded = RequestDecoder(wanted).decode(path, query, body, "application/json")
        answer = await self.handlers[verb](context, decoded.request)
        if answer is None:
            validate_response(wanted, wanted.success_status, b"")
            return {}
        answer.api_id = context.api_id
        written = msgspec.json.encode(answer)
        validate_response(wanted, wanted.success_status, written)
        return msgspec.json.decode(written)

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.registrar.sweep()

    async def profile(self, **fields: Any) -> str:
        return (await self.call("profile.create", **{**PROFILE, **fields}))["profile_uuid"]

    async def brand(self, profile_uuid: str = "", **fields: Any) -> str:
        given = {"brand_alias": "acme", "brand_type": "STANDARD", "url": HOOK, **fields}
        uuid = profile_uuid or await self.profile()
        return (await self.call("brand.create", profile_uuid=uuid, **given))["brand_id"]

    async def campaign(self, brand_id: str = "", **fields: Any) -> str:
        of = brand_id or await self.brand()
        given = {**CAMPAIGN, "url": HOOK, **fields}
        return (await self.call("campaign.create", brand_id=of, **given))["campaign_id"]

    async def active_campaign(self, **fields: Any) -> str:
        made = await self.campaign(**fields)
        await self.pass_time(60)
        return made

    async def told(self) -> list[tuple[str, str]]:
        """Return every callback that was queued: method and body."""
        query = webhooks.select().order_by(webhooks.c.id)
        rows = await self.db.read(lambda conn: conn.execute(query).all())
        return [(row.method, row.body) for row in rows]

    async def number(self, number: str) -> OwnedNumber:
        found = await self.db.read(lambda conn: numbers.find(conn, Scope(self.main), number))
        assert found is not None
        return found
