"""What every registration operation works with, and what they all check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from trunkline.accounts import store as account_store
from trunkline.accounts.access import scope_of
from trunkline.accounts.model import Scope
from trunkline.accounts.text import checked_lines
from trunkline.compliance.model import Callback
from trunkline.compliance.registry import Registry
from trunkline.contract.context import RequestContext
from trunkline.contract.errors import InvalidParameter, NotFound
from trunkline.runtime.changes import Mirror, catch_up, next_revision
from trunkline.runtime.db import Connection, Database
from trunkline.values.ids import is_uuid

T = TypeVar("T")

Work = Callable[[Connection, Scope, int], T]
"""Reads and writes in one transaction, given the caller's scope and the revision of its changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`mirrors` are the copies in memory that registrations change."""

    db: Database
    registry: Registry
    mirrors: Sequence[Mirror] = ()

    async def change(self, context: RequestContext, work: Work[T]) -> T:
        """Run `work` in a transaction that takes turns with all others of its kind."""
        scope = scope_of(context)
        done = await self.db.write(lambda conn: work(conn, scope, next_revision(conn)))
        await catch_up(self.db, *self.mirrors)
        return done

    async def look(self, query: Callable[[Connection], T]) -> T:
        """Read; what is found is in force for messages when this returns."""
        found = await self.db.read(query)
        await catch_up(self.db, *self.mirrors)
        return found


def may_own(conn: Connection, scope: Scope, subaccount_id: str) -> bool:
    """A main account registers for its subaccounts, a subaccount only for itself."""
    if scope.subaccount_id is not None:
        return subaccount_id == scope.subaccount_id
    return account_store.is_subaccount_of(conn, scope.main_auth_id, subaccount_id)


def uuid_or_not_found(what: str, uuid: str) -> str:
    """Return a uuid in lower case; nothing else can be found."""
    if not is_uuid(uuid):
        raise NotFound(f"{what} not found.")
    return uuid.lower()


def text(field: str, value: str | None) -> str:
    """Return what was given without blanks around it, "" if nothing was."""
    return "" if value is None else checked_lines(field, value.strip())


def texts(request: object, fields: Sequence[str], shortest: int = 0) -> dict[str, str]:
    """Return the fields that were given, each checked; blanks do not count."""
    found: dict[str, str] = {}
    for field in fields:
        value = text(field, getattr(request, field))
        if value and len(value) < shortest:
            raise InvalidParameter(field, f"needs {shortest} characters")
        if value:
            found[field] = value
    return found


def callback(url: str | None, method: str, field: str = "url") -> Callback:
    """Return who is told."""
    return Callback(text(field, url), method)


def wire_time(at: float) -> str:
    """Write a time as these objects have it, `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def filters(**given: str | None) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the filters that are set, as a mapping and as the links of a page repeat them."""
    kept = {name: text(name, value) for name, value in given.items() if value}
    return kept, list(kept.items())
