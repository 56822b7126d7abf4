"""SQL of accounts' own incoming carriers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from trunkline.accounts.model import Scope
from trunkline.accounts.store import OnSubaccountDelete
from trunkline.numbers.model import IncomingCarrier
from trunkline.numbers.store import owned
from trunkline.numbers.store.tables import incoming_carriers as carriers
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

_FIELDS = tuple(field.name for field in fields(IncomingCarrier))
_COLUMNS = tuple(carriers.c[name] for name in _FIELDS)


def create(conn: Connection, carrier: IncomingCarrier) -> None:
    """Add a carrier."""
    conn.execute(insert(carriers).values(**asdict(carrier)))


def find(conn: Connection, scope: Scope, carrier_id: str) -> IncomingCarrier | None:
    """Return the carrier if `scope` has it."""
    row = conn.execute(
        select(*_COLUMNS).where(carriers.c.carrier_id == carrier_id, *_within(scope))
    ).one_or_none()
    return None if row is None else _carrier(row)


def names(conn: Connection, main_auth_id: str, wanted: Iterable[str]) -> Mapping[str, str]:
    """Return the names of a main account's carriers by id."""
    rows = conn.execute(
        select(carriers.c.carrier_id, carriers.c.name).where(
            carriers.c.main_auth_id == main_auth_id, carriers.c.carrier_id.in_(set(wanted))
        )
    )
    return {row[0]: row[1] for row in rows}


def list_carriers(
    conn: Connection, scope: Scope, name: str, page: Page
) -> tuple[list[IncomingCarrier], int]:
    """Return one page of the carriers with `name` in their name, newest first, and the total."""
    where = [*_within(scope)]
    if name:
        where.append(func.lower(carriers.c.name).contains(name.lower(), autoescape=True))
    total = conn.execute(select(func.count()).select_from(carriers).where(*where)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(carriers.c.created_at.desc(), carriers.c.carrier_id)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_carrier(row) for row in rows], total


def all_for_calls(conn: Connection) -> list[IncomingCarrier]:
    """Return every carrier that may deliver calls."""
    query = select(*_COLUMNS).where(carriers.c.voice, carriers.c.ip_set != "")
    return [_carrier(row) for row in conn.execute(query.order_by(carriers.c.carrier_id))]


def change(
    conn: Connection, scope: Scope, carrier_id: str, *, name: str | None, ip_set: str | None
) -> bool:
    """Change what is not None; False if `scope` has no such carrier."""
    given = {key: value for key, value in (("name", name), ("ip_set", ip_set)) if value is not None}
    if not given:
        return find(conn, scope, carrier_id) is not None
    changed = conn.execute(
        update(carriers).where(carriers.c.carrier_id == carrier_id, *_within(scope)).values(**given)
    )
    return changed.rowcount == 1


def remove(
    conn: Connection, scope: Scope, carrier_id: str, on_release: Sequence[owned.OnRelease]
) -> bool:
    """Delete a carrier and release all its numbers; False if `scope` has no such carrier."""
    gone = conn.execute(
        delete(carriers).where(carriers.c.carrier_id == carrier_id, *_within(scope))
    )
    if gone.rowcount == 0:
        return False
    owned.release_carrier(conn, scope.main_auth_id, carrier_id, on_release)
    return True


def on_subaccount_delete(on_release: Sequence[owned.OnRelease]) -> OnSubaccountDelete:
    """Return the hook that deletes a deleted subaccount's carriers or passes them on."""

    def leave(conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool) -> None:
        scope = Scope(main_auth_id, subaccount_id)
        if cascade:
            theirs = select(carriers.c.carrier_id).where(*_within(scope))
            for carrier_id in conn.execute(theirs).scalars().all():
                remove(conn, scope, carrier_id, on_release)
            return
        conn.execute(update(carriers).where(*_within(scope)).values(account_id=main_auth_id))

    return leave


def _within(scope: Scope) -> tuple[Any, ...]:
    main = carriers.c.main_auth_id == scope.main_auth_id
    if scope.subaccount_id is None:
        return (main,)
    return (main, carriers.c.account_id == scope.subaccount_id)


def _carrier(row: Row[Any]) -> IncomingCarrier:
    return IncomingCarrier(**dict(zip(_FIELDS, row, strict=True)))
