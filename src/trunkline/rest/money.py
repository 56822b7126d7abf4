"""`/admin/`: what was used and charged, and what accounts may do, for the operator."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Account
from trunkline.accounts.permissions import store as permission_store
from trunkline.accounts.permissions.directory import PermissionDirectory
from trunkline.accounts.permissions.model import Permissions
from trunkline.billing import report
from trunkline.billing.store import statements, usage
from trunkline.rest.operator import MAX_PAGE, Page, answer, refuse
from trunkline.runtime.changes import catch_up
from trunkline.runtime.clock import Clock
from trunkline.runtime.db import Connection, Database
from trunkline.values.networks.countries import parse_countries

MOST_LINES = 10_000


class _PermissionChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is absent stays; null inherits again."""

    countries: str | list[str] | msgspec.UnsetType | None = msgspec.UNSET
    india_dlt: bool | msgspec.UnsetType | None = msgspec.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPages:
    """What these pages work with."""

    db: Database
    clock: Clock
    accounts: Directory
    permissions: PermissionDirectory

    def pages(self) -> list[Page]:
        """Return the pages: usage, ledger, permissions."""
        permissions = "/admin/accounts/{auth_id}/permissions"
        return [
            ("/admin/usage", "GET", self.usage),
            ("/admin/ledger", "GET", self.ledger),
            (permissions, "GET", self.permissions_of),
            (permissions, "PUT", self.permit),
            (permissions, "POST", self.permit),
        ]

    async def usage(self, request: Request) -> Response:
        """Sum up usage: `from`, `to`, `group`, `account`, `format`."""
        query = request.query_params
        try:
            groups = report.parse_groups(query.get("group", report.DEFAULT_GROUPS))
            first, last = report.parse_period(query.get("from"), query.get("to"), self.clock.now())
        except ValueError as error:
            return refuse(400, str(error))
        names = [report.GROUPS[name] for name in groups]
        account = query.get("account", "")
        if account and self.accounts.get(account) is None:
            return refuse(404, "no such account")
        found = await self.db.read(
            lambda conn: usage.summarise(conn, first, last, names, account, MOST_LINES + 1)
        )
        if len(found) > MOST_LINES:
            return refuse(400, f"more than {MOST_LINES:,} lines: ask for fewer days or groups")
        period = {"from": report.day_text(first), "to": report.day_text(last)}
        return _table(request, report.usage_table(found, groups), period)

    async def ledger(self, request: Request) -> Response:
        """List entries, the newest first: `account`, `kind`, `from`, `to`, `limit`, `after`."""
        query = request.query_params
        account = self.accounts.get(query.get("account", ""))
        if account is None:
            missing = "account" not in query
            return refuse(*((400, "account is missing") if missing else (404, "no such account")))
        try:
            wanted = _ledger_filter(account, request, self.clock.now())
            limit = int(query.get("limit", str(MAX_PAGE)))
            after = query.get("after", "")
            if "\0" in after or "\0" in wanted.kind:
                raise ValueError("kind and after must not contain NUL characters")
            if not 1 <= limit <= MOST_LINES:
                raise ValueError(f"limit must be between 1 and {MOST_LINES:,}")
            found = await self.db.read(
                partial(statements.list_entries, wanted=wanted, limit=limit, after=after)
            )
        except ValueError as error:
            return refuse(400, str(error))
        following = found[-1].cursor if len(found) == limit else None
        return _table(request, report.ledger_table(found), {"next_after": following})

    async def permissions_of(self, request: Request) -> Response:
        """Show what is set for an account, and what holds for it."""
        account = self.accounts.get(request.path_params["auth_id"])
        if account is None:
            return refuse(404, "no such account")
        stored = await self.db.read(partial(permission_store.get, account_id=account.auth_id))
        return self._shown(account, stored)

    async def permit(self, request: Request) -> Response:
        """Set `countries` and `india_dlt`; what is absent stays, null inherits again."""
        account = self.accounts.get(request.path_params["auth_id"])
        if account is None:
            return refuse(404, "no such account")
        try:
            change = msgspec.json.decode(await request.body(), type=_PermissionChange)
            countries = _countries(change.countries)
        except (msgspec.DecodeError, ValueError) as error:
            return refuse(400, str(error))

        def write(conn: Connection) -> Permissions:
            old = permission_store.get(conn, account.auth_id)
            new = Permissions(
                account.auth_id,
                old.countries if countries is msgspec.UNSET else countries,
                old.india_dlt if change.india_dlt is msgspec.UNSET else change.india_dlt,
            )
            permission_store.put(conn, new)
            return new

        stored = await self.db.write(write)
        await catch_up(self.db, self.permissions)
        return self._shown(account, stored)

    def _shown(self, account: Account, stored: Permissions) -> Response:
        ids = (account.auth_id, account.main_auth_id)
        body = {
            "account": account.auth_id,
            "set": {
                "countries": None if stored.countries is None else sorted(stored.countries),
                "india_dlt": stored.india_dlt,
            },
            "countries": sorted(self.permissions.countries(*ids)),
            "india_dlt": self.permissions.needs_dlt(*ids),
        }
        return answer(200, body)


def _ledger_filter(account: Account, request: Request, now: float) -> statements.LedgerFilter:
    query = request.query_params
    since = until = None
    if "from" in query or "to" in query:
        first, last = report.parse_period(query.get("from"), query.get("to"), now)
        since, until = first * float(usage.DAY_S), (last + 1) * float(usage.DAY_S)
    return statements.LedgerFilter(
        account.main_auth_id,
        account.auth_id if account.is_subaccount else "",
        query.get("kind", ""),
        since,
        until,
    )


def _countries(
    given: str | list[str] | msgspec.UnsetType | None,
) -> frozenset[str] | msgspec.UnsetType | None:
    if isinstance(given, list):
        return parse_countries(",".join(given))
    return parse_countries(given) if isinstance(given, str) else given


def _table(request: Request, table: report.Table, more: dict[str, Any]) -> Response:
    wanted = request.query_params.get("format", "json")
    if wanted == "csv":
        return Response(report.as_csv(table), media_type="text/csv")
    if wanted != "json":
        return refuse(400, "format must be json or csv")
    return answer(200, {**more, "objects": report.as_objects(table)})
