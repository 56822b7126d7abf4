"""Toll-free verifications; a mirrored table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from trunkline.accounts.model import Scope
from trunkline.compliance.model import TOLLFREE_OPEN, TollfreeState, Verification
from trunkline.compliance.store.shape import Shape
from trunkline.compliance.store.tables import VERIFICATIONS, verifications
from trunkline.runtime.changes import record_removals
from trunkline.runtime.db import Connection
from trunkline.values.pages import Page

_shape = Shape(verifications, Verification)
find, get, changed_since = _shape.find, _shape.get, _shape.changed_since
due, next_due = _shape.due, _shape.next_due


def add(conn: Connection, one: Verification, revision: int) -> None:
    """Keep a new request."""
    _shape.add(conn, one, usecase=same_order(one.details.usecase), revision=revision)


def save(conn: Connection, one: Verification, revision: int) -> None:
    """Keep what became of a request."""
    _shape.save(conn, one, usecase=same_order(one.details.usecase), revision=revision)


def page(
    conn: Connection,
    scope: Scope,
    equal: dict[str, Any],
    created: tuple[float | None, float | None],
    wanted: Page,
) -> tuple[list[Verification], int]:
    """Return a page of the requests with these columns, made from the one time to the other."""
    where = [*_shape.within(scope)]
    where += [verifications.c[name] == value for name, value in equal.items()]
    since, until = created
    if since is not None:
        where.append(verifications.c.created_at >= since)
    if until is not None:
        where.append(verifications.c.created_at < until)
    return _shape.page(conn, where, wanted)


def open_for(conn: Connection, number: str) -> Verification | None:
    """Return the request for a number that is not decided yet."""
    states = [state.value for state in TOLLFREE_OPEN]
    return _shape.one(conn, verifications.c.number == number, verifications.c.state.in_(states))


def approved_for(conn: Connection, number: str) -> Verification | None:
    """Return a request for a number that was approved."""
    return _shape.one(
        conn,
        verifications.c.number == number,
        verifications.c.state == TollfreeState.APPROVED.value,
    )


def remove(conn: Connection, uuid: str, revision: int) -> None:
    """Delete a request."""
    conn.execute(delete(verifications).where(verifications.c.uuid == uuid))
    record_removals(conn, VERIFICATIONS, revision, [uuid])


def remove_of(conn: Connection, numbers: Sequence[str], revision: int) -> None:
    """Delete the requests for numbers that leave."""
    chosen = verifications.c.number.in_(numbers)
    uuids = conn.execute(select(verifications.c.uuid).where(chosen)).scalars().all()
    conn.execute(delete(verifications).where(chosen))
    record_removals(conn, VERIFICATIONS, revision, uuids)


def same_order(usecase: str) -> str:
    """Write a comma-separated list of use cases in one order."""
    return ",".join(sorted({one.strip() for one in usecase.split(",")}))
