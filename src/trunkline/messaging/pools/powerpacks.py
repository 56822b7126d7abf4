"""Wire ↔ domain for Powerpacks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.accounts.text import checked_text
from trunkline.applications import store as applications
from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import ApiError, InvalidParameter, MissingParameter, NotFound
from trunkline.contract.operations.powerpacks import (
    PowerpackAnswer,
    PowerpackCreate,
    PowerpackDelete,
    PowerpackGet,
    PowerpackList,
    PowerpackPage,
    PowerpackUpdate,
    Success,
)
from trunkline.messaging.pools import wire
from trunkline.messaging.pools.model import Kind, NewPool, Pool, PoolChanges
from trunkline.messaging.pools.ports import Unrent
from trunkline.messaging.pools.store import members, pools
from trunkline.numbers import store as numbers
from trunkline.runtime.changes import Mirror, catch_up, next_revision
from trunkline.runtime.db import Connection, Database
from trunkline.values.pages import Page, page_meta

NO_APPLICATION = "none"  # PLIVO powerpack: application_id
_TAKEN = "another Powerpack has this name"


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerpackApi:
    """What the Powerpack operations work with; `mirrors` are the copies in memory they change."""

    db: Database
    unrent: Unrent
    mirrors: tuple[Mirror, ...] = ()

    async def create(self, context: RequestContext, request: PowerpackCreate) -> PowerpackAnswer:
        scope = scope_of(context)
        app_type, app_id = _application(request.application_type, request.application_id, "")
        new = NewPool(
            name=_name(request.name),
            sticky=request.sticky_sender,
            local=request.local_connect,
            app_type=app_type or "",
            app_id=app_id or "",
            priorities=wire.priorities(request.number_priority or ()),
        )

        def write(conn: Connection) -> Pool | ApiError:
            refusal = _no_application(conn, scope, new.app_type, new.app_id)
            if refusal is not None:
                return refusal
            made = pools.create(conn, scope, new, context.now)
            return made or InvalidParameter("name", _TAKEN)

        return wire.powerpack(await self._written(write), context.account_id)

    async def get(self, context: RequestContext, request: PowerpackGet) -> PowerpackAnswer:
        scope, uuid = scope_of(context), request.uuid.lower()
        found = await self.db.read(lambda conn: pools.find(conn, scope, uuid))
        if found is None:
            raise NotFound
        return wire.powerpack(found, context.account_id)

    async def list(self, context: RequestContext, request: PowerpackList) -> PowerpackPage:
        page = Page(request.limit, request.offset)
        scope = scope_of(context)
        found, total = await self.db.read(lambda conn: pools.list_pools(conn, scope, page))
        path = f"/v1/Account/{context.account_id}/Powerpack/"
        return PowerpackPage(
            meta=page_meta(page, total, path),
            objects=[wire.powerpack(pool, context.account_id) for pool in found],
        )

    async def update(self, context: RequestContext, request: PowerpackUpdate) -> PowerpackAnswer:
        scope, uuid = scope_of(context), request.uuid.lower()
        name = None if request.name is None else _name(request.name)
        priorities = wire.priorities(request.number_priority or ())

        def write(conn: Connection) -> Pool | ApiError:
            next_revision(conn)  # writers wait for each other
            pool = pools.find(conn, scope, uuid)
            if pool is None:
                return NotFound()
            if name is not None and pools.name_taken(conn, pool.main_auth_id, name, uuid):
                return InvalidParameter("name", _TAKEN)
            try:
                app_type, app_id = _application(
                    request.application_type, request.application_id, pool.app_type
                )
            except MissingParameter as missing:
                return missing
            refusal = _no_application(conn, pool.scope, app_type or "", app_id or "")
            if refusal is not None:
                return refusal
            changes = PoolChanges(
                name=name,
                sticky=request.sticky_sender,
                local=request.local_connect,
                app_type=app_type,
                app_id=app_id,
                priorities=priorities or None,
            )
            pools.change(conn, uuid, changes)
            if app_id is not None and app_id != pool.app_id:
                _point_members(conn, pool, app_id)
            return pools.find(conn, scope, uuid) or NotFound()

        return wire.powerpack(await self._written(write), context.account_id)

    async def delete(self, context: RequestContext, request: PowerpackDelete) -> Success:
        scope, uuid = scope_of(context), request.uuid.lower()

        def write(conn: Connection) -> Pool | ApiError:
            next_revision(conn)
            pool = pools.find(conn, scope, uuid)
            if pool is None:
                return NotFound()
            had = members.all_of(conn, pool.number_pool_id)
            pools.remove(conn, pool)
            for member in had:
                # PLIVO number pool: a short code is not unrented, only unlinked.
                if request.unrent_numbers and member.kind is not Kind.SHORT_CODE:
                    self.unrent(conn, pool.scope, member.number, context.now)
            return pool

        await self._written(write)
        return Success()

    async def _written(self, write: Callable[[Connection], Pool | ApiError]) -> Pool:
        done = await self.db.write(write)
        if isinstance(done, ApiError):
            raise done
        await catch_up(self.db, *self.mirrors)
        return done


def handlers(api: PowerpackApi) -> Mapping[str, Handler]:
    """Return the handler of each Powerpack operation by its id."""
    return {
        "powerpack.create": api.create,
        "powerpack.get": api.get,
        "powerpack.list": api.list,
        "powerpack.update": api.update,
        "powerpack.delete": api.delete,
    }


def _name(name: str) -> str:
    if not name.strip():
        raise MissingParameter("name")
    return checked_text("name", name.strip())


def _application(
    app_type: str | None, app_id: str | None, known_type: str
) -> tuple[str | None, str | None]:
    """Return type and id as the pool is to have them: None leaves it, "" removes it.

    Raises:
        MissingParameter: an application without its type.
    """
    if not app_id or not app_id.strip():
        return None, None
    app_id = app_id.strip()
    if app_id.lower() == NO_APPLICATION:
        return "", ""
    app_type = app_type or known_type
    if not app_type:
        raise MissingParameter("application_type")
    return app_type, app_id


def _no_application(
    conn: Connection, scope: Scope, app_type: str, app_id: str
) -> InvalidParameter | None:
    if not app_id:
        return None
    if app_type == "xml" and app_id.isascii() and applications.find(conn, scope, app_id):
        return None
    kind = "PHLO" if app_type == "phlo" else "application"
    return InvalidParameter("application_id", f"no such {kind}")


def _point_members(conn: Connection, pool: Pool, app_id: str) -> None:
    """Give the members the pool's new application, and take only its old one from them."""
    for member in members.all_of(conn, pool.number_pool_id):
        owned = numbers.find(conn, pool.scope, member.number)
        if owned is not None and (app_id or owned.app_id == pool.app_id):
            numbers.assign_application(conn, pool.scope, member.number, app_id or None)
