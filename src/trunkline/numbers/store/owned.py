"""SQL of owned numbers: who has which, and what is registered for it."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from trunkline.accounts.model import Scope
from trunkline.accounts.store import OnSubaccountDelete
from trunkline.applications.model import Deletion
from trunkline.numbers.model import (
    REGISTERED_COUNTRIES,
    CampaignStatus,
    NumberChanges,
    NumberType,
    OwnedFilter,
    OwnedNumber,
    TollfreeStatus,
)
from trunkline.numbers.store.tables import numbers
from trunkline.runtime.changes import next_revision, record_removals
from trunkline.runtime.db import BulkInsert, Connection
from trunkline.values.pages import Page

TOPIC = "numbers"

OnRelease = Callable[[Connection, str, Sequence[str]], None]
"""Told in the same transaction: main account, and the numbers that leave it."""

_FIELDS = tuple(field.name for field in fields(OwnedNumber))
_COLUMNS = tuple(numbers.c[name] for name in _FIELDS)
_ENUMS: tuple[tuple[str, type[StrEnum]], ...] = (
    ("number_type", NumberType),
    ("campaign_status", CampaignStatus),
    ("tollfree_status", TollfreeStatus),
)
_EQUAL = ("account_id", "alias", "campaign_id", "tollfree_order", "tollfree_id", "cnam_lookup")
_CLEARED_TO_NULL = ("app_id", "verification", "compliance_id", "profile_uuid")
_insert = BulkInsert(numbers, (*_FIELDS, "revision"), ignore_conflicts=True)


def add(conn: Connection, owned: Sequence[OwnedNumber]) -> int:
    """Give numbers to accounts; return how many were free to give (the others stay as they are)."""
    revision = next_revision(conn)
    return _insert.run(conn, [(*_plain(one), revision) for one in owned])


def find(conn: Connection, scope: Scope, number: str) -> OwnedNumber | None:
    """Return the number if `scope` owns it."""
    row = conn.execute(
        select(*_COLUMNS).where(numbers.c.number == number, *_within(scope))
    ).one_or_none()
    return None if row is None else _owned(row)


def list_owned(
    conn: Connection, scope: Scope, page: Page, wanted: OwnedFilter | None = None
) -> tuple[list[OwnedNumber], int]:
    """Return one page of the numbers that `scope` owns, newest first, and how many fit."""
    where = [*_within(scope), *(_fitting(wanted) if wanted is not None else ())]
    total = conn.execute(select(func.count()).select_from(numbers).where(*where)).scalar_one()
    rows = conn.execute(
        select(*_COLUMNS)
        .where(*where)
        .order_by(numbers.c.added_at.desc(), numbers.c.number)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_owned(row) for row in rows], total


def taken(conn: Connection, wanted: Sequence[str]) -> list[str]:
    """Return those of `wanted` that belong to an account, whichever."""
    found = select(numbers.c.number).where(numbers.c.number.in_(wanted)).order_by(numbers.c.number)
    return list(conn.execute(found).scalars())


def changed_since(conn: Connection, revision: int) -> list[OwnedNumber]:
    """Return the numbers that were added or changed after that revision."""
    rows = conn.execute(select(*_COLUMNS).where(numbers.c.revision > revision))
    return [_owned(row) for row in rows]


def assign_application(conn: Connection, scope: Scope, number: str, app_id: str | None) -> bool:
    """Point a number to an application, or to none; False if `scope` does not own the number."""
    changed = conn.execute(
        update(numbers)
        .where(numbers.c.number == number, *_within(scope))
        .values(app_id=app_id, revision=next_revision(conn))
    )
    return changed.rowcount == 1


def change(conn: Connection, scope: Scope, number: str, changes: NumberChanges) -> bool:
    """Change a number; False if `scope` does not own it."""
    given: dict[str, Any] = {
        name: value for name, value in asdict(changes).items() if value is not None
    }
    for name in _CLEARED_TO_NULL:
        if given.get(name) == "":
            given[name] = None
    changed = conn.execute(
        update(numbers)
        .where(numbers.c.number == number, *_within(scope))
        .values(**given, revision=next_revision(conn))
    )
    return changed.rowcount == 1


def due(conn: Connection, today: str, page: int, after: str) -> list[OwnedNumber]:
    """Return up to `page` rented numbers after `after` whose next month has begun, by number."""
    rows = conn.execute(
        select(*_COLUMNS)
        .where(numbers.c.renews_on <= today, numbers.c.number > after)
        .order_by(numbers.c.number)
        .limit(page)
    )
    return [_owned(row) for row in rows]


def renewed(conn: Connection, paid: Sequence[OwnedNumber], until: str) -> None:
    """Note that these numbers are paid up to that date."""
    _note(conn, paid, renews_on=until, unpaid_since=None)


def unpaid(conn: Connection, owed: Sequence[OwnedNumber], since: str) -> None:
    """Note that the rent of these numbers is owed since that date."""
    _note(conn, owed, unpaid_since=since)


def release_carrier(
    conn: Connection, main_auth_id: str, carrier_id: str, on_release: Sequence[OnRelease]
) -> list[str]:
    """Take all numbers of an incoming carrier from their owners, and return them."""
    theirs = (numbers.c.main_auth_id == main_auth_id, numbers.c.carrier_id == carrier_id)
    return _release(conn, main_auth_id, theirs, on_release)


def release(
    conn: Connection, scope: Scope, wanted: Sequence[str], on_release: Sequence[OnRelease]
) -> list[str]:
    """Take numbers from their owner and tell `on_release`; return those that `scope` owned."""
    return _release(
        conn, scope.main_auth_id, (numbers.c.number.in_(wanted), *_within(scope)), on_release
    )


def remove(
    conn: Connection, scope: Scope, number: str, on_release: Sequence[OnRelease] = ()
) -> bool:
    """Take a number from its owner; False if `scope` does not own it."""
    return bool(release(conn, scope, [number], on_release))


def set_campaign(
    conn: Connection,
    main_auth_id: str,
    wanted: Sequence[str],
    campaign_id: str | None,
    status: CampaignStatus,
) -> list[str]:
    """Note the 10DLC campaign of an account's numbers, or None; return those it owns."""
    return _set(
        conn, main_auth_id, wanted, {"campaign_id": campaign_id, "campaign_status": status.value}
    )


