"""Put a number into a pool: what it must be, and what it gets."""

from typing import NamedTuple

from trunkline.contract.errors import ApiError, InvalidParameter, NotFound
from trunkline.messaging.pools.model import Kind, Member, Pool, Service, kind_of, pool_type_of
from trunkline.messaging.pools.ports import Rent
from trunkline.messaging.pools.store import members
from trunkline.numbers import store as numbers
from trunkline.numbers.model import OwnedNumber
from trunkline.runtime.db import Connection


class Wish(NamedTuple):
    """A number that is wanted in a pool; `service` None leaves it to what the number can do."""

    number: str
    service: str | None
    rent: bool
    kinds: tuple[Kind, ...]

    @property
    def field(self) -> str:
        return "tollfree" if self.kinds == (Kind.TOLL_FREE,) else "number"


def take_in(conn: Connection, pool: Pool, wish: Wish, rent: Rent, at: float) -> Member | ApiError:
    """Put a number into `pool`, bought first if so wished; or say why not, nothing changed.

    Raises:
        InvalidParameter: it was bought and does not fit; the transaction must be undone.
    """
    owned = numbers.find(conn, pool.scope, wish.number)
    bought = owned is None
    if owned is None:
        if not wish.rent:
            return NotFound(f"number {wish.number} not found", wish.field)
        refusal = rent(conn, pool.scope, wish.number, at)
        owned = None if refusal else numbers.find(conn, pool.scope, wish.number)
        if owned is None:
            return refusal or NotFound(f"number {wish.number} not found", wish.field)
    kind = kind_of(owned.number_type)
    service = _service(wish, owned, kind)
    why = _refusal(conn, pool, wish, owned, service)
    if why and bought:
        raise InvalidParameter(wish.field, why)
    if why:
        return InvalidParameter(wish.field, why)
    member = Member(
        owned.number,
        pool.number_pool_id,
        kind,
        pool_type_of(owned.number_type),
        owned.country,
        service,
        at,
    )
    members.add(conn, member)
    if pool.app_id:
        numbers.assign_application(conn, pool.scope, owned.number, pool.app_id)
    return member


def _service(wish: Wish, owned: OwnedNumber, kind: Kind) -> Service:
    if wish.service is not None:
        return Service(wish.service)
    # PLIVO number pool: toll-free numbers are added without a service and then have mms.
    return Service.MMS if kind is Kind.TOLL_FREE and owned.mms_enabled else Service.SMS


def _refusal(conn: Connection, pool: Pool, wish: Wish, owned: OwnedNumber, service: Service) -> str:
    kind = kind_of(owned.number_type)
    if kind not in wish.kinds:
        return "is not toll-free"
    if not owned.sms_enabled or (service is Service.MMS and not owned.mms_enabled):
        return f"is not {service.value.upper()}-enabled"
    member = members.find(conn, owned.number)
    if member is not None:
        same = member.number_pool_id == pool.number_pool_id
        return "is in this number pool already" if same else "is in another number pool"
    return _too_many(conn, pool, owned, kind)


def _too_many(conn: Connection, pool: Pool, owned: OwnedNumber, kind: Kind) -> str:
    """PLIVO number pool: one toll-free number a pool, one short code a country."""
    if kind is Kind.LONG_CODE:
        return ""
    like = [one for one in members.all_of(conn, pool.number_pool_id) if one.kind is kind]
    if kind is Kind.TOLL_FREE:
        return "would be the second toll-free number, a pool has one at most" if like else ""
    if any(one.country == owned.country for one in like):
        return f"would be the second short code of {owned.country}, a pool has one at most"
    return ""
