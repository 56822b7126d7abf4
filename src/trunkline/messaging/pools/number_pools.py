"""Wire ↔ domain for the numbers, short codes and toll-free numbers of pools."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import phonenumbers

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import (
    ApiError,
    BadRequest,
    InvalidParameter,
    MissingParameter,
    NotFound,
)
from trunkline.contract.operations.number_pools import (
    PoolNumber,
    PoolNumberAdd,
    PoolNumberGet,
    PoolNumberList,
    PoolNumberPage,
    PoolNumberRemove,
    PoolShortcode,
    PoolShortcodeGet,
    PoolShortcodeList,
    PoolShortcodePage,
    PoolShortcodeRemove,
    PoolTollfreeAdd,
    PoolTollfreeGet,
    PoolTollfreeList,
    PoolTollfreeRemove,
)
from trunkline.contract.operations.powerpacks import Success
from trunkline.messaging.pools import wire
from trunkline.messaging.pools.model import Kind, Member, MemberFilter, Pool, Service
from trunkline.messaging.pools.ports import Rent, Unrent
from trunkline.messaging.pools.store import members, pools
from trunkline.messaging.pools.take_in import Wish, take_in
from trunkline.runtime.changes import Mirror, catch_up, next_revision
from trunkline.runtime.db import Connection, Database
from trunkline.values.pages import Page, PageMeta, page_meta

_NUMBERS = (Kind.LONG_CODE, Kind.TOLL_FREE)
_TOLL_FREE = (Kind.TOLL_FREE,)
_SHORT_CODES = (Kind.SHORT_CODE,)
_ALL = tuple(Kind)
_MAX_PREFIX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPoolApi:
    """What the number pool operations work with; `mirrors` are the copies in memory they change."""

    db: Database
    rent: Rent
    unrent: Unrent
    mirrors: tuple[Mirror, ...] = ()

    async def list_numbers(
        self, context: RequestContext, request: PoolNumberList
    ) -> PoolNumberPage:
        country = (request.country_iso2 or "").upper() or None
        number_type = (request.type or "").replace("-", "") or None
        wanted = MemberFilter(
            kinds=_NUMBERS,
            number_type=number_type,
            country=country,
            service=request.service,
            prefixes=_prefixes(request.starts_with or [], country),
        )
        filters = [
            ("starts_with", ",".join(request.starts_with or ())),
            ("country_iso2", request.country_iso2 or ""),
            ("type", request.type or ""),
            ("service", request.service or ""),
        ]
        page = Page(request.limit, request.offset)
        found, meta = await self._page(
            context, request.number_pool_uuid, "Number", wanted, page, filters
        )
        objects = [wire.pool_number(one, context.account_id) for one in found]
        return PoolNumberPage(meta=meta, objects=objects)

    async def list_tollfree(
        self, context: RequestContext, request: PoolTollfreeList
    ) -> PoolNumberPage:
        page = Page(request.limit, request.offset)
        wanted = MemberFilter(kinds=_TOLL_FREE)
        found, meta = await self._page(
            context, request.number_pool_uuid, "Tollfree", wanted, page, []
        )
        objects = [wire.pool_number(one, context.account_id) for one in found]
        return PoolNumberPage(meta=meta, objects=objects)

    async def list_shortcodes(
        self, context: RequestContext, request: PoolShortcodeList
    ) -> PoolShortcodePage:
        page = Page(request.limit, request.offset)
        wanted = MemberFilter(kinds=_SHORT_CODES)
        found, meta = await self._page(
            context, request.number_pool_uuid, "Shortcode", wanted, page, []
        )
        return PoolShortcodePage(meta=meta, objects=[wire.shortcode(one) for one in found])

    async def get_number(self, context: RequestContext, request: PoolNumberGet) -> PoolNumber:
        wanted = (request.number_pool_uuid, request.number, request.service)
        return wire.pool_number(await self._find(context, *wanted, _NUMBERS), context.account_id)

    async def get_tollfree(self, context: RequestContext, request: PoolTollfreeGet) -> PoolNumber:
        wanted = (request.number_pool_uuid, request.tollfree, request.service)
        return wire.pool_number(await self._find(context, *wanted, _TOLL_FREE), context.account_id)

    async def get_shortcode(
        self, context: RequestContext, request: PoolShortcodeGet
    ) -> PoolShortcode:
        wanted = (request.number_pool_uuid, request.shortcode, request.service)
        return wire.shortcode(await self._find(context, *wanted, _SHORT_CODES))

    async def add_number(self, context: RequestContext, request: PoolNumberAdd) -> PoolNumber:
        wish = Wish(wire.number(request.number), request.service, request.rent, _ALL)
        return await self._add(context, request.number_pool_uuid, wish)

    async def add_tollfree(self, context: RequestContext, request: PoolTollfreeAdd) -> PoolNumber:
        wish = Wish(wire.number(request.tollfree), request.service, request.rent, _TOLL_FREE)
        return await self._add(context, request.number_pool_uuid, wish)

    async def remove_number(self, context: RequestContext, request: PoolNumberRemove) -> Success:
        wanted = (request.number_pool_uuid, request.number, _ALL)
        return await self._remove(context, *wanted, unrent=request.unrent)

    async def remove_tollfree(
        self, context: RequestContext, request: PoolTollfreeRemove
    ) -> Success:
        wanted = (request.number_pool_uuid, request.tollfree, _TOLL_FREE)
        return await self._remove(context, *wanted, unrent=request.unrent)

    async def remove_shortcode(
        self, context: RequestContext, request: PoolShortcodeRemove
    ) -> Success:
        wanted = (request.number_pool_uuid, request.shortcode, _SHORT_CODES)
        return await self._remove(context, *wanted, unrent=False)

    async def _page(
        self,
        context: RequestContext,
        pool_uuid: str,
        place: str,
        wanted: MemberFilter,
        page: Page,
        filters: list[tuple[str, str]],
    ) -> tuple[list[Member], PageMeta]:
        scope = scope_of(context)

        def read(conn: Connection) -> tuple[list[Member], int] | None:
            pool = pools.find_by_number_pool(conn, scope, pool_uuid.lower())
            if pool is None:
                return None
            return members.list_members(conn, pool.number_pool_id, wanted, page)

        found = await self.db.read(read)
        if found is None:
            raise NotFound
        listed, total = found
        path = f"/v1/Account/{context.account_id}/NumberPool/{pool_uuid.lower()}/{place}/"
        given = [pair for pair in filters if pair[1]]
        return listed, wire.pool_meta(page_meta(page, total, path, given))

    async def _find(
        self,
        context: RequestContext,
        pool_uuid: str,
        text: str,
        service: str | None,
        kinds: tuple[Kind, ...],
    ) -> Member:
        scope, digits = scope_of(context), wire.number(text)
        found = await self.db.read(
            lambda conn: _member(conn, scope, pool_uuid.lower(), digits, kinds)
        )
        if found is None or (service and found[1].service != Service(service)):
            raise NotFound
        return found[1]

    async def _add(self, context: RequestContext, pool_uuid: str, wish: Wish) -> PoolNumber:
        scope = scope_of(context)

        def write(conn: Connection) -> Member | ApiError:
            next_revision(conn)  # writers wait for each other
            pool = pools.find_by_number_pool(conn, scope, pool_uuid.lower())
            if pool is None:
                return NotFound()
            return take_in(conn, pool, wish, self.rent, context.now)

        return wire.pool_number(await self._written(write), context.account_id)

    async def _remove(
        self,
        context: RequestContext,
        pool_uuid: str,
        text: str,
        kinds: tuple[Kind, ...],
        *,
        unrent: bool,
    ) -> Success:
        scope, digits = scope_of(context), wire.number(text)

        def write(conn: Connection) -> Member | ApiError:
            next_revision(conn)
            found = _member(conn, scope, pool_uuid.lower(), digits, kinds)
            if found is None:
                return NotFound()
            pool, member = found
            if unrent and member.kind is Kind.SHORT_CODE:
                return BadRequest("a short code cannot be unrented", "unrent")
            members.remove(conn, [digits])
            if unrent:
                self.unrent(conn, pool.scope, digits, context.now)
            return member

        await self._written(write)
        return Success()

    async def _written(self, write: Callable[[Connection], Member | ApiError]) -> Member:
        done = await self.db.write(write)
        if isinstance(done, ApiError):
            raise done
        await catch_up(self.db, *self.mirrors)
        return done


def handlers(api: NumberPoolApi) -> Mapping[str, Handler]:
    """Return the handler of each number pool operation by its id."""
    return {
        "numberpool_number.list": api.list_numbers,
        "numberpool_number.get": api.get_number,
        "numberpool_number.add": api.add_number,
        "numberpool_number.remove": api.remove_number,
        "numberpool_shortcode.list": api.list_shortcodes,
        "numberpool_shortcode.get": api.get_shortcode,
        "numberpool_shortcode.remove": api.remove_shortcode,
        "numberpool_tollfree.list": api.list_tollfree,
        "numberpool_tollfree.get": api.get_tollfree,
        "numberpool_tollfree.add": api.add_tollfree,
        "numberpool_tollfree.remove": api.remove_tollfree,
    }


def _member(
    conn: Connection, scope: Scope, pool_uuid: str, number: str, kinds: tuple[Kind, ...]
) -> tuple[Pool, Member] | None:
    pool = pools.find_by_number_pool(conn, scope, pool_uuid)
    member = None if pool is None else members.find(conn, number)
    if pool is None or member is None:
        return None
    if member.number_pool_id != pool.number_pool_id or member.kind not in kinds:
        return None
    return pool, member


def _prefixes(given: list[str], country: str | None) -> tuple[str, ...]:
    if not given:
        return ()
    if country is None:
        raise MissingParameter("country_iso2")
    code = phonenumbers.country_code_for_region(country)
    for prefix in given:
        if not prefix.isascii() or not prefix.isdigit() or len(prefix) > _MAX_PREFIX:
            raise InvalidParameter("starts_with", "must be up to 10 digits each")
    return tuple(f"{code}{prefix}" for prefix in given)