def set_tollfree(
    conn: Connection,
    main_auth_id: str,
    number: str,
    status: TollfreeStatus,
    *,
    verification_id: str | None,
    order: str | None,
) -> bool:
    """Note how far a toll-free number is verified; `order` is the state of the request itself."""
    values = {"tollfree_status": status.value, "tollfree_id": verification_id}
    return bool(_set(conn, main_auth_id, [number], {**values, "tollfree_order": order}))


def set_compliance(
    conn: Connection,
    main_auth_id: str,
    wanted: Sequence[str],
    compliance_id: str | None,
    status: str | None,
) -> list[str]:
    """Note the regulatory application of an account's numbers; return those it owns."""
    values = {"compliance_id": compliance_id, "compliance_status": status}
    return _set(conn, main_auth_id, wanted, values)


def on_subaccount_delete(on_release: Sequence[OnRelease]) -> OnSubaccountDelete:
    """Return the hook that releases a deleted subaccount's numbers or passes them on."""

    def leave(conn: Connection, main_auth_id: str, subaccount_id: str, cascade: bool) -> None:
        theirs = _within(Scope(main_auth_id, subaccount_id))
        if cascade:
            _release(conn, main_auth_id, theirs, on_release)
            return
        conn.execute(
            update(numbers)
            .where(*theirs)
            .values(account_id=main_auth_id, revision=next_revision(conn))
        )

    return leave


def on_application_delete(
    conn: Connection, _main_auth_id: str, app_id: str, _deletion: Deletion
) -> None:
    """Leave the numbers of a deleted application without one."""
    conn.execute(
        update(numbers)
        .where(numbers.c.app_id == app_id)
        .values(app_id=None, revision=next_revision(conn))
    )


def _release(
    conn: Connection, main_auth_id: str, which: Sequence[Any], on_release: Sequence[OnRelease]
) -> list[str]:
    revision = next_revision(conn)
    gone = list(conn.execute(delete(numbers).where(*which).returning(numbers.c.number)).scalars())
    if gone:
        record_removals(conn, TOPIC, revision, gone)
        for hook in on_release:
            hook(conn, main_auth_id, gone)
    return gone


def _set(
    conn: Connection, main_auth_id: str, wanted: Sequence[str], values: dict[str, Any]
) -> list[str]:
    changed = conn.execute(
        update(numbers)
        .where(numbers.c.main_auth_id == main_auth_id, numbers.c.number.in_(wanted))
        .values(**values, revision=next_revision(conn))
        .returning(numbers.c.number)
    )
    return list(changed.scalars())


def _fitting(wanted: OwnedFilter) -> Iterator[Any]:
    if wanted.types:
        yield numbers.c.number_type.in_([one.value for one in wanted.types])
    if wanted.prefix:
        yield numbers.c.number.startswith(wanted.prefix)
    for name in _EQUAL:
        value = getattr(wanted, name)
        if value is not None:
            yield numbers.c[name] == value
    for service in sorted(wanted.services):
        yield numbers.c[f"{service}_enabled"]
    if wanted.only_sms:
        yield numbers.c.sms_enabled
        yield ~numbers.c.voice_enabled
    if wanted.campaign_status is not None:
        yield numbers.c.number_type == NumberType.LOCAL.value
        yield numbers.c.country.in_(REGISTERED_COUNTRIES)
        yield numbers.c.campaign_status == wanted.campaign_status.value
    if wanted.tollfree_status is not None:
        yield numbers.c.number_type == NumberType.TOLLFREE.value
        yield numbers.c.country.in_(REGISTERED_COUNTRIES)
        yield numbers.c.tollfree_status == wanted.tollfree_status.value
    for comparison, date in wanted.renews:
        yield getattr(operator, comparison)(numbers.c.renews_on, date)


def _note(conn: Connection, which: Sequence[OwnedNumber], **values: str | None) -> None:
    if which:
        conn.execute(
            update(numbers)
            .where(numbers.c.number.in_([one.number for one in which]))
            .values(**values, revision=next_revision(conn))
        )


def _within(scope: Scope) -> tuple[Any, ...]:
    main = numbers.c.main_auth_id == scope.main_auth_id
    if scope.subaccount_id is None:
        return (main,)
    return (main, numbers.c.account_id == scope.subaccount_id)


def _plain(owned: OwnedNumber) -> tuple[Any, ...]:
    values = asdict(owned)
    for name, _ in _ENUMS:
        values[name] = values[name].value
    return tuple(values.values())


def _owned(row: Row[Any]) -> OwnedNumber:
    values = dict(zip(_FIELDS, row, strict=True))
    for name, kind in _ENUMS:
        values[name] = kind(values[name])
    return OwnedNumber(**values)
