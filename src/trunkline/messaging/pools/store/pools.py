"""Pools: made, found, listed, changed, deleted."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from trunkline.accounts.model import Scope
from trunkline.applications.model import Deletion
from trunkline.messaging.pools.model import Kind, NewPool, Pool, PoolChanges, Priority, Service
from trunkline.messaging.pools.store import members
from trunkline.messaging.pools.store.tables import former_pools, powerpacks
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.values.ids import new_uuid
from trunkline.values.pages import Page

TOPIC = "powerpacks"

_NAMES = tuple(field.name for field in fields(Pool))
_COLUMNS = tuple(powerpacks.c[name] for name in _NAMES)


def create(conn: Connection, scope: Scope, new: NewPool, at: float) -> Pool | None:
    """Make a pool that belongs to `scope.account_id`; None if the name is taken."""
    revision = next_revision(conn)  # also makes writers of one name wait for each other
    if name_taken(conn, scope.main_auth_id, new.name):
        return None
    made = Pool(
        pool_id=new_uuid(),
        number_pool_id=new_uuid(),
        main_auth_id=scope.main_auth_id,
        account_id=scope.account_id,
        created_at=at,
        name=new.name,
        sticky=new.sticky,
        local=new.local,
        app_type=new.app_type,
        app_id=new.app_id,
        priorities=new.priorities,
    )
    values = {**asdict(made), "priorities": _packed(made.priorities)}
    conn.execute(insert(powerpacks).values(**values, revision=revision))
    return made


def name_taken(conn: Connection, main_auth_id: str, name: str, but: str = "") -> bool:
    """Tell whether another pool of the main account and its subaccounts has the name."""
    found = conn.execute(
        select(powerpacks.c.pool_id).where(
            powerpacks.c.main_auth_id == main_auth_id,
            powerpacks.c.name == name,
            powerpacks.c.pool_id != but,
        )
    )
    return found.first() is not None


def find(conn: Connection, scope: Scope, pool_id: str) -> Pool | None:
    """Return the pool if `scope` may see it."""
    return _one(conn, powerpacks.c.pool_id == pool_id, *_within(scope))


def find_by_number_pool(conn: Connection, scope: Scope, number_pool_id: str) -> Pool | None:
    """Return the pool that has this number pool, if `scope` may see it."""
    return _one(conn, powerpacks.c.number_pool_id == number_pool_id, *_within(scope))


def list_pools(conn: Connection, scope: Scope, page: Page) -> tuple[list[Pool], int]:
    """Return one page of what `scope` may see, newest first, and the total."""
    where = _within(scope)
    total = conn.execute(select(func.count()).select_from(powerpacks).where(*where)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(powerpacks.c.created_at.desc(), powerpacks.c.pool_id.desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_pool(row) for row in rows], total


def changed_since(conn: Connection, revision: int) -> list[Pool]:
    """Return the pools that were made or changed after that revision."""
    rows = conn.execute(select(*_COLUMNS).where(powerpacks.c.revision > revision))
    return [_pool(row) for row in rows]


def change(conn: Connection, pool_id: str, changes: PoolChanges) -> None:
    """Change a pool."""
    given = {name: value for name, value in asdict(changes).items() if value is not None}
    if "priorities" in given:
        given["priorities"] = _packed(given["priorities"])
    conn.execute(
        update(powerpacks)
        .where(powerpacks.c.pool_id == pool_id)
        .values(**given, revision=next_revision(conn))
    )


def remove(conn: Connection, pool: Pool) -> None:
    """Delete a pool and set its numbers free; its pairs are deleted later, see `pairs.forget`."""
    revision = next_revision(conn)
    members.empty(conn, pool.number_pool_id)
    conn.execute(delete(powerpacks).where(powerpacks.c.pool_id == pool.pool_id))
    conn.execute(insert(former_pools).values(pool_id=pool.pool_id))
    record_removals(conn, TOPIC, revision, [pool.pool_id])


def on_application_delete(
    conn: Connection, _main_auth_id: str, app_id: str, _deletion: Deletion
) -> None:
    """Leave the pools of a deleted application without one."""
    conn.execute(
        update(powerpacks)
        .where(powerpacks.c.app_id == app_id)
        .values(app_id="", app_type="", revision=next_revision(conn))
    )


def on_subaccount_delete(
    conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool
) -> None:
    """Delete a deleted subaccount's pools (`cascade`) or pass them to the main account."""
    scope = Scope(main_auth_id, subaccount_id)
    if not cascade:
        conn.execute(
            update(powerpacks)
            .where(*_within(scope))
            .values(account_id=main_auth_id, revision=next_revision(conn))
        )
        return
    for row in conn.execute(select(*_COLUMNS).where(*_within(scope))).all():
        remove(conn, _pool(row))


def _one(conn: Connection, *where: Any) -> Pool | None:
    row = conn.execute(select(*_COLUMNS).where(*where)).one_or_none()
    return None if row is None else _pool(row)


def _within(scope: Scope) -> tuple[Any, ...]:
    main = powerpacks.c.main_auth_id == scope.main_auth_id
    if scope.subaccount_id is None:
        return (main,)
    return (main, powerpacks.c.account_id == scope.subaccount_id)


def _pool(row: Row[Any]) -> Pool:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    values["priorities"] = _unpacked(values["priorities"])
    return Pool(**values)


def _packed(priorities: Sequence[Sequence[Any]]) -> str:
    return json.dumps(priorities) if priorities else ""


def _unpacked(text: str) -> tuple[Priority, ...]:
    return tuple(
        Priority(Service(service), country, tuple(map(Kind, kinds)))
        for service, country, kinds in (json.loads(text) if text else ())
    )
