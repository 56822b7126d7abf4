"""SQL of endpoints; digests are sealed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from trunkline.accounts.model import Scope
from trunkline.applications import store as applications
from trunkline.applications.model import Deletion
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import Connection
from trunkline.runtime.secrets import Keyring
from trunkline.values.ids import new_endpoint_id
from trunkline.values.pages import Page
from trunkline.voice.endpoints.model import (
    Endpoint,
    EndpointChanges,
    NewEndpoint,
    Secret,
    secret_of,
)
from trunkline.voice.endpoints.store.tables import endpoints, registrations

TOPIC = "endpoints"

_NAMES = (
    "endpoint_id", "main_auth_id", "account_id", "username", "alias", "secret_sealed", "app_id",
    "created_at", "modified_at",
)  # fmt: skip
_COLUMNS = tuple(endpoints.c[name] for name in _NAMES)


def create(
    conn: Connection, keyring: Keyring, realm: str, scope: Scope, new: NewEndpoint, at: float
) -> Endpoint:
    """Make an endpoint that belongs to `scope.account_id`, under a username nobody has."""
    revision = next_revision(conn)  # also makes who looks for a free username wait
    username = _free_username(conn, new.username, at)
    made = Endpoint(
        endpoint_id=new_endpoint_id(),
        main_auth_id=scope.main_auth_id,
        account_id=scope.account_id,
        username=username,
        alias=new.alias,
        secret=secret_of(username, realm, new.password),
        # PLIVO application: default_endpoint_app
        app_id=new.app_id or applications.endpoint_default(conn, scope.account_id),
        created_at=at,
        modified_at=None,
    )
    values = {name: getattr(made, name) for name in _NAMES if name not in ("secret_sealed",)}
    sealed = _seal(keyring, made.endpoint_id, made.secret)
    conn.execute(insert(endpoints).values(**values, secret_sealed=sealed, revision=revision))
    return made


def find(conn: Connection, keyring: Keyring, scope: Scope, endpoint_id: str) -> Endpoint | None:
    """Return the endpoint if `scope` may see it."""
    row = conn.execute(
        select(*_COLUMNS).where(endpoints.c.endpoint_id == endpoint_id, *_within(scope))
    ).one_or_none()
    return None if row is None else _endpoint(keyring, row)


def page(
    conn: Connection, keyring: Keyring, scope: Scope, wanted: Page, account_id: str | None = None
) -> tuple[list[Endpoint], int]:
    """Return a page of endpoints, the newest first, and how many there are."""
    where = list(_within(scope))
    if account_id is not None:
        where.append(endpoints.c.account_id == account_id)
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(endpoints.c.created_at.desc(), endpoints.c.endpoint_id.desc())
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    found = [_endpoint(keyring, row) for row in rows]
    total = conn.execute(select(func.count()).select_from(endpoints).where(*where)).scalar_one()
    return found, total


def change(
    conn: Connection,
    keyring: Keyring,
    realm: str,
    scope: Scope,
    endpoint_id: str,
    changes: EndpointChanges,
    at: float,
) -> bool:
    """Change an endpoint of `scope`; False if it may see none with that id."""
    revision = next_revision(conn)
    current = find(conn, keyring, scope, endpoint_id)
    if current is None:
        return False
    values: dict[str, Any] = {}
    if changes.password is not None:
        secret = secret_of(current.username, realm, changes.password)
        values["secret_sealed"] = _seal(keyring, endpoint_id, secret)
    if changes.alias is not None:
        values["alias"] = changes.alias
    if changes.app_id is not None:
        values["app_id"] = changes.app_id or None
    conn.execute(
        update(endpoints)
        .where(endpoints.c.endpoint_id == endpoint_id)
        .values(**values, modified_at=at, revision=revision)
    )
    return True


def remove(conn: Connection, scope: Scope, endpoint_id: str) -> bool:
    """Delete an endpoint with its registrations; False if `scope` may see none with that id."""
    return bool(_remove(conn, [endpoints.c.endpoint_id == endpoint_id, *_within(scope)]))


def on_application_delete(
    conn: Connection, main_auth_id: str, app_id: str, deletion: Deletion
) -> None:
    """Delete the endpoints of a deleted application, pass them on, or leave them without one.

    PLIVO application: delete with cascade and new_endpoint_application.
    """
    theirs = [endpoints.c.main_auth_id == main_auth_id, endpoints.c.app_id == app_id]
    if deletion.cascade:
        _remove(conn, theirs)
        return
    conn.execute(
        update(endpoints)
        .where(*theirs)
        .values(app_id=deletion.successor_id, revision=next_revision(conn))
    )


def on_subaccount_delete(
    conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool
) -> None:
    """Delete a deleted subaccount's endpoints (`cascade`) or pass them to the main account."""
    theirs = list(_within(Scope(main_auth_id, subaccount_id)))
    if cascade:
        _remove(conn, theirs)
        return
    conn.execute(
        update(endpoints)
        .where(*theirs)
        .values(account_id=main_auth_id, revision=next_revision(conn))
    )


