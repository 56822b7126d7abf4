"""All SQL of applications."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Row,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from trunkline.accounts.model import Scope
from trunkline.accounts.store import OnSubaccountDelete
from trunkline.applications.model import (
    Application,
    ApplicationChanges,
    ApplicationFilter,
    Deletion,
    NewApplication,
)
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import Connection, metadata
from trunkline.values.ids import new_app_id
from trunkline.values.pages import Page

TOPIC = "applications"

applications = Table(
    "applications",
    metadata,
    Column("app_id", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("app_name", Text, nullable=False),
    Column("answer_url", Text, nullable=False),
    Column("answer_method", Text, nullable=False),
    Column("hangup_url", Text, nullable=False),
    Column("hangup_method", Text, nullable=False),
    Column("fallback_answer_url", Text, nullable=False),
    Column("fallback_method", Text, nullable=False),
    Column("message_url", Text, nullable=False),
    Column("message_method", Text, nullable=False),
    Column("default_number_app", Boolean, nullable=False),
    Column("default_endpoint_app", Boolean, nullable=False),
    Column("public_uri", Boolean, nullable=False),
    Column("log_incoming_messages", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column[float]("created_at", Float, nullable=False),
    Column[float]("modified_at", Float),
    Column("revision", BigInteger, nullable=False, index=True),
)
_DEFAULTS = ("default_number_app", "default_endpoint_app")
for _name in _DEFAULTS:  # one default of each kind per account, whoever writes
    Index(
        f"uq_applications_{_name}",
        applications.c.account_id,
        unique=True,
        sqlite_where=text(_name),
        postgresql_where=text(_name),
    )
_FIELDS = tuple(field.name for field in fields(Application))
_COLUMNS = tuple(applications.c[name] for name in _FIELDS)

OnApplicationDelete = Callable[[Connection, str, str, Deletion], None]
"""Told in the deleting transaction: main account, application, what becomes of its endpoints."""


def create(conn: Connection, scope: Scope, new: NewApplication, at: float) -> Application:
    """Make an application that belongs to `scope.account_id`."""
    values = asdict(new)
    values["hangup_url"] = new.hangup_url or new.answer_url  # PLIVO application: create
    made = Application(
        app_id=new_app_id(),
        main_auth_id=scope.main_auth_id,
        account_id=scope.account_id,
        enabled=True,
        created_at=at,
        modified_at=None,
        **values,
    )
    revision = next_revision(conn)
    _yield_defaults(conn, made.account_id, values, revision)
    conn.execute(insert(applications).values(**asdict(made), revision=revision))
    return made


def find(conn: Connection, scope: Scope, app_id: str) -> Application | None:
    """Return the application if `scope` may see it."""
    row = conn.execute(
        select(*_COLUMNS).where(applications.c.app_id == app_id, *_within(scope))
    ).one_or_none()
    return None if row is None else _application(row)


def number_default(conn: Connection, account_id: str) -> str | None:
    """Return the application of that account's numbers that name none."""
    found = select(applications.c.app_id).where(
        applications.c.account_id == account_id, applications.c.default_number_app
    )
    return conn.execute(found).scalar_one_or_none()


def endpoint_default(conn: Connection, account_id: str) -> str | None:
    """Return the application that new endpoints of that account get when they name none."""
    found = select(applications.c.app_id).where(
        applications.c.account_id == account_id, applications.c.default_endpoint_app
    )
    return conn.execute(found).scalar_one_or_none()


def list_applications(
    conn: Connection, scope: Scope, wanted: ApplicationFilter, page: Page
) -> tuple[list[Application], int]:
    """Return one page of what `scope` may see and `wanted` names, newest first, and the total."""
    where = [*_within(scope)]
    if wanted.account_id is not None:
        where.append(applications.c.account_id == wanted.account_id)
    if wanted.name_prefix:
        # Not LIKE, which ignores case on one engine only.
        length = len(wanted.name_prefix)
        where.append(func.substr(applications.c.app_name, 1, length) == wanted.name_prefix)
    total = conn.execute(select(func.count()).select_from(applications).where(*where)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(applications.c.created_at.desc(), applications.c.app_id.desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_application(row) for row in rows], total


def changed_since(conn: Connection, revision: int) -> list[Application]:
    """Return the applications that were made or changed after that revision."""
    rows = conn.execute(select(*_COLUMNS).where(applications.c.revision > revision))
    return [_application(row) for row in rows]


def change(
    conn: Connection, scope: Scope, app_id: str, changes: ApplicationChanges, at: float
) -> bool:
    """Change an application of `scope`; False if it may see none with that id."""
    revision = next_revision(conn)  # also makes writers of defaults wait for each other
    current = find(conn, scope, app_id)
    if current is None:
        return False
    given: dict[str, Any] = {
        name: value for name, value in asdict(changes).items() if value is not None
    }
    if given.get("account_id", current.account_id) != current.account_id:
        given = {**dict.fromkeys(_DEFAULTS, False), **given}  # a default only where it was asked
    after = {**asdict(current), **given}
    _yield_defaults(conn, after["account_id"], after, revision, but=app_id)
    conn.execute(
        update(applications)
        .where(applications.c.app_id == app_id)
        .values(**given, modified_at=at, revision=revision)
    )
    return True


def remove(
    conn: Connection,
    scope: Scope,
    app_id: str,
    deletion: Deletion,
    on_delete: Sequence[OnApplicationDelete],
) -> bool:
    """Delete an application and let each of `on_delete` deal with what pointed to it."""
    revision = next_revision(conn)
    gone = conn.execute(
        delete(applications).where(applications.c.app_id == app_id, *_within(scope))
    )
    if gone.rowcount == 0:
        return False
    record_removals(conn, TOPIC, revision, [app_id])
    for hook in on_delete:
        hook(conn, scope.main_auth_id, app_id, deletion)
    return True


def on_subaccount_delete(on_delete: Sequence[OnApplicationDelete]) -> OnSubaccountDelete:
    """Return the hook that deletes a deleted subaccount's applications or passes them on.

    Passed to the main account they are nobody's default: it keeps the defaults it has.
    """

    def release(conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool) -> None:
        scope = Scope(main_auth_id, subaccount_id)
        if not cascade:
            _pass_on(conn, scope)
            return
        for app_id in conn.execute(select(applications.c.app_id).where(*_within(scope))).all():
            remove(conn, scope, app_id[0], Deletion(), on_delete)

    return release


def _pass_on(conn: Connection, scope: Scope) -> None:
    conn.execute(
        update(applications)
        .where(*_within(scope))
        .values(
            account_id=scope.main_auth_id,
            default_number_app=False,
            default_endpoint_app=False,
            revision=next_revision(conn),
        )
    )


def _yield_defaults(
    conn: Connection, account_id: str, values: dict[str, Any], revision: int, but: str = ""
) -> None:
    """Take each default that `values` claims from the account's other applications."""
    for name in _DEFAULTS:
        if values[name]:
            conn.execute(
                update(applications)
                .where(
                    applications.c.account_id == account_id,
                    applications.c[name],
                    applications.c.app_id != but,
                )
                .values({name: False, "revision": revision})
            )


def _within(scope: Scope) -> tuple[Any, ...]:
    if scope.subaccount_id is None:
        return (applications.c.main_auth_id == scope.main_auth_id,)
    return (
        applications.c.main_auth_id == scope.main_auth_id,
        applications.c.account_id == scope.subaccount_id,
    )


def _application(row: Row[Any]) -> Application:
    return Application(*row)
