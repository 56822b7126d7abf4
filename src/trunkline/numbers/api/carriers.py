"""Wire ↔ domain for incoming carriers."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.accounts.access import scope_of
from trunkline.accounts.text import checked_text
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.incoming_carriers import (
    CarrierAnswer,
    CarrierCreate,
    CarrierCreated,
    CarrierDelete,
    CarrierGet,
    CarrierList,
    CarrierPage,
    CarrierUpdate,
)
from trunkline.numbers.model import IncomingCarrier
from trunkline.numbers.store import OnRelease, carriers
from trunkline.runtime.changes import Mirror, catch_up
from trunkline.runtime.db import Database
from trunkline.values.ids import new_carrier_id
from trunkline.values.pages import Page, page_meta

_MAX_ADDRESSES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierApi:
    """What the operations work with; `on_release` hears of numbers that go with their carrier."""

    db: Database
    on_release: Sequence[OnRelease] = ()
    mirrors: Sequence[Mirror] = ()

    async def create(self, context: RequestContext, request: CarrierCreate) -> CarrierCreated:
        scope = scope_of(context)
        carrier = IncomingCarrier(
            carrier_id=new_carrier_id(),
            main_auth_id=scope.main_auth_id,
            account_id=scope.account_id,
            name=_name(request.name),
            ip_set=_addresses(request.ip_set),
            created_at=context.now,
        )
        await self.db.write(lambda conn: carriers.create(conn, carrier))
        return CarrierCreated(message="created", carrier_id=carrier.carrier_id)

    async def get(self, context: RequestContext, request: CarrierGet) -> CarrierAnswer:
        found = await self.db.read(
            lambda conn: carriers.find(conn, scope_of(context), request.carrier_id)
        )
        if found is None:
            raise NotFound
        return _answer(found)

    async def list(self, context: RequestContext, request: CarrierList) -> CarrierPage:
        page = Page(request.limit, request.offset)
        name = (request.name or "").strip()
        found, total = await self.db.read(
            lambda conn: carriers.list_carriers(conn, scope_of(context), name, page)
        )
        path = f"/v1/Account/{context.account_id}/IncomingCarrier/"
        return CarrierPage(
            meta=page_meta(page, total, path, [("name", name)] if name else []),
            objects=[_answer(one) for one in found],
        )

    async def update(self, context: RequestContext, request: CarrierUpdate) -> Confirmation:
        name = None if request.name is None else _name(request.name)
        ip_set = None if request.ip_set is None else _addresses(request.ip_set)
        changed = await self.db.write(
            lambda conn: carriers.change(
                conn, scope_of(context), request.carrier_id, name=name, ip_set=ip_set
            )
        )
        if not changed:
            raise NotFound
        return Confirmation(message="changed")

    async def delete(self, context: RequestContext, request: CarrierDelete) -> None:
        gone = await self.db.write(
            lambda conn: carriers.remove(
                conn, scope_of(context), request.carrier_id, self.on_release
            )
        )
        if not gone:
            raise NotFound
        await catch_up(self.db, *self.mirrors)


def handlers(api: CarrierApi) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    return {
        "incoming_carrier.create": api.create,
        "incoming_carrier.get": api.get,
        "incoming_carrier.list": api.list,
        "incoming_carrier.update": api.update,
        "incoming_carrier.delete": api.delete,
    }


def _name(text: str) -> str:
    name = checked_text("name", text).strip()
    if not name:
        raise InvalidParameter("name", "must not be blank")
    return name


def _addresses(text: str) -> str:
    """Return the addresses of a list with commas, each once, in their usual form."""
    found: dict[str, None] = {}
    for part in text.split(","):
        if not part.strip():
            continue
        try:
            address = ipaddress.ip_address(part.strip())
        except ValueError:
            raise InvalidParameter(
                "ip_set", f"{part.strip()[:50]!r} is not an IP address"
            ) from None
        if address.is_unspecified or address.is_multicast:
            raise InvalidParameter("ip_set", f"{address} is not the address of a machine")
        found[str(address)] = None
    if not found:
        raise MissingParameter("ip_set")
    if len(found) > _MAX_ADDRESSES:
        raise InvalidParameter("ip_set", f"must have at most {_MAX_ADDRESSES} addresses")
    return ",".join(found)


def _answer(one: IncomingCarrier) -> CarrierAnswer:
    return CarrierAnswer(
        carrier_id=one.carrier_id,
        ip_set=one.ip_set,
        name=one.name,
        resource_uri=f"/v1/Account/{one.main_auth_id}/IncomingCarrier/{one.carrier_id}/",
        sms=one.sms,
        voice=one.voice,
    )