def changed_since(conn: Connection, keyring: Keyring, revision: int) -> list[Endpoint]:
    """Return the endpoints that were made or changed after that revision."""
    rows = conn.execute(select(*_COLUMNS).where(endpoints.c.revision > revision))
    return [_endpoint(keyring, row) for row in rows]


def reseal_secrets(conn: Connection, keyring: Keyring) -> int:
    """Seal every secret under the newest key; return how many were under an older one."""
    rows = conn.execute(select(endpoints.c.endpoint_id, endpoints.c.secret_sealed)).all()
    stale = [row for row in rows if not keyring.is_current(row.secret_sealed)]
    for row in stale:
        place = _place(row.endpoint_id)
        sealed = keyring.seal(keyring.unseal(row.secret_sealed, place), place)
        conn.execute(
            update(endpoints)
            .where(endpoints.c.endpoint_id == row.endpoint_id)
            .values(secret_sealed=sealed)
        )
    return len(stale)


def _free_username(conn: Connection, wanted: str, at: float) -> str:
    """Append 12 digits: the time as yymmddHHMMSS, or the next second that is free.

    PLIVO endpoint: "zumba" becomes "zumba131031145958"
    """
    while True:
        username = wanted + datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M%S")
        taken = select(endpoints.c.username).where(endpoints.c.username == username)
        if conn.execute(taken).first() is None:
            return username
        at += 1.0


def _remove(conn: Connection, which: Sequence[ColumnElement[bool]]) -> list[str]:
    revision = next_revision(conn)
    gone = list(
        conn.execute(delete(endpoints).where(*which).returning(endpoints.c.endpoint_id)).scalars()
    )
    if gone:
        conn.execute(delete(registrations).where(registrations.c.endpoint_id.in_(gone)))
        record_removals(conn, TOPIC, revision, gone)
    return gone


def _within(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    if scope.subaccount_id is None:
        return (endpoints.c.main_auth_id == scope.main_auth_id,)
    return (
        endpoints.c.main_auth_id == scope.main_auth_id,
        endpoints.c.account_id == scope.subaccount_id,
    )


def _seal(keyring: Keyring, endpoint_id: str, secret: Secret) -> str:
    return keyring.seal(msgspec.json.encode(secret).decode(), _place(endpoint_id))


def _place(endpoint_id: str) -> str:
    return f"endpoints/{endpoint_id}/secret"


def _endpoint(keyring: Keyring, row: Row[Any]) -> Endpoint:
    plain = keyring.unseal(row.secret_sealed, _place(row.endpoint_id))
    return Endpoint(
        endpoint_id=row.endpoint_id,
        main_auth_id=row.main_auth_id,
        account_id=row.account_id,
        username=row.username,
        alias=row.alias,
        secret=msgspec.json.decode(plain, type=Secret),
        app_id=row.app_id,
        created_at=row.created_at,
        modified_at=row.modified_at,
    )
